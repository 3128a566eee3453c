import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { loadavg } from "node:os";
import { Worker } from "node:worker_threads";
import { makeToken } from "#community/token.ts";
import { parseGrade } from "#core/grade.ts";
import { instant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import { readValue } from "#core/recognise.ts";
import { buildMatchIndex } from "#intel/match-index.ts";
import type { ClaimRow } from "#intel/ports.ts";
import { acts } from "#jobs/acts/acts.ts";
import { fromMemory } from "#jobs/search/look-up.ts";
import { accounts } from "#store/accounts.ts";
import { deskOf } from "#wiring/desk.ts";
import { openWaglan } from "#wiring/waglan.ts";
import { openHttp } from "#http/server.ts";
import { prepare } from "../test/crash-harness.ts";
import { figure } from "./figure.ts";

// Batch look-up of 100,000 values (four names, four addresses, a URL, a hash of ten; 1 in 100 listed) against a million
// listed ones. "proper": canonical values through the match index, hits named; "read and looked up": from text; "over a socket": POST
// /api/v1/indicators/look-up on loopback by a client in a thread of its own, NDJSON and a JSON array, checked answer by answer,
// with the claims of the hits from PostgreSQL: by the clock, and by the CPU time of the server's thread.
const listed = 1_000_000;
const asked = 100_000;
const inState = 20_000;
const now = instant(Date.now());
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
const prepared = await prepare("off");
const waglan = await openWaglan(prepared.config);
const loops = waglan.loops(() => {});
const desk = deskOf(waglan, loops);
const idOf = desk.listed.indicatorId;
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
/** Values a CPU-second of this thread, of the quickest of six rounds. */
const best = (work: () => unknown): number => {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 6; round++) {
    const began = process.threadCpuUsage();
    work();
    const { user, system } = process.threadCpuUsage(began);
    least = Math.min(least, (user + system) / 1000);
  }
  return asked / (least / 1000);
};

const grade = parseGrade("B2");
if (!grade.ok) throw new Error("no grade");
const { sql } = waglan.database;
const http = await openHttp({
  acts: acts({ ...desk, listed: { ...desk.listed, index: () => index } }),
  portal: prepared.config.data,
  policy: { styles: [], trustedTypes: [] },
  security: { contacts: ["mailto:security@cert.example"], languages: ["en"] },
  version: "0.0.0",
});

/** Posts the body again and again from another thread and counts what came back. */
const client = `
  const { request, Agent } = require("node:http");
  const { workerData, parentPort } = require("node:worker_threads");
  const { port, token, type, body } = workerData;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const once = () => new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, agent, method: "POST", path: "/api/v1/indicators/look-up",
      headers: { authorization: "Bearer " + token, "content-type": type, "content-length": body.byteLength } }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => resolve({ status: answer.statusCode, body: Buffer.concat(parts) }));
    });
    asked.on("error", reject);
    asked.end(body);
  });
  parentPort.on("message", async () => {
    const began = performance.now();
    const { status, body: answer } = await once();
    const ms = performance.now() - began;
    let lines = 0, known = 0;
    for (let at = answer.indexOf(10); at >= 0; at = answer.indexOf(10, at + 1)) lines++;
    for (let at = answer.indexOf('"known":true'); at >= 0; at = answer.indexOf('"known":true', at + 1)) known++;
    parentPort.postMessage({ status, lines, known, ms });
  });
`;

interface Answered {
  readonly status: number;
  readonly lines: number;
  readonly known: number;
  readonly ms: number;
}

try {
  await waglan.state.act((tx) => tx.intel.feed({ id: "list", liveDays: 30, voice: "alert" }, false));
  await sql`update feed_state set last_good = ${new Date(now)}`;
  const rows = new Map<string, ClaimRow>();
  for (const observable of known.slice(0, inState)) {
    const id = idOf(observable);
    rows.set(id, {
      ...{ id, observable, parts: ["list"], seenAt: now, grade: grade.value, labels: ["c2"], flags: [], tlp: "green" },
      ...{ pap: "clear", licence: "own" },
    });
  }
  await waglan.state.act((tx) => tx.intel.merge("list", [...rows.values()], now));
  await sql`vacuum analyze`;
  figure(
    "look-up proper: memory, hits named",
    best(() => fromMemory(index, canonical, idOf)),
    "values/CPU-s",
    ">= 500,000",
  );
  figure(
    "look-up: read from text and looked up",
    best(() =>
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
  const member = waglan.directory.known.directory.organisations.find((one) => one.kind === "member" && !one.shadow);
  if (!member) throw new Error("the community has no member out of shadow");
  const made = makeToken(randomBytes(37));
  await sql.begin((tx) =>
    accounts(tx).putToken(
      {
        ...{ id: "bench", prefix: made.prefix, kind: "party", organisation: member.id, title: "bench" },
        ...{ permissions: ["indicators.read"], made: waglan.now() },
      },
      made.hash,
    ),
  );
  const port = Number(new URL(await http.listen("127.0.0.1", 0)).port);
  for (const [name, type, text] of [
    ["NDJSON", "application/x-ndjson", texts.join("\n")],
    ["a JSON array", "application/json", JSON.stringify(texts)],
  ] as const) {
    const body = Buffer.from(text);
    const worker = new Worker(client, { eval: true, workerData: { port, token: made.text, type, body } });
    const times: { readonly ms: number; readonly cpu: number }[] = [];
    for (let round = 0; round < 14; round++) {
      const began = process.threadCpuUsage();
      worker.postMessage("go");
      const [answer] = (await once(worker, "message")) as [Answered];
      const { user, system } = process.threadCpuUsage(began);
      if (answer.status !== 200 || answer.lines !== asked || answer.known < asked / 100)
        throw new Error(`answered ${JSON.stringify(answer)}`);
      times.push({ ms: answer.ms, cpu: (user + system) / 1000 });
    }
    await worker.terminate();
    const least = (of: (one: (typeof times)[number]) => number): number => Math.min(...times.map(of));
    const middle = times.map(({ ms }) => ms).sort((a, b) => a - b)[times.length >> 1] ?? 0;
    const load = (loadavg()[0] ?? 0).toFixed(1);
    figure(
      `look-up over a socket, ${name}: by the clock, best of 14`,
      asked / (least(({ ms }) => ms) / 1000),
      `values/s, load ${load}`,
      ">= 500,000",
    );
    figure(
      `look-up over a socket, ${name}: by the clock, median`,
      asked / (middle / 1000),
      `values/s, load ${load}`,
      "",
    );
    figure(
      `look-up over a socket, ${name}: server's thread`,
      asked / (least(({ cpu }) => cpu) / 1000),
      "values/CPU-s",
      ">= 500,000",
    );
  }
} finally {
  await http.close();
  await loops.stop();
  await waglan.close();
  rmSync(prepared.config.data, { recursive: true, force: true });
}
