import type { ReactNode } from "react";
import type { FindingRow } from "@api/finding.ts";
import { useReader } from "@web/words/reader.tsx";

/** How much of a hundred, drawn as a level of water, and the figure. */
export const RiskLevel = ({ score }: { readonly score: number }): ReactNode => {
  const { say } = useReader();
  return (
    <span className="risk">
      <svg viewBox="0 0 52 10" width="52" height="10" aria-hidden="true">
        <rect className="risk-well" x=".5" y=".5" width="51" height="9" />
        <rect className="risk-level" x="1" y="1" width={score / 2} height="8" />
      </svg>
      <b>{score}</b>
      <span className="unseen">{say("incident.risk-of", { score })}</span>
    </span>
  );
};

/** The level with its three factors in words. */
export const Risk = ({ risk }: { readonly risk: FindingRow["risk"] }): ReactNode => {
  const { say } = useReader();
  return (
    <div className="risk-words">
      <RiskLevel score={risk.score} />
      <p className="quiet">
        {say("risk.says", {
          severity: say(`glossary.severity.${risk.severity}`),
          certainty: say(`glossary.certainty.${risk.certainty}`),
          worth: say(`worth.${risk.worth}`),
        })}
      </p>
    </div>
  );
};
