import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Parcel } from "@api/sensor.ts";
import { parcelsQuery } from "@web/api/sensor-queries.ts";
import { Failed } from "@web/parts/failed.tsx";
import { More } from "@web/parts/more.tsx";
import { Heads, Table } from "@web/parts/table.tsx";
import { Moment } from "@web/time/moment.tsx";
import { visible } from "@web/words/put.ts";
import { type Say, useReader } from "@web/words/reader.tsx";
import { printBytes, printNumber } from "@words/number.ts";

/** What left: every parcel with its size and what it holds. */
export const ParcelsSection = (): ReactNode => {
  const { language, say } = useReader();
  const pages = useInfiniteQuery(parcelsQuery(language));
  const parcels = (pages.data?.pages ?? []).flatMap((page) => page.parcels);
  return (
    <section>
      <h2>{say("inside.parcels")}</h2>
      <p className="quiet">{say("inside.parcels.says")}</p>
      {pages.error ? (
        <Failed error={pages.error} says={say("failed.title")} retry={() => void pages.refetch()} />
      ) : null}
      {pages.data && parcels.length === 0 ? <p className="empty">{say("inside.parcels.empty")}</p> : null}
      {parcels.length === 0 ? null : (
        <Table
          label={say("inside.parcels")}
          of="parcels"
          head={
            <Heads
              names={[
                say("inside.parcel.at"),
                say("inside.sensor"),
                { figure: say("inside.parcel.number") },
                { figure: say("inside.parcel.size") },
                say("inside.parcel.holds"),
                { figure: say("inside.parcel.refused") },
                { figure: say("inside.parcel.hits") },
              ]}
            />
          }
        >
          {parcels.map((parcel) => (
            <tr key={parcel.id}>
              <th scope="row">
                <Link to="/sensors/parcels/$id" params={{ id: parcel.id }}>
                  <Moment at={parcel.received} />
                </Link>
              </th>
              <td data-label={say("inside.sensor")}>{visible(parcel.sensor.name)}</td>
              <td className="figure" data-label={say("inside.parcel.number")}>
                {parcel.number === undefined ? "–" : printNumber(language, parcel.number)}
              </td>
              <td className="figure" data-label={say("inside.parcel.size")}>
                {printBytes(language, parcel.bytes)}
              </td>
              <td data-label={say("inside.parcel.holds")}>{holdsOf(say, parcel)}</td>
              <td className="figure" data-label={say("inside.parcel.refused")}>
                {printNumber(language, refusedOf(parcel))}
              </td>
              <td className="figure" data-label={say("inside.parcel.hits")}>
                {printNumber(language, parcel.hits)}
              </td>
            </tr>
          ))}
        </Table>
      )}
      <More pages={pages} says={say("inside.parcels.more")} />
    </section>
  );
};

const kinds = ["match", "ruled", "behaviour", "answer", "day", "state"] as const;

/** "3 matches · 12 counts · 1 state" */
export const holdsOf = (say: Say, { counts }: Parcel): string => {
  const said = kinds.flatMap((kind) => {
    const count = counts[kind] ?? 0;
    return count === 0 ? [] : [say(`inside.count.${kind}`, { count })];
  });
  return said.length === 0 ? say("inside.parcel.nothing") : said.join(" · ");
};

export const refusedOf = ({ refused }: Parcel): number => Object.values(refused).reduce((sum, n) => sum + n, 0);
