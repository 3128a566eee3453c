import { createHash } from "node:crypto";
import type { TestContext } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Sql } from "postgres";
import type { Agreement } from "#community/agreement.ts";
import type { Sensor } from "#community/sensor.ts";
import { day, type Instant, instant } from "#core/instant.ts";
import type { Licence, Tlp } from "#core/marking.ts";
import { type Observable, observableKey } from "#core/observable.ts";
import { networks } from "#detect/networks.ts";
import { buildExclusions, type Exclusions } from "#intel/exclusions.ts";
import { indicatorId } from "#intel/indicator.ts";
import { buildMatchIndex } from "#intel/match-index.ts";
import { BatchRules, type RuleTexts } from "#jobs/batches/rules.ts";
import { BatchThreads } from "#jobs/batches/threads.ts";
import { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import { fieldHash, fieldKeyOf } from "#jobs/batches/field-hash.ts";
import { type Matching, matchTelemetry } from "#jobs/batches/match-telemetry.ts";
import { parcelFormat, type ParcelContent, type ParcelHead, parcelKey, printParcel } from "#jobs/sensors/parcel.ts";
import type { State } from "#jobs/ports.ts";
import { matchBatch } from "#jobs/batches/read.ts";
import { giveKnowledge, type Giving } from "#jobs/sensors/knowledge.ts";
import type { KnowledgeLine, KnownValue } from "#jobs/sensors/wire.ts";
import { spokenRules } from "#jobs/rules/spoken.ts";
import { loadPack } from "#detect/sigma/packs.ts";
import { stateOf } from "#store/state.ts";
import { views } from "#store/views.ts";
import { formats } from "#telemetry/index.ts";
import { caughtUp, testDatabase } from "./cluster.ts";
import { community, emptyDirectory, idOf, now, o, organisation } from "./incident-world.ts";

/** Of this deployment, as `store/secrets.ts` makes one. */
export const secret = "5e".repeat(32);

export const sensorOf = (key: string): Sensor =>
  ({
    ...{ id: `s-${key}`, key: `edge-${key}`, organisation: o(key), title: `Edge of ${key}` },
    ...{ format: "suricata-eve", networks: ["10.20.0.0/16", "192.0.2.0/24"] },
  }) as unknown as Sensor;

export interface Claim {
  readonly feed: string;
  readonly observable: Observable;
  readonly tlp?: Tlp;
  readonly licence?: Licence;
  readonly liveUntil?: Instant;
}

/** A waglan with sensors inside its members, from both ends. */
export interface SensorWorld {
  readonly sql: Sql;
  readonly state: State;
  readonly matching: Matching;
  readonly giving: Giving;
  readonly clock: { now: Instant };
  readonly excluded: { values: readonly Observable[] };
  readonly directory: DirectoryMemory;
  readonly feed: (id: string, voice: "alert" | "corroborate" | "context", shadow?: boolean) => Promise<void>;
  readonly claim: (claims: readonly Claim[]) => Promise<void>;
  /** Its source takes it back. */
  readonly withdraw: (feed: string, observable: Observable) => Promise<void>;
  /** Raw records, as any sensor sends them. */
  readonly bringRaw: (of: string, key: string, body: Uint8Array) => ReturnType<typeof matchTelemetry>;
  /** What a sensor inside makes of the same records. */
  readonly look: (of: string, body: Uint8Array, listed: readonly Observable[]) => readonly ParcelContent[];
  readonly bring: (
    of: string,
    number: number,
    content: readonly ParcelContent[],
    some?: Partial<ParcelHead>,
  ) => Promise<Brought>;
  /** Any bytes at all. */
  readonly bringBytes: (of: string, key: string, packed: Uint8Array) => Promise<Brought>;
  readonly know: (of: string, since?: string) => Promise<Known>;
}

export type Brought = Awaited<ReturnType<typeof matchTelemetry>> & { readonly kind?: string };

export interface Known {
  readonly bytes: string;
  readonly lines: readonly KnowledgeLine[];
  readonly cursor: string;
  readonly full: boolean;
}

export const openSensorWorld = async (
  t: TestContext,
  some: {
    readonly agreements?: readonly Agreement[];
    readonly rules?: RuleTexts;
    readonly listed?: readonly Observable[];
  } = {},
): Promise<SensorWorld> => {
  const { sql } = await testDatabase(t);
  const state = stateOf(sql);
  const clock = { now };
  await state.act((tx) =>
    tx.community.put(
      {
        ...emptyDirectory,
        organisations: ["harbour", "tram"].map((key) => organisation(key)),
        sensors: ["harbour", "tram"].map(sensorOf),
        agreements: [...(some.agreements ?? [])],
      },
      now,
    ),
  );
  const directory = new DirectoryMemory(state);
  await directory.refresh();
  const index = buildMatchIndex(
    (some.listed ?? []).map((observable, id) => ({ id, observable })),
    Buffer.from(secret, "hex"),
  );
  const threads = new BatchThreads(1, secret, () => index, { rules: () => some.rules });
  t.after(() => threads.close());
  const texts = some.rules ?? { version: 0, packs: [], decisions: [] };
  const packs = texts.packs.map(({ name, files }) => loadPack(name, files));
  const excluded: { values: readonly Observable[] } = { values: [] };
  const exclusions = (): Exclusions => {
    const base = buildExclusions([], { allow: ["198.51.100.0/24", "203.0.113.0/24"] });
    const keys = new Set(excluded.values.map(observableKey));
    return {
      ...base,
      excluded: (one) => (keys.has(observableKey(one)) ? { list: "test", title: "test" } : base.excluded(one)) as never,
    };
  };
  const matching: Matching = {
    ...{ state, threads, directory, community, secret, now: () => clock.now },
    ...{ contacted: () => "infected-system" as const, exclusions },
    spoken: spokenRules(() => ({ packs, texts })),
  };
  const giving: Giving = {
    ...{ state, views: views(sql), known: () => directory.known, exclusions, secret, idOf },
    exclusionsNamed: () => excluded.values.map(observableKey).join(" "),
  };
  const rules = some.rules === undefined ? undefined : new BatchRules(some.rules);
  const accept = (of: string, key: string, body: Uint8Array, format?: string) =>
    state.act((tx) =>
      tx.telemetry.accept(
        {
          ...{ sensor: sensorOf(of).id, key, body, received: clock.now },
          digest: createHash("sha256").update(body).digest("hex"),
          ...(format === undefined ? {} : { format }),
        },
        1000,
      ),
    );
  const bringBytes: SensorWorld["bringBytes"] = async (of, key, packed) => {
    const { kind } = await accept(of, key, packed, parcelFormat);
    const made = await matchTelemetry(matching);
    return { ...made, kind } as Brought;
  };
  return {
    ...{ sql, state, matching, giving, clock, excluded, directory, bringBytes },
    feed: async (id, voice, shadow = false) => {
      await state.act((tx) => tx.intel.feed({ id, liveDays: 9, voice }, shadow));
    },
    claim: async (claims) => {
      for (const { feed, observable, tlp = "green", licence = "own", liveUntil } of claims)
        await state.act((tx) =>
          tx.intel.merge(
            feed,
            [
              {
                ...{ id: indicatorId(secret, observable), observable, parts: [""], seenAt: clock.now },
                ...{ grade: { source: "B", statement: 2 }, labels: [], flags: [], tlp, pap: "clear", licence },
                liveUntil: liveUntil ?? instant(clock.now + 9 * day),
              },
            ],
            clock.now,
          ),
        );
      await caughtUp(sql);
    },
    withdraw: async (feed, observable) => {
      await state.act((tx) => tx.intel.delist(feed, "", [indicatorId(secret, observable)], clock.now));
      await caughtUp(sql);
    },
    bringRaw: async (of, key, body) => {
      await accept(of, key, gzipSync(body));
      return matchTelemetry(matching);
    },
    look: (of, body, listed) => {
      const format = formats.find(({ id }) => id === "suricata-eve");
      if (format === undefined) throw new Error("no format");
      const seen = matchBatch(
        {
          ...{ body, format, own: networks(sensorOf(of).networks), received: clock.now },
          hash: fieldHash(fieldKeyOf(secret, sensorOf(of).organisation)),
        },
        buildMatchIndex(
          listed.map((observable, id) => ({ id, observable })),
          Buffer.from("of the sensor alone"),
        ),
        rules,
      );
      return [
        ...seen.matches.map((match) => ({ match })),
        ...seen.ruled.map((ruled) => ({ ruled })),
        ...seen.ruledAside.map(({ rule, ...rest }) => ({ day: { kind: "rule" as const, value: rule, ...rest } })),
      ];
    },
    bring: (of, number, content, head = {}) => {
      const text = printParcel({ version: 1, number, made: clock.now, sensor: sensorOf(of).key, ...head }, content);
      return bringBytes(of, parcelKey({ number, ...head }), gzipSync(text));
    },
    know: async (of, since) => {
      const given = await giveKnowledge(giving, sensorOf(of), since, clock.now);
      if (given === undefined) throw new Error("nothing was given");
      const bytes = gunzipSync(Buffer.concat(given.packed)).toString();
      const lines = bytes
        .trimEnd()
        .split("\n")
        .map((one) => JSON.parse(one) as KnowledgeLine);
      return { bytes, lines, cursor: given.cursor, full: given.full };
    },
  };
};

/** What a sensor has after it did these lines on what it had. */
export const applied = (
  had: ReadonlyMap<string, KnownValue>,
  { lines, full }: Pick<Known, "lines" | "full">,
): ReadonlyMap<string, KnownValue> => {
  const has = new Map(full ? [] : had);
  for (const line of lines) {
    if ("add" in line) has.set(observableKey(line.add), line.add);
    if ("drop" in line && !has.delete(observableKey(line.drop))) throw new Error("dropped what it never had");
  }
  return has;
};
