import type { ReactNode } from "react";
import type { SensorCondition as Condition } from "@api/sensor.ts";
import { useReader } from "@web/words/reader.tsx";
import { type Level, signs } from "./source-state.tsx";

/** The sign of a source in the like state. */
const level = {
  new: "never",
  well: "healthy",
  silent: "silent",
  old: "late",
  losing: "failing",
  lying: "quarantined",
} as const satisfies Record<Condition, Level>;

/** How a sensor inside an organisation is, in a sign and a word. */
export const SensorCondition = ({ condition }: { readonly condition: Condition }): ReactNode => {
  const { say } = useReader();
  return (
    <span className="source-state" data-level={level[condition]}>
      <svg className="sign" viewBox="0 0 14 14" width="14" height="14" fill="currentColor" aria-hidden="true">
        {signs[level[condition]]}
      </svg>
      <span>{say(`inside.condition.${condition}`)}</span>
    </span>
  );
};
