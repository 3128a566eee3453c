import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import type { Scope } from "#community/visibility.ts";
import { parseGrade } from "#core/grade.ts";
import { day, type Instant, instant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import { alikeness } from "#intel/search-alike.ts";
import { searchSteps } from "#intel/search-steps.ts";
import { indicatorId } from "#intel/indicator.ts";
import type { ClaimRow } from "#intel/ports.ts";
import { indexSearch } from "#jobs/search/index.ts";
import type { SearchFilter } from "#jobs/search/port.ts";
import { migrate } from "#store/migrate.ts";
import { migrations } from "#store/migrations/index.ts";
import { openState } from "#store/open.ts";
import { searchViews } from "#store/search.ts";
import { stateOf } from "#store/state.ts";
import { figure } from "./figure.ts";

// Search over two million listed values of eight sources (two of them above AMBER or in shadow) and a ninth of 2,000 GREEN ones,
// as staff, as a member, as a partner and as anybody: the time of the first page of 50 with its rows, per way of asking, each
// asked 60 times with other words after 5 unmeasured ones; half of the words are in the store, half are rare or absent.
// Every reader asks the same. WAGLAN_BENCH=quick: 200,000 values.
const total = process.env["WAGLAN_BENCH"] === "quick" ? 200_000 : 2_000_000;
const batch = 40_000;
const rounds = 60;
const warm = 5;
const now = instant(Date.parse("2026-11-21T08:00:00Z"));
const secret = "bench";

let seed = 42;
/** Numbers that are the same in every run (mulberry32). */
const random = (below: number): number => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
};
const pick = <T>(from: readonly T[]): T => from[random(from.length)] as T;
const hex = (digits: number): string => Array.from({ length: digits }, () => random(16).toString(16)).join("");
const brands = ["paypal", "harbourbank", "microsoft", "transport", "citygov", "netflix", "dropbox", "telegram"];
const words = ["login", "secure", "update", "cdn", "mail", "portal", "verify", "account", "files", "static"];
const ends = ["com", "net", "org", "top", "xyz", "co.uk", "com.hk", "info"];
const labels = [
  "emotet",
  "qakbot",
  "c2",
  "phishing",
  "釣魚網站",
  "勒索軟件",
  "botnet",
  "malware",
  "scanner",
  "asyncrat",
];
const letters = (length: number): string => Array.from({ length }, () => String.fromCharCode(97 + random(26))).join("");
const name = (): string => {
  const own = random(4) === 0 ? `${pick(brands)}-${pick(words)}${random(1000)}` : letters(6 + random(8));
  return `${random(3) === 0 ? `${pick(words)}.` : ""}${own}.${pick(ends)}`;
};
const address = (): string => `${1 + random(222)}.${random(256)}.${random(256)}.${random(256)}`;
const value = (): Observable => {
  const nth = random(20);
  if (nth < 8) return { kind: "domain", value: name() };
  if (nth < 14) return { kind: "ipv4", value: address() };
  if (nth < 17)
    return { kind: "url", value: `http://${random(3) === 0 ? address() : name()}/${pick(words)}/${hex(6)}.php` };
  if (nth < 19) return { kind: "sha256", value: hex(64) };
  return random(10) === 0
    ? { kind: "cidr", value: `${1 + random(222)}.${random(256)}.${random(256)}.0/24` }
    : { kind: "ipv6", value: `2001:db8:${hex(3)}a:${hex(3)}b::${hex(3)}c` };
};
const few = { id: "feed-8", tlp: "green", values: 2_000 } as const;
const feeds = Array.from(
  { length: 8 },
  (_, at) => ({ id: `feed-${at}`, tlp: at === 6 ? "red" : at % 3 === 0 ? "clear" : "amber" }) as const,
);
const grade = parseGrade("B2");
if (!grade.ok) throw new Error("no grade");

const folder = mkdtempSync(join(tmpdir(), "wgl-"));
const db = await openState({ dataDir: folder }, { applicationName: "bench" });
try {
  await migrate(db.sql, migrations);
  const state = stateOf(db.sql);
  for (const [at, { id }] of [...feeds, few].entries()) {
    await state.act((tx) => tx.intel.feed({ id, liveDays: 30, voice: "alert" }, at === 7));
    await db.sql`update feed_state set last_good = ${new Date(now)}, state = 'healthy' where feed = ${id}`;
  }
  const known: Observable[] = [];
  let began = performance.now();
  const merge = async (feed: (typeof feeds)[number] | typeof few, many: number): Promise<void> => {
    const rows = new Map<string, ClaimRow>();
    while (rows.size < many) {
      const observable = value();
      const id = indicatorId(secret, observable);
      const seenAt = (now - random(90) * day) as Instant;
      rows.set(id, {
        ...{ id, observable, parts: ["list"], seenAt, grade: grade.value, flags: [] },
        ...{ tlp: feed.tlp, pap: "clear", licence: "own", labels: random(3) === 0 ? [] : [pick(labels)] },
      });
      if (known.length < 5000 && random(400) === 0) known.push(observable);
    }
    await state.act((tx) => tx.intel.merge(feed.id, [...rows.values()], now));
  };
  for (let done = 0; done < total; done += batch)
    await merge(feeds[Math.floor((done / total) * feeds.length)] as (typeof feeds)[number], batch);
  await merge(few, few.values);
  figure("search: values merged", total / ((performance.now() - began) / 1000), "values/s", "");
  began = performance.now();
  for (;;) {
    const turn = await indexSearch(state);
    if (turn === undefined) break;
  }
  figure(
    "search: taken into the search tables, behind the merge",
    total / ((performance.now() - began) / 1000),
    "values/s",
    "",
  );
  await db.sql`vacuum analyze`;
  const [size] = await db.sql`select pg_total_relation_size('search_value')::bigint as bytes`;
  figure("search: table and indexes", (size?.["bytes"] as number) / total, "bytes/value", "");

  const views = searchViews(db.sql);
  const staff: Scope = { all: true, groups: [], own: [], clientsOf: [], audience: "staff", red: false };
  const member: Scope = { ...staff, all: false, audience: "member" };
  const partner: Scope = { ...member, audience: "partner" };
  const anybody: Scope = { ...member, audience: "public" };
  const of = (kind: Observable["kind"]): readonly string[] =>
    known.filter((one) => one.kind === kind).map((one) => one.value);
  const [names, addresses] = [of("domain"), of("ipv4")];
  const odd = (at: number): boolean => at % 2 === 1;
  const ways: readonly (readonly [string, (at: number) => string, Partial<SearchFilter>?])[] = [
    ["exact, defanged", (at) => (odd(at) ? pick(names).replaceAll(".", "[.]") : `${letters(12)}.example`)],
    [
      "names below a suffix",
      (at) => (odd(at) ? pick(["com.hk", "co.uk"].map((end) => `${pick(words)}.${end}`)) : pick(names)),
    ],
    ["networks, both ways", (at) => (odd(at) ? `${1 + random(222)}.${random(256)}.0.0/16` : pick(addresses))],
    ["IPv6 networks", () => `2001:db8:${hex(3)}a::/48`],
    ["part of a value", (at) => (odd(at) ? `*${pick(brands)}-${pick(words)}*` : `*${hex(5)}*`)],
    ["part, three letters", () => letters(3)],
    ["part, in half of all", () => pick([".com", "http", ".php", "login"])],
    [
      "look-alikes",
      (at) => (odd(at) ? pick(["paypa1-login7.com", "harbourbannk.com", "micros0ft.net"]) : letters(9) + ".com"),
    ],
    ["words of labels", () => pick(["emotet", "qakbot", "botnet", "cobaltstrike"])],
    ["Chinese words", () => pick(["勒索", "釣魚", "軟件", "網站"])],
    ["part, one source, alive", () => pick(words), { feed: "feed-2", alive: true }],
    ["a source and a kind, since a week", () => "", { feed: "feed-4", kind: "url", since: (now - 7 * day) as Instant }],
    ["anything, alive", () => "", { alive: true }],
    ["exact, names alone", () => pick(names), { kind: "domain" }],
    ["anything marked as few are", () => "", { tlp: "green" }],
    ["part, marked as few are", () => pick(words), { tlp: "green" }],
  ];
  for (const [who, scope] of [
    ["staff", staff],
    ["member", member],
    ["partner", partner],
    ["anybody", anybody],
  ] as const)
    for (const [way, text, filter] of ways) {
      const times: number[] = [];
      let rows = 0;
      seed = way.length;
      for (let at = 0; at < rounds + warm; at++) {
        const steps = searchSteps(
          text(at),
          (one) => [indicatorId(secret, one)],
          () => [],
          alikeness,
        );
        const start = performance.now();
        const page = await views.search(scope, { steps, filter: { alive: false, ...filter }, limit: 50, now });
        rows += (
          await views.indicatorsSeen(
            scope,
            page.found.map((one) => one.id),
            now,
          )
        ).length;
        if (at >= warm) times.push(performance.now() - start);
      }
      times.sort((a, b) => a - b);
      figure(
        `search as ${who}: ${way}`,
        times[Math.floor(rounds * 0.5)] ?? 0,
        `ms p50 (${Math.round(rows / times.length)} rows)`,
        "",
      );
      figure(`search as ${who}: ${way}`, times[Math.floor(rounds * 0.95)] ?? 0, "ms p95", "<= 50");
    }
  // by the clock, so what else the machine did counts
  figure("search: load of the machine", loadavg()[0] ?? 0, "processes", "");
} finally {
  await db.close();
  rmSync(folder, { recursive: true, force: true });
}
