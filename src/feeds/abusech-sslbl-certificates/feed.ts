import type { Feed } from "#feeds/feed.ts";
import { tableRows } from "#feeds/table.ts";

/**
 * SHA-1 fingerprints of TLS certificates that malware's command servers present. They are certificate fingerprints,
 * not file hashes; a sensor reports both as the hash it saw.
 *
 * @see https://sslbl.abuse.ch/blacklist/
 */
export const feed: Feed = {
  id: "abusech-sslbl-certificates",
  title: "SSLBL certificates of botnet command servers",
  publisher: "abuse.ch",
  url: "https://sslbl.abuse.ch/blacklist/sslblacklist.csv",
  licence: "CC0-1.0",
  everyMinutes: 60,
  tlp: "clear",
  pap: "clear",
  grade: { source: "B", statement: 2 },
  liveDays: 180,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "c2-server" },
  auth: { required: false, by: { header: "Auth-Key" } },
  looksLike: (text) => /Listingdate,SHA1|SSL Certificate Blacklist/.test(text),
  parts: tableRows(
    { delimiter: ",", comments: ["#"], names: [["Listingdate", "SHA1", "Listingreason"]] },
    {
      value: ["SHA1"],
      seenAt: ["Listingdate"],
      labels: (fields) => fields("Listingreason").map(familyIn),
      kinds: ["sha1"],
    },
  ),
};

/** "Tugboat C&C" is about Tugboat; "Malware C&C" names no family, and neither does what is left of it. */
const familyIn = (reason: string): string =>
  reason.slice(0, 200).replace(/\s*(?:C&C|C2|malware distribution|MITM)(?:\s+\(.*\))?$/i, "");
