import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import type { Sql } from "postgres";
import { parseCidr } from "#core/cidr.ts";
import { day, instant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import type { Sensor } from "#community/sensor.ts";
import { clientHistory } from "#history/client-history.ts";
import { type EmbeddedHistory, startHistoryEngine } from "#history/embedded.ts";
import type { History } from "#history/history.ts";
import { fingerprintKey } from "#intel/fingerprint.ts";
import { indicatorId } from "#intel/indicator.ts";
import { BatchThreads } from "#jobs/batches/threads.ts";
import { DirectoryMemory, worthOf } from "#jobs/community/directory-memory.ts";
import { huntChanges, type Hunting } from "#jobs/hunt/hunt.ts";
import { Fingerprint64 } from "#jobs/history/value-fingerprint.ts";
import { keepHistory } from "#jobs/history/keep.ts";
import { MatchMemory } from "#jobs/batches/match-memory.ts";
import { type Matching, matchTelemetry } from "#jobs/batches/match-telemetry.ts";
import type { State } from "#jobs/ports.ts";
import { streamLive } from "#store/intel.ts";
import { stateOf } from "#store/state.ts";
import { caughtUp, testDatabase } from "./cluster.ts";
import { community, emptyDirectory, now, o, organisation } from "./incident-world.ts";

const chdb = ((): boolean => {
  try {
    import.meta.resolve("chdb");
    return true;
  } catch {
    return false;
  }
})();
/** Why tests of hunting do not run here; false: they do. */
export const skip = chdb ? false : "the optional package chdb is not installed";

export const secret = randomBytes(32).toString("hex");
const folder = mkdtempSync(join(tmpdir(), "waglan-hunt-test-"));
let engine: EmbeddedHistory;
/** Open from before the first test to after the last. */
export let history: History;
before(async () => {
  if (!chdb) return;
  engine = await startHistoryEngine(folder);
  history = clientHistory(engine);
  await history.migrate({ underLock: (work) => work(new Map(), async () => {}) });
});
after(async () => {
  if (chdb) await history.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Forgets all that is kept. */
export const emptied = async (): Promise<void> => {
  for (const table of ["seen", "observation", "observation_day", "value_cover", "record", "head"])
    await engine.client().command({ query: `truncate table ${table}` });
};

/** What is kept, as it was before: a row a value, and IPv4 addresses by their hashes and what covered them. */
export const keptAsBefore = async (): Promise<void> => {
  const client = engine.client();
  const run = (query: string): Promise<unknown> => client.command({ query });
  const of = new Fingerprint64(fingerprintKey(Buffer.from(secret)));
  const asked = await client.query({
    query: `select distinct one as value, organisation, toString(toStartOfMonth(time)) as month
      from seen array join value.text as one, splitByChar(' ', shape) as part where startsWith(part, 'ipv4@')`,
    format: "JSONEachRow",
  });
  const addresses = await asked.json<{ value: string; organisation: string; month: string }>();
  if (addresses.length === 0) return;
  const forms = new Map(
    addresses.map(({ value }) => [of.of({ kind: "ipv4", value }), of.ofBefore({ kind: "ipv4", value }) ?? 0n]),
  );
  const [after, before] = [[...forms.keys()], [...forms.values()]].map(
    (some) => `[${some.map((n) => `toUInt64(${n})`).join(",")}]`,
  );
  await run(`insert into observation select time, organisation, sensor, splitByChar('@', part)[1], text,
      transform(print, ${after}, ${before}, print), splitByChar('@', part)[2], direction, port, batch, line, nth - 1
    from seen array join splitByChar(' ', shape) as part, value.text as text, value.fingerprint as print,
      value.port as port, arrayEnumerate(value.text) as nth`);
  await run("truncate table seen");
  for (const [table, columns] of [
    ["observation_day", ["fingerprint"]],
    ["value_cover", ["fingerprint", "cover"]],
  ] as const) {
    const old = columns.map((one) => `transform(${one}, ${after}, ${before}, ${one}) as ${one}`).join(", ");
    await run(`create table as_before engine = Memory as select * replace(${old}) from ${table}`);
    await run(`truncate table ${table}`);
    await run(`insert into ${table} select * from as_before`);
    await run("drop table as_before");
  }
  const covers = addresses.flatMap(({ value, organisation: whose, month }) =>
    [24, 16].map((prefix) => {
      const network = parseCidr(`${value}/${prefix}`);
      assert.ok(network.ok);
      return `(${of.of(network.value)}, ${of.ofBefore({ kind: "ipv4", value })}, '${month}', '${whose}')`;
    }),
  );
  await run(`insert into value_cover (cover, fingerprint, month, organisation) values ${covers.join(",")}`);
};

export const rowsIn = async (table: "record" | "head" | "seen" | "observation"): Promise<number> => {
  const result = await engine.client().query({ query: `select count() as n from ${table}`, format: "JSONEachRow" });
  return Number((await result.json<{ n: string }>())[0]?.n);
};

/** A waglan of two members with a sensor each, as it matches, keeps and hunts. */
export interface World {
  readonly sql: Sql;
  readonly state: State;
  readonly hunting: Hunting;
  readonly bring: (sensor: number, lines: readonly object[]) => Promise<void>;
  /** A log as it stands, of a format. */
  readonly bringText: (sensor: number, text: string, format: string) => Promise<void>;
  readonly matchAll: () => Promise<void>;
  readonly keepAll: () => Promise<void>;
  readonly learn: (some: readonly Observable[], voice?: "list" | "quiet") => Promise<void>;
  /** Until nothing is left to hunt. @returns hits of each turn */
  readonly huntAll: () => Promise<readonly number[]>;
  readonly empty: () => Promise<void>;
}

const sensors = ["harbour", "tram"].map(
  (key): Sensor =>
    ({
      ...{ id: `s-${key}`, key: `edge-${key}`, organisation: o(key), title: key },
      ...{ format: "suricata-eve", networks: ["192.0.2.0/24"] },
    }) as unknown as Sensor,
);

/** @param options worth: assets weigh what the directory says they are worth */
export const worldOf = async (t: TestContext, options: { readonly worth?: boolean } = {}): Promise<World> => {
  const { sql } = await testDatabase(t);
  const state = stateOf(sql);
  await state.act((tx) =>
    tx.community.put(
      { ...emptyDirectory, organisations: ["harbour", "tram"].map((key) => organisation(key)), sensors },
      now,
    ),
  );
  const directory = new DirectoryMemory(state);
  await directory.refresh();
  const memory = new MatchMemory(
    state,
    (at, each) => streamLive(sql, at, each),
    Buffer.from(secret, "hex"),
    { excluded: () => undefined, size: 0, problems: [] },
    { about: "test", read: async () => undefined, write: async () => {} },
  );
  const threads = new BatchThreads(1, secret, () => memory.index);
  t.after(() => threads.close());
  const matching: Matching = {
    ...{ state, threads, directory, secret, now: () => now },
    community:
      options.worth === true
        ? { ...community, worth: (of, asset, at) => worthOf(directory.known, of, asset, at) }
        : community,
    contacted: () => "infected-system",
  };
  const hunting: Hunting = { ...matching, past: history };
  let batches = 0;
  const feeds = async (): Promise<void> => {
    await state.act(async (tx) => {
      await tx.intel.feed({ id: "list", liveDays: 9, voice: "alert" }, false);
      await tx.intel.feed({ id: "quiet", liveDays: 9, voice: "corroborate" }, false);
    });
  };
  await feeds();
  const accept = async (sensor: number, text: string, format?: string): Promise<void> => {
    const key = `batch-${batches++}`;
    const named = format === undefined ? {} : { format };
    const body = gzipSync(text);
    await state.act((tx) =>
      tx.telemetry.accept(
        { ...{ sensor: sensors[sensor]?.id ?? "", key, digest: key, received: now, body }, ...named },
        1000,
      ),
    );
  };
  return {
    ...{ sql, state, hunting },
    bring: (sensor, lines) => accept(sensor, lines.map((line) => JSON.stringify(line)).join("\n")),
    bringText: accept,
    matchAll: async () => {
      await caughtUp(sql);
      await memory.build(now);
      while ((await matchTelemetry(matching)) !== undefined);
    },
    keepAll: async () => {
      while ((await keepHistory({ state, threads, directory, history, now: () => now })) !== undefined);
    },
    learn: async (some, feed = "list") => {
      await state.act((tx) =>
        tx.intel.merge(
          feed,
          some.map((observable) => ({
            ...{ id: indicatorId(secret, observable), observable, parts: [""], seenAt: now },
            ...{ grade: { source: "B", statement: 2 }, labels: [], flags: [], tlp: "green", pap: "clear" },
            ...{ licence: "own", liveUntil: instant(now + 9 * day) },
          })),
          now,
        ),
      );
    },
    huntAll: async () => {
      const hits: number[] = [];
      await caughtUp(sql);
      for (;;) {
        const hunted = await huntChanges(hunting);
        if (hunted === undefined) return hits;
        assert.equal(hunted.kind, "hunted");
        hits.push(hunted.hits);
      }
    },
    empty: async () => {
      await sql`truncate feed_state, claim, indicator, hunted_indicator, intel_change, telemetry_batch, finding, incident, hit, background, queue, evidence_leaf cascade`;
      await sql`delete from deployment where key like 'reader:%'`;
      await feeds();
    },
  };
};

/** As EVE writes a time so many minutes before `now`. */
export const stamp = (minutes: number): string => new Date(now - minutes * 60_000).toISOString().replace("Z", "+0000");

/** One of ours reached for `them`. */
export const flow = (them: string, minutes: number, us = "192.0.2.10"): object => ({
  ...{ timestamp: stamp(minutes), event_type: "flow", proto: "TCP", src_ip: us, src_port: 40_000 },
  ...{ dest_ip: them, dest_port: 443, flow: { bytes_toserver: 1 } },
});
