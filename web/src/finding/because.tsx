import type { ReactNode } from "react";
import type { FindingDetail } from "@api/finding.ts";
import { Grade, gradeWords } from "@web/signs/grade.tsx";
import { Moment } from "@web/time/moment.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";

type Evidence = NonNullable<FindingDetail["because"][number]["evidence"]>;

/** What a step rests on, whether it still stands, and the way to take it back. */
const Rests = ({
  evidence,
  takeBack,
}: {
  readonly evidence: Evidence;
  readonly takeBack: ((evidence: Evidence, stands: boolean) => void) | undefined;
}): ReactNode => {
  const { say } = useReader();
  const { takenBack } = evidence;
  return (
    <span className="because-rests">
      {" · "}
      {say(`step.rests.${evidence.kind}`)}{" "}
      <span className="identifier">{visible(evidence.kind === "hit" ? evidence.id.slice(0, 8) : evidence.id)}</span>
      {takenBack === undefined ? null : <b>{say(`step.taken-back.${takenBack}`)}</b>}
      {takeBack === undefined || (takenBack !== undefined && takenBack !== "here") ? null : (
        <button type="button" className="link" onClick={() => takeBack(evidence, takenBack === "here")}>
          {say(takenBack === "here" ? "step.restore" : "step.take-back")}
        </button>
      )}
    </span>
  );
};

/** The because-chain: Seen, Known bad, Theirs, Also; one sentence and one source line each. */
export const BecauseChain = ({
  steps,
  takeBack,
}: {
  readonly steps: FindingDetail["because"];
  /** Takes a step back, or lets it stand again; absent: this reader may not. */
  readonly takeBack?: ((evidence: Evidence, stands: boolean) => void) | undefined;
}): ReactNode => {
  const { say } = useReader();
  return (
    <ol className="because">
      {steps.map((step, i) => (
        <li key={`${i}${step.step}`} data-taken-back={step.evidence?.takenBack !== undefined}>
          <span className="because-step">{say(`because.${step.step}`)}</span>
          <div>
            <p>{visible(step.text)}</p>
            <p className="because-source">
              {visible(step.source)}
              {step.grade === undefined ? null : (
                <>
                  {" "}
                  <Grade grade={step.grade} spoken /> {gradeWords(say, step.grade)}
                </>
              )}
              {step.at === undefined ? null : (
                <>
                  {" · "}
                  <Moment at={step.at} />
                </>
              )}
              {step.evidence === undefined ? null : <Rests evidence={step.evidence} takeBack={takeBack} />}
            </p>
          </div>
        </li>
      ))}
    </ol>
  );
};
