import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { setupQuery } from "@web/api/sharing-queries.ts";
import { mayKeepTokens, mayWriteSharing, useMe } from "@web/frame/session.ts";
import { Heads, Table } from "@web/parts/table.tsx";
import { useReader } from "@web/words/reader.tsx";
import { FetchedSection } from "./fetched-section.tsx";
import { ListForm } from "./list-form.tsx";
import { ListRow } from "./list-row.tsx";
import { PartyPage } from "./party-page.tsx";
import { TokensSection } from "./tokens-section.tsx";

/** A party's saved lists, the tokens that fetch them, and who fetched what and when. */
export const ListsPage = (): ReactNode => {
  const { party } = useParams({ from: "/sharing/$party/lists" });
  const { language, say } = useReader();
  const me = useMe();
  const setup = useQuery(setupQuery(language, party));
  const lists = setup.data?.lists ?? [];
  return (
    <PartyPage party={party} says={say("lists.says")} error={setup.error} retry={() => void setup.refetch()}>
      {setup.data && lists.length === 0 ? <p className="empty">{say("lists.empty")}</p> : null}
      {lists.length === 0 ? null : (
        <Table
          label={say("lists.list")}
          of="lists"
          head={
            <Heads
              names={[
                say("lists.name"),
                say("lists.query"),
                say("lists.address"),
                { figure: say("lists.values") },
                say("lists.made"),
                { unseen: say("finding.acts") },
              ]}
            />
          }
        >
          {lists.map((one) => (
            <ListRow key={one.name} party={party} list={one} writes={mayWriteSharing(me)} />
          ))}
        </Table>
      )}
      {mayWriteSharing(me) ? <ListForm party={party} /> : null}
      {mayKeepTokens(me) ? <TokensSection party={party} /> : <p className="quiet aside">{say("tokens.elsewhere")}</p>}
      <FetchedSection party={party} />
    </PartyPage>
  );
};
