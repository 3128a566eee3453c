import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { PageTabs } from "@web/parts/page-tabs.tsx";
import { useReader } from "@web/words/reader.tsx";

/** The rules, and a place to try one. */
export const RuleTabs = (): ReactNode => {
  const { say } = useReader();
  return (
    <PageTabs label={say("nav.rules")}>
      <Link to="/rules" search={{}} activeOptions={{ exact: true, includeSearch: false }}>
        {say("rules.tab")}
      </Link>
      <Link to="/rules/try" activeOptions={{ exact: true }}>
        {say("rules.try")}
      </Link>
    </PageTabs>
  );
};
