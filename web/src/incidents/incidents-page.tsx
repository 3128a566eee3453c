import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { incidentsQuery, type IncidentView } from "@web/api/incident-queries.ts";
import { useMe } from "@web/frame/session.ts";
import { ListPage } from "@web/parts/list-page.tsx";
import { More } from "@web/parts/more.tsx";
import { Heads, Table } from "@web/parts/table.tsx";
import { Severity } from "@web/signs/severity.tsx";
import { Moment } from "@web/time/moment.tsx";
import { printNumber } from "@words/number.ts";
import { visible } from "@web/words/put.ts";
import { useReader, type WordKey } from "@web/words/reader.tsx";
import { Chain } from "./chain.tsx";
import { IncidentTabs } from "./incident-tabs.tsx";
import { RiskLevel } from "./risk.tsx";

const viewWords = {
  open: "view.open",
  muted: "view.muted",
  closed: "view.closed",
} as const satisfies Record<IncidentView, WordKey>;

/** Potential incidents, most at stake first. */
export const IncidentsPage = (): ReactNode => {
  const { view = "open" } = useSearch({ from: "/incidents" });
  const { language, say } = useReader();
  const me = useMe();
  const pages = useInfiniteQuery(incidentsQuery(language, view));
  const first = pages.data?.pages[0];
  const rows = pages.data?.pages.flatMap((page) => page.incidents) ?? [];
  return (
    <ListPage
      title={say("incidents.title")}
      tlp="amber"
      says={say("incidents.says")}
      tabs={<IncidentTabs />}
      error={pages.error}
      retry={() => void pages.refetch()}
    >
      <nav className="tabs incident-views" aria-label={say("incidents.views")}>
        {(["open", "muted", "closed"] as const).map((each) => (
          <Link
            key={each}
            to="/incidents"
            search={each === "open" ? {} : { view: each }}
            aria-current={each === view ? "page" : undefined}
          >
            {say(viewWords[each])} <span className="count">{first?.counts[each] ?? ""}</span>
          </Link>
        ))}
      </nav>
      {first !== undefined && rows.length === 0 ? <p className="empty">{say("incidents.empty")}</p> : null}
      {rows.length === 0 ? null : (
        <Table
          label={say("incidents.title")}
          of="incidents"
          stale={pages.isPlaceholderData}
          head={
            <Heads
              names={[
                say("incident.risk"),
                say("incident.what"),
                say("incident.chain"),
                ...(me.staff ? [say("incident.organisations")] : []),
                { figure: say("incident.findings") },
                { figure: say("incident.hits") },
                say("incident.last"),
              ]}
            />
          }
        >
          {rows.map((row) => (
            <tr key={row.id}>
              <td data-label={say("incident.risk")}>
                <RiskLevel score={row.risk} />
              </td>
              <th scope="row" className="wrap">
                <Link to="/incidents/$id" params={{ id: row.id }}>
                  {visible(row.title)}
                </Link>
                <span className="incident-under">
                  <Severity level={row.severity} />
                  {row.state === undefined || row.state === "suspected" ? null : (
                    <span>{say(`incident.state.${row.state}`)}</span>
                  )}
                  <span className="quiet identifier">{visible(row.ref)}</span>
                </span>
              </th>
              <td className="wrap" data-label={say("incident.chain")}>
                <Chain chain={row.chain} />
              </td>
              {me.staff ? (
                <td className="wrap" data-label={say("incident.organisations")}>
                  {row.organisations
                    .slice(0, 3)
                    .map((one) => visible(one.name))
                    .join(language === "en" ? ", " : "、")}
                  {row.organisations.length > 3 ? ` +${row.organisations.length - 3}` : ""}
                </td>
              ) : null}
              <td className="figure" data-label={say("incident.findings")}>
                {printNumber(language, row.findings)}
                {row.muted > 0 ? <span className="quiet"> ‖&nbsp;{printNumber(language, row.muted)}</span> : null}
              </td>
              <td className="figure" data-label={say("incident.hits")}>
                {printNumber(language, row.hits)}
              </td>
              <td data-label={say("incident.last")}>
                <Moment at={row.lastSeen} />
              </td>
            </tr>
          ))}
        </Table>
      )}
      <More pages={pages} says={say("incidents.more")} />
    </ListPage>
  );
};
