import type { ReactNode } from "react";
import type { FindingView } from "@web/api/queries.ts";
import { type Act, bulkActs, shapeOf } from "@web/finding/acts.ts";
import { Key } from "@web/parts/key.tsx";
import { useReader } from "@web/words/reader.tsx";

interface Props {
  readonly view: FindingView;
  readonly selected: number;
  readonly outcome: string;
  readonly failed: boolean;
  readonly begin: (act: Act) => void;
  readonly clear: () => void;
}

/** At the foot of the list, only while something is selected; what came of the last act stays until the next. */
export const BulkBar = ({ view, selected, outcome, failed, begin, clear }: Props): ReactNode => {
  const { say } = useReader();
  return (
    <div className="bulk" data-open={selected > 0 || outcome !== ""}>
      {selected > 0 ? (
        <div className="bulk-acts" role="toolbar" aria-label={say("queue.bulk")}>
          <b>{say("queue.selected", { count: selected })}</b>
          {bulkActs[view].map((act) => (
            <button
              key={act}
              type="button"
              className={shapeOf(act).destructive ? "button destructive" : "button"}
              onClick={() => begin(act)}
            >
              {say(`act.${act}`)} <Key name={shapeOf(act).key} />
            </button>
          ))}
          <button type="button" className="plain bulk-clear" onClick={clear}>
            {say("queue.clear")}
          </button>
        </div>
      ) : null}
      <p className={failed ? "outcome flag" : "outcome"} role="status">
        {outcome}
      </p>
    </div>
  );
};
