import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Scope } from "#community/visibility.ts";
import { parseGrade } from "#core/grade.ts";
import { instant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import { readValue } from "#core/recognise.ts";
import { readLookUp, writeLookUp } from "#http/look-up-lines.ts";
import { usualDecay } from "#intel/decay.ts";
import { buildExclusions } from "#intel/exclusions.ts";
import { indicatorId } from "#intel/indicator.ts";
import { buildMatchIndex } from "#intel/match-index.ts";
import type { ClaimRow } from "#intel/ports.ts";
import { fromMemory, lookUp } from "#jobs/look-up.ts";
import { migrate } from "#store/migrate.ts";
import { migrations } from "#store/migrations/index.ts";
import { openState } from "#store/open.ts";
import { searchViews } from "#store/search.ts";
import { stateOf } from "#store/state.ts";
import { figure } from "./figure.ts";

// Batch look-up of 100,000 values (four names, four addresses, a URL, a hash of ten; 1 in 100 listed) against a million
// listed ones. "proper": canonical values through the match index, hits named; "read and looked up": from text;
// "answered": with the claims of the hits from PostgreSQL; "end to end": bytes of NDJSON in, bytes of NDJSON out, all but the socket.
const listed = 1_000_000;
const asked = 100_000;
const inState = 20_000;
const now = instant(Date.parse("2026-11-21T08:00:00Z"));
let seed = 7;
/** Numbers that are the same in every run (mulberry32). */
const random = (below: number): number => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
};
const value = (nth: number): Observable => {
  if (nth % 10 < 4) return { kind: "domain", value: `www.x${random(2 ** 31).toString(36)}.bad${random(100_000)}.com` };
  if (nth % 10 < 8) return { kind: "ipv4", value: `${1 + random(222)}.${random(256)}.${random(256)}.${random(256)}` };
  if (nth % 10 === 8) return { kind: "url", value: `http://h${random(2 ** 31).toString(36)}.example/${random(1000)}` };
  return {
    kind: "sha256",
    value: Array.from({ length: 8 }, () =>
      random(2 ** 32)
        .toString(16)
        .padStart(8, "0"),
    ).join(""),
  };
};
const idOf = (one: Observable): string => indicatorId("bench", one);
const known = Array.from({ length: listed }, (_, nth) => value(nth));
const index = buildMatchIndex(
  known.map((observable, id) => ({ id, observable })),
  new TextEncoder().encode("bench"),
  listed,
);
const texts = Array.from(
  { length: asked },
  (_, nth) => (nth % 100 === 0 ? known[random(inState)] : value(nth))?.value ?? "",
);
const canonical = texts.map((text) => {
  const read = readValue(text);
  return read.ok ? read.value.observable : undefined;
});
const body = new TextEncoder().encode(texts.join("\n"));
/** Values a second of the quickest of six rounds: of this thread's CPU time, or of the clock where state is asked. */
const best = async (work: () => unknown, wall = false): Promise<number> => {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 6; round++) {
    const began = [performance.now(), process.threadCpuUsage()] as const;
    await work();
    const { user, system } = process.threadCpuUsage(began[1]);
    least = Math.min(least, wall ? performance.now() - began[0] : (user + system) / 1000);
  }
  return asked / (least / 1000);
};

const grade = parseGrade("B2");
if (!grade.ok) throw new Error("no grade");
const folder = mkdtempSync(join(tmpdir(), "wgl-"));
const db = await openState({ dataDir: folder }, { applicationName: "bench" });
try {
  await migrate(db.sql, migrations);
  const state = stateOf(db.sql);
  await state.act((tx) => tx.intel.feed({ id: "list", liveDays: 30, voice: "alert" }, false));
  await db.sql`update feed_state set last_good = ${new Date(now)}`;
  const rows = new Map<string, ClaimRow>();
  for (const observable of known.slice(0, inState)) {
    const id = idOf(observable);
    rows.set(id, {
      ...{ id, observable, parts: ["list"], seenAt: now, grade: grade.value, labels: ["c2"], flags: [], tlp: "green" },
      ...{ pap: "clear", licence: "own" },
    });
  }
  await state.act((tx) => tx.intel.merge("list", [...rows.values()], now));
  await db.sql`vacuum analyze`;
  const member: Scope = { all: false, groups: [], own: [], clientsOf: [], audience: "member", red: false };
  const exclusions = buildExclusions([]);
  const looking = {
    ...{ index: () => index, indicatorId: idOf, exclusions: () => exclusions },
    ...{ views: searchViews(db.sql), decay: usualDecay },
  };
  figure(
    "look-up proper: memory, hits named",
    await best(() => fromMemory(index, canonical, idOf)),
    "values/CPU-s",
    ">= 500,000",
  );
  figure(
    "look-up: read from text and looked up",
    await best(() =>
      fromMemory(
        index,
        texts.map((text) => {
          const read = readValue(text);
          return read.ok ? read.value.observable : undefined;
        }),
        idOf,
      ),
    ),
    "values/CPU-s",
    "",
  );
  let hits = 0;
  figure(
    "look-up: answered, with claims of hits",
    await best(async () => {
      hits = (await lookUp(looking, member, texts, now)).filter((one) => one.known).length;
    }, true),
    "values/s",
    "",
  );
  figure("look-up: known", hits, `of ${asked}`, `>= ${asked / 100}`);
  figure(
    "look-up: end to end, NDJSON in and out",
    await best(async () => {
      const values = readLookUp(body);
      if (!values.ok) throw new Error(values.problem.message);
      return new TextEncoder().encode(writeLookUp(await lookUp(looking, member, values.value, now), "en"));
    }, true),
    "values/s",
    "",
  );
} finally {
  await db.close();
  rmSync(folder, { recursive: true, force: true });
}
