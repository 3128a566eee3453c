import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { instant } from "#core/instant.ts";
import { type Fact, settingsOf } from "#detect/behaviour.ts";
import { behaviours } from "#detect/behaviours.ts";
import { networks } from "#detect/networks.ts";
import { FactsOfBatch } from "#jobs/batches/facts.ts";
import { unpackCheckpoint, packCheckpoint } from "#jobs/partitions/checkpoint.ts";
import { packFacts, unpackFacts } from "#jobs/batches/facts-pack.ts";
import { formats } from "#telemetry/index.ts";
import { aMonth, benignDay } from "./benign-month.ts";
import { nowhere, told } from "./behaviour-world.ts";
import { eveLine } from "./eve-lines.ts";
import { knocking, leaking, tunnelling } from "./trouble.ts";

const week = { ...aMonth, people: 5, days: 4 };
const start = aMonth.start;

/** Days in which nothing bad happens, and what does. */
const facts: readonly Fact[] = [
  ...Array.from({ length: week.days }, (_, day) => benignDay(week, day)).flat(),
  ...leaking(start + 2.5 * 86_400_000),
  ...knocking(start + 2 * 86_400_000),
  ...tunnelling(start + 3 * 86_400_000),
].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));

const eve = (): (typeof formats)[number] => {
  const format = formats.find(({ id }) => id === "suricata-eve");
  ok(format);
  return format;
};

test("a behaviour says the same of the facts it reads as of all of them", () => {
  for (const behaviour of behaviours) {
    const values = settingsOf(behaviour.settings);
    const read = facts.flatMap((fact) => {
      const how = behaviour.reads(fact, nowhere.own, values);
      return how === "nothing" ? [] : how === "ends" && fact.http ? { ...fact, http: {} } : fact;
    });
    ok(read.length < facts.length, behaviour.id);
    // as text: a difference of thousands of hits is nothing to print
    equal(textOf(told(behaviour, read)), textOf(told(behaviour, facts)), behaviour.id);
  }
});

test("facts are the same when they were packed and unpacked", () => {
  const some = facts
    .filter((_, n) => n % 7 === 0)
    .map((fact, n) => ({ ...fact, id: `fact-${String(n).padStart(11, "0")}` }));
  const said = { id: "r", title: "A rule", severity: "high" as const, tactics: ["impact"], attack: ["T1486"] };
  const sent = some.map((fact, n): Fact => (n % 50 === 0 ? { ...fact, said: [said] } : fact));
  const matched = [
    { rule: "r", time: instant(start), id: "x", line: 3, fields: { User: "chan", Count: 3 }, host: "ws-1" },
  ];
  const body = packFacts({ facts: sent, matched });
  const got = unpackFacts(body, { sensor: "office", from: "7" });
  ok(got.ok);
  deepEqual(got.value.matched, matched);
  const plain = sent.map(({ measures: { bytesOut, bytesIn }, dns, ...fact }) => ({
    ...fact,
    ...(dns
      ? {
          dns: {
            query: dns.query,
            ...(dns.type ? { type: dns.type } : {}),
            ...(dns.rcode ? { rcode: dns.rcode } : {}),
          },
        }
      : {}),
    ...{ sensor: "office", from: "7" },
    measures: { ...(bytesOut === undefined ? {} : { bytesOut }), ...(bytesIn === undefined ? {} : { bytesIn }) },
  }));
  equal(got.value.facts.length, plain.length);
  for (const [n, fact] of got.value.facts.entries()) deepEqual({ ...fact }, { ...plain[n] });
  equal(unpackFacts(body.slice(0, -3), { sensor: "", from: "" }).ok, false);
});

test("FactsOfBatch keeps what somebody reads, and an account as the field policy has it", () => {
  const format = eve();
  const hash = (value: string): string => `h-${value.length}`;
  const gather = new FactsOfBatch(behaviours, networks(), format, hash);
  const reader = format.open({});
  const lines = [
    eveLine({ ...facts[0], ...flow("10.20.1.5", "198.51.100.7", 443, 900, 400) }, 1),
    // inside the house, answered in full: nobody asks for it
    eveLine({ ...facts[0], ...flow("10.20.1.5", "10.20.0.10", 445, 90_000, 900_000) }, 2),
    eveLine({ ...facts[0], ...flow("192.0.2.7", "10.20.0.13", 443, 900, 900) }, 3),
  ];
  for (const [n, text] of lines.entries()) {
    const read = reader.parse(text);
    ok(read?.ok);
    gather.add(read.value, text, n + 1);
  }
  const kept = gather.end();
  ok(kept);
  equal(kept.facts, 1);
  const got = unpackFacts(kept.body, { sensor: "edge", from: "1" });
  deepEqual(got.ok && got.value.facts.map(({ line, source }) => [line, source?.address]), [[1, "10.20.1.5"]]);

  const sessions = new FactsOfBatch(behaviours, networks(), { ...format, policy: { who: "hash" } }, hash);
  for (const [n, account] of ["Chan", "ws-1$"].entries())
    sessions.add(
      {
        ...{
          time: instant(start),
          event: "logon",
          fields: { who: account },
          seen: [],
          measures: {},
          source: "10.1.0.5",
        },
        session: { account, outcome: "failure" },
      },
      `line ${n}`,
      n + 1,
    );
  const packed = sessions.end();
  const hidden = packed && unpackFacts(packed.body, { sensor: "", from: "" });
  deepEqual(hidden?.ok && hidden.value.facts.map(({ session }) => session?.account), ["h-4"]);
  equal(new FactsOfBatch(behaviours, networks(), format, hash).end(), undefined);
});

test("one wrong stamp does not say where a batch ends", () => {
  const gather = new FactsOfBatch(behaviours, networks(), eve(), String);
  const reader = eve().open({});
  for (let n = 0; n < 40; n++) {
    const at = n === 39 ? Date.UTC(2099, 0, 1) : start + n * 1000;
    const text = eveLine(
      { ...flow("10.20.1.5", "198.51.100.7", 443, 900, 400), time: instant(at), at: instant(at) },
      n,
    );
    const read = reader.parse(text);
    ok(read?.ok);
    gather.add(read.value, text, n + 1);
  }
  const newest = gather.end()?.newest ?? 0;
  ok(newest > start && newest <= start + 38_000);
});

test("a checkpoint is the same when it was packed and unpacked, however long its lists are", () => {
  const long = Array.from({ length: 3000 }, (_, n) => [`key ${n}`, { times: [n, n + 1], of: `a\nb ${n}` }] as const);
  const state = { a: { b: long, c: [], d: {}, e: null, f: "x" }, g: [[1, { h: long }]], i: 3 };
  deepEqual(unpackCheckpoint(packCheckpoint(state)), JSON.parse(JSON.stringify(state)));
});

const textOf = (hits: readonly object[]): string => JSON.stringify(hits);

const flow = (from: string, to: string, port: number, bytesOut: number, bytesIn: number) => ({
  ...{ time: instant(start), at: instant(start + 1000), source: { address: from, port: 50_000 } },
  ...{ destination: { address: to, port }, measures: { bytesOut, bytesIn } },
});
