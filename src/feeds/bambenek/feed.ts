import type { Feed } from "#feeds/feed.ts";
import type { Fields } from "#feeds/fields.ts";
import { tableRows } from "#feeds/table.ts";

/** "Domain used by tug/tugboat", "IP used by ferry C&C", "Domain used by Tugboat - Flashback DGA for 20 Nov 2026". */
const familiesOf = (fields: Fields): readonly string[] => {
  const said = /^(?:Domain|IP) used by (.+)$/i.exec((fields("description")[0] ?? "").slice(0, 200))?.[1] ?? "";
  const names = said.replace(/ C&C$/i, "").split(" - ")[0]?.split("/") ?? [];
  return / DGA for /i.test(said) ? [...names, "dga"] : names;
};

/**
 * Master lists of live command servers (names, addresses) and of the domains that malware will generate from two days
 * ago to three days ahead: `value,description,time,manual`. For subscribers; an entry of `feeds:` with `use: bambenek`
 * reads another list.
 *
 * @see https://osint.bambenekconsulting.com/feeds/
 */
export const feed: Feed = {
  id: "bambenek",
  title: "Bambenek command servers and generated domains",
  publisher: "Bambenek Consulting",
  url: "https://faf.bambenekconsulting.com/feeds/c2-dommasterlist.txt",
  licence: "no-redistribution",
  everyMinutes: 60,
  tlp: "clear",
  pap: "clear",
  grade: { source: "B", statement: 3 },
  liveDays: 4,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "c2-server" },
  auth: { required: true, by: { basic: true } },
  looksLike: (text) => /Bambenek Consulting/.test(text),
  parts: tableRows(
    { delimiter: ",", comments: ["#"], names: [["value", "description", "time", "manual"]] },
    { value: ["value"], seenAt: ["time"], labels: familiesOf, kinds: ["domain", "ipv4", "ipv6"] },
  ),
};
