import type { ReactNode } from "react";

const line = { fill: "none", stroke: "currentColor", strokeWidth: 1.5, strokeLinecap: "round" } as const;
const ring = <circle cx="7" cy="7" r="5.7" fill="none" stroke="currentColor" strokeWidth="1.5" />;

const signs = {
  good: (
    <>
      <circle className="disc" cx="7" cy="7" r="6.4" />
      <path className="tick" d="M3.9 7.2 6.1 9.4 10.2 4.9" fill="none" strokeWidth="1.6" />
    </>
  ),
  bad: <path d="M7 1.2 13 12.8H1z" />,
  waiting: (
    <>
      {ring}
      <path d="M4.5 7h.01M7 7h.01M9.5 7h.01" {...line} />
    </>
  ),
  paused: (
    <>
      {ring}
      <path d="M5.5 4.8v4.4M8.5 4.8v4.4" {...line} />
    </>
  ),
} as const;

interface Props {
  readonly sign: keyof typeof signs;
  readonly children: ReactNode;
}

/** How something goes, in a sign and a word: gone well, not well, on its way, held by a person. */
export const Mark = ({ sign, children }: Props): ReactNode => (
  <span className="mark" data-sign={sign}>
    <svg className="sign" viewBox="0 0 14 14" width="14" height="14" fill="currentColor" aria-hidden="true">
      {signs[sign]}
    </svg>
    <span>{children}</span>
  </span>
);
