import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import type { Opened } from "#cli/abilities.ts";
import { exits } from "#cli/exit.ts";
import type { Io } from "#cli/io.ts";
import { run } from "#cli/program.ts";
import { instant } from "#core/instant.ts";
import { exportAbilities } from "#wiring/listing.ts";
import type { Waglan } from "#wiring/waglan.ts";
import { noStore } from "./cli-abilities.ts";
import { openOutWorld, type OutWorld } from "./out-world.ts";

const domain = (name: string) => ({ kind: "domain" as const, value: name });

/** The command line over real lists, in memory. */
const commandLine = (world: OutWorld) => {
  const { desk, listing } = world;
  // what the abilities use of a waglan
  const waglan = {
    ...{ state: desk.state, views: desk.views, idOf: desk.idOf, directory: desk.directory, now: desk.now },
    alerting: { portal: desk.portal, titleOf: listing.titleOf },
    memory: { exclusions: listing.exclusions() },
    config: { decay: listing.decay },
  };
  const opened = { lists: exportAbilities(waglan as unknown as Waglan), close: async () => {} } as unknown as Opened;
  return async (...args: readonly string[]) => {
    const out: string[] = [];
    const err: string[] = [];
    const exit = await run(["export", ...args], ioOf(out, err), { ...noStore, open: async () => opened });
    return { exit, out: out.join(""), err: err.join("") };
  };
};

const ioOf = (out: string[], err: string[]): Io => ({
  stdout: { write: (text) => void out.push(text) },
  stderr: { write: (text) => void err.push(text) },
  stdin: (async function* () {})(),
  ...{ isTTY: false, env: {}, cwd: tmpdir(), elapsed: () => 0, now: () => instant(0) },
  random: (bytes) => new Uint8Array(bytes),
  stopped: () => new AbortController().signal,
});

test("waglan export --explain says of each value what leaves and every reason why not, and sends nothing", async (t) => {
  const world = await openOutWorld(t);
  await world.list(
    { ...domain("bad.example"), labels: ["bot"] },
    { ...domain("amber.example"), tlp: "amber" },
    { ...domain("theirs.example"), licence: "non-commercial", pap: "red" },
    { kind: "email", value: "person@bad.example" },
    domain("x.transport.example"),
  );
  const waglan = commandLine(world);
  const lines = await waglan("--to", "oversea", "--explain");
  assert.equal(lines.exit, exits.done, lines.err);
  assert.deepEqual(lines.out.trimEnd().split("\n").sort(), [
    "leaves 1; withheld 3 (audience 1, tlp 1, licence 1, pap 1, field 1); left aside 1 (own 1)",
    "· domain x.transport.example  TLP:CLEAR  left aside: own",
    "− domain amber.example  TLP:AMBER  list stays: audience amber, allowed partner; tlp amber, allowed green",
    "− domain theirs.example  TLP:CLEAR  list stays: licence non-commercial, allowed community; pap red, allowed green",
    "− email person@bad.example  TLP:CLEAR  it stays: field value, allowed personal",
    "✓ domain bad.example  TLP:CLEAR  changed sources (anonymous)",
  ]);
  const json = await waglan("--to", "oversea", "--explain", "--json", "--list", "domains");
  const rows = json.out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(rows.at(-1), {
    totals: { leaves: 1, withheld: 2, aside: { own: 1 }, bounds: { audience: 1, tlp: 1, licence: 1, pap: 1 } },
  });
  const amber = rows.find(({ value }) => value === "amber.example");
  assert.deepEqual(Object.keys(amber ?? {}).sort(), ["does", "fields", "held", "id", "kept", "kind", "value"]);
  assert.deepEqual(
    [amber?.["does"], amber?.["held"]],
    ["withheld", { tlp: "amber", pap: "clear", licence: "CC0-1.0" }],
  );
  const bad = rows.find(({ value }) => value === "bad.example");
  assert.deepEqual([bad?.["does"], bad?.["note"]], ["leaves", { tlp: "clear", pap: "clear", licence: "CC0-1.0" }]);
  assert.equal((await world.sql`select from release_ledger`).length, 0, "nothing left");

  // the very same leaves when it is sent, with its receipt
  const sent = await waglan("--to", "oversea", "--list", "domains");
  assert.deepEqual(
    [sent.exit, sent.out.split("\n").filter((line) => line !== "" && !line.startsWith("#"))],
    [exits.done, ["bad.example"]],
  );
  assert.match(sent.err, /^1 values/m);
  assert.equal((await world.sql`select from release_ledger`).length, 1);
});

test("waglan export ends with 2 for what is not said right, and 3 for a party or list that is not there", async (t) => {
  const world = await openOutWorld(t);
  const waglan = commandLine(world);
  for (const [args, exit] of [
    [["--explain"], exits.usage],
    [["--to", "oversea", "--format", "docx"], exits.usage],
    [["--to", "oversea", "--where", "colour=red"], exits.usage],
    [["--to", "nobody", "--explain"], exits.input],
    [["--to", "oversea", "--list", "nothing", "--explain"], exits.input],
    [["--to", "oversea", "--where", "feed=list", "--explain"], exits.input],
    [["--to", "oversea", "--list", "domains", "--explain"], exits.done],
  ] as const) {
    const ended = await waglan(...args);
    assert.equal(ended.exit, exit, `${args.join(" ")}: ${ended.err}`);
    if (exit !== exits.done) assert.ok(ended.err.length > 0 && ended.out === "", args.join(" "));
  }
});
