import { deepEqual, equal, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { hour, instant, minute } from "#core/instant.ts";
import type { Fact } from "#detect/behaviour.ts";
import { ask } from "./acts-world.ts";
import { endLeases, openPartitionWorld, type PartitionWorld, settle, silence } from "./partition-world.ts";
import { beaconing, knocking, leaking, tunnelling } from "./trouble.ts";

const start = Date.UTC(2026, 10, 19, 0);

/** A place is learnt; more than a day later data leaks, a program calls home, a door is tried, names carry data. */
const everything: readonly Fact[] = [
  ...leaking(start, "10.20.1.40", "198.51.100.9").slice(0, 3),
  ...leaking(start + 26 * hour).slice(0, 60),
  ...beaconing(start + 26 * hour),
  ...knocking(start + 27 * hour),
  ...tunnelling(start + 27.5 * hour),
];

const four = ["behaviour:beacon", "behaviour:dns-tunnel", "behaviour:exfiltration", "behaviour:port-scan"];

const undisturbed = async (world: PartitionWorld): Promise<Awaited<ReturnType<PartitionWorld["hits"]>>> => {
  const only = world.process("only");
  await world.play(everything, 20 * minute, () => settle(only));
  await silence(world, only);
  return world.hits();
};

test("a leak, a beacon, a scan and a tunnel speak live, in shadow, with their lines and reasons", async (t) => {
  const world = await openPartitionWorld(t);
  const hits = await undisturbed(world);
  deepEqual([...new Set(hits.map(({ source }) => source))].sort(), four);
  const leak = hits.find(({ source }) => source === "behaviour:exfiltration");
  ok(leak && leak.time - (start + 26 * hour) <= hour, `${((leak?.time ?? 0) - start) / minute - 26 * 60} minutes`);
  const [row] =
    await world.sql`select f.asset, f.veiled, f.problem_type as type, h.evidence, h.noticed, h.direction, h.file
    from hit h join finding f on f.n = h.finding where 'behaviour:exfiltration' = any(h.sources)`;
  deepEqual(
    [row?.["asset"], row?.["veiled"], row?.["type"], row?.["direction"]],
    ["10.20.1.22", true, "data-leak", "outbound"],
  );
  equal(String(row?.["evidence"]).split("\n").length, 5);
  ok(String(row?.["evidence"]).includes("198.51.100.205"));

  const [lo, chan] = [await world.viewer("lo"), await world.viewer("chan")];
  const seen = await world.acts.findings(lo, { view: "shadow", limit: 10 }, ask);
  ok(seen.ok);
  const about = seen.value.findings.find(({ problem }) => problem.type === "data-leak");
  ok(about);
  const detail = await world.acts.finding(lo, about.id, ask);
  ok(detail.ok);
  ok(
    detail.value.because.some(({ text }) => /^10\.20\.1\.22 sent 8\.9\sGB within an hour/.test(text)),
    JSON.stringify(detail.value.because),
  );
  const theirs = await world.acts.findings(chan, { view: "open", limit: 10 }, ask);
  deepEqual(theirs.ok && theirs.value.findings, []);

  // a person lets it speak: the next one is told
  const speaks = await world.acts.doSource(lo, "behaviour:exfiltration", { act: "speak", reason: "it was right" }, ask);
  ok(speaks.ok);
  const only = world.process("next");
  await world.play(leaking(start + 34 * hour, "10.20.1.99", "198.51.100.207").slice(0, 40), 10 * minute, () =>
    settle(only),
  );
  await silence(world, only);
  const open = await world.acts.findings(chan, { view: "open", limit: 10 }, ask);
  deepEqual(open.ok && open.value.findings.map(({ asset }) => asset), ["10.20.1.99"]);
});

test("of two processes one is killed again and again; the other goes on, nothing is lost and nothing doubled", async (t) => {
  const wanted = await undisturbed(await openPartitionWorld(t));
  const world = await openPartitionWorld(t);
  const [first, second] = [world.process("first"), world.process("second")];
  let turns = 0;
  await world.play(everything, 20 * minute, async () => {
    turns++;
    const [one, other] = turns % 4 < 2 ? [first, second] : [second, first];
    // whoever stands still while its lease ends finds the other in its place
    if (turns % 2 === 0) await endLeases(world);
    await settle(one);
    if (turns % 3 === 0) await settle(other);
  });
  await silence(world, first, second);
  await silence(world, first, second);
  deepEqual(await world.hits(), wanted);
  const [row] = await world.sql`select fence from detect_partition`;
  ok(Number(row?.["fence"]) > 4, "it changed hands");
});

test("who lost its lease can commit nothing", async (t) => {
  const world = await openPartitionWorld(t);
  const [stale, fresh] = [world.process("stale"), world.process("fresh")];
  await world.play(everything.slice(0, 3), 20 * minute, () => settle(stale));
  equal(stale.held.length, 1);
  const [before] = await world.sql`select taken, fence from detect_partition`;
  await endLeases(world);
  await fresh.turn();
  equal(fresh.held.length, 1);
  await world.play(everything.slice(3, 40), 10 * minute, async () => {});
  await stale.turn();
  deepEqual(stale.held, []);
  const [after] = await world.sql`select taken, fence, holder from detect_partition`;
  deepEqual(
    [after?.["taken"], after?.["fence"], after?.["holder"]],
    [before?.["taken"], Number(before?.["fence"]) + 1, "fresh"],
  );
  // and renewing tells it as well
  await endLeases(world);
  await stale.turn();
  await fresh.renew();
  deepEqual([stale.held.length, fresh.held.length], [1, 0]);
});

test("facts stay until a checkpoint is past them; a checkpoint nobody can read is said and left aside", async (t) => {
  const world = await openPartitionWorld(t);
  const one = world.process("one");
  const rows = async (): Promise<number> =>
    Number((await world.sql`select count(*)::int as n from batch_facts`)[0]?.["n"]);
  await world.deliver([
    '{"timestamp":"2026-11-19T08:00:00.000Z","event_type":"flow","src_ip":"10.20.1.1","src_port":1,"dest_ip":"198.51.100.3","dest_port":443,"proto":"TCP","flow":{"bytes_toserver":1,"bytes_toclient":1}}',
  ]);
  equal(await rows(), 1);
  await one.turn();
  equal(await rows(), 1, "read, and behind no checkpoint");
  // its body is kept as long, for the evidence
  equal(await world.desk.state.act((tx) => tx.telemetry.forget(instant(world.clock.now + hour))), 0);
  await one.close();
  equal(await rows(), 0);
  await world.sql`update telemetry_batch set stored = matched`;
  equal(await world.desk.state.act((tx) => tx.telemetry.forget(instant(world.clock.now + hour))), 1);

  await world.sql`update detect_partition set checkpoint = '\\x00112233445566', struck = now() - interval '9 days'`;
  world.clock.now = instant(Date.now());
  const two = world.process("two");
  await two.turn();
  await world.deliver([
    '{"timestamp":"2026-11-19T09:00:00.000Z","event_type":"flow","src_ip":"10.20.1.1","src_port":1,"dest_ip":"198.51.100.3","dest_port":443,"proto":"TCP","flow":{"bytes_toserver":1,"bytes_toclient":1}}',
  ]);
  await two.turn();
  const [standing] = await world.desk.state.act((tx) => tx.partitions.standing());
  equal(standing?.problem?.code, "WGL_PARTITION_STATE");
  equal(standing?.fresh, 0);
});

test("a body that cannot be read is said, and stalls nobody", async (t) => {
  const world = await openPartitionWorld(t);
  const one = world.process("one");
  await world.deliver([
    '{"timestamp":"2026-11-19T08:00:00.000Z","event_type":"flow","src_ip":"10.20.1.1","src_port":1,"dest_ip":"198.51.100.3","dest_port":443,"proto":"TCP","flow":{"bytes_toserver":1,"bytes_toclient":1}}',
  ]);
  await world.sql`update batch_facts set body = '\\x0011'`;
  await settle(one);
  const [standing] = await world.desk.state.act((tx) => tx.partitions.standing());
  deepEqual([standing?.problem?.code, standing?.fresh], ["WGL_FACTS_BODY", 0]);
});

const stage = (n: number, tactic: string, level: string): string => `title: Stage ${n}
id: 0000000${n}-0000-4000-8000-000000000000
status: stable
tags: [attack.${tactic}]
logsource: { category: dns }
detection: { a: { query: stage-${n}.parks.example }, condition: a }
level: ${level}
`;

test("an intrusion of seven hours speaks within its first; while its rules are in shadow, to staff alone", async (t) => {
  const stages = [
    "initial-access",
    "execution",
    "persistence",
    "credential-access",
    "lateral-movement",
    "exfiltration",
  ];
  const files = Object.fromEntries(
    stages.map((tactic, n) => [`${n}.yml`, stage(n, tactic, n === 0 || n >= 3 ? "high" : "medium")]),
  );
  const world = await openPartitionWorld(t, files);
  const one = world.process("one");
  const lo = await world.viewer("lo");
  const intruding = (from: number, source: string): readonly Fact[] =>
    [0, 8, 21, 38, 160, 415].map((minutes, n) => ({
      ...(tunnelling(from + minutes * minute, source)[0] as Fact),
      dns: { query: `stage-${n}.parks.example`, type: "A" },
    }));
  await world.play(intruding(start + 10 * hour, "10.20.4.31"), 20 * minute, () => settle(one));
  await silence(world, one);
  const told = async (): Promise<readonly unknown[]> =>
    (
      await world.sql`select f.asset, f.veiled, h.time from hit h join finding f on f.n = h.finding where 'behaviour:intrusion' = any(h.sources) order by h.time`
    ).map((row) => [row["asset"], row["veiled"], (row["time"] as number) - (start + 10 * hour) <= hour]);
  deepEqual(await told(), [["10.20.4.31", true, true]]);
  for (const source of [
    "behaviour:intrusion",
    ...stages.slice(0, 4).map((_, n) => `rule:0000000${n}-0000-4000-8000-000000000000`),
  ])
    ok((await world.acts.doSource(lo, source, { act: "speak", reason: "well tried" }, ask)).ok, source);
  await world.play(intruding(start + 40 * hour, "10.20.4.32"), 20 * minute, () => settle(one));
  await silence(world, one);
  deepEqual((await told()).slice(1), [["10.20.4.32", false, false]]);
});

test("a process that is killed in the middle of its work leaves nothing undone and nothing twice", async (t) => {
  const wanted = await undisturbed(await openPartitionWorld(t));
  const world = await openPartitionWorld(t);
  await world.play(everything, 20 * minute, async () => {});
  const { host, port, path, user, database } = world.sql.options as unknown as Record<string, unknown>;
  const child = spawn(
    process.execPath,
    [
      "-C",
      "source",
      fileURLToPath(new URL("partition-child.ts", import.meta.url)),
      JSON.stringify({ host, port, path, user, database, now: world.clock.now }),
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  for await (const said of child.stdout) if (String(said).includes("took")) break;
  child.kill("SIGKILL");
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  const [row] = await world.sql`select taken, checkpointed from detect_partition`;
  ok(Number(row?.["taken"]) > 0, "it had begun");
  await endLeases(world);
  const other = world.process("other");
  await settle(other);
  await silence(world, other);
  deepEqual(await world.hits(), wanted);
});
