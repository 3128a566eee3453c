import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { IndicatorDetail } from "@api/indicator.ts";
import { indicatorQuery } from "@web/api/queries.ts";
import { useMe } from "@web/frame/session.ts";
import { Identifier } from "@web/parts/identifier.tsx";
import { NameRows } from "@web/parts/names.tsx";
import { ThingPage } from "@web/parts/thing-page.tsx";
import { Grade, gradeWords } from "@web/signs/grade.tsx";
import { Severity } from "@web/signs/severity.tsx";
import { TlpTag } from "@web/signs/tlp.tsx";
import { Moment } from "@web/time/moment.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { ScoreCurve } from "./curve.tsx";
import { Standing } from "./standing.tsx";
import { type Judging, VerdictDialog } from "./verdict-dialog.tsx";

/** One listed value: what it is worth, who says so, how sure over time, where it comes from, where it was seen. */
export const IndicatorPage = (): ReactNode => {
  const { id } = useParams({ from: "/indicators/$id" });
  const { language, say } = useReader();
  const { data, error, refetch } = useQuery(indicatorQuery(language, id));
  const [judging, setJudging] = useState<Judging | undefined>(undefined);
  return (
    <ThingPage
      title={data?.indicator.value ?? say("indicators.title")}
      tlp={data?.indicator.tlp ?? "amber"}
      of="indicator"
      wide
      back={
        <Link to="/indicators" search={{}}>
          {say("indicator.back")}
        </Link>
      }
      error={error}
      retry={() => void refetch()}
    >
      {data ? (
        <>
          <div className="sheet-main">
            <Head data={data} />
            <Claims data={data} onDispute={data.mayJudge ? setJudging : undefined} />
            <section>
              <h2>
                {say("curve.title")}{" "}
                <span className="quiet">{say("curve.half-life", { count: data.curve.halfLifeDays })}</span>
              </h2>
              <ScoreCurve curve={data.curve} score={data.indicator.score} />
            </section>
            <Names data={data} />
            <Tied data={data} />
          </div>
          <aside className="sheet-side">
            <Seen data={data} />
            <Origin data={data} />
            {data.mayJudge ? <IfWrong data={data} onJudge={setJudging} /> : null}
          </aside>
          {judging === undefined ? null : (
            <VerdictDialog
              id={id}
              value={data.indicator.value}
              judging={judging}
              onClose={() => setJudging(undefined)}
            />
          )}
        </>
      ) : null}
    </ThingPage>
  );
};

interface Shown {
  readonly data: IndicatorDetail;
}

const Head = ({ data: { indicator, excluded, claims } }: Shown): ReactNode => {
  const { say } = useReader();
  const standing = claims.filter((claim) => claim.state === "stands").length;
  return (
    <header className="finding-head" data-standing={indicator.standing}>
      <p className="finding-signs">
        <span className="quiet">{say("indicator.title")}</span>
        <span className="quiet">{say(`kind.${indicator.kind}`)}</span>
        <TlpTag tlp={indicator.tlp} />
      </p>
      <h1>
        <Identifier text={indicator.value} />
      </h1>
      <div className="verdict">
        <p className="verdict-says">
          <Standing standing={indicator.standing} />
          <span className="verdict-why">
            {indicator.labels.length === 0 ? "" : `${visible(indicator.labels.join(", "))}. `}
            {say("indicator.said-by", { count: claims.length })} {say("indicator.still-say", { count: standing })}
            {excluded === undefined ? "" : ` ${say("indicator.excluded", { list: excluded.reason })}`}
          </span>
        </p>
        <dl className="verdict-figures">
          <div>
            <dt>{say("indicator.score")}</dt>
            <dd>{Math.round(indicator.score)}</dd>
          </div>
          <div>
            <dt>{say("indicator.first-seen")}</dt>
            <dd>
              <Moment at={indicator.firstSeen} />
            </dd>
          </div>
          <div>
            <dt>{say("indicator.last-seen")}</dt>
            <dd>
              <Moment at={indicator.lastSeen} />
            </dd>
          </div>
        </dl>
      </div>
    </header>
  );
};

const Claims = ({
  data,
  onDispute,
}: Shown & { readonly onDispute: ((judging: Judging) => void) | undefined }): ReactNode => {
  const { say } = useReader();
  return (
    <section>
      <h2>{say("indicator.who")}</h2>
      <div className="table-scroll" role="region" tabIndex={0} aria-label={say("indicator.who")}>
        <table className="table stack said-table">
          <thead>
            <tr>
              <th scope="col">{say("column.grade")}</th>
              <th scope="col">{say("indicator.in-words")}</th>
              <th scope="col">{say("source.title")}</th>
              <th scope="col">{say("indicator.says")}</th>
              <th scope="col">{say("indicator.said")}</th>
              <th scope="col">{say("indicator.until")}</th>
              {onDispute === undefined ? null : <th scope="col">{say("indicator.if-wrong")}</th>}
            </tr>
          </thead>
          <tbody>
            {data.claims.map((claim) => (
              <tr key={claim.feed} data-state={claim.state}>
                <td data-label={say("column.grade")}>
                  <Grade grade={claim.grade} spoken />
                </td>
                <td data-label={say("indicator.in-words")}>{gradeWords(say, claim.grade)}</td>
                <th scope="row">
                  {visible(claim.title)}
                  {claim.shadow ? <span className="quiet"> {say("indicator.shadow")}</span> : null}
                  {claim.tlp === data.indicator.tlp ? null : <TlpTag tlp={claim.tlp} />}
                </th>
                <td data-label={say("indicator.says")}>
                  {claim.says.length === 0 ? say("indicator.says-nothing") : visible(claim.says.join(", "))}
                </td>
                <td data-label={say("indicator.said")}>
                  <Moment at={claim.said} />
                </td>
                <td data-label={say("indicator.until")}>
                  {claim.state === "stands" ? (
                    claim.until === undefined ? (
                      say("indicator.while-listed")
                    ) : (
                      <Moment at={claim.until} />
                    )
                  ) : (
                    <span className="quiet">{say(`claim.${claim.state}`)}</span>
                  )}
                </td>
                {onDispute === undefined ? null : (
                  <td data-label={say("indicator.if-wrong")}>
                    <button
                      type="button"
                      className="button"
                      onClick={() =>
                        onDispute({
                          verdict: claim.state === "false" ? "restored" : "false",
                          source: claim.feed,
                          title: claim.title,
                        })
                      }
                    >
                      {say(claim.state === "false" ? "verdict.restore" : "verdict.dispute")}
                    </button>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
};

const Names = ({ data: { names, weaknesses } }: Shown): ReactNode => {
  const { say } = useReader();
  if (names.length === 0 && weaknesses.length === 0) return null;
  return (
    <section>
      <h2>{say("indicator.names")}</h2>
      <dl className="facts">
        <NameRows names={names} />
        {weaknesses.map((one) => (
          <div key={one.cve} className="fact">
            <dt>
              <Identifier text={one.cve} />
            </dt>
            <dd>
              CVSS {one.cvss.toFixed(1)} · EPSS {Math.round(one.epss * 100)} %
              {one.exploited ? ` · ${say("indicator.exploited")}` : ""}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
};

const Tied = ({ data: { tied } }: Shown): ReactNode => {
  const { say } = useReader();
  if (tied.length === 0) return null;
  return (
    <section>
      <h2>{say("indicator.tied")}</h2>
      <dl className="facts">
        {tied.map((one) => (
          <div key={`${one.by}${one.label ?? ""}`} className="fact">
            <dt>{one.by === "around" ? say("tied.around") : say("tied.label", { label: one.label ?? "" })}</dt>
            <dd>
              <ul className="tied">
                {one.values.map((value) => (
                  <li key={value.id}>
                    <Link to="/indicators/$id" params={{ id: value.id }}>
                      <Identifier text={value.value} />
                    </Link>
                  </li>
                ))}
              </ul>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
};

const Seen = ({ data: { seen } }: Shown): ReactNode => {
  const { say } = useReader();
  const me = useMe();
  return (
    <section>
      <h2>{say("seen.title")}</h2>
      <p>
        {seen.organisations === 0
          ? say(me.staff ? "seen.nowhere" : "seen.not-yours")
          : say("seen.organisations", { count: seen.organisations })}
        {me.staff || seen.community === undefined ? "" : ` ${say("seen.community", { count: seen.community })}`}
      </p>
      <ul className="seen">
        {seen.findings.map((one) => (
          <li key={one.id}>
            <Severity level={one.severity} />
            <span>
              {me.staff ? (
                <Link to="/findings/$id" params={{ id: one.id }}>
                  {visible(one.organisation)}
                </Link>
              ) : (
                <Link to="/alerts/$id" params={{ id: one.id }}>
                  {visible(one.organisation)}
                </Link>
              )}
              <span className="quiet">
                <Identifier text={one.asset} /> · {say(`glossary.state.${one.state}`)} · <Moment at={one.lastSeen} />
              </span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
};

const Origin = ({ data: { origin } }: Shown): ReactNode => {
  const { say } = useReader();
  const facts = (["asn", "holder", "country", "registered", "suffix"] as const).flatMap((fact) => {
    const value = origin[fact];
    return value === undefined ? [] : [{ fact, value }];
  });
  if (facts.length === 0) return null;
  return (
    <section>
      <h2>{say("origin.title")}</h2>
      <dl className="facts">
        {facts.map(({ fact, value }) => (
          <div key={fact} className="fact">
            <dt>{say(`origin.${fact}`)}</dt>
            <dd>{visible(value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
};

const IfWrong = ({ data, onJudge }: Shown & { readonly onJudge: (judging: Judging) => void }): ReactNode => {
  const { say } = useReader();
  const judged = data.indicator.standing === "false";
  return (
    <section>
      <h2>{say("indicator.if-wrong")}</h2>
      <p>{say(judged ? "verdict.restore-says" : "verdict.false-says", { count: data.seen.findings.length })}</p>
      <div className="act-buttons">
        <button
          type="button"
          className={judged ? "button" : "button destructive"}
          onClick={() => onJudge({ verdict: judged ? "restored" : "false" })}
        >
          {say(judged ? "verdict.restore" : "verdict.false")}
        </button>
      </div>
    </section>
  );
};
