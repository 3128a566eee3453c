import assert from "node:assert/strict";
import { test } from "node:test";
import type { Agreement } from "#community/agreement.ts";
import { memberTerms } from "#community/agreement.ts";
import { instant } from "#core/instant.ts";
import type { Warninglist } from "#feeds/warninglist.ts";
import { giveKnowledge } from "#jobs/sensors/knowledge.ts";
import type { ExclusionLists } from "#jobs/sensors/exclusions.ts";
import type { KnowledgeLine } from "#jobs/sensors/wire.ts";
import { gunzipSync } from "node:zlib";
import { o } from "./incident-world.ts";
import { openSensorWorld, sensorOf } from "./sensor-world.ts";

const list = (id: string, values: readonly string[]): Warninglist => ({
  ...{ id, name: "an analyst's reason", version: 1, type: "hostname", kinds: new Set(["domain"] as const), values },
});

test("exclusions are versions of knowledge: whole at first, what changed since, nothing of what may not leave", async (t) => {
  const agreements: readonly Agreement[] = [{ ...memberTerms(o("tram"), instant(0)), tlpMax: "green" }];
  const world = await openSensorWorld(t, { agreements });
  await world.feed("list", "alert");
  await world.claim([{ feed: "list", observable: { kind: "domain", value: "bad.example" } }]);
  let inForce: ExclusionLists = { lists: [list("banks", ["bank.example"]), list("cdn", ["cdn.example"])], allow: [] };
  const know = async (of: string, since?: string) => {
    const giving = { ...world.giving, exclusionLists: () => inForce };
    const given = await giveKnowledge(giving, sensorOf(of), since, world.clock.now);
    assert.ok(given);
    const text = gunzipSync(Buffer.concat(given.packed)).toString();
    const lines = text
      .trimEnd()
      .split("\n")
      .map((one) => JSON.parse(one) as KnowledgeLine);
    const end = lines.at(-1);
    assert.ok(end && "end" in end && end.end.lines === lines.length);
    return { ...given, text, kinds: lines.slice(1, -1).map((one) => Object.keys(one)[0]) };
  };
  const whole = await know("harbour");
  assert.deepEqual(whole.kinds, ["list", "list", "entries", "list", "entries", "add"]);
  assert.ok(!whole.text.includes("reason") && !whole.text.includes("banks"));
  assert.deepEqual((await know("harbour", whole.cursor)).kinds, []);
  assert.equal((await know("harbour", whole.cursor)).cursor, whole.cursor);
  inForce = { ...inForce, lists: [list("banks", ["bank.example", "other.example"])] };
  const changed = await know("harbour", whole.cursor);
  assert.deepEqual([changed.full, changed.kinds], [false, ["unlist", "list", "entries"]]);
  assert.notEqual(changed.cursor, whole.cursor);
  assert.deepEqual((await know("harbour", changed.cursor)).kinds, []);
  // one that is behind by both gets both; a cursor of before there were lists gets all of them, and no value again
  await world.claim([{ feed: "list", observable: { kind: "domain", value: "worse.example" } }]);
  assert.deepEqual((await know("harbour", whole.cursor)).kinds, ["unlist", "list", "entries", "add"]);
  const old = await world.know("harbour");
  assert.deepEqual((await know("harbour", old.cursor)).kinds, ["list", "list", "entries"]);
  // each answer that said something is in the ledger
  assert.ok((await world.sql`select from release_ledger where party = ${o("harbour")}`).length >= 4);
  // terms that do not reach so far
  const narrow = await know("tram");
  assert.deepEqual(narrow.kinds, ["add", "add"]);
  inForce = { ...inForce, lists: [] };
  assert.equal((await know("tram", narrow.cursor)).cursor, narrow.cursor);
});
