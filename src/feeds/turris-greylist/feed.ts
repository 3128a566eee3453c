import type { RsitType } from "#core/rsit.ts";
import type { Feed } from "#feeds/feed.ts";
import type { Fields } from "#feeds/fields.ts";
import { tableRows } from "#feeds/table.ts";

/** A router's little servers log guessed passwords; its firewall logs scans. */
const attack = (fields: Fields): RsitType =>
  /\b(?:telnet|ssh|ftp|smtp|http)\b/.test(fields("Tags")[0] ?? "") ? "brute-force" : "scanner";

/**
 * Addresses that attack the routers of the Turris project, with the services they attack; for non-commercial use.
 *
 * @see https://view.sentinel.turris.cz/?period=1w
 */
export const feed: Feed = {
  id: "turris-greylist",
  title: "Turris Sentinel greylist",
  publisher: "CZ.NIC",
  url: "https://view.sentinel.turris.cz/greylist-data/greylist-latest.csv",
  licence: "non-commercial",
  everyMinutes: 1440,
  tlp: "clear",
  pap: "clear",
  grade: { source: "B", statement: 3 },
  liveDays: 7,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "blacklist", listed: "scanner" },
  looksLike: (text) => /greylist-data\/LICENSE/.test(text),
  parts: tableRows(
    {
      delimiter: ",",
      comments: ["#"],
      names: [
        ["Address", "Tags"],
        ["Address", "Country", "Tags", "ASN"],
      ],
    },
    { value: ["Address"], labels: ["Tags"], split: ",", kinds: ["ipv4", "ipv6"], type: attack },
  ),
};
