import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { sharingLedgerQuery } from "@web/api/queries.ts";
import { Failed } from "@web/parts/failed.tsx";
import { Identifier } from "@web/parts/identifier.tsx";
import { More } from "@web/parts/more.tsx";
import { Heads, Table } from "@web/parts/table.tsx";
import { Moment } from "@web/time/moment.tsx";
import { printNumber } from "@words/number.ts";
import { useReader } from "@web/words/reader.tsx";
import { listOfEntry } from "./list-words.ts";

/** Lists that left to this party, newest first, from the ledger; what was unchanged left nothing and stands not here. */
export const FetchedSection = ({ party }: { readonly party: string }): ReactNode => {
  const { language, say } = useReader();
  const pages = useInfiniteQuery(sharingLedgerQuery(language, party));
  const entries = (pages.data?.pages ?? []).flatMap((page) =>
    page.entries.flatMap((entry) => {
      const list = listOfEntry(entry.query);
      return list === undefined ? [] : [{ ...entry, ...list }];
    }),
  );
  return (
    <section>
      <h2>{say("lists.fetched")}</h2>
      {pages.error ? (
        <Failed error={pages.error} says={say("failed.title")} retry={() => void pages.refetch()} />
      ) : null}
      {pages.data && entries.length === 0 ? <p className="quiet">{say("lists.not-fetched")}</p> : null}
      {entries.length === 0 ? null : (
        <Table
          label={say("lists.fetched")}
          head={
            <Heads
              names={[
                say("preview.ledger.at"),
                say("lists.query"),
                say("lists.format"),
                { figure: say("lists.values") },
                "SHA-256",
              ]}
            />
          }
        >
          {entries.map((entry) => (
            <tr key={`${entry.at} ${entry.contentHash} ${entry.format}`}>
              <th scope="row">
                <Moment at={entry.at} />
              </th>
              <td data-label={say("lists.query")}>
                <Identifier text={entry.query} />
              </td>
              <td data-label={say("lists.format")}>
                <code>{entry.format}</code>
              </td>
              <td className="figure" data-label={say("lists.values")}>
                {printNumber(language, entry.objects)}
              </td>
              <td data-label="SHA-256">
                <code>{entry.contentHash.slice(0, 16)}…</code>
              </td>
            </tr>
          ))}
        </Table>
      )}
      <More pages={pages} says={say("preview.more")} />
    </section>
  );
};
