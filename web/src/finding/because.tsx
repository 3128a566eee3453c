import type { ReactNode } from "react";
import type { FindingDetail } from "@api/finding.ts";
import { Grade, gradeWords } from "@web/signs/grade.tsx";
import { Moment } from "@web/time/moment.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";

/** The because-chain: Seen, Known bad, Theirs, Also; one sentence and one source line each. */
export const BecauseChain = ({ steps }: { readonly steps: FindingDetail["because"] }): ReactNode => {
  const { say } = useReader();
  return (
    <ol className="because">
      {steps.map((step, i) => (
        <li key={`${i}${step.step}`}>
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
            </p>
          </div>
        </li>
      ))}
    </ol>
  );
};
