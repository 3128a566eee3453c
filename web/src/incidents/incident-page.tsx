import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { IncidentActBody, IncidentDetail } from "@api/incident.ts";
import { call } from "@web/api/call.ts";
import { incidentQuery } from "@web/api/incident-queries.ts";
import { BecauseChain } from "@web/finding/because.tsx";
import { ConfirmDialog, ReasonDialog } from "@web/parts/confirm-dialog.tsx";
import { Failed } from "@web/parts/failed.tsx";
import { Identifier } from "@web/parts/identifier.tsx";
import { Heads, Table } from "@web/parts/table.tsx";
import { ThingPage } from "@web/parts/thing-page.tsx";
import { Severity } from "@web/signs/severity.tsx";
import { State } from "@web/signs/state.tsx";
import { Moment } from "@web/time/moment.tsx";
import { printNumber } from "@words/number.ts";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { Chain } from "./chain.tsx";
import { RiskLevel } from "./risk.tsx";

type Act = IncidentActBody["act"];

/** One potential incident: what is at stake, the chain, what ties it, its findings, and why. */
export const IncidentPage = (): ReactNode => {
  const { id } = useParams({ from: "/incidents/$id" });
  const { language, say } = useReader();
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(incidentQuery(language, id));
  const [asked, setAsked] = useState<Act>();
  const act = useMutation({
    mutationFn: (body: IncidentActBody) =>
      call<IncidentDetail>(language, `/incidents/${encodeURIComponent(id)}/acts`, { method: "POST", body }),
    onSuccess: async (detail) => {
      setAsked(undefined);
      client.setQueryData(incidentQuery(language, id).queryKey, detail);
      await client.invalidateQueries({ queryKey: ["incidents"] });
    },
  });
  const incident = data?.incident;
  return (
    <ThingPage
      title={incident?.title ?? say("incidents.title")}
      tlp="amber"
      of="incident"
      back={
        <Link to="/incidents" search={{}}>
          {say("incident.back")}
        </Link>
      }
      error={error}
      retry={() => void refetch()}
    >
      {data && incident ? (
        <>
          <header className="finding-head">
            <p className="finding-signs">
              <Severity level={incident.severity} />
              {incident.state === undefined ? null : <span>{say(`incident.state.${incident.state}`)}</span>}
              <span className="ref identifier">{visible(incident.ref)}</span>
            </p>
            <h1>{visible(incident.title)}</h1>
          </header>
          <dl className="band">
            <div>
              <dt>{say("incident.risk")}</dt>
              <dd>
                <RiskLevel score={incident.risk} />
              </dd>
            </div>
            <div>
              <dt>{say("incident.findings")}</dt>
              <dd>
                {say("incident.findings-of", {
                  ...{ open: incident.open, muted: incident.muted, findings: incident.findings },
                })}
              </dd>
            </div>
            <div>
              <dt>{say("incident.hits")}</dt>
              <dd>{printNumber(language, incident.hits)}</dd>
            </div>
            <div>
              <dt>{say("incident.organisations")}</dt>
              <dd>{incident.organisations.map((one) => visible(one.name)).join(language === "en" ? ", " : "、")}</dd>
            </div>
            <div>
              <dt>{say("incident.seen")}</dt>
              <dd>
                <Moment at={incident.firstSeen} /> – <Moment at={incident.lastSeen} />
              </dd>
            </div>
          </dl>
          {data.others === undefined ? null : <p>{say("incident.others", { count: data.others })}</p>}
          {data.acts.length === 0 ? null : (
            <div className="act-buttons row" role="group" aria-label={say("finding.acts")}>
              {data.acts.map((each, at) => (
                <button
                  key={each}
                  type="button"
                  className={each === "dismiss" ? "button destructive" : at === 0 ? "button filled" : "button"}
                  onClick={() => setAsked(each)}
                >
                  {say(`incident.act.${each}`)}
                </button>
              ))}
            </div>
          )}
          <section>
            <h2>{say("incident.chain")}</h2>
            <Chain chain={incident.chain} full />
          </section>
          <section>
            <h2>{say("incident.findings")}</h2>
            <Findings findings={data.findings} />
          </section>
          <section>
            <h2>{say("incident.because")}</h2>
            {data.because.map((one) => (
              <div key={one.finding} className="incident-because">
                <h3>
                  <Link to="/findings/$id" params={{ id: one.finding }}>
                    {visible(one.title)}
                  </Link>{" "}
                  <span className="quiet identifier">{visible(one.ref)}</span>
                </h3>
                <BecauseChain steps={one.steps} />
              </div>
            ))}
          </section>
          <section>
            <h2>{say("incident.entities")}</h2>
            <Entities entities={data.entities} />
          </section>
          {data.quiet.length === 0 ? null : <Quiet quiet={data.quiet} />}
        </>
      ) : null}
      {asked === "confirm" || asked === "contain" || asked === "reopen" ? (
        <ConfirmDialog
          does={say(`incident.act.${asked}`)}
          subject={incident?.title ?? ""}
          pending={act.isPending}
          error={act.error}
          onClose={() => setAsked(undefined)}
          onDo={() => act.mutate({ act: asked })}
        />
      ) : null}
      {asked === "close" || asked === "dismiss" ? (
        <ReasonDialog
          does={say(`incident.act.${asked}`)}
          subject={incident?.title ?? ""}
          says={say(`incident.${asked}-says`)}
          destructive={asked === "dismiss"}
          pending={act.isPending}
          error={act.error}
          onClose={() => setAsked(undefined)}
          onReason={(reason) => act.mutate({ act: asked, reason })}
        />
      ) : null}
      {act.error && asked === undefined ? <Failed error={act.error} says={say("failed.title")} /> : null}
    </ThingPage>
  );
};

const Findings = ({ findings }: { readonly findings: IncidentDetail["findings"] }): ReactNode => {
  const { language, say } = useReader();
  return (
    <Table
      label={say("incident.findings")}
      of="incident-findings"
      head={
        <Heads
          names={[
            say("incident.risk"),
            say("incident.what"),
            say("incident.asset"),
            say("incident.organisations"),
            say("incident.state"),
            { figure: say("incident.hits") },
            say("incident.last"),
          ]}
        />
      }
    >
      {findings.map((one) => (
        <tr key={one.id}>
          <td data-label={say("incident.risk")}>
            <RiskLevel score={one.risk.score} />
          </td>
          <th scope="row" className="wrap">
            <Link to="/findings/$id" params={{ id: one.id }}>
              {visible(one.title)}
            </Link>
          </th>
          <td className="wrap" data-label={say("incident.asset")}>
            <Identifier text={one.asset} />
          </td>
          <td className="wrap" data-label={say("incident.organisations")}>
            {visible(one.organisation.name)}
          </td>
          <td data-label={say("incident.state")}>
            <State finding={one} />
            {one.muted === undefined ? null : <span className="quiet"> ‖ {say("view.muted")}</span>}
          </td>
          <td className="figure" data-label={say("incident.hits")}>
            {printNumber(language, one.count)}
          </td>
          <td data-label={say("incident.last")}>
            <Moment at={one.lastSeen} />
          </td>
        </tr>
      ))}
    </Table>
  );
};

const Entities = ({ entities }: { readonly entities: IncidentDetail["entities"] }): ReactNode => {
  const { language, say } = useReader();
  return (
    <Table
      label={say("incident.entities")}
      of="incident-entities"
      head={
        <Heads
          names={[
            say("incident.risk"),
            say("incident.entity"),
            say("incident.kind"),
            { figure: say("incident.findings") },
            { figure: say("incident.hits") },
            say("incident.seen"),
          ]}
        />
      }
    >
      {entities.map((one) => (
        <tr key={`${one.kind} ${one.value}`}>
          <td data-label={say("incident.risk")}>
            <RiskLevel score={one.risk} />
          </td>
          <th scope="row" className="wrap">
            <Identifier text={one.kind === "indicator" ? one.value.slice(one.value.indexOf(":") + 1) : one.value} />
          </th>
          <td data-label={say("incident.kind")}>{say(`incident.entity.${one.kind}`)}</td>
          <td className="figure" data-label={say("incident.findings")}>
            {printNumber(language, one.findings)}
          </td>
          <td className="figure" data-label={say("incident.hits")}>
            {printNumber(language, one.hits)}
          </td>
          <td data-label={say("incident.seen")}>
            <span>
              <Moment at={one.first} /> – <Moment at={one.last} />
            </span>
          </td>
        </tr>
      ))}
    </Table>
  );
};

const Quiet = ({ quiet }: { readonly quiet: IncidentDetail["quiet"] }): ReactNode => {
  const { language, say } = useReader();
  return (
    <section>
      <h2>{say("incident.quiet")}</h2>
      <p className="quiet">{say("incident.quiet-says")}</p>
      <Table
        label={say("incident.quiet")}
        head={
          <Heads
            names={[
              say("incident.source"),
              say("incident.asset"),
              say("queue.severity"),
              { figure: say("incident.hits") },
              say("incident.last"),
            ]}
          />
        }
      >
        {quiet.map((one) => (
          <tr key={`${one.source} ${one.asset}`}>
            <th scope="row" className="wrap">
              {visible(one.title)}
            </th>
            <td data-label={say("incident.asset")}>
              <Identifier text={one.asset} />
            </td>
            <td data-label={say("queue.severity")}>
              <Severity level={one.severity} />
            </td>
            <td className="figure" data-label={say("incident.hits")}>
              {printNumber(language, one.hits)}
            </td>
            <td data-label={say("incident.last")}>
              <Moment at={one.last} />
            </td>
          </tr>
        ))}
      </Table>
    </section>
  );
};
