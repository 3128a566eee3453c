import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import type { Status } from "@api/status.ts";
import { findingsQuery, sourcesQuery, statusQuery } from "@web/api/queries.ts";
import { SourceState } from "@web/signs/source-state.tsx";
import { useNow } from "@web/time/clock.ts";
import { printAge } from "@web/time/print.ts";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import {
  mayOpenProducts,
  mayHunt,
  mayOpenHunts,
  mayOpenSharing,
  mayReadAdvisories,
  mayReadAlerts,
  mayReadIncidents,
  mayReadIndicators,
  mayReadQueue,
  mayReadSensors,
  mayReadRules,
  mayReadSources,
  useMe,
} from "./session.ts";

/** The pages this person has, with what waits on each; below 600 px a list behind one button. */
export const Navigation = (): ReactNode => {
  const { say } = useReader();
  const me = useMe();
  const [open, setOpen] = useState(false);
  const { pathname } = useLocation();
  useEffect(() => setOpen(false), [pathname]);
  return (
    <nav className="navigation" aria-label={say("frame.navigation")}>
      <button type="button" className="navigation-button" aria-expanded={open} onClick={() => setOpen(!open)}>
        {say("frame.open-navigation")}
      </button>
      <div className="navigation-list" data-open={open}>
        <ul>
          {mayReadQueue(me) ? (
            <li>
              <Link to="/queue" search={{ view: "open" }} data-here={/^\/(queue|findings)/.test(pathname)}>
                {say("nav.queue")} <OpenCount />
              </Link>
            </li>
          ) : null}
          {mayReadIncidents(me) ? (
            <li>
              <Link to="/incidents" search={{}} data-here={/^\/(incidents|silences|attack)/.test(pathname)}>
                {say("nav.incidents")}
              </Link>
            </li>
          ) : null}
          {mayReadAlerts(me) ? (
            <li>
              <Link to="/alerts" data-here={pathname.startsWith("/alerts")}>
                {say("nav.alerts")} <OpenCount />
              </Link>
            </li>
          ) : null}
          {mayReadIndicators(me) ? (
            <li>
              <Link to="/indicators" search={{}} data-here={pathname.startsWith("/indicators")}>
                {say("nav.indicators")}
              </Link>
            </li>
          ) : null}
          {!mayReadIndicators(me) && mayReadSources(me) ? (
            <li>
              <Link to="/indicators/exclusions" data-here={pathname.startsWith("/indicators")}>
                {say("nav.exclusions")}
              </Link>
            </li>
          ) : null}
          {mayReadAdvisories(me) ? (
            <li>
              <Link to="/advisories" search={{}} data-here={pathname.startsWith("/advisories")}>
                {say("nav.advisories")}
              </Link>
            </li>
          ) : null}
          {mayOpenProducts(me) ? (
            <li>
              <Link to="/products" search={{}} data-here={pathname.startsWith("/products")}>
                {say("nav.products")}
              </Link>
            </li>
          ) : null}
          {mayReadSources(me) ? (
            <li>
              <Link to="/sources" data-here={pathname.startsWith("/sources")}>
                {say("nav.sources")} <LateCount />
              </Link>
            </li>
          ) : null}
          {mayReadSensors(me) ? (
            <li>
              <Link to="/sensors" data-here={pathname.startsWith("/sensors")}>
                {say("inside.nav")}
              </Link>
            </li>
          ) : null}
          {mayReadRules(me) ? (
            <li>
              <Link to="/rules" search={{}} data-here={pathname.startsWith("/rules")}>
                {say("nav.rules")}
              </Link>
            </li>
          ) : null}
          {mayOpenHunts(me) ? (
            <li>
              <Link to={mayHunt(me) ? "/hunts" : "/hunts/kept"} data-here={pathname.startsWith("/hunts")}>
                {say("nav.hunts")}
              </Link>
            </li>
          ) : null}
          {mayOpenSharing(me) ? (
            <li>
              <Link to="/sharing" data-here={pathname.startsWith("/sharing")}>
                {say("nav.sharing")}
              </Link>
            </li>
          ) : null}
        </ul>
        <Foot />
      </div>
    </nav>
  );
};

const OpenCount = (): ReactNode => {
  const { language } = useReader();
  const { data } = useInfiniteQuery(findingsQuery(language, { view: "open" }));
  const open = data?.pages[0]?.counts.open;
  return open === undefined ? null : <span className="count">{open}</span>;
};

const LateCount = (): ReactNode => {
  const { language, say } = useReader();
  const { data } = useQuery(sourcesQuery(language));
  const late = data?.sources.filter((source) => source.state !== "healthy" && source.state !== "never").length ?? 0;
  return late === 0 ? null : (
    <span className="count" title={say("nav.late", { count: late })}>
      <span aria-hidden="true">{late}</span>
      <span className="unseen">{say("nav.late", { count: late })}</span>
    </span>
  );
};

const Foot = (): ReactNode => {
  const { language, say } = useReader();
  const me = useMe();
  const now = useNow();
  const { data } = useQuery({ ...statusQuery(language), enabled: me.staff });
  if (!me.staff)
    return (
      <div className="navigation-foot">
        <p>{say("frame.watching")}</p>
        {me.organisations.map((organisation) => (
          <p key={organisation.id}>{visible(organisation.name)}</p>
        ))}
      </div>
    );
  if (!data) return <div className="navigation-foot" />;
  return (
    <div className="navigation-foot">
      <p>{say("frame.sources", data.sources)}</p>
      {data.sensors.total > 0 ? <p>{say("frame.sensors", data.sensors)}</p> : null}
      <p>
        {data.lastEvent === undefined
          ? say("frame.no-event")
          : say("frame.last-event", { age: printAge(say, now - Date.parse(data.lastEvent)) })}
      </p>
      {data.history.on ? null : <p>{visible(data.history.says)}</p>}
      <Alarms alarms={data.alarms} />
      {data.mail.failed > 0 ? <p>{say("frame.mail-failed", { count: data.mail.failed })}</p> : null}
    </div>
  );
};

/** Alarms told in words in the foot; more are on the page of the sources. */
const alarmsTold = 3;

/** What ought to speak and does not: a person who sees only figures does not miss what is missing. */
const Alarms = ({ alarms }: { readonly alarms: Status["alarms"] }): ReactNode => {
  const { say } = useReader();
  if (alarms.length === 0) return null;
  return (
    <section className="navigation-alarms">
      <h2>{say("frame.alarms", { count: alarms.length })}</h2>
      <ul>
        {alarms.slice(0, alarmsTold).map((alarm) => (
          <li key={`${alarm.about} ${alarm.id}`}>
            <SourceState level={alarm.state} />{" "}
            {alarm.about === "source" ? (
              <Link to="/sources/$id" params={{ id: alarm.id }} title={visible(alarm.says)}>
                {visible(alarm.name)}
              </Link>
            ) : (
              <span title={visible(alarm.says)}>{visible(alarm.name)}</span>
            )}
          </li>
        ))}
      </ul>
      {alarms.length > alarmsTold ? (
        <p>
          <Link to="/sources">{say("frame.alarms-more", { count: alarms.length - alarmsTold })}</Link>
        </p>
      ) : null}
    </section>
  );
};
