// Takes seconds: laws on many made-up inputs.
import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { instant } from "#core/instant.ts";
import { Correlator } from "#detect/sigma/correlator.ts";
import { loadPack } from "#detect/sigma/packs.ts";
import { formats } from "#telemetry/index.ts";
import type { RecordRow } from "#jobs/history/rows.ts";
import { type KeptCorrelated, KeptRules } from "#jobs/rules/kept-rules.ts";
import { fromBytes, toBytes } from "#jobs/rules/saved-past.ts";
import { openRules, recordRules, type ScanRules } from "#jobs/scan/rules.ts";

// What correlations say of kept records, page by page, is what the live correlator would have said had it been there from the
// start; `sigma-correlation` holds that one to the definition, read word by word.

const rule = (name: string, ends: string): string => `title: ${name}
name: ${name}
logsource: { category: dns }
detection:
  q: { query|endswith: .${ends}.example }
  condition: q
level: low
`;

const correlation = (n: number, said: string): string => `title: Together ${n}
name: together_${n}
correlation:
${said}level: high
`;

const types = ["event_count", "value_count", "temporal", "temporal_ordered"] as const;

/** A correlation over two rules, perhaps over the one before it. */
const correlated = fc
  .record({
    type: fc.constantFrom(...types),
    group: fc.constantFrom("[src_ip]", "[src_ip]", "[]"),
    seconds: fc.constantFrom(2, 5, 20, 60),
    window: fc.constantFrom("sliding", "sliding", "tumbling", "session"),
    op: fc.constantFrom("gte", "gte", "gt", "eq", "lt"),
    bound: fc.integer({ min: 1, max: 4 }),
    both: fc.boolean(),
    above: fc.boolean(),
  })
  .map((made) => (n: number): string => {
    const { type, group, seconds, window, op, bound, both, above } = made;
    const under = above && n > 0 ? [`together_${n - 1}`] : [];
    const rules = type.startsWith("temporal") || both ? ["one", "two", ...under] : ["one", ...under];
    const asked =
      type === "value_count"
        ? `  condition: { ${op}: ${bound}, field: query }\n`
        : type === "event_count"
          ? `  condition: { ${op}: ${bound} }\n`
          : "";
    return `  type: ${type}
  rules: [${rules.join(", ")}]
  group-by: ${group}
  timespan: ${seconds}s
${window === "sliding" ? "" : `  window: ${window}\n`}${window === "session" ? "  gap: 3s\n" : ""}${asked}`;
  });

const opened = (correlations: readonly ((n: number) => string)[]): ScanRules =>
  openRules([
    loadPack("x", [
      { path: "one.yml", text: rule("one", "one") },
      { path: "two.yml", text: rule("two", "two") },
      ...correlations.map((said, n) => ({ path: `c${n}.yml`, text: correlation(n, said(n)) })),
    ]),
  ]);

const start = Date.parse("2026-11-19T08:00:00Z");

const seen = fc.record({
  organisation: fc.constantFrom("harbour", "tram"),
  sensor: fc.constantFrom("s1", "s2"),
  second: fc.integer({ min: 0, max: 90 }),
  us: fc.constantFrom("192.0.2.1", "192.0.2.2"),
  name: fc.constantFrom("a.one", "b.one", "c.one", "A.one", "a.two", "b.two", "quiet"),
  /** In how many batches it came. */
  times: fc.constantFrom(1, 1, 1, 2),
});

/** As history hands them on: by organisation, then in the order of time. */
const rowsOf = (some: readonly (typeof seen extends fc.Arbitrary<infer T> ? T : never)[]): readonly RecordRow[] =>
  some
    .flatMap(({ organisation, sensor, second, us, name, times }, n) => {
      const time = start + second * 1000;
      const text = JSON.stringify({
        ...{ timestamp: new Date(time).toISOString().replace("Z", "+0000"), flow_id: n, event_type: "dns" },
        ...{ src_ip: us, src_port: 4000, dest_ip: "192.0.2.53", dest_port: 53, proto: "UDP" },
        dns: { type: "query", id: 1, rrname: `${name}.example`, rrtype: "A" },
      });
      return Array.from(
        { length: times },
        (_, again): RecordRow => ({
          ...{
            time,
            organisation,
            sensor,
            format: "suricata-eve",
            event: "dns",
            text,
            batch: `${sensor}/${n % 5}${again}`,
          },
          line: n + 1,
        }),
      );
    })
    .sort(
      (a, b) =>
        (a.organisation < b.organisation ? -1 : a.organisation > b.organisation ? 1 : 0) ||
        a.time - b.time ||
        (a.batch < b.batch ? -1 : a.batch > b.batch ? 1 : a.line - b.line),
    );

const said = (rules: string, time: number, first: number, group: object, value: number): string =>
  JSON.stringify([rules, time, first, { ...group }, value]);

/** The live correlator of each organisation, over all its records at once. */
const live = (rules: ScanRules, rows: readonly RecordRow[]): readonly string[] => {
  const format = formats.find(({ id }) => id === "suricata-eve");
  if (format?.rules === undefined) throw new Error("no format");
  const view = recordRules(rules, format.rules);
  return [...Map.groupBy(rows, ({ organisation }) => organisation)]
    .flatMap(([organisation, mine]) => {
      const correlator = new Correlator(rules.plans);
      // in the order in which nobody would wish for them
      for (const row of mine.toReversed()) {
        const read = format.open().parse(row.text);
        if (read === undefined || !read.ok) throw new Error("a record is no record");
        for (const number of view.match(read.value.fields, read.value.event, row.text)) {
          const fields = view.fieldsFor(number, read.value);
          if (fields === undefined) continue;
          correlator.offer({ rule: number, time: instant(row.time), id: row.text, field: (name) => fields[name] });
        }
      }
      return correlator
        .settle(Number.MAX_SAFE_INTEGER)
        .map((one) =>
          said(`${organisation} ${rules.correlationWords(one.plan).rule}`, one.time, one.first, one.group, one.value),
        );
    })
    .sort();
};

const told = ({ organisation, words, time, first, group, value }: KeptCorrelated): string =>
  said(`${organisation} ${words.rule}`, time, first, group, value);

test("a correlation over kept records says what live detection would have said had it been there, page by page, killed and gone on", () => {
  let hits = 0;
  fc.assert(
    fc.property(
      fc.array(correlated, { minLength: 1, maxLength: 3 }),
      fc.array(seen, { minLength: 25, maxLength: 60, size: "max" }),
      fc.array(fc.constantFrom(1, 2, 3, 7, 20), { minLength: 1, maxLength: 8 }),
      fc.boolean(),
      (some, records, pages, killed) => {
        const rules = opened(some);
        equal(rules.problems.filter(({ refuses }) => refuses).length, 0);
        const rows = rowsOf(records);
        const bounds = { groups: 1000, records: 1000, texts: 10 };
        let kept = new KeptRules(rules, () => [], undefined, { bounds });
        const found: KeptCorrelated[] = [];
        for (let at = 0, page = 0; ; page++) {
          const size = pages[page % pages.length] ?? 1;
          const last = at + size >= rows.length;
          found.push(...kept.read(rows.slice(at, at + size), last, undefined, false).correlated);
          if (last) break;
          at += size;
          if (!killed) continue;
          const saved = kept.save();
          kept = new KeptRules(rules, () => [], undefined, {
            bounds,
            ...(saved === undefined ? {} : { saved: fromBytes(toBytes(saved)) }),
          });
        }
        const wanted = live(rules, rows);
        hits += wanted.length;
        deepEqual(found.map(told).sort(), wanted);
      },
    ),
    { numRuns: 200 },
  );
  equal(hits > 500, true, `${hits} hits are a law about nothing`);
});

test("nothing is said beyond the border, and all of it by who goes on behind it", () => {
  const rules = opened([
    () => `  type: event_count\n  rules: [one]\n  group-by: [src_ip]\n  timespan: 20s\n  condition: { gte: 2 }\n`,
  ]);
  const at = (second: number) =>
    ({ organisation: "harbour", sensor: "s1", second, us: "192.0.2.1", name: "a.one", times: 1 }) as const;
  const rows = rowsOf([at(0), at(10), at(60), at(70)]);
  const until = (border: number): readonly number[] =>
    new KeptRules(rules, () => [], undefined, {
      bounds: { groups: 10, records: 10, texts: 10, until: start + border * 1000 },
    })
      .read(rows, true)
      .correlated.map(({ time }) => (time - start) / 1000);
  deepEqual([until(5), until(10), until(69), until(70)], [[], [10], [10], [10, 70]]);
});

test("a correlation that could hold because something is not kept says nothing of a window in which it could not see", () => {
  const few = (op: string): ScanRules =>
    openRules([
      loadPack("x", [
        {
          path: "x.yml",
          text: `title: one
name: one
logsource: { product: zeek, service: ssh }
detection:
  a: { auth_success: false }
  u: { username: root }
  condition: a or u
---
title: Few
correlation:
  type: event_count
  rules: [one]
  timespan: 10s
  condition: { ${op}: 2 }
level: high
`,
        },
      ]),
    ]);
  const row = (second: number): RecordRow => ({
    ...{
      time: start + second * 1000,
      organisation: "harbour",
      sensor: "s",
      format: "zeek",
      event: "ssh",
      batch: "s/1",
    },
    line: second + 1,
    text: JSON.stringify({
      ...{ _path: "ssh", ts: start / 1000 + second, uid: `C${second}`, "id.orig_h": "192.0.2.1", username: "4b1d" },
      auth_success: false,
    }),
  });
  const page = (op: string) => new KeptRules(few(op), () => []).read([row(0), row(1)], true);
  // the name is a hash: the rule may have missed, and fewer than two were seen for that
  const [lte, gte] = [page("lte"), page("gte")];
  deepEqual([lte.correlated.length, lte.blind], [0, 1]);
  deepEqual([gte.correlated.length, gte.blind], [1, 0]);
});
