import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { sharingQuery } from "@web/api/queries.ts";
import { Frame } from "@web/frame/frame.tsx";
import { Failed } from "@web/parts/failed.tsx";
import { TlpTag } from "@web/signs/tlp.tsx";
import { Moment } from "@web/time/moment.tsx";
import { printNumber } from "@words/number.ts";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";

/** Parties we share with: what was signed with each, and what left to it lately. */
export const SharingPage = (): ReactNode => {
  const { language, say } = useReader();
  const { data, error, refetch } = useQuery(sharingQuery(language));
  // Who receives most stands first; without an agreement nothing leaves, and that stands last
  const parties = (data?.parties ?? []).toSorted(
    (a, b) => Number(b.agreement !== undefined) - Number(a.agreement !== undefined) || b.objects - a.objects,
  );
  return (
    <Frame title={say("sharing.title")} tlp="amber">
      <div className="sheet single">
        <header className="sheet-head">
          <h1>{say("sharing.title")}</h1>
          <p className="quiet">{say("sharing.says")}</p>
        </header>
        {error ? <Failed error={error} says={say("failed.title")} retry={() => void refetch()} /> : null}
        {data && parties.length === 0 ? <p className="empty">{say("sharing.empty")}</p> : null}
        {parties.length > 0 ? (
          <div className="table-scroll" role="region" tabIndex={0} aria-label={say("sharing.title")}>
            <table className="table sharing">
              <thead>
                <tr>
                  <th scope="col">{say("sharing.party")}</th>
                  <th scope="col">{say("sharing.kind")}</th>
                  <th scope="col">{say("sharing.ceiling")}</th>
                  <th scope="col">{say("sharing.agreement")}</th>
                  <th scope="col" className="figure">
                    {say("sharing.responses")}
                  </th>
                  <th scope="col" className="figure">
                    {say("sharing.objects")}
                  </th>
                  <th scope="col">{say("sharing.last")}</th>
                </tr>
              </thead>
              <tbody>
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
                    <td data-label={say("sharing.last")}>
                      {party.last === undefined ? "–" : <Moment at={party.last} />}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ) : null}
      </div>
    </Frame>
  );
};
