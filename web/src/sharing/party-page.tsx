import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { sharingQuery } from "@web/api/queries.ts";
import { mayReadSharing, useMe } from "@web/frame/session.ts";
import { ListPage } from "@web/parts/list-page.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { PartyTabs } from "./sharing-tabs.tsx";

/** The party's name: of their own organisation everybody has it, of all others staff. */
export const usePartyName = (id: string): string => {
  const { language } = useReader();
  const me = useMe();
  const own = me.organisations.find((one) => one.id === id)?.name;
  const { data } = useQuery({ ...sharingQuery(language), enabled: mayReadSharing(me) });
  return own ?? data?.parties.find((one) => one.id === id)?.name ?? "";
};

interface Props {
  readonly party: string;
  readonly says: string;
  readonly error: unknown;
  readonly retry: () => void;
  readonly children: ReactNode;
}

/** A page of what one party has set up. */
export const PartyPage = ({ party, says, error, retry, children }: Props): ReactNode => {
  const { say } = useReader();
  const me = useMe();
  const name = usePartyName(party);
  const several = mayReadSharing(me) || me.organisations.length > 1;
  return (
    <ListPage
      title={name === "" ? say("sharing.title") : visible(name)}
      tlp="amber"
      says={says}
      tabs={<PartyTabs party={party} />}
      {...(several ? { back: <Link to="/sharing">{say("preview.back")}</Link> } : {})}
      error={error}
      retry={retry}
    >
      {children}
    </ListPage>
  );
};
