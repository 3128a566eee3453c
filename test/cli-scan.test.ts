import assert from "node:assert/strict";
import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { inFolder, waglan } from "./cli-process.ts";
import { geneve, noGeneve, plantedEntries } from "./geneve.ts";

const flow = (from: string, to: string, more: object = {}): string =>
  `${JSON.stringify({
    timestamp: "2026-11-19T08:42:00.250000+0800",
    event_type: "flow",
    src_ip: from,
    src_port: 49_152,
    dest_ip: to,
    dest_port: 443,
    proto: "TCP",
    ...more,
  })}\n`;
const dns = (name: string): string =>
  flow("10.20.4.31", "10.20.0.2", { event_type: "dns", dns: { type: "query", rrname: name, rrtype: "A" } });

const quiet = flow("10.20.4.31", "198.51.100.200");
const out = flow("10.20.4.31", "198.51.100.7");
const knock = flow("198.51.100.7", "203.0.113.20");
const bad = "# ours\n198.51.100.7\nbad.example\n";

test("scan prints a hit a line as JSON in the stated shape, and ends with 1", () =>
  inFolder({ "bad.txt": bad, "eve.json": quiet + out + dns("www.bad.example") }, async (cwd) => {
    const { exit, rows, err } = await waglan(["scan", "--json", "--indicators", "bad.txt", "eve.json"], { cwd });
    assert.equal(exit, 1, err);
    assert.deepEqual(rows, [
      {
        detector: "indicator-match",
        observable: { kind: "ipv4", value: "198.51.100.7" },
        indicator: { kind: "ipv4", value: "198.51.100.7", sources: ["bad.txt"] },
        ...{ where: "destination", direction: "outbound", time: "2026-11-19T00:42:00.250Z", file: "eve.json", line: 2 },
        ...{ severity: "high", attack: [] },
      },
      {
        detector: "indicator-match",
        observable: { kind: "domain", value: "www.bad.example" },
        indicator: { kind: "domain", value: "bad.example", sources: ["bad.txt"] },
        ...{ where: "dns-query", direction: "internal", time: "2026-11-19T00:42:00.250Z", file: "eve.json", line: 3 },
        ...{ severity: "high", attack: [] },
      },
    ]);
    assert.deepEqual(Object.keys(rows[0] ?? {}), [
      ...["detector", "observable", "indicator", "where", "direction", "time", "file", "line", "severity", "attack"],
    ]);
    assert.match(err, /1 files, 3 lines/);
    assert.match(err, /hits: 2 to look at, 0 background/);
  }));

test("scan without hits ends with 0 and prints nothing", () =>
  inFolder({ "bad.txt": bad, "eve.json": quiet }, async (cwd) => {
    const { exit, out: text } = await waglan(["scan", "--indicators", "bad.txt", "eve.json"], { cwd });
    assert.deepEqual([exit, text], [0, ""]);
  }));

test("scan prints background with severity info, unless --findings-only", () =>
  inFolder({ "bad.txt": bad, "eve.json": knock }, async (cwd) => {
    const args = ["scan", "--json", "--indicators", "bad.txt", "--networks", "203.0.113.0/24", "eve.json"];
    const all = await waglan(args, { cwd });
    assert.deepEqual(
      [all.exit, all.rows.map((hit) => [hit["direction"], hit["severity"]])],
      [1, [["inbound", "info"]]],
    );
    const findings = await waglan([...args, "--findings-only"], { cwd });
    assert.deepEqual([findings.exit, findings.out], [0, ""]);
    assert.match(findings.err, /0 to look at, 1 background/);
  }));

test("scan reads folders, .gz by their bytes, and standard input, and names each hit's file and line", () =>
  inFolder(
    {
      "bad.txt": bad,
      "logs/b/eve.json": quiet + out,
      "logs/a.json.gz": gzipSync(out),
      "logs/.hidden": out,
      "logs/notes": "no log",
    },
    async (cwd) => {
      const { exit, rows, err } = await waglan(["scan", "--json", "--indicators", "bad.txt", "--", "logs", "-"], {
        ...{ cwd, stdin: gzipSync(quiet + quiet + out) },
      });
      assert.equal(exit, 1);
      assert.deepEqual(
        rows.map(({ file, line }) => [file, line]),
        [
          ["logs/a.json.gz", 1],
          ["logs/b/eve.json", 2],
          ["-", 3],
        ],
      );
      assert.match(err, /1 other files passed over/);
    },
  ));

test("scan reads a file once under whichever links, says which links to folders it did not follow, and follows one that is named", () =>
  inFolder({ "bad.txt": bad, "logs/pods/0.log": out, "elsewhere/eve.json": out }, async (cwd) => {
    symlinkSync("pods/0.log", join(cwd, "logs/containers.log"));
    symlinkSync("gone.log", join(cwd, "logs/rotated.log"));
    symlinkSync("../elsewhere", join(cwd, "logs/current"));
    symlinkSync("..", join(cwd, "logs/pods/up"));
    const scan = (...paths: readonly string[]) =>
      waglan(["scan", "--json", "--indicators", "bad.txt", "--", ...paths], { cwd });
    const all = await scan("logs");
    assert.deepEqual(
      all.rows.map(({ file }) => file),
      ["logs/containers.log"],
    );
    assert.match(all.err, /not followed \(name one to have it read\): 2 \(logs\/current, logs\/pods\/up\)/);
    assert.doesNotMatch(all.err, /could not be read/);
    symlinkSync("itself.log", join(cwd, "elsewhere/itself.log"));
    assert.match((await scan("elsewhere")).err, /itself\.log.*ELOOP.*WGL_INPUT_PATH/);
    const named = await scan("logs/current", "logs/pods/0.log", "logs/containers.log");
    assert.deepEqual(
      named.rows.map(({ file }) => file),
      ["logs/current/eve.json", "logs/pods/0.log"],
    );
    assert.doesNotMatch(named.err, /not followed/);
  }));

test("scan understands its greedy options however they are put", () =>
  inFolder(
    { "bad.txt": "198.51.100.7\n", "worse.txt": "198.51.100.8\n", "eve.json": out, "two.json": out },
    async (cwd) => {
      const hits = async (...args: readonly string[]): Promise<readonly unknown[]> =>
        (await waglan(["scan", "--json", ...args], { cwd })).rows.map(({ file }) => file);
      assert.deepEqual(await hits("--indicators", "bad.txt", "eve.json"), ["eve.json"]);
      assert.deepEqual(await hits("--indicators", "bad.txt", "eve.json", "two.json"), ["eve.json", "two.json"]);
      assert.deepEqual(await hits("--indicators", "worse.txt", "--indicators", "bad.txt", "eve.json"), ["eve.json"]);
      assert.deepEqual(await hits("--indicators", "bad.txt", "worse.txt", "--", "eve.json"), ["eve.json"]);
      assert.deepEqual(await hits("--indicators", "worse.txt", "bad.txt", "--format", "suricata-eve", "eve.json"), [
        "eve.json",
      ]);
      assert.deepEqual(await hits("eve.json", "--indicators", "bad.txt"), ["eve.json"]);
      assert.deepEqual(await hits("--indicators", "bad.txt", "--networks", "192.0.2.0/24", "eve.json"), ["eve.json"]);
    },
  ));

test("scan takes feeds of any shape as indicators, and names each value's sources once", () =>
  inFolder(
    {
      "lists/own.txt": "198.51.100.7\n10.20.4.99\n",
      "lists/feodo.csv":
        '# Feodo Tracker\n"first_seen_utc","dst_ip","dst_port","c2_status","last_online","malware"\n"2026-11-01 00:00:00","198.51.100.7","443","online","2026-11-19","QakBot"\n',
      "ipsum.txt": "# IPsum\n198.51.100.200\t5\n",
      "eve.json": out + quiet + flow("10.20.4.31", "10.20.4.99"),
    },
    async (cwd) => {
      const { rows, err } = await waglan(["scan", "--json", "--indicators", "lists", "ipsum.txt", "--", "eve.json"], {
        cwd,
      });
      assert.deepEqual(
        rows.map(({ line, indicator, severity }) => [line, (indicator as { sources: unknown }).sources, severity]),
        [
          [1, ["abusech-feodo", "own.txt"], "high"],
          [2, ["stamparm-ipsum"], "medium"],
          [3, ["own.txt"], "high"],
        ],
        err,
      );
    },
  ));

test("scan leaves out what a warning list names", () => {
  const list = JSON.stringify({
    name: "Time servers",
    type: "cidr",
    version: 1,
    matching_attributes: ["ip-dst"],
    list: ["198.51.100.7/32"],
  });
  return inFolder({ "bad.txt": bad, "eve.json": out, "lists/time/list.json": list }, async (cwd) => {
    const { exit, err } = await waglan(
      ["scan", "--indicators", "bad.txt", "--warninglists", "lists", "--", "eve.json"],
      { cwd },
    );
    assert.equal(exit, 0, err);
    assert.match(err, /1 indicators, 1 left out by warning lists/);
  });
});

test("scan ends with 3 when something could not be read, with 1 when there was a hit all the same", () =>
  inFolder(
    {
      "bad.txt": bad,
      "eve.json": out,
      "broken.gz": gzipSync(quiet.repeat(999)).subarray(0, 60),
      "prose.log": "nothing\n",
    },
    async (cwd) => {
      const run = (...paths: readonly string[]) => waglan(["scan", "--indicators", "bad.txt", "--", ...paths], { cwd });
      const absent = await run("absent.json");
      assert.equal(absent.exit, 3);
      assert.match(absent.err, /absent\.json.*ENOENT.*\[WGL_INPUT_PATH\]/);
      const broken = await run("broken.gz");
      assert.equal(broken.exit, 3);
      assert.match(broken.err, /broken\.gz: .*\[WGL_BODY_GZIP\]/);
      const prose = await run("prose.log");
      assert.equal(prose.exit, 3);
      assert.match(prose.err, /\[WGL_FORMAT_UNKNOWN\]/);
      assert.equal((await run("absent.json", "broken.gz", "eve.json")).exit, 1);
    },
  ));

test("scan without a usable indicator ends with 3, and asked wrongly with 2", () =>
  inFolder(
    { "empty.txt": "# nothing\n", "page.txt": "<!doctype html><title>Error</title>", "bad.txt": bad, "eve.json": out },
    async (cwd) => {
      const run = (...args: readonly string[]) => waglan(["scan", ...args], { cwd });
      const none = await run("--indicators", "empty.txt", "eve.json");
      assert.equal(none.exit, 3);
      assert.match(none.err, /WGL_SCAN_NOTHING/);
      assert.match((await run("--indicators", "page.txt", "eve.json")).err, /page\.txt: .*WGL_BODY_MARKUP/);
      for (const args of [
        [],
        ["eve.json"],
        ["--indicators", "bad.txt"],
        ["--indicators", "bad.txt", "--format", "pcap", "eve.json"],
        ["--indicators", "bad.txt", "--networks", "everywhere", "--", "eve.json"],
        ["--indicators", "bad.txt", "--fast", "eve.json"],
      ])
        assert.equal((await run(...args)).exit, 2, args.join(" "));
    },
  ));

test("scan counts and tells lines it cannot read, and goes on", () =>
  inFolder({ "bad.txt": bad, "eve.json": `${quiet}{"half": \n${quiet.repeat(9)}${out}` }, async (cwd) => {
    const { exit, err, rows } = await waglan(["scan", "--json", "--indicators", "bad.txt", "eve.json"], { cwd });
    assert.equal(exit, 1);
    assert.equal(rows[0]?.["line"], 12);
    // A line that nothing listed stands in is not checked beyond what its scanner checks.
    assert.ok(err.includes("12 lines"), err);
  }));

test("scan writes nothing that acts on a terminal", () =>
  inFolder({ "bad.txt": bad, "e\u001b[31m\u202e.json": out }, async (cwd) => {
    const text = await waglan(["scan", "--indicators", "bad.txt", "--", "e\u001b[31m\u202e.json"], { cwd });
    const json = await waglan(["scan", "--json", "--indicators", "bad.txt", "--", "e\u001b[31m\u202e.json"], { cwd });
    for (const { out: printed, exit } of [text, json]) {
      assert.equal(exit, 1);
      assert.doesNotMatch(printed, /[\u001b\u202e]/);
    }
    assert.equal(json.rows[0]?.["file"], "e\u001b[31m\u202e.json");
  }));

test("scan finds every planted indicator of generated EVE lines, and nothing outside their lines", {
  skip: noGeneve,
}, async () => {
  const { file, planted, done } = geneve(20_000);
  const list = join(file, "..", "planted.txt");
  writeFileSync(
    list,
    `${plantedEntries(planted)
      .map(({ observable }) => observable.value)
      .join("\n")}\n`,
  );
  try {
    const { exit, rows } = await waglan(["scan", "--json", "--indicators", list, "--", file]);
    assert.equal(exit, 1);
    const found = new Set(rows.map((hit) => `${String(hit["line"])} ${(hit["indicator"] as { value: string }).value}`));
    const wanted = planted.map(({ line, observable }) => `${line + 1} ${observable.value}`);
    assert.deepEqual(
      wanted.filter((one) => !found.has(one)),
      [],
    );
    const lines = new Set(planted.map(({ line }) => line + 1));
    assert.deepEqual(
      rows.filter((hit) => !lines.has(Number(hit["line"]))),
      [],
    );
  } finally {
    rmSync(list);
    done();
  }
});
