import type { ReactNode } from "react";
import type { Severity as Level } from "#core/severity.ts";
import { useReader } from "@web/words/reader.tsx";

/** A ship's day shapes: solid for the three that want action, hollow for the two that do not. */
const shapes = {
  critical: <path d="M7 .4 10.9 6.400H3.100zM7 7 11.6 13.600H2.400z" />,
  high: <path d="M7 1.2 13 12.800H1z" />,
  medium: <path d="M7 .8 13.2 7 7 13.2.8 7z" />,
  low: <circle cx="7" cy="7" r="4.9" fill="none" stroke="currentColor" strokeWidth="2.2" />,
  info: <rect x="2" y="4.2" width="10" height="5.6" fill="none" stroke="currentColor" strokeWidth="2" />,
} as const satisfies Record<Level, ReactNode>;

export const SeverityShape = ({ level }: { readonly level: Level }): ReactNode => (
  <svg className="sign" viewBox="0 0 14 14" width="14" height="14" fill="currentColor" aria-hidden="true">
    {shapes[level]}
  </svg>
);

/** Shape, then the word, then the colour. */
export const Severity = ({ level }: { readonly level: Level }): ReactNode => {
  const { say } = useReader();
  return (
    <span className="severity" data-level={level}>
      <SeverityShape level={level} />
      <span>{say(`glossary.severity.${level}`)}</span>
    </span>
  );
};
