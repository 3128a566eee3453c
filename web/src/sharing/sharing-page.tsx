import { useQuery } from "@tanstack/react-query";
import { Link, Navigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { sharingQuery } from "@web/api/queries.ts";
import { mayReadSharing, useMe } from "@web/frame/session.ts";
import { ListPage } from "@web/parts/list-page.tsx";
import { Heads, Table } from "@web/parts/table.tsx";
import { TlpTag } from "@web/signs/tlp.tsx";
import { Moment } from "@web/time/moment.tsx";
import { printNumber } from "@words/number.ts";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { SharingTabs } from "./sharing-tabs.tsx";

/** Staff sees all parties; a party its own lists and webhooks. */
export const SharingPage = (): ReactNode => (mayReadSharing(useMe()) ? <Parties /> : <Own />);

/** Whoever keeps one organisation's is led there; of several, they choose. */
const Own = (): ReactNode => {
  const { say } = useReader();
  const me = useMe();
  const [first, second] = me.organisations;
  if (first !== undefined && second === undefined)
    return <Navigate to="/sharing/$party/lists" params={{ party: first.id }} replace />;
  return (
    <ListPage
      title={say("sharing.title")}
      tlp="amber"
      says={say("sharing.own-says")}
      empty={first === undefined && say("sharing.empty")}
    >
      <ul className="references">
        {me.organisations.map((one) => (
          <li key={one.id}>
            <Link to="/sharing/$party/lists" params={{ party: one.id }}>
              {visible(one.name)}
            </Link>
          </li>
        ))}
      </ul>
    </ListPage>
  );
};

/** Parties we share with: what was signed with each, and what left to it lately. */
const Parties = (): ReactNode => {
  const { language, say } = useReader();
  const { data, error, refetch } = useQuery(sharingQuery(language));
  // Who receives most stands first; without an agreement nothing leaves, and that stands last
  const parties = (data?.parties ?? []).toSorted(
    (a, b) => Number(b.agreement !== undefined) - Number(a.agreement !== undefined) || b.objects - a.objects,
  );
  return (
    <ListPage
      title={say("sharing.title")}
      tlp="amber"
      says={say("sharing.says")}
      tabs={<SharingTabs />}
      error={error}
      retry={() => void refetch()}
      empty={data !== undefined && parties.length === 0 && say("sharing.empty")}
    >
      {parties.length > 0 ? (
        <Table
          label={say("sharing.title")}
          of="sharing"
          head={
            <Heads
              names={[
                say("sharing.party"),
                say("sharing.kind"),
                say("sharing.ceiling"),
                say("sharing.agreement"),
                { figure: say("sharing.responses") },
                { figure: say("sharing.objects") },
                say("sharing.last"),
              ]}
            />
          }
        >
          {parties.map((party) => (
            <tr key={party.id}>
              <th scope="row">
                <Link to="/sharing/$party" params={{ party: party.id }}>
                  {visible(party.name)}
                </Link>
              </th>
              <td data-label={say("sharing.kind")}>{say(`sharing.kind.${party.kind}`)}</td>
              <td data-label={say("sharing.ceiling")}>
                {party.agreement === undefined ? "–" : <TlpTag tlp={party.agreement.tlpMax} />}
              </td>
              <td data-label={say("sharing.agreement")}>
                {party.agreement === undefined
                  ? say("sharing.agreement.none")
                  : say(party.agreement.inForce ? "sharing.agreement.in-force" : "sharing.agreement.over")}
              </td>
              <td className="figure" data-label={say("sharing.responses")}>
                {printNumber(language, party.responses)}
              </td>
              <td className="figure" data-label={say("sharing.objects")}>
                {printNumber(language, party.objects)}
              </td>
              <td data-label={say("sharing.last")}>{party.last === undefined ? "–" : <Moment at={party.last} />}</td>
            </tr>
          ))}
        </Table>
      ) : null}
    </ListPage>
  );
};
