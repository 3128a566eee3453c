import type { ReactNode } from "react";

/** The name as it is drawn (VISUAL §10); never set in a font, never under 22 px. */
export const Wordmark = ({ height }: { readonly height: number }): ReactNode => (
  <svg
    className="wordmark"
    viewBox="0 -6 152 62"
    height={height}
    width={(height * 152) / 62}
    role="img"
    aria-label="waglan"
  >
    <g fill="none" stroke="currentColor" strokeWidth="4.2" strokeLinecap="butt" strokeLinejoin="bevel">
      <path d="M2 19.5 9 40l7-17 7 17 7-20.500" />
      <circle cx="44" cy="30" r="9.900" />
      <path d="M54 19.500V42" />
      <circle cx="72" cy="30" r="9.900" />
      <path d="M82 19.500V43c0 8-13 10-18.500 4.500" />
      <circle cx="114" cy="30" r="9.900" />
      <path d="M124 19.500V42M133.500 42V19.500M133.500 30c0-13 16.500-13 16.500 0v12" />
    </g>
    <path fill="currentColor" d="M90.400 42l1.500-41h4.200l1.500 41z" />
    <path className="lamp" d="M91.300 1.500 91.700-5h4.600l.4 6.500z" />
    <path className="lamp" d="M100-1.500 151-6v9z" />
  </svg>
);
