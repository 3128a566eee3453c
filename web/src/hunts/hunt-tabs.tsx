import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { mayHunt, mayReadKept, useMe } from "@web/frame/session.ts";
import { PageTabs } from "@web/parts/page-tabs.tsx";
import { useReader } from "@web/words/reader.tsx";

/** What was asked for, what set itself off (staff), and what there is to hunt in. */
export const HuntTabs = (): ReactNode => {
  const { say } = useReader();
  const me = useMe();
  return (
    <PageTabs label={say("nav.hunts")}>
      {mayHunt(me) ? (
        <Link to="/hunts" activeOptions={{ exact: true }}>
          {say("hunts.tab.asked")}
        </Link>
      ) : null}
      {mayHunt(me) && me.staff ? <Link to="/hunts/automatic">{say("hunts.tab.automatic")}</Link> : null}
      {mayReadKept(me) ? <Link to="/hunts/kept">{say("hunts.tab.kept")}</Link> : null}
    </PageTabs>
  );
};
