import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { threatNames } from "./make-names.ts";
import { cityAdvisories, controllerAdvisories, exploited, exploitScores, straitAdvisories } from "./make-advisories.ts";
import { markings, neighbourEvent, uuid } from "./make-posts.ts";
import { reportsOfTheDay } from "./make-reports.ts";
import { type Random, random } from "./random.ts";
import { bot, innocents, listedOwn, lookalikes, scanners } from "./story.ts";
import { tar } from "./tar.ts";

/**
 * The sample's feeds as their publishers would hand them out on the day `now`: file name → bytes. The same moment and
 * seed give the same bytes. Everything is invented; the shapes are the real ones.
 *
 * @param now milliseconds since 1970
 */
export const makeFeeds = (now: number, seed = 20_261_119): ReadonlyMap<string, Uint8Array> => {
  const text = new TextEncoder();
  const files = new Map<string, Uint8Array>();
  const put = (name: string, body: string): void => void files.set(name, text.encode(body));
  const rng = (salt: number): Random => random(seed + salt);
  put("abusech-feodo.csv", feodo(now, rng(1)));
  put("ipsum.txt", ipsum(now, rng(2)));
  put("harbour-phishing.txt", phishing(now, rng(3)));
  put("spamhaus-drop-v4.json", drop(now, ["198.51.100.96/28", "198.51.100.112/28"], rng(4)));
  put("spamhaus-drop-v6.json", drop(now, badNetworks6, rng(5)));
  put("strait-cert-stix.json", stix(now, rng(6)));
  put("exploited.json", exploited(now));
  put("names.json", threatNames(now));
  files.set("epss.csv.gz", exploitScores(now, rng(9)));
  put("tidewater-csaf.ndjson", controllerAdvisories(now));
  put("city-advisories.xml", cityAdvisories(now));
  put("strait-advisories.xml", straitAdvisories(now));
  put("delta-isac-misp.json", neighbourEvent(now, rng(10)));
  files.set("shadowserver.zip", reportsOfTheDay(now, rng(8)));
  files.set("maltrail.tar.gz", new Uint8Array(gzipSync(tar(trails(rng(7)), now))));
  for (const [name, body] of warninglists(now)) put(`warninglists/${name}.json`, body);
  return files;
};

/** Writes the feeds below `folder` and says which. */
export const writeFeeds = (folder: string, now: number, seed?: number): readonly string[] => {
  const files = makeFeeds(now, seed);
  for (const [name, bytes] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  return [...files.keys()];
};

const day = 86_400_000;
const iso = (time: number): string => new Date(time).toISOString();
/** "2026-11-19 03:12:44", UTC, as abuse.ch writes it. */
const spaced = (time: number): string => iso(time).slice(0, 19).replace("T", " ");

const badNetworks6: readonly string[] = Array.from(
  { length: 24 },
  (_, i) => `2001:db8:bad:${(0x10 + i * 7).toString(16)}::/64`,
);

// Feodo Tracker "botnet C2 IP blocklist", CSV
const feodo = (now: number, rng: Random): string => {
  const families = ["QakBot", "Emotet", "Pikabot", "Dridex", "TrickBot"];
  // The publisher's claims live two days after `last_online`: only what answered today or yesterday is still bad
  const row = (ip: string, port: number, family: string, daysAgo: number): string => {
    const first = now - rng.between(3, 90) * day - rng.between(0, day);
    const online = rng.next() < 0.7 ? "online" : "offline";
    return `"${spaced(first)}","${ip}","${port}","${online}","${iso(now - daysAgo * day).slice(0, 10)}","${family}"`;
  };
  const rows = Array.from({ length: 34 }, (_, i) =>
    row(`198.51.100.${30 + i}`, rng.pick([443, 8080, 995, 2222, 7080]), rng.pick(families), rng.between(0, 3)),
  );
  rows.splice(11, 0, row(bot.c2.ip, bot.c2.port, "QakBot", 0));
  rows.splice(23, 0, row(listedOwn.ip, listedOwn.port, "Emotet", 0));
  return [
    "################################################################",
    "# Botnet C2 IP blocklist (CSV), in the shape of Feodo Tracker  #",
    `# Last updated: ${spaced(now)} UTC                      #`,
    "# Sample of Harbour City: nothing in it exists                 #",
    "################################################################",
    "#",
    '"first_seen_utc","dst_ip","dst_port","c2_status","last_online","malware"',
    ...rows,
    `# END (${rows.length}) entries`,
    "",
  ].join("\r\n");
};

// ipsum: address, tab, number of lists that name it; most first
const ipsum = (now: number, rng: Random): string => {
  const rows: [string, number][] = scanners.map((ip) => [ip, rng.between(3, 9)]);
  rows.push([listedOwn.ip, 5]);
  // The careless ones: somebody listed a time server and a resolver because everybody talks to them
  rows.push([innocents.time.ip, 3], [innocents.resolver.ip, 3], [innocents.updates.ip, 3]);
  for (let last = 1; last < 20; last++) rows.push([`198.51.100.${last}`, rng.between(1, 4)]);
  rows.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return [
    "# Suspicious addresses, in the shape of ipsum",
    "# Sample of Harbour City: nothing in it exists",
    "#",
    `# Last update: ${new Date(now).toUTCString()}`,
    "#",
    "# IP\tnumber of (black)lists",
    "#",
    ...rows.map(([ip, lists]) => `${ip}\t${lists}`),
    "",
  ].join("\n");
};

const lures = [
  "login",
  "secure",
  "refund",
  "parcel",
  "verify",
  "account",
  "ebill",
  "pay",
  "portal",
  "support",
  "fine",
  "update",
];
const brands = [
  "harb0ur-bank",
  "ferry-pass",
  "tsingbay-parcel",
  "hc-revenue",
  "city-ehealth",
  "octopay",
  "harbour-post",
  "waterb1ll",
];
const ends = ["online", "verify", "help", "hk", "team", "notice", "center", "now"];
const badName = (rng: Random): string =>
  `${rng.pick(brands)}-${rng.pick(lures)}${rng.between(1, 9999)}-${rng.pick(ends)}.example`;

// Generic lines: a domain or a URL each, comments with #
const phishing = (now: number, rng: Random): string => {
  const lines = ["# Harbour City CERT phishing reports", `# written ${iso(now)}`, "# one domain or URL a line", ""];
  const names = new Set<string>();
  while (names.size < 620) names.add(badName(rng));
  const listed = [...names].flatMap((name, i) =>
    i % 3 === 0 ? [`https://${name}/${rng.pick(lures)}/${rng.hex(6)}`, name] : [name],
  );
  lines.push(...listed.slice(0, 400));
  lines.push("", "# reported today by several departments");
  for (const { domain, path, tls } of lookalikes) lines.push(domain, `${tls ? "https" : "http"}://${domain}${path}`);
  lines.push("", ...listed.slice(400), "");
  return lines.join("\n");
};

// Spamhaus DROP as NDJSON, with its trailer
const drop = (now: number, networks: readonly string[], rng: Random): string => {
  const rows = networks.map((cidr) =>
    JSON.stringify({ cidr, sblid: `SBL${rng.between(100_000, 699_999)}`, rir: "apnic" }),
  );
  const body = `${rows.join("\n")}\n`;
  return `${body}${JSON.stringify({
    type: "metadata",
    timestamp: Math.floor(now / 1000),
    size: body.length,
    records: rows.length,
    copyright: "sample of Harbour City, in the shape of the Spamhaus DROP list",
    terms: "nothing in it exists",
  })}\n`;
};

// STIX 2.1 bundle of the overseas partner
const { amber, "amber+strict": amberStrict } = markings;
const tlpExtension = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";

const stix = (now: number, rng: Random): string => {
  const id = (type: string): string => `${type}--${uuid(rng)}`;
  const made = iso(now - 2 * day);
  const author = id("identity");
  const qakbot = id("malware");
  const marking = (ref: string, tlp: string): object => ({
    type: "marking-definition",
    spec_version: "2.1",
    id: ref,
    created: "2022-10-01T00:00:00.000Z",
    name: `TLP:${tlp.toUpperCase()}`,
    extensions: { [tlpExtension]: { extension_type: "property-extension", tlp_2_0: tlp } },
  });
  const objects: object[] = [
    {
      type: "identity",
      spec_version: "2.1",
      id: author,
      created: made,
      modified: made,
      name: "Strait Republic CERT",
      identity_class: "organization",
    },
    marking(amber, "amber"),
    marking(amberStrict, "amber+strict"),
    {
      type: "malware",
      spec_version: "2.1",
      id: qakbot,
      created_by_ref: author,
      created: made,
      modified: made,
      name: "QakBot",
      malware_types: ["bot"],
      is_family: true,
      object_marking_refs: [amber],
    },
  ];
  const indicator = (name: string, pattern: string, markings: string, family: boolean): void => {
    const self = id("indicator");
    const since = iso(now - rng.between(1, 20) * day);
    objects.push({
      type: "indicator",
      spec_version: "2.1",
      id: self,
      created_by_ref: author,
      created: since,
      modified: since,
      name,
      indicator_types: ["malicious-activity"],
      labels: family ? ["qakbot"] : ["unattributed"],
      pattern,
      pattern_type: "stix",
      valid_from: since,
      valid_until: iso(now + 30 * day),
      confidence: family ? 85 : 55,
      object_marking_refs: [markings],
    });
    if (!family) return;
    objects.push({
      type: "relationship",
      spec_version: "2.1",
      id: id("relationship"),
      created_by_ref: author,
      created: since,
      modified: since,
      relationship_type: "indicates",
      source_ref: self,
      target_ref: qakbot,
      object_marking_refs: [markings],
    });
  };
  indicator("QakBot command server", `[domain-name:value = '${bot.c2.domain}']`, amber, true);
  for (let i = 0; i < 60; i++)
    indicator(
      "QakBot command server",
      `[domain-name:value = '${rng.hex(8)}.skiff-${rng.hex(4)}.example']`,
      amber,
      true,
    );
  for (let i = 0; i < 40; i++)
    indicator(
      "QakBot loader",
      `[file:hashes.'SHA-256' = '${rng.hex(64)}']`,
      rng.next() < 0.5 ? amber : amberStrict,
      true,
    );
  for (let i = 0; i < 30; i++)
    indicator("Victim notification host", `[ipv6-addr:value = '2001:db8:bad:f::${rng.hex(3)}']`, amberStrict, false);
  for (let i = 0; i < 20; i++)
    indicator("Panel", `[url:value = 'https://${badName(rng)}/panel/${rng.hex(4)}']`, amberStrict, false);
  return `${JSON.stringify({ type: "bundle", id: id("bundle"), objects }, null, 1)}\n`;
};

// maltrail's trails/static: a file a family, "#" comments at the head and behind values
const trails = (rng: Random): ReadonlyMap<string, string> => {
  const files = new Map<string, string>();
  const family = (path: string, alias: string, rows: readonly string[]): void =>
    void files.set(
      `trails/static/${path}.txt`,
      ["# Sample of Harbour City: nothing in it exists", "", alias, "", ...rows, ""].join("\n"),
    );
  const domains = (count: number, word: string): string[] =>
    Array.from(
      { length: count },
      () => `${word}-${rng.hex(6)}.${rng.pick(["cdn", "api", "sync", "img"])}-${rng.hex(5)}.example`,
    );
  family("malware/qakbot", "# Aliases: qbot, pinkslipbot", [
    ...domains(120, "q"),
    `${bot.c2.domain} # seen since Monday`,
    `${bot.c2.ip}:${bot.c2.port}`,
  ]);
  family("malware/emotet", "# Aliases: geodo, heodo", domains(140, "em"));
  family("malware/pikabot", "# Aliases: pika", domains(90, "pk"));
  family("malware/android_flubot", "# Aliases: fedex banker", domains(110, "fb"));
  family("suspicious/dynamic_domain", "# Names that anybody can have", [
    ...domains(60, "dyn"),
    // The careless ones: what every sandbox talks to, bad or not
    innocents.updates.domain,
    innocents.time.domain,
    innocents.time.ip,
    innocents.updates.ip,
    innocents.resolver.ip,
  ]);
  return files;
};

// MISP warninglists: what is not bad, whoever says so
const warninglists = (now: number): readonly (readonly [string, string])[] => {
  const version = Number(iso(now).slice(0, 10).replaceAll("-", ""));
  const list = (name: string, type: string, attributes: readonly string[], values: readonly string[]): string =>
    `${JSON.stringify({ description: `${name}: sample of Harbour City`, list: values, matching_attributes: attributes, name, type, version }, null, 2)}\n`;
  const hosts = ["hostname", "domain", "domain|ip", "url"];
  const addresses = ["ip-src", "ip-dst", "domain|ip"];
  const { time, updates, resolver } = innocents;
  return [
    [
      "software-updates",
      list("Update servers of software makers", "hostname", hosts, [updates.domain, "packages.softhaven.example"]),
    ],
    ["time-servers", list("Public time servers", "hostname", hosts, [time.domain])],
    [
      "time-server-addresses",
      list("Addresses of time and update servers", "cidr", addresses, [`${time.ip}/32`, `${updates.ip}/32`]),
    ],
    [
      "public-resolvers",
      list("Public DNS resolvers", "cidr", addresses, [`${resolver.ip}/32`, "2001:db8:cafe:53::53/128"]),
    ],
    ["public-resolver-names", list("Names of public DNS resolvers", "hostname", hosts, [resolver.domain])],
  ];
};

// node -C source sample/make-feeds.ts FOLDER
if (import.meta.main) {
  const folder = process.argv[2] ?? "sample-feeds";
  for (const name of writeFeeds(folder, Date.now())) console.log(join(folder, name));
}
