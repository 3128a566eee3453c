import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { mayReadAttack, mayReadIncidents, maySilence, useMe } from "@web/frame/session.ts";
import { PageTabs } from "@web/parts/page-tabs.tsx";
import { useReader } from "@web/words/reader.tsx";

/** Incidents, what holds findings back, and what is looked for: of them, those that the reader may open. */
export const IncidentTabs = (): ReactNode => {
  const { say } = useReader();
  const me = useMe();
  const exact = { exact: true, includeSearch: false } as const;
  if (!maySilence(me) && !mayReadAttack(me)) return null;
  return (
    <PageTabs label={say("nav.incidents")}>
      {mayReadIncidents(me) ? (
        <Link to="/incidents" search={{}} activeOptions={exact}>
          {say("incidents.tab")}
        </Link>
      ) : null}
      {maySilence(me) ? (
        <Link to="/silences" search={{}} activeOptions={exact}>
          {say("silences.tab")}
        </Link>
      ) : null}
      {mayReadAttack(me) ? (
        <Link to="/attack" activeOptions={exact}>
          {say("attack.tab")}
        </Link>
      ) : null}
    </PageTabs>
  );
};
