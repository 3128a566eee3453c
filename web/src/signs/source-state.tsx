import type { ReactNode } from "react";
import type { SourceDetail, SourceRow } from "@api/source.ts";
import { useReader } from "@web/words/reader.tsx";

export type Level = SourceRow["state"] | SourceDetail["turns"][number]["state"];

const line = { fill: "none", stroke: "currentColor", strokeWidth: 1.5, strokeLinecap: "round" } as const;
const ring = <circle cx="7" cy="7" r="5.7" fill="none" stroke="currentColor" strokeWidth="1.5" />;

export const signs = {
  healthy: (
    <>
      <circle className="disc" cx="7" cy="7" r="6.4" />
      <path className="tick" d="M3.9 7.2 6.1 9.4 10.2 4.9" fill="none" strokeWidth="1.6" />
    </>
  ),
  late: (
    <>
      {ring}
      <path d="M7 4v3.200l2.2 1.4" {...line} />
    </>
  ),
  silent: (
    <>
      {ring}
      <path d="M4.3 7h5.4" {...line} />
    </>
  ),
  failing: <path d="M7 1.2 13 12.800H1z" />,
  quarantined: (
    <>
      {ring}
      <path d="M3.2 10.8 10.8 3.2" {...line} />
    </>
  ),
  held: (
    <>
      {ring}
      <path d="M5.5 4.800v4.400M8.5 4.800v4.4" {...line} />
    </>
  ),
  never: (
    <circle cx="7" cy="7" r="5.7" fill="none" stroke="currentColor" strokeWidth="1.5" strokeDasharray="1.8 1.780" />
  ),
  waiting: (
    <>
      {ring}
      <path d="M4.5 7h.01M7 7h.01M9.5 7h.01" {...line} />
    </>
  ),
} as const satisfies Record<Level, ReactNode>;

/** How a source does, in a sign and a word. */
export const SourceState = ({ level }: { readonly level: Level }): ReactNode => {
  const { say } = useReader();
  return (
    <span className="source-state" data-level={level}>
      <svg className="sign" viewBox="0 0 14 14" width="14" height="14" fill="currentColor" aria-hidden="true">
        {signs[level]}
      </svg>
      <span>{say(`source-state.${level}`)}</span>
    </span>
  );
};
