import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { mayReadCollections, mayReadSharing, useMe } from "@web/frame/session.ts";
import { PageTabs } from "@web/parts/page-tabs.tsx";
import { useReader } from "@web/words/reader.tsx";

/** Staff's two ways to look at sharing: by party, and by TAXII collection. */
export const SharingTabs = (): ReactNode => {
  const { say } = useReader();
  const me = useMe();
  if (!mayReadSharing(me) || !mayReadCollections(me)) return null;
  return (
    <PageTabs label={say("nav.sharing")}>
      <Link to="/sharing" activeOptions={{ exact: true }}>
        {say("sharing.tab.parties")}
      </Link>
      <Link to="/sharing/collections" activeOptions={{ exact: true }}>
        {say("sharing.tab.collections")}
      </Link>
    </PageTabs>
  );
};

/** One party: what it would receive (staff alone), its lists, its webhooks. */
export const PartyTabs = ({ party }: { readonly party: string }): ReactNode => {
  const { say } = useReader();
  const me = useMe();
  return (
    <PageTabs label={say("sharing.party")}>
      {mayReadSharing(me) ? (
        <Link to="/sharing/$party" params={{ party }} activeOptions={{ exact: true }}>
          {say("sharing.tab.preview")}
        </Link>
      ) : null}
      <Link to="/sharing/$party/lists" params={{ party }} activeOptions={{ exact: true }}>
        {say("sharing.tab.lists")}
      </Link>
      <Link to="/sharing/$party/webhooks" params={{ party }} activeOptions={{ exact: true }}>
        {say("sharing.tab.webhooks")}
      </Link>
    </PageTabs>
  );
};
