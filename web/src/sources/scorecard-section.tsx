import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Scorecard } from "@api/scorecard.ts";
import { printNumber } from "@words/number.ts";
import { Moment } from "@web/time/moment.tsx";
import { printSpan } from "@web/time/print.ts";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";

const hour = 3_600_000;

/** What a source is worth, counted: against the other sources, and against what people judged. */
export const ScorecardSection = ({ card }: { readonly card: Scorecard }): ReactNode => {
  const { language, say } = useReader();
  const number = (value: number): string => printNumber(language, value);
  const percent = (share: number): string =>
    new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 }).format(share);
  const span = (hours: number): string => printSpan(say, Math.abs(hours) * hour);
  return (
    <section>
      <h2>{say("scorecard.title")}</h2>
      <dl className="band">
        <div>
          <dt>{say("scorecard.alone")}</dt>
          <dd>
            {percent(card.live === 0 ? 0 : card.alone / card.live)}{" "}
            <span className="quiet">
              {say("scorecard.alone-says", { alone: number(card.alone), live: number(card.live) })}
            </span>
          </dd>
        </div>
        <div>
          <dt>{say((card.leadHours ?? 0) < 0 ? "scorecard.later" : "scorecard.lead")}</dt>
          <dd>{card.leadHours === undefined ? say("scorecard.lead-unknown") : span(card.leadHours)}</dd>
        </div>
        <div>
          <dt>{say("scorecard.confirmed")}</dt>
          <dd>{number(card.confirmed)}</dd>
        </div>
        <div>
          <dt>{say("scorecard.disputed")}</dt>
          <dd>{number(card.disputed)}</dd>
        </div>
        <div>
          <dt>{say("scorecard.false")}</dt>
          <dd>{number(card.falseFindings)}</dd>
        </div>
        <div>
          <dt>{say("scorecard.benign")}</dt>
          <dd>{number(card.benign)}</dd>
        </div>
        <div>
          <dt>{say("scorecard.duplicates")}</dt>
          <dd>{number(card.duplicates)}</dd>
        </div>
        <div>
          <dt>{say("scorecard.verdicts")}</dt>
          <dd>{number(card.verdicts)}</dd>
        </div>
        <div>
          <dt>{say("scorecard.trust")}</dt>
          <dd>
            {card.trust === undefined
              ? say("scorecard.trust-unknown", { cases: card.cases, wanted: card.casesWanted })
              : percent(card.trust)}
          </dd>
        </div>
        {card.suggestedGrade === undefined ? null : (
          <div>
            <dt>{say("scorecard.suggested")}</dt>
            <dd>{card.suggestedGrade}</dd>
          </div>
        )}
        {card.silentHours === undefined ? null : (
          <div>
            <dt>{say("scorecard.silent")}</dt>
            <dd>{span(card.silentHours)}</dd>
          </div>
        )}
        <div>
          <dt>{say("scorecard.rejected")}</dt>
          <dd>{percent(card.rejectedShare)}</dd>
        </div>
      </dl>
      {card.overlaps.length === 0 ? (
        <p className="quiet">{say("scorecard.no-overlap")}</p>
      ) : (
        <div className="table-scroll" role="region" tabIndex={0} aria-label={say("scorecard.overlap")}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{say("scorecard.overlap")}</th>
                <th scope="col" className="figure">
                  {say("scorecard.shared")}
                </th>
                <th scope="col" className="figure">
                  {say("scorecard.share")}
                </th>
                <th scope="col" className="figure">
                  {say("scorecard.lead")}
                </th>
              </tr>
            </thead>
            <tbody>
              {card.overlaps.map((other) => (
                <tr key={other.id}>
                  <th scope="row">
                    <Link to="/sources/$id" params={{ id: other.id }}>
                      {visible(other.title)}
                    </Link>
                  </th>
                  <td className="figure">{number(other.shared)}</td>
                  <td className="figure">{percent(other.share)}</td>
                  <td className="figure">
                    {other.leadHours === undefined ? "–" : `${other.leadHours < 0 ? "−" : ""}${span(other.leadHours)}`}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p className="quiet">
        {say("scorecard.counted")}: <Moment at={card.at} />
      </p>
    </section>
  );
};
