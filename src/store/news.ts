import type { Sql } from "postgres";

/** Rows that changed, for pages that may want to ask again. A hint: what commits late may be told with the next change, or never. */
export interface News {
  readonly topic: "findings" | "sources" | "community";
  readonly rows: number;
  readonly organisation?: string;
  readonly shadow?: boolean;
}

/** Where a listener stands: the highest numbers it saw. */
export interface NewsPlace {
  readonly history: number;
  readonly turn: number;
  readonly directory: number;
}

/** What changed since `place`; without one, nothing, and where things stand. */
export const newsSince = async (
  sql: Sql,
  place: NewsPlace | undefined,
): Promise<{ readonly place: NewsPlace; readonly news: readonly News[] }> => {
  const [at] =
    await sql`select (select coalesce(max(n), 0) from finding_history) as history, (select coalesce(max(n), 0) from feed_turn) as turn,
    (select coalesce(max(version), 0) from directory_change) as directory`;
  const now: NewsPlace = {
    history: at?.["history"] as number,
    turn: at?.["turn"] as number,
    directory: at?.["directory"] as number,
  };
  if (place === undefined) return { place: now, news: [] };
  const news: News[] = [];
  if (now.history > place.history)
    for (const row of await sql`select f.organisation, f.shadow is not null as shadow, count(distinct f.n)::int as rows
        from finding_history h join finding f on f.n = h.finding where h.n > ${place.history} and h.n <= ${now.history} group by 1, 2`)
      news.push({
        topic: "findings",
        rows: row["rows"] as number,
        organisation: row["organisation"] as string,
        shadow: row["shadow"] as boolean,
      });
  if (now.turn > place.turn) news.push({ topic: "sources", rows: now.turn - place.turn });
  if (now.directory > place.directory) news.push({ topic: "community", rows: now.directory - place.directory });
  return { place: now, news };
};
