import type { ReactNode } from "react";
import type { IncidentRow } from "@api/incident.ts";
import { Moment } from "@web/time/moment.tsx";
import { useReader } from "@web/words/reader.tsx";

/** The tactics of a story in the order in which they were first seen; `full` with when and how often. */
export const Chain = ({
  chain,
  full = false,
}: {
  readonly chain: IncidentRow["chain"];
  readonly full?: boolean;
}): ReactNode => {
  const { say } = useReader();
  if (chain.length === 0)
    return full ? <p className="quiet">{say("incident.no-chain")}</p> : <span className="quiet">–</span>;
  return (
    <ol className={full ? "chain full" : "chain"}>
      {chain.map((step) => (
        <li key={step.tactic}>
          <span className="chain-tactic">{say(`tactic.${step.tactic}`)}</span>
          {full ? (
            <span className="quiet">
              <Moment at={step.first} /> · {say("queue.count", { count: step.hits })}
            </span>
          ) : null}
        </li>
      ))}
    </ol>
  );
};
