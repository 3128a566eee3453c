import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { makeToken } from "#community/token.ts";
import { instant } from "#core/instant.ts";
import type { Tlp } from "#core/marking.ts";
import { loadPack } from "#detect/sigma/packs.ts";
import { buildExclusions } from "#intel/exclusions.ts";
import { acts as actsOf } from "#jobs/acts/acts.ts";
import type { Desk } from "#jobs/acts/desk.ts";
import { type Matching, matchTelemetry } from "#jobs/batches/match-telemetry.ts";
import { readEdgeConfig } from "#jobs/edge/edge-config.ts";
import { acceptCarried, carryToSensor, readCarriedParcel } from "#jobs/sensors/carry.ts";
import type { RuleMemory } from "#jobs/rules/memory.ts";
import { spokenRules } from "#jobs/rules/spoken.ts";
import { runSensor } from "#wiring/sensor.ts";
import { type ActsWorld, openActsWorld } from "./acts-world.ts";
import { event } from "./sensor-edge-department.ts";
import { emptyFolder } from "./sensor-edge-world.ts";
import { openTestHttp } from "./sensor-http.ts";

/** A record of a question to DNS. */
export const asked = (n: number, name: string): string =>
  event(n, "203.0.113.53", { src_ip: "10.20.4.31", event_type: "dns", dns: { type: "query", id: 7, rrname: name } });

/** A sensor as its command runs it, and the acts of its centre. */
export interface AskedWorld extends ActsWorld {
  readonly log: string;
  /** Folders of rules, by name. */
  readonly rules: Map<string, { readonly tlp: Tlp; readonly texts: readonly string[] }>;
  /** The sensor runs once, and what it sent is taken in. */
  readonly run: () => Promise<void>;
  /** The same over a one-way link: a file is carried to it, and its parcels are carried back. */
  readonly carry: () => Promise<void>;
}

export const openAskedWorld = async (t: TestContext): Promise<AskedWorld> => {
  const world = await openActsWorld(t);
  world.clock.now = instant(Date.now());
  const rules: AskedWorld["rules"] = new Map();
  let version = 0;
  const held = () => {
    const folders = [...rules].map(([name, { tlp, texts }]) => {
      const files = texts.map((text, nth) => ({ path: `${name}-${nth}.yml`, text }));
      return { name, tlp, good: loadPack(name, files) };
    });
    const packs = folders.map(({ good }) => good);
    const texts = folders.map(({ name, good }) => ({ name, files: good.files }));
    return { folders, packs, texts: { version: ++version, packs: texts, decisions: [] } };
  };
  const memory = {
    get packs() {
      return held().packs;
    },
    get texts() {
      return held().texts;
    },
  } as unknown as RuleMemory;
  const { state, directory, idOf, now } = world.desk;
  const secret = "5e".repeat(32);
  const desk: Desk = {
    ...{ ...world.desk, rules: memory },
    sensors: {
      ...{ secret, version: "0.3.0", exclusionsNamed: () => "none", exclusions: () => buildExclusions([], {}) },
      rules: held,
    },
  };
  const matching = {
    ...{ state, directory, secret, contacted: () => "other" as const, now, spoken: spokenRules(held) },
    community: { shadow: () => false, worth: () => "normal" as const, idOf },
  } as unknown as Matching;
  const acts = actsOf(desk);
  const http = await openTestHttp(t, { ...world, desk, acts }, makeToken);
  const folder = emptyFolder();
  writeFileSync(join(folder, "token"), `${await http.tokenOf("edge", "sensor")}\n`);
  const log = join(folder, "eve.json");
  writeFileSync(log, "");
  const takeIn = async (): Promise<void> => {
    world.clock.now = instant(Date.now());
    while ((await matchTelemetry(matching)) !== undefined);
  };
  const runOnce = async (line: Parameters<typeof readEdgeConfig>[1]): Promise<void> => {
    const config = readEdgeConfig(undefined, { sensor: "edge", data: join(folder, "data"), follow: [log], ...line });
    assert.ok(config.ok);
    await runSensor({
      ...{ config: config.value, cwd: folder, program: "0.0.0", once: true, say: () => {} },
      ...{ stop: new AbortController().signal, tell: (wrong) => assert.fail(wrong.message) },
    });
  };
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  return {
    ...{ ...world, desk, acts, log, rules },
    run: async () => {
      await runOnce({ server: http.address, tokenFile: join(folder, "token") });
      await takeIn();
    },
    carry: async () => {
      const sensor = directory.known.directory.sensors.find(({ key }) => key === "edge");
      assert.ok(sensor && desk.sensors);
      const carrying = {
        ...{ state, idOf, ...desk.sensors, views: desk.views, known: () => directory.known },
        sign: (text: string) => sign(null, Buffer.from(text), privateKey).toString("base64"),
        publicKey: publicKey.export({ type: "spki", format: "pem" }) as string,
      };
      const made = await carryToSensor(carrying, sensor, now());
      assert.ok(made);
      const [knowledge, out] = [join(folder, "for-edge.gz"), join(folder, "out")];
      writeFileSync(knowledge, Buffer.concat(made.packed));
      await runOnce({ knowledge, out });
      world.clock.now = instant(Date.now());
      for (const name of readdirSync(out).toSorted()) {
        const read = await readCarriedParcel(readFileSync(join(out, name)), now());
        assert.ok(read.ok);
        assert.ok((await acceptCarried(state, sensor, read.value, 100, now, async () => {})).ok);
      }
      await takeIn();
    },
  };
};
