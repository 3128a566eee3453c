import type { ReactNode } from "react";
import type { DetectorRecord } from "@api/source.ts";
import { printNumber } from "@words/number.ts";
import { useReader } from "@web/words/reader.tsx";

/** How often a rule or a behaviour called when nothing was wrong, and whether that allows it to open findings. */
export const RecordSection = ({ record }: { readonly record: DetectorRecord }): ReactNode => {
  const { language, say } = useReader();
  const rate = (perThousand: number): string =>
    say("record.rate", { rate: perThousand.toLocaleString(language), most: record.atMost });
  return (
    <section>
      <h2>{say("record.title")}</h2>
      <p className={record.speaks ? "" : "flag"}>{say(record.speaks ? "record.speaks" : "record.quiet")}</p>
      <dl className="band">
        {record.published === undefined ? null : (
          <div>
            <dt>{say("record.published")}</dt>
            <dd>
              {rate(record.published.perThousand)}{" "}
              <span className="quiet">
                {say("record.published-says", {
                  ...{ false: record.published.falseFindings, date: record.published.measured },
                  hosts: printNumber(language, record.published.hostDays),
                })}
              </span>
            </dd>
          </div>
        )}
        <div>
          <dt>{say("record.here", { days: record.here?.days ?? 30 })}</dt>
          <dd>
            {record.here === undefined ? (
              say("record.not-here")
            ) : (
              <>
                {rate(record.here.perThousand)}{" "}
                <span className="quiet">
                  {say("record.here-says", {
                    ...{ nothing: record.here.aboutNothing, findings: record.here.findings },
                    hosts: printNumber(language, record.here.hostDays),
                  })}
                </span>
              </>
            )}
          </dd>
        </div>
      </dl>
    </section>
  );
};
