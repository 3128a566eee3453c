import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { CareHistory, VerdictRow } from "@api/indicator-care.ts";
import { stricterTlp, type Tlp } from "#core/marking.ts";
import { careHistoryQuery, verdictsQuery } from "@web/api/care-queries.ts";
import { Failed } from "@web/parts/failed.tsx";
import { Identifier } from "@web/parts/identifier.tsx";
import { ListPage } from "@web/parts/list-page.tsx";
import { More } from "@web/parts/more.tsx";
import { Heads, Table } from "@web/parts/table.tsx";
import { Who } from "@web/parts/who.tsx";
import { TlpTag } from "@web/signs/tlp.tsx";
import { Moment } from "@web/time/moment.tsx";
import { printNumber } from "@words/number.ts";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { IndicatorTabs } from "./indicator-tabs.tsx";
import { VerdictDialog } from "./verdict-dialog.tsx";

/** What people judged false: what stands, what each verdict took back, and all that was decided before. */
export const VerdictsPage = (): ReactNode => {
  const { say, language } = useReader();
  const pages = useInfiniteQuery(verdictsQuery(language));
  const past = useInfiniteQuery(careHistoryQuery(language));
  const [undoing, setUndoing] = useState<VerdictRow>();
  const rows = pages.data?.pages.flatMap((page) => page.verdicts) ?? [];
  const events = past.data?.pages.flatMap((page) => page.events) ?? [];
  const tlp = [
    ...rows.map((one) => one.tlp),
    ...events.flatMap(({ about }) => (about === undefined ? [] : [about.tlp])),
  ].reduce<Tlp>((strictest, one) => stricterTlp(strictest, one), "amber");
  return (
    <ListPage
      title={say("verdicts.title")}
      tlp={tlp}
      says={say("verdicts.says")}
      tabs={<IndicatorTabs />}
      error={pages.error}
      retry={() => void pages.refetch()}
    >
      {pages.data && rows.length === 0 ? <p className="empty">{say("verdicts.empty")}</p> : null}
      {rows.length === 0 ? null : (
        <Table
          label={say("verdicts.in-force")}
          of="verdicts"
          head={
            <Heads
              names={[
                say("indicator.value"),
                say("verdicts.what"),
                say("source.reason"),
                say("verdicts.who"),
                { figure: say("verdicts.findings") },
                { figure: say("verdicts.parties") },
                { unseen: say("finding.acts") },
              ]}
            />
          }
        >
          {rows.map((one) => (
            <tr key={`${one.indicator} ${one.source?.id ?? ""}`}>
              <th scope="row">
                <Link to="/indicators/$id" params={{ id: one.indicator }}>
                  <Identifier text={one.value} />
                </Link>{" "}
                <span className="quiet">{say(`kind.${one.kind}`)}</span>
                {one.tlp === tlp ? null : <TlpTag tlp={one.tlp} />}
              </th>
              <td data-label={say("verdicts.what")}>
                {one.source === undefined
                  ? say("verdicts.value-false")
                  : say("verdicts.claim-false", { source: one.source.title })}
              </td>
              <td data-label={say("source.reason")} className="wrap">
                {visible(one.reason)}
              </td>
              <td data-label={say("verdicts.who")}>
                <Who one={one} />
              </td>
              <td className="figure" data-label={say("verdicts.findings")}>
                {printNumber(language, one.findings)}
              </td>
              <td className="figure" data-label={say("verdicts.parties")}>
                {printNumber(language, one.parties)}
              </td>
              <td className="row-acts">
                <button type="button" className="button" onClick={() => setUndoing(one)}>
                  {say("verdict.restore")}
                  <span className="unseen"> {one.value}</span>
                </button>
              </td>
            </tr>
          ))}
        </Table>
      )}
      <More pages={pages} says={say("indicators.more")} />
      <section>
        <h2>{say("verdicts.past")}</h2>
        {past.error ? <Failed error={past.error} says={say("failed.title")} retry={() => void past.refetch()} /> : null}
        {past.data && events.length === 0 ? <p className="quiet">{say("verdicts.no-past")}</p> : null}
        {events.length === 0 ? null : (
          <Table
            label={say("verdicts.past")}
            of="verdicts"
            head={
              <Heads
                names={[
                  say("source.at"),
                  say("verdicts.did"),
                  say("indicator.value"),
                  say("source.reason"),
                  say("verdicts.by"),
                  say("verdicts.effect"),
                ]}
              />
            }
          >
            {events.map((one, at) => (
              <Past key={`${one.at} ${at}`} one={one} tlp={tlp} />
            ))}
          </Table>
        )}
        <More pages={past} says={say("indicators.more")} />
      </section>
      {undoing === undefined ? null : (
        <VerdictDialog
          id={undoing.indicator}
          value={undoing.value}
          judging={{
            verdict: "restored",
            ...(undoing.source === undefined ? {} : { source: undoing.source.id, title: undoing.source.title }),
          }}
          onClose={() => setUndoing(undefined)}
        />
      )}
    </ListPage>
  );
};

const Past = ({ one, tlp }: { readonly one: CareHistory["events"][number]; readonly tlp: Tlp }): ReactNode => {
  const { say } = useReader();
  const effects = [
    ...(one.takenBack === undefined || one.takenBack === 0 ? [] : [say("verdicts.closed", { count: one.takenBack })]),
    ...(one.restored === undefined || one.restored === 0 ? [] : [say("verdicts.reopened", { count: one.restored })]),
    ...(one.entries === undefined ? [] : [say("exclusion.entries-count", { count: one.entries })]),
  ];
  return (
    <tr>
      <td data-label={say("source.at")}>
        <Moment at={one.at} />
      </td>
      <td data-label={say("verdicts.did")} className="who">
        {say(`verdicts.act.${one.act}`)}
      </td>
      <th scope="row">
        {one.about === undefined ? (
          <Identifier text={one.exclusion ?? ""} />
        ) : (
          <>
            <Link to="/indicators/$id" params={{ id: one.about.indicator }}>
              <Identifier text={one.about.value} />
            </Link>
            {one.about.tlp === tlp ? null : <TlpTag tlp={one.about.tlp} />}
          </>
        )}
        {one.source === undefined ? null : <span className="quiet"> {visible(one.source.title)}</span>}
      </th>
      <td className="wrap" data-label={say("source.reason")}>
        {visible(one.reason)}
      </td>
      <td data-label={say("verdicts.by")} className="who">
        {one.who === undefined ? say("verdicts.by-itself") : visible(one.who)}
      </td>
      <td data-label={say("verdicts.effect")}>{effects.length === 0 ? "–" : effects.join(" · ")}</td>
    </tr>
  );
};
