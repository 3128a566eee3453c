import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { SourceAct } from "@api/source.ts";
import { stricterTlp } from "#core/marking.ts";
import { printBytes, printNumber } from "@words/number.ts";
import { sourceQuery } from "@web/api/queries.ts";
import { Frame } from "@web/frame/frame.tsx";
import { Failed } from "@web/parts/failed.tsx";
import { Identifier } from "@web/parts/identifier.tsx";
import { useThingAct } from "@web/parts/use-thing-act.ts";
import { Grade, gradeWords } from "@web/signs/grade.tsx";
import { SourceState } from "@web/signs/source-state.tsx";
import { Moment } from "@web/time/moment.tsx";
import { printSpan } from "@web/time/print.ts";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { RecordSection } from "./record-section.tsx";
import { ScorecardSection } from "./scorecard-section.tsx";
import { SourceActDialog } from "./source-act-dialog.tsx";

type Act = SourceAct["act"];

/** One source: what it is worth, its turns, the rows it was refused, and what a person may decide. */
export const SourcePage = (): ReactNode => {
  const { id } = useParams({ from: "/sources/$id" });
  const { language, say } = useReader();
  const { data, error, refetch } = useQuery(sourceQuery(language, id));
  const [asked, setAsked] = useState<Act>();
  const source = data?.source;
  const { outcome, run: act } = useThingAct(
    `/sources/${encodeURIComponent(id)}/acts`,
    sourceQuery(language, id).queryKey,
    ["sources"],
  );
  const run = (body: SourceAct): Promise<void> => {
    setAsked(undefined);
    return act(body);
  };
  const begin = (act: Act): void => {
    if (act === "collect") void run({ act });
    else setAsked(act);
  };

  return (
    <Frame title={source?.title ?? say("sources.title")} tlp={stricterTlp(source?.tlp ?? "amber", "green")}>
      <div className="sheet single">
        <p className="back">
          <Link to="/sources">{say("source.back")}</Link>
        </p>
        {error ? <Failed error={error} says={say("failed.title")} retry={() => void refetch()} /> : null}
        {data && source ? (
          <>
            <header className="finding-head">
              <p className="finding-signs">
                <SourceState level={source.state} />
                {source.shadow ? <span className="quiet">{say("source.shadow")}</span> : null}
                <span className="ref identifier">{visible(source.id)}</span>
              </p>
              <h1>{visible(source.title)}</h1>
              {source.reason === undefined ? null : <p className="reason">{visible(source.reason)}</p>}
            </header>
            <dl className="band">
              <div>
                <dt>{say("source.publisher")}</dt>
                <dd>{visible(source.publisher)}</dd>
              </div>
              <div>
                <dt>{say("source.voice")}</dt>
                <dd>{say(`glossary.voice.${source.voice}`)}</dd>
              </div>
              <div>
                <dt>{say("column.grade")}</dt>
                <dd>
                  <Grade grade={source.grade} spoken /> {gradeWords(say, source.grade)}
                </dd>
              </div>
              <div>
                <dt>{say("source.licence")}</dt>
                <dd>{visible(source.licence)}</dd>
              </div>
              {(["indicators", "reports", "advisories", "names"] as const)
                .filter((kind) => kind === "indicators" || (source[kind] ?? 0) > 0)
                .map((kind) => (
                  <div key={kind}>
                    <dt>{say(`source.alive.${kind}`)}</dt>
                    <dd>{printNumber(language, source[kind] ?? 0)}</dd>
                  </div>
                ))}
              <div>
                <dt>{say("source.every")}</dt>
                <dd>{printSpan(say, source.everyMinutes * 60_000)}</dd>
              </div>
              <div>
                <dt>{say("source.last-good")}</dt>
                <dd>{source.lastGood === undefined ? "–" : <Moment at={source.lastGood} />}</dd>
              </div>
              <div>
                <dt>{say("source.next")}</dt>
                <dd>{source.nextTurn === undefined ? "–" : <Moment at={source.nextTurn} />}</dd>
              </div>
            </dl>
            {data.acts.length > 0 ? (
              <div className="act-buttons row" role="group" aria-label={say("finding.acts")}>
                {data.acts.map((act) => (
                  <button
                    key={act}
                    type="button"
                    className={
                      act === "discard-held" ? "button destructive" : act === data.acts[0] ? "button filled" : "button"
                    }
                    onClick={() => begin(act)}
                  >
                    {say(`source-act.${act}`)}
                  </button>
                ))}
              </div>
            ) : null}
            <p className={outcome.failed ? "outcome flag" : "outcome"} role="status">
              {outcome.says}
            </p>
            {data.record === undefined ? null : <RecordSection record={data.record} />}
            {data.scorecard === undefined ? null : <ScorecardSection card={data.scorecard} />}
            <section>
              <h2>{say("source.turns")}</h2>
              {data.turns.length === 0 ? (
                <p className="quiet">{say("source.no-turns")}</p>
              ) : (
                <div className="table-scroll" role="region" tabIndex={0} aria-label={say("source.turns")}>
                  <table className="table">
                    <thead>
                      <tr>
                        <th scope="col">{say("source.at")}</th>
                        <th scope="col">{say("source.state")}</th>
                        <th scope="col" className="figure">
                          {say("source.bytes")}
                        </th>
                        <th scope="col" className="figure">
                          {say("source.rows")}
                        </th>
                        <th scope="col" className="figure">
                          {say("source.accepted")}
                        </th>
                        <th scope="col" className="figure">
                          {say("source.rejected")}
                        </th>
                        <th scope="col" className="figure">
                          {say("source.changes")}
                        </th>
                        <th scope="col" className="figure">
                          {say("source.took")}
                        </th>
                        <th scope="col">{say("source.reason")}</th>
                      </tr>
                    </thead>
                    <tbody>
                      {data.turns.map((turn) => (
                        <tr key={turn.at}>
                          <th scope="row">
                            <Moment at={turn.at} />
                          </th>
                          <td>
                            <SourceState level={turn.state} />
                          </td>
                          <td className="figure">{printBytes(language, turn.bytes)}</td>
                          <td className="figure">{printNumber(language, turn.rows)}</td>
                          <td className="figure">{printNumber(language, turn.accepted)}</td>
                          <td className="figure">{printNumber(language, turn.rejected)}</td>
                          <td className="figure changes">
                            ✚ {printNumber(language, turn.added)} △ {printNumber(language, turn.changed)} ┄{" "}
                            {printNumber(language, turn.delisted)}
                            {turn.expired === undefined
                              ? ""
                              : ` · ${say("source.expired")} ${printNumber(language, turn.expired)}`}
                          </td>
                          <td className="figure">{printNumber(language, turn.tookMs)}&nbsp;ms</td>
                          <td className="reason">{turn.reason === undefined ? "" : visible(turn.reason)}</td>
                        </tr>
                      ))}
                    </tbody>
                  </table>
                </div>
              )}
            </section>
            <section>
              <h2>
                {say("source.refused")}{" "}
                {data.rejected.length === 0 ? null : (
                  <Link to="/sources/$id/rejected" params={{ id }}>
                    {say("rejected.open")}
                  </Link>
                )}
              </h2>
              {data.rejected.length === 0 ? (
                <p className="quiet">{say("source.no-refused")}</p>
              ) : (
                <div className="table-scroll" role="region" tabIndex={0} aria-label={say("source.refused")}>
                  <table className="table">
                    <thead>
                      <tr>
                        <th scope="col">{say("source.at")}</th>
                        <th scope="col">{say("source.part")}</th>
                        <th scope="col" className="figure">
                          {say("source.row")}
                        </th>
                        <th scope="col">{say("source.says")}</th>
                      </tr>
                    </thead>
                    <tbody>
                      {data.rejected.map((row, i) => (
                        <tr key={`${i}${row.at}`}>
                          <td>
                            <Moment at={row.at} />
                          </td>
                          <td>
                            <Identifier text={row.part} />
                          </td>
                          <td className="figure">{printNumber(language, row.row)}</td>
                          <td className="wrap">
                            {visible(row.says)} <span className="quiet identifier">{visible(row.code)}</span>
                          </td>
                        </tr>
                      ))}
                    </tbody>
                  </table>
                </div>
              )}
            </section>
          </>
        ) : null}
      </div>
      {asked !== undefined && source ? (
        <SourceActDialog
          act={asked}
          title={source.title}
          warning={data.record?.speaks === false ? say("record.quiet") : undefined}
          onClose={() => setAsked(undefined)}
          onAct={(body) => void run(body)}
        />
      ) : null}
    </Frame>
  );
};
