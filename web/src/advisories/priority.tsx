import type { ReactNode } from "react";
import type { AdvisoryRow } from "@api/advisory.ts";
import { useReader } from "@web/words/reader.tsx";

/** How many of three bars are filled: more wants work sooner. Ink alone, for colour is severity's. */
const filled = { "act-now": 3, soon: 2, planned: 1, watch: 0 } as const satisfies Record<
  AdvisoryRow["priority"],
  number
>;

/** Shape, then the word. */
export const Priority = ({ level }: { readonly level: AdvisoryRow["priority"] }): ReactNode => {
  const { say } = useReader();
  return (
    <span className="priority" data-level={level}>
      <svg className="sign" viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">
        {[0, 1, 2].map((bar) => (
          <rect
            key={bar}
            x={1 + bar * 4.5}
            y={9 - bar * 3.5}
            width="3"
            height={4 + bar * 3.5}
            fill={bar < filled[level] ? "currentColor" : "none"}
            stroke="currentColor"
            strokeWidth="1"
          />
        ))}
      </svg>
      <span>{say(`glossary.priority.${level}`)}</span>
    </span>
  );
};
