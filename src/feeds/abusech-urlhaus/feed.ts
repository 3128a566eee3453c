import type { Feed } from "#feeds/feed.ts";
import type { Fields } from "#feeds/fields.ts";
import { tableRows } from "#feeds/table.ts";

/** Tags that say how a file is built or packed, and no family: they stand behind the others, so that the family is first. */
const technical =
  /^(?:\d\d-?bit|elf|exe|dll|msi|mips(?:el)?|arm\d?|x86(?:[-_]64)?|i[3-6]86|ppc|powerpc|sparc|m68k|sh4?|superh|ascii|unicode|zip|rar|7z|iso|img|docx?|xlsx?|pdf|rtf|hta|vbs|vbe|jse?|ps1|bat|lnk|apk|jar|html?|ua-\w+|encrypted|opendir|shellscript|script|dropped-by-\w+|geofenced|\w{2,3}fenced|trojan|downloader|malware|hacked)$/i;

const familiesFirst = (fields: Fields): readonly string[] => {
  const tags = fields("tags")
    .flatMap((text) => text.split(","))
    .map((tag) => tag.trim());
  return [...tags.filter((tag) => !technical.test(tag)), ...tags.filter((tag) => technical.test(tag))];
};

/**
 * URLs that serve malware, as reporters and abuse.ch see them. The same table is published as `csv_recent` (30 days),
 * `csv_online` (what still serves) and `csv` (everything): an entry of `feeds:` with `use: abusech-urlhaus` and
 * another `url` reads them. Older dumps lack the column `last_online`.
 *
 * @see https://urlhaus.abuse.ch/api/
 */
export const feed: Feed = {
  id: "abusech-urlhaus",
  title: "URLhaus malware distribution URLs",
  publisher: "abuse.ch",
  url: "https://urlhaus.abuse.ch/downloads/csv_recent/",
  licence: "CC0-1.0",
  everyMinutes: 5,
  tlp: "clear",
  pap: "clear",
  grade: { source: "B", statement: 2 },
  liveDays: 30,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "malware-distribution" },
  auth: { required: false, by: { header: "Auth-Key" } },
  looksLike: (text) => /URLhaus Database Dump/.test(text) || /^"\d+","[\d: -]{19}","https?:/.test(text),
  parts: tableRows(
    {
      delimiter: ",",
      comments: ["#"],
      names: [
        ["id", "dateadded", "url", "url_status", "last_online", "threat", "tags", "urlhaus_link", "reporter"],
        ["id", "dateadded", "url", "url_status", "threat", "tags", "urlhaus_link", "reporter"],
      ],
    },
    { value: ["url"], seenAt: ["last_online", "dateadded"], labels: familiesFirst, kinds: ["url"], empty: ["none"] },
  ),
};
