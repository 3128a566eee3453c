import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo, useState } from "react";
import { stricterTlp, type Tlp } from "#core/marking.ts";
import { findingsQuery } from "@web/api/queries.ts";
import { useStream } from "@web/api/stream.ts";
import { Frame } from "@web/frame/frame.tsx";
import { useMe } from "@web/frame/session.ts";
import { Failed } from "@web/parts/failed.tsx";
import { Identifier } from "@web/parts/identifier.tsx";
import { Severity } from "@web/signs/severity.tsx";
import { State } from "@web/signs/state.tsx";
import { Due } from "@web/time/due.tsx";
import { Moment } from "@web/time/moment.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";

/** What a member has been told: the open ones first, one sentence each, with the time by which we wait for an answer. */
export const AlertsPage = (): ReactNode => {
  const { language, say } = useReader();
  const me = useMe();
  const [view, setView] = useState<"open" | "closed">("open");
  const [news, setNews] = useState(0);
  const { data, error, refetch, hasNextPage, fetchNextPage } = useInfiniteQuery(findingsQuery(language, { view }));
  useStream(useMemo(() => ({ findings: (changed: number) => setNews((before) => before + changed) }), []));
  const rows = data?.pages.flatMap((page) => page.findings) ?? [];
  const counts = data?.pages[0]?.counts;
  const tlp = rows.reduce<Tlp>((strictest, row) => stricterTlp(strictest, row.tlp), "green");
  const several = me.organisations.length > 1;
  return (
    <Frame title={say("alerts.title")} tlp={tlp} recipient={me.organisations.map((each) => each.name).join(", ")}>
      <div className="sheet single">
        <header className="sheet-head">
          <h1>{say("alerts.title")}</h1>
          <div className="tabs" role="group" aria-label={say("queue.views")}>
            {(["open", "closed"] as const).map((each) => (
              <button key={each} type="button" aria-pressed={each === view} onClick={() => setView(each)}>
                {say(`view.${each}`)} <span className="count">{counts?.[each] ?? ""}</span>
              </button>
            ))}
          </div>
          {news > 0 ? (
            <button
              type="button"
              className="plain"
              onClick={() => {
                setNews(0);
                void refetch();
              }}
            >
              {say("queue.show")} ({news})
            </button>
          ) : null}
        </header>
        {error ? <Failed error={error} says={say("failed.title")} retry={() => void refetch()} /> : null}
        {data && rows.length === 0 ? (
          <p className="empty">{say(view === "open" ? "alerts.empty" : "alerts.closed-empty")}</p>
        ) : (
          <ul className="alerts">
            {rows.map((row) => (
              <li key={row.id}>
                <p className="finding-signs">
                  <Severity level={row.severity} /> <State finding={row} />
                  {several ? <span className="quiet">{visible(row.organisation.name)}</span> : null}
                </p>
                <h2>
                  <Link to="/alerts/$id" params={{ id: row.id }}>
                    {visible(row.title)}
                  </Link>
                </h2>
                <p className="quiet">
                  <Identifier text={row.asset} /> · <Moment at={row.lastSeen} />
                </p>
                <p className="alerts-due">
                  <Due finding={row} />
                </p>
              </li>
            ))}
          </ul>
        )}
        {hasNextPage ? (
          <button type="button" className="button" onClick={() => void fetchNextPage()}>
            {say("queue.more-all")}
          </button>
        ) : null}
      </div>
    </Frame>
  );
};
