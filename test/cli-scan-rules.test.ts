import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { inFolder, waglan } from "./cli-process.ts";

const at = Date.UTC(2026, 10, 19, 1);

/** Windows events as JSON lines, flat. */
const event = (seconds: number, fields: object): string =>
  `${JSON.stringify({
    "@timestamp": new Date(at + seconds * 1000).toISOString(),
    Channel: "Security",
    Provider_Name: "Microsoft-Windows-Security-Auditing",
    Computer: "dc-1.office.example",
    EventRecordID: seconds,
    ...fields,
  })}\n`;

const failed = (seconds: number, user: string): string =>
  event(seconds, { EventID: 4625, TargetUserName: user, IpAddress: "203.0.113.9", LogonType: 3 });
const entered = (seconds: number, user: string): string =>
  event(seconds, { EventID: 4624, TargetUserName: user, IpAddress: "203.0.113.9", LogonType: 3 });
const cleared = event(900, {
  ...{ EventID: 1102, Channel: "Security", Provider_Name: "Microsoft-Windows-Eventlog", SubjectUserName: "chan" },
});

const guesses = Array.from({ length: 20 }, (_, n) => failed(n * 5, "chan")).join("");

const rules = `title: Failed logon
id: 6f3c1a52-0000-4000-8000-000000000001
name: failed_logon
status: test
logsource: {product: windows, service: security}
detection:
  selection: {EventID: 4625}
  condition: selection
level: low
---
title: Brute force of one account
id: 6f3c1a52-0000-4000-8000-000000000002
tags: [attack.credential-access, attack.t1110.001]
level: high
correlation:
  type: event_count
  rules: [failed_logon]
  group-by: [TargetUserName, IpAddress]
  timespan: 5m
  condition: {gte: 10}
---
title: Audit log cleared
id: 6f3c1a52-0000-4000-8000-000000000003
status: test
tags: [attack.defense-evasion, attack.t1070.001]
logsource: {product: windows, service: security}
detection:
  selection: {EventID: 1102}
  condition: selection
level: high
`;

const timed = (rows: readonly Record<string, unknown>[]): unknown[] =>
  rows
    .filter((row) => "first" in row)
    .map(({ detector, rule, entities, first, last, time }) => [detector, rule, entities, first, last, time]);

test("scan asks rules, joins them, and watches behaviours; a file given twice changes nothing over time", () =>
  inFolder(
    { "rules/ours.yml": rules, "logs/a.json": guesses + entered(110, "chan"), "logs/b.json": cleared },
    async (cwd) => {
      const args = [
        "scan",
        "--json",
        "--rules",
        "rules",
        "--behaviours",
        "password-guessing",
        "--report",
        "out.html",
        "--",
      ];
      const { exit, rows, err } = await waglan([...args, "logs"], { cwd });
      assert.equal(exit, 1, err);
      const single = rows.filter((row) => row["detector"] === "sigma");
      assert.deepEqual(
        single.map((row) => [row["rule"], row["file"], row["line"], row["severity"], row["time"], row["attack"]]),
        [
          [
            ...["6f3c1a52-0000-4000-8000-000000000003", "logs/b.json", 1, "high", "2026-11-19T01:15:00.000Z"],
            ["T1070.001"],
          ],
        ],
      );
      const over = timed(rows);
      assert.deepEqual(over[0], [
        ...["sigma-correlation", "6f3c1a52-0000-4000-8000-000000000002"],
        ["chan", "203.0.113.9", "dc-1.office.example"],
        ...["2026-11-19T01:00:00.000Z", "2026-11-19T01:00:45.000Z", "2026-11-19T01:00:45.000Z"],
      ]);
      assert.deepEqual(
        rows.filter((row) => row["detector"] === "password-guessing").map((row) => row["because"]),
        [
          ["15 failed log-ons of chan from 203.0.113.9 within ten minutes"],
          ["chan came in from 203.0.113.9 after 20 failed tries there: the password may have been guessed"],
        ],
      );
      const page = readFileSync(join(cwd, "out.html"), "utf8");
      assert.match(page, /Audit log cleared/);
      assert.match(page, /Somebody guesses passwords/);
      assert.doesNotMatch(page, /<script/);
      const again = await waglan([...args, "logs/b.json", "logs/a.json", "logs/a.json"], { cwd });
      assert.deepEqual(timed(again.rows), over);
      const threads = await waglan([...args.slice(0, -1), "--jobs", "2", "--", "logs"], { cwd });
      assert.deepEqual(threads.rows, rows);
    },
  ));

test("scan says where a rule is wrong and goes on with the others; without a rule it does not start", () =>
  inFolder(
    { "bad.yml": rules.replace("condition: {gte: 10}", "condition: {many: 10}"), "empty.yml": "", "a.json": cleared },
    async (cwd) => {
      const { exit, rows, err } = await waglan(["scan", "--json", "--rules", "bad.yml", "a.json"], { cwd });
      assert.deepEqual([exit, rows.length], [1, 1], err);
      assert.match(err, /bad\.yml: line \d+ column \d+: .*\[WGL_SIGMA_/);
      const none = await waglan(["scan", "--rules", "empty.yml", "a.json"], { cwd });
      assert.deepEqual([none.exit, /WGL_SCAN_RULES/.test(none.err)], [3, true]);
      const wish = await waglan(["scan", "--behaviours", "--set", "beacon.score=7", "a.json"], { cwd });
      assert.deepEqual([wish.exit, /0\.2 to 1 share/.test(wish.err)], [2, true]);
    },
  ));

test("scan --since tells only what is newer, and prints tables for people", () =>
  inFolder({ "ours.yml": rules, "a.json": guesses + cleared }, async (cwd) => {
    const { exit, out, err } = await waglan(
      ["scan", "--since", "2026-11-19T01:10:00Z", "--rules", "ours.yml", "a.json"],
      { cwd },
    );
    assert.equal(exit, 1, err);
    assert.match(out, /^a\.json:21 {2}high {2}2026-11-19T01:15:00\.000Z {2}Audit log cleared/);
    assert.doesNotMatch(out, /Brute force/);
    assert.match(err, /defense-evasion/);
  }));
