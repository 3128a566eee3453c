import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import type { Asset } from "#community/asset.ts";
import type { Directory } from "#community/directory.ts";
import { after, hour, type Instant, instant, printInstant } from "#core/instant.ts";
import { lenient } from "#core/value-policy.ts";
import { readFeed } from "#feeds/read.ts";
import { feed } from "#feeds/shadowserver/feed.ts";
import { collect } from "#jobs/collect/collect.ts";
import { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import { joinReports } from "#jobs/inventory/join-reports.ts";
import type { State } from "#jobs/ports.ts";
import type { Community } from "#jobs/findings/record-hits.ts";
import { migrate } from "#store/migrate.ts";
import { migrations } from "#store/migrations/index.ts";
import { openState } from "#store/open.ts";
import { stateOf } from "#store/state.ts";
import { figure } from "./figure.ts";
import { serverCpu } from "./server-cpu.ts";

/**
 * The first day of a nation: 100,000 rows of Shadowserver's reports about 100 organisations (two services on 200
 * addresses of each) are 40,000 findings, on our own PostgreSQL as it is for operators, durable. The same again the next
 * day, when every one of them is known. WAGLAN_BENCH=quick takes a fifth.
 */
const organisations = process.env["WAGLAN_BENCH"] === "quick" ? 20 : 100;
const rowsEach = 1000;
const addressesEach = 200;
const services = ["telnet", "rdp"] as const;
const today = instant(Date.parse("2026-11-20T06:00:00Z"));

/** RFC 2544: a network of benchmarks; 198.18.N.0/24 is the Nth organisation's. */
const addressOf = (n: number): string =>
  `198.18.${Math.floor(n / addressesEach) % organisations}.${1 + (n % addressesEach)}`;

/** A service's rows in the order of their times, the addresses in none. */
const csvOf = (service: string, day: Instant): Uint8Array => {
  const rows = (organisations * rowsEach) / services.length;
  const addresses = organisations * addressesEach;
  const lines = Array.from({ length: rows }, (_, at) => {
    const time = printInstant(after(day, Math.floor((at * 20 * hour) / rows)))
      .slice(0, 19)
      .replace("T", " ");
    const ip = addressOf((at * 7919) % addresses);
    return `"${time}","medium","${ip}","tcp",${2300 + (at % 3)},"host-${(at * 7919) % addresses}.member.example","${service}",64500,"HK","HONG KONG","CENTRAL",0,"ptr","Government","Router|Login: session ${at}"`;
  });
  return Buffer.from(
    `timestamp,severity,ip,protocol,port,hostname,tag,asn,geo,region,city,naics,hostname_source,sector,banner\n${lines.join("\n")}\n`,
  );
};

const directory: Directory = {
  community: { names: { en: "CERT" }, zone: "UTC" },
  organisations: Array.from({ length: organisations }, (_, n) => ({
    ...{ id: `o${n}` as Asset["organisation"], key: `o${n}`, names: { en: `Member ${n}` }, kind: "member" as const },
    ...{ languages: ["en" as const], clientOf: [], shadow: false, zone: "UTC", since: instant(0) },
  })),
  assets: Array.from({ length: organisations }, (_, n) => ({
    ...{ id: `a${n}` as Asset["id"], organisation: `o${n}` as Asset["organisation"], kind: "network" as const },
    ...{ value: `198.18.${n}.0/24`, from: instant(0), proof: "staff" as const, worth: "normal" as const },
  })),
  ...{ people: [], sensors: [], groups: [], agreements: [] },
};

const community: Community = {
  shadow: () => false,
  worth: () => "normal",
  idOf: (kind, key) => {
    const hex = createHash("sha256").update(`${kind}\0${key}`).digest("hex");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
  },
};

const folder = mkdtempSync(join(tmpdir(), "wgl-"));
const db = await openState({ dataDir: folder }, { applicationName: "bench" });
await migrate(db.sql, migrations);

/** The longest transaction since it was last asked, in seconds. */
let longest = 0;
const plain = stateOf(db.sql);
const state: State = {
  ...plain,
  act: async (work) => {
    const began = performance.now();
    try {
      return await plain.act(work);
    } finally {
      longest = Math.max(longest, (performance.now() - began) / 1000);
    }
  },
};
const pid = db.embedded?.pid() ?? 0;

interface Spent {
  readonly took: number;
  readonly cpu: number;
  readonly server: number;
  readonly longest: number;
}
const spend = async (work: () => Promise<void>): Promise<Spent> => {
  longest = 0;
  const [began, before, serverBefore] = [performance.now(), process.cpuUsage(), serverCpu(pid)];
  await work();
  const { user, system } = process.cpuUsage(before);
  const took = (performance.now() - began) / 1000;
  return { took, cpu: (user + system) / 1e6, server: serverCpu(pid) - serverBefore, longest };
};

const memory = new DirectoryMemory(state);
const take = (day: Instant) =>
  spend(async () => {
    for (const service of services) {
      const file = `${printInstant(day).slice(0, 10)}-scan_${service}-nation.csv`;
      const now = after(day, 24 * hour);
      const turn = await collect(
        { state, secret: "bench", policy: { ...lenient, now }, shadow: false, now, elapsed: () => performance.now() },
        feed,
        csvOf(service, day),
        file,
      );
      if (turn?.state !== "healthy") throw new Error(`turn of ${file}: ${turn?.state} ${turn?.reason?.message}`);
    }
  });
const tell = async (day: Instant) => {
  const sum = { opened: 0, hits: 0 };
  const spent = await spend(async () => {
    for (;;) {
      const turn = await joinReports({ state, directory: memory, community, now: () => after(day, 24 * hour) });
      if (turn === undefined) throw new Error("somebody else is joining");
      sum.opened += turn.opened;
      sum.hits += turn.hits;
      if (!turn.more && turn.reports === 0) return;
    }
  });
  return { ...sum, ...spent };
};

try {
  await state.act((tx) => tx.community.put(directory, instant(0)));
  await memory.refresh();
  const rows = organisations * rowsEach;

  const read = performance.now();
  for (const service of services)
    readFeed(feed, csvOf(service, today), `2026-11-20-scan_${service}-nation.csv`, {
      ...lenient,
      now: after(today, 24 * hour),
    });
  const reading = (performance.now() - read) / 1000;

  const first = await take(today);
  figure("reports: read alone", rows / reading, "rows/s", "");
  figure("reports: a first day collected, durable", rows / first.took, "rows/s", "≥ 15,000");
  figure("reports: a row, our CPU and the server's", (1000 * (first.cpu + first.server)) / rows, "CPU-ms", "");
  figure("reports: of that the server's", (1000 * first.server) / rows, "CPU-ms", "");
  figure("reports: longest transaction of that", first.longest, "s", "≤ 2");
  const found = await tell(today);
  if (found.opened !== organisations * addressesEach * services.length)
    throw new Error(`${found.opened} findings, wanted ${organisations * addressesEach * services.length}`);
  figure("findings: new ones on a first day", found.opened, "findings", "");
  figure(
    "findings: recorded, with incidents, history and alerts queued",
    found.opened / found.took,
    "findings/s",
    "≥ 1,000",
  );
  figure(
    "findings: a new one, our CPU and the server's",
    (1000 * (found.cpu + found.server)) / found.opened,
    "CPU-ms",
    "",
  );
  figure("findings: longest transaction", found.longest, "s", "≤ 2");

  const tomorrow = after(today, 24 * hour);
  const second = await take(tomorrow);
  figure("reports: the next day collected", rows / second.took, "rows/s", "≥ 15,000");
  const again = await tell(tomorrow);
  figure("findings: seen again the next day", again.hits / again.took, "hits/s", "");
  figure("findings: longest transaction of that", again.longest, "s", "≤ 2");
  // rates are by the clock, so what else the machine did counts; CPU-ms hardly know of it
  figure("findings: load of the machine", loadavg()[0] ?? 0, "processes", "");
} finally {
  await db.close();
  rmSync(folder, { recursive: true, force: true });
}
