import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Fragment, type ReactNode } from "react";
import type { AdvisoryDetail } from "@api/advisory.ts";
import { stricterTlp, type Tlp } from "#core/marking.ts";
import { advisoryQuery } from "@web/api/queries.ts";
import { Identifier } from "@web/parts/identifier.tsx";
import { Names } from "@web/parts/names.tsx";
import { ThingPage } from "@web/parts/thing-page.tsx";
import { TlpTag } from "@web/signs/tlp.tsx";
import { Moment } from "@web/time/moment.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { AffectedSection } from "./affected-section.tsx";
import { printShare } from "./advisories-page.tsx";
import { Priority } from "./priority.tsx";

/** One advisory: how soon it wants work and why, what to do, what is affected, and every source's word beside it. */
export const AdvisoryPage = (): ReactNode => {
  const { id } = useParams({ from: "/advisories/$id" });
  const { language, say } = useReader();
  const { data, error, refetch } = useQuery(advisoryQuery(language, id));
  const advisory = data?.advisory;
  return (
    <ThingPage
      title={advisory?.title ?? say("advisories.title")}
      tlp={pageTlp(data)}
      of="advisory"
      back={
        <Link to="/advisories" search={{}}>
          {say("advisory.back")}
        </Link>
      }
      error={error}
      retry={() => void refetch()}
    >
      {data && advisory ? (
        <>
          <header className="finding-head">
            <p className="finding-signs">
              <Priority level={advisory.priority} />
              <span className="quiet">{say(`glossary.advisory.${advisory.kind}`)}</span>
              {advisory.withdrawn ? <b>{say("advisory.withdrawn")}</b> : null}
              <span className="ref">
                <Identifier text={advisory.key} />
              </span>
            </p>
            <h1 lang={advisory.language}>{visible(advisory.title)}</h1>
            {advisory.reasons.length === 0 ? null : (
              <ul className="reasons">
                {advisory.reasons.map((reason) => (
                  <li key={reason.code}>{visible(reason.says)}</li>
                ))}
              </ul>
            )}
          </header>
          <dl className="band">
            <div>
              <dt>{say("source.title")}</dt>
              <dd>{visible(advisory.feed.title)}</dd>
            </div>
            <div>
              <dt>{say("advisory.updated")}</dt>
              <dd>
                <Moment at={advisory.updated} />
              </dd>
            </div>
            {data.published === undefined ? null : (
              <div>
                <dt>{say("advisory.published")}</dt>
                <dd>
                  <Moment at={data.published} />
                </dd>
              </div>
            )}
            {data.version === undefined ? null : (
              <div>
                <dt>{say("advisory.version")}</dt>
                <dd>{visible(data.version)}</dd>
              </div>
            )}
            {data.cwes.length === 0 ? null : (
              <div>
                <dt>CWE</dt>
                <dd>{visible(data.cwes.join(", "))}</dd>
              </div>
            )}
            {data.url === undefined ? null : (
              <div>
                <dt>{say("advisory.publisher-page")}</dt>
                <dd>
                  <a href={data.url} rel="noreferrer noopener" target="_blank">
                    {visible(new URL(data.url).hostname)}
                  </a>
                </dd>
              </div>
            )}
          </dl>
          {data.action === undefined ? null : (
            <section>
              <h2>{say("advisory.action")}</h2>
              <Prose text={data.action} language={advisory.language} />
            </section>
          )}
          {data.summary === "" ? null : (
            <section>
              <h2>{say("advisory.summary")}</h2>
              <Prose text={data.summary} language={advisory.language} />
            </section>
          )}
          {data.affected.length === 0 ? null : <Affected rows={data.affected} />}
          <AffectedSection advisory={id} />
          {data.claims.length === 0 ? null : <Claims rows={data.claims} tlp={pageTlp(data)} />}
          <Names names={data.names} />
          {data.references.length === 0 ? null : (
            <section>
              <h2>{say("advisory.references")}</h2>
              <ul className="references">
                {data.references.map((one) => (
                  <li key={one}>
                    <Identifier text={one} />
                  </li>
                ))}
              </ul>
            </section>
          )}
          <section>
            <h2>{say("advisory.history")}</h2>
            <ul className="references">
              {data.versions.map((one) => (
                <li key={one.at}>
                  <Moment at={one.at} /> {say("advisory.changed", { what: one.changed })}
                </li>
              ))}
              <li>
                <Moment at={data.firstSeen} /> {say("advisory.first-seen")}
              </li>
            </ul>
          </section>
        </>
      ) : null}
    </ThingPage>
  );
};

/** The strictest of what stands on the page; a page that is not there yet is treated as the community's own. */
const pageTlp = (data: AdvisoryDetail | undefined): Tlp =>
  data === undefined
    ? "amber"
    : data.claims.reduce<Tlp>((strictest, one) => stricterTlp(strictest, one.tlp), data.advisory.tlp);

/** Plain text of a publisher: its lines are lines, and nothing in it acts. */
const Prose = ({ text, language }: { readonly text: string; readonly language: string | undefined }): ReactNode => (
  <div className="prose" lang={language}>
    {text.split(/\n{2,}/).map((paragraph, n) => (
      <p key={n}>
        {paragraph.split("\n").map((line, at) => (
          <Fragment key={at}>
            {at === 0 ? null : <br />}
            {visible(line)}
          </Fragment>
        ))}
      </p>
    ))}
  </div>
);

const Affected = ({ rows }: { readonly rows: AdvisoryDetail["affected"] }): ReactNode => {
  const { say } = useReader();
  return (
    <section>
      <h2>{say("advisory.affected")}</h2>
      <div className="table-scroll" role="region" tabIndex={0} aria-label={say("advisory.affected")}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{say("source.state")}</th>
              <th scope="col">{say("advisory.product")}</th>
              <th scope="col">{say("advisory.versions")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((one, n) => (
              <tr key={n}>
                <td>{say(`glossary.affected.${one.status}`)}</td>
                <th scope="row" className="wrap">
                  {visible([one.vendor, one.product].filter((part) => part !== "").join(" "))}
                </th>
                <td className="wrap">{one.versions.length === 0 ? "–" : visible(one.versions.join(", "))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
};

const Claims = ({ rows, tlp }: { readonly rows: AdvisoryDetail["claims"]; readonly tlp: string }): ReactNode => {
  const { say } = useReader();
  return (
    <section>
      <h2>{say("advisory.claims")}</h2>
      <div className="table-scroll" role="region" tabIndex={0} aria-label={say("advisory.claims")}>
        <table className="table claims">
          <thead>
            <tr>
              <th scope="col">{say("source.title")}</th>
              <th scope="col">{say("advisory.cves")}</th>
              <th scope="col">{say("advisory.exploited")}</th>
              <th scope="col" className="figure">
                EPSS
              </th>
              <th scope="col">CVSS</th>
              <th scope="col">{say("advisory.updated")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((one, n) => (
              <tr key={one.id}>
                <th scope="row">
                  {n === 0 ? (
                    visible(one.feed.title)
                  ) : (
                    <Link to="/advisories/$id" params={{ id: one.id }}>
                      {visible(one.feed.title)}
                    </Link>
                  )}
                  {one.withdrawn ? <span className="quiet"> {say("advisory.withdrawn")}</span> : null}
                  {one.tlp === tlp ? null : <TlpTag tlp={one.tlp} />}
                </th>
                <td>
                  {one.cves.slice(0, 3).map((cve) => (
                    <span key={cve} className="cve">
                      <Identifier text={cve} />
                    </span>
                  ))}
                </td>
                <td className="wrap">
                  {one.exploited === undefined ? (
                    "–"
                  ) : (
                    <>
                      {say(one.exploited.ransomware ? "advisory.exploited.ransomware" : "advisory.exploited.yes")}
                      {one.exploited.due === undefined ? null : (
                        <>
                          {" "}
                          {say("advisory.exploited.due")} <Moment at={one.exploited.due} />
                        </>
                      )}
                    </>
                  )}
                </td>
                <td className="figure">{one.epss === undefined ? "–" : printShare(one.epss.probability)}</td>
                <td className="wrap">
                  {one.scores.length === 0
                    ? "–"
                    : one.scores.map((score) => (
                        <p key={`${score.vector}${score.by}`}>
                          <b>{score.score.toFixed(1)}</b> <span className="quiet">{`v${score.version}`}</span>
                          {score.by === "" ? null : ` ${visible(score.by)}`} <Identifier text={score.vector} />
                        </p>
                      ))}
                </td>
                <td>
                  <Moment at={one.updated} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
};
