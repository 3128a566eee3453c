import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { mayJudge, mayReadIndicators, mayReadSources, mayTakeIn, useMe } from "@web/frame/session.ts";
import { PageTabs } from "@web/parts/page-tabs.tsx";
import { useReader } from "@web/words/reader.tsx";

/** What is listed, what is brought in by hand, and what is put aside: of them, those that the reader may open. */
export const IndicatorTabs = (): ReactNode => {
  const { say } = useReader();
  const me = useMe();
  const exact = { exact: true } as const;
  if (!mayReadSources(me)) return null;
  return (
    <PageTabs label={say("nav.indicators")}>
      {mayReadIndicators(me) ? (
        <Link to="/indicators" search={{}} activeOptions={{ ...exact, includeSearch: false }}>
          {say("indicators.tab")}
        </Link>
      ) : null}
      {mayTakeIn(me) ? (
        <Link to="/indicators/intake" activeOptions={exact}>
          {say("intake.tab")}
        </Link>
      ) : null}
      {mayJudge(me) ? (
        <Link to="/indicators/verdicts" activeOptions={exact}>
          {say("verdicts.tab")}
        </Link>
      ) : null}
      <Link to="/indicators/exclusions" activeOptions={exact}>
        {say("exclusions.tab")}
      </Link>
    </PageTabs>
  );
};
