// Takes seconds: laws on many made-up inputs.
import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { instant } from "#core/instant.ts";
import { numberOf, quantile, sumOf } from "#detect/sigma/correlation-measure.ts";
import { asks, type Correlated, evidenceAtMost, holds, type Plan } from "#detect/sigma/correlation-plan.ts";
import { plansOf, silentRules } from "#detect/sigma/correlation-plans.ts";
import { Correlator, type Matched } from "#detect/sigma/correlator.ts";
import { type CorrelationType, correlationTypes, type SigmaCorrelation } from "#detect/sigma/rule.ts";

interface Event {
  readonly rule: number;
  readonly time: number;
  readonly id: string;
  readonly fields: Readonly<Record<string, string | number>>;
}

const matched = ({ rule, time, id, fields }: Event): Matched => ({
  rule,
  time: instant(time),
  id,
  field: (name) => fields[name],
});

/** What a hit says, without its evidence: the oracle keeps none. */
const said = ({ plan, time, group, value }: Correlated): string => JSON.stringify([plan, time, { ...group }, value]);

interface Grouped {
  readonly time: number;
  readonly input: number;
  readonly shown: readonly string[];
  readonly value?: string | number;
}

/** The definition, word by word: for each moment of each group its window is collected anew. O(n²) and worse. */
const oracle = (plans: readonly Plan[], events: readonly Event[]): string[] => {
  const all = new Map<string, Event & { readonly of: number | string }>();
  for (const event of events) all.set(`${event.rule} ${event.id}`, { ...event, of: event.rule });
  const stream = [...all.values()];
  const found: string[] = [];
  for (const [number, plan] of plans.entries()) {
    const groups = new Map<string, Grouped[]>();
    const mine = stream
      .flatMap((event) =>
        plan.inputs.flatMap(({ of, groupBy }, input) =>
          event.of === ("rule" in of ? of.rule : `plan ${of.plan}`) ? [{ event, groupBy, input }] : [],
        ),
      )
      .sort((a, b) => a.event.time - b.event.time || (a.event.id < b.event.id ? -1 : 1));
    for (const { event, groupBy, input } of mine) {
      const shown = groupBy.map((name) => event.fields[name]);
      if (shown.includes(undefined)) continue;
      const values = plan.fields.map((name) => event.fields[name]);
      const value = values.includes(undefined)
        ? undefined
        : values.length > 1
          ? JSON.stringify(values.map((one) => String(one).toLowerCase()))
          : plan.type === "value_count" && typeof values[0] === "string"
            ? values[0].toLowerCase()
            : values[0];
      const key = JSON.stringify(shown.map((one) => String(one).toLowerCase()));
      const one = { time: event.time, input, shown: shown.map(String), ...(value === undefined ? {} : { value }) };
      groups.set(key, [...(groups.get(key) ?? []), one]);
    }
    for (const there of groups.values()) {
      const moments = [...new Set(there.map(({ time }) => time))].sort((a, b) => a - b);
      const starts = new Map<number, number>();
      for (const [i, time] of moments.entries()) {
        const before = moments[i - 1];
        const began = before === undefined ? undefined : starts.get(before);
        starts.set(
          time,
          plan.window.kind === "session"
            ? before !== undefined &&
              began !== undefined &&
              time - before <= plan.window.gapMs &&
              time - began <= plan.spanMs
              ? began
              : time
            : plan.window.kind === "tumbling"
              ? Math.floor(time / plan.spanMs) * plan.spanMs
              : time - plan.spanMs + 1,
        );
      }
      const at = (time: number): { value?: number; is: boolean } => {
        const window = there.filter((one) => one.time <= time && one.time >= (starts.get(time) ?? 0));
        const value = measured(plan, window);
        if (value === undefined) return { is: false };
        const inputs = new Set(window.map(({ input }) => input));
        const is = plan.asked
          ? asks(plan.asked, (input) => inputs.has(input))
          : plan.condition.length === 0
            ? value === plan.inputs.length
            : holds(plan.condition, value);
        return { value, is };
      };
      for (const [i, time] of moments.entries()) {
        const { value, is } = at(time);
        const before = moments[i - 1];
        const sameWindow =
          before !== undefined &&
          (plan.window.kind === "sliding" ? before > time - plan.spanMs : starts.get(before) === starts.get(time));
        if (!is || value === undefined || (sameWindow && before !== undefined && at(before).is)) continue;
        const shown = there
          .filter((one) => one.time === time)
          .map((one) => one.shown)
          .sort((a, b) => (a.join("\n") < b.join("\n") ? -1 : 1))[0] as string[];
        const group = Object.fromEntries(plan.groupBy.map((name, part) => [name, shown[part] ?? ""]));
        found.push(JSON.stringify([number, time, group, value]));
        stream.push({ rule: -1, time, id: `${number} ${JSON.stringify(shown)}`, fields: group, of: `plan ${number}` });
      }
    }
  }
  return found.sort();
};

const measured = (
  plan: Plan,
  window: readonly { readonly time: number; readonly input: number; readonly value?: string | number }[],
): number | undefined => {
  const numbers = window.flatMap(({ value }) => numberOf(value) ?? []);
  const most = plan.condition.reduce((bound, { op, value }) => Math.max(bound, op === "gte" ? value : value + 1), 1);
  const distinct = new Set(window.flatMap(({ value }) => value ?? [])).size;
  switch (plan.type) {
    case "event_count":
      return Math.min(window.length, Math.ceil(most));
    case "value_count":
      return distinct === 0 ? undefined : distinct;
    case "value_sum":
      return numbers.length === 0 ? undefined : sumOf(numbers);
    case "value_avg":
      return numbers.length === 0 ? undefined : sumOf(numbers) / numbers.length;
    case "value_median":
      return quantile(numbers, 50);
    case "value_percentile":
      return quantile(numbers, plan.percentile);
    case "temporal":
      return new Set(window.map(({ input }) => input)).size;
    case "temporal_ordered": {
      // the longest chain of first inputs whose events follow one another
      let long = 0;
      for (const start of window.filter(({ input }) => input === 0)) {
        let time = start.time;
        let length = 1;
        for (let input = 1; input < plan.inputs.length; input++) {
          const next = window.filter((one) => one.input === input && one.time >= time).map((one) => one.time);
          if (next.length === 0) break;
          time = Math.min(...next);
          length++;
        }
        long = Math.max(long, length);
      }
      return long;
    }
  }
};

const thresholds = fc.array(
  fc.record({
    op: fc.constantFrom("gt", "gte", "gte", "gte", "lt", "lte", "eq", "neq"),
    value: fc.integer({ min: 0, max: 6 }),
  }),
  { minLength: 1, maxLength: 2 },
);
const isTemporal = (type: CorrelationType): boolean => type === "temporal" || type === "temporal_ordered";

const planAt = (number: number): fc.Arbitrary<Plan> =>
  fc
    .record({
      type: fc.constantFrom(...correlationTypes),
      listens: fc.uniqueArray(fc.integer({ min: 0, max: 2 + number }), { minLength: 1, maxLength: 3 }),
      groupBy: fc.constantFrom(["user"], ["user", "host"], []),
      spanMs: fc.constantFrom(5, 20, 100),
      window: fc.constantFrom(
        { kind: "sliding" } as const,
        { kind: "sliding" } as const,
        { kind: "tumbling" } as const,
        { kind: "session", gapMs: 4 } as const,
      ),
      condition: thresholds,
      fields: fc.constantFrom(["size"], ["size"], ["host", "size"]),
      percentile: fc.constantFrom(0, 50, 95, 100),
      plain: fc.boolean(),
      negated: fc.boolean(),
    })
    .map(({ listens, plain, negated, type, fields, ...rest }) => ({
      ...rest,
      type,
      fields: type.startsWith("value") ? (type === "value_count" ? fields : ["size"]) : [],
      inputs: listens.map((one) => ({
        of: one < 3 ? { rule: one } : { plan: one - 3 },
        groupBy: rest.groupBy.map((name) => (one === 1 && name === "user" ? "account" : name)),
      })),
      condition: isTemporal(type) && plain ? [] : rest.condition,
      ...(type === "temporal" && negated
        ? { asked: { is: "and", of: listens.map((_, input) => ({ is: "input", input }) as const) } as const }
        : {}),
    }));

const plansMade = fc
  .integer({ min: 1, max: 4 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, number) => planAt(number))));

const eventMade = fc.record({
  rule: fc.integer({ min: 0, max: 2 }),
  time: fc.integer({ min: 1, max: 120 }),
  fields: fc.record(
    {
      user: fc.constantFrom("chan", "Chan", "lo"),
      account: fc.constantFrom("chan", "lo"),
      host: fc.constantFrom("a", "b"),
      size: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom("2", "x", 0.1, 2.7)),
    },
    { requiredKeys: [] },
  ),
});

/** Disorder of at most `late`, and some events twice. */
const delivered = fc
  .record({
    events: fc.array(eventMade, { maxLength: 60 }),
    jitter: fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 60, maxLength: 60 }),
    again: fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }),
    cuts: fc.array(fc.boolean(), { minLength: 120, maxLength: 120 }),
  })
  .map(({ events, jitter, again, cuts }) => {
    const named = events.map((event, i) => ({ ...event, id: `e${i}` }));
    const order = named
      .flatMap((event, i) => [
        { event, at: event.time + (jitter[i] ?? 0) },
        ...(again[i] ? [{ event, at: event.time + (((jitter[i] ?? 0) * 7) % 16) }] : []),
      ])
      .sort((a, b) => a.at - b.at);
    return { named, order, cuts };
  });

test("correlations are what their definition says, whatever the order and however often events come", () => {
  fc.assert(
    fc.property(plansMade, delivered, fc.boolean(), (plans, { named, order, cuts }, killed) => {
      let correlator = new Correlator(plans);
      const found: Correlated[] = [];
      for (const [i, { event, at }] of order.entries()) {
        correlator.offer(matched(event));
        if (!cuts[i]) continue;
        found.push(...correlator.settle(at - 16));
        if (!killed) continue;
        // another process goes on from the checkpoint
        const saved = JSON.parse(JSON.stringify(correlator.save())) as ReturnType<Correlator["save"]>;
        correlator = new Correlator(plans);
        correlator.restore(saved);
      }
      found.push(...correlator.settle(1000));
      equal(correlator.counts.late, 0);
      deepEqual(found.map(said).sort(), oracle(plans, named));
    }),
    { numRuns: 600 },
  );
});

const spray = (over: Partial<Plan> = {}): Plan => ({
  type: "value_count",
  inputs: [{ of: { rule: 0 }, groupBy: ["ip"] }],
  groupBy: ["ip"],
  spanMs: 600_000,
  window: { kind: "sliding" },
  condition: [{ op: "gte", value: 3 }],
  fields: ["user"],
  percentile: 50,
  ...over,
});

const failures = (count: number, stepMs: number): Event[] =>
  Array.from({ length: count }, (_, i) => ({
    rule: 0,
    time: 1_000_000 + i * stepMs,
    id: `f${i}`,
    fields: { ip: "203.0.113.9", user: `user${i}` },
  }));

test("a flood is one hit at its first moment; after silence it is another", () => {
  const correlator = new Correlator([spray()]);
  const flood = failures(1000, 1000);
  const again = failures(5, 1000).map((event) => ({ ...event, id: `again ${event.id}`, time: event.time + 3_600_000 }));
  for (const event of [...flood, ...again]) correlator.offer(matched(event));
  const hits = correlator.settle(Number.MAX_SAFE_INTEGER);
  deepEqual(
    hits.map(({ time, first, value, events }) => ({ time, first, value, events })),
    [
      { time: 1_002_000, first: 1_000_000, value: 3, events: ["f0", "f1", "f2"] },
      { time: 4_602_000, first: 4_600_000, value: 3, events: ["again f0", "again f1", "again f2"] },
    ] as unknown[],
  );
});

test("what comes after its moment was settled, and what belongs to no group, is counted", () => {
  const correlator = new Correlator([spray()]);
  const [early, ...later] = failures(4, 1000);
  for (const event of later) correlator.offer(matched(event));
  equal(correlator.settle(2_000_000).length, 1);
  if (early) correlator.offer(matched(early));
  correlator.offer({ rule: 0, time: instant(3_000_000), id: "x", field: () => undefined });
  deepEqual(correlator.counts, { late: 1, ungrouped: 1, evicted: 0 });
});

test("memory holds as many groups as it is given; those silent longest go first, and it is said", () => {
  const correlator = new Correlator([spray()], 100);
  for (let i = 0; i < 250; i++)
    correlator.offer(
      matched({ rule: 0, time: 1_000_000 + i, id: `g${i}`, fields: { ip: `198.51.100.${i}`, user: "chan" } }),
    );
  correlator.settle(1_000_400);
  equal(correlator.counts.evicted, 150);
  equal(correlator.save().groups.length, 100);
  equal(correlator.save().groups[0]?.last, 1_000_150);
  correlator.settle(Number.MAX_SAFE_INTEGER);
});

test("a million failures of one account are counted in little memory", () => {
  const correlator = new Correlator([
    spray({ type: "event_count", fields: [], condition: [{ op: "gte", value: 10 }] }),
  ]);
  let hits = 0;
  for (let i = 0; i < 200_000; i++) {
    correlator.offer(matched({ rule: 0, time: 1_000_000 + i, id: `m${i}`, fields: { ip: "203.0.113.9" } }));
    if (i % 1000 === 999) hits += correlator.settle(1_000_000 + i).length;
  }
  equal(hits, 1);
  const [group] = correlator.save().groups;
  ok(group !== undefined && group.measure.length <= 10 && group.events.length <= 2 * evidenceAtMost);
});

const correlation = (over: Partial<SigmaCorrelation>): SigmaCorrelation => ({
  kind: "correlation",
  title: "made",
  ...{ references: [], tags: [], falsepositives: [], fields: [], related: [], scope: [] },
  place: { file: "made.yml", line: 1, column: 1 },
  type: "event_count",
  rules: ["base"],
  groupBy: ["user"],
  timespanMs: 60_000,
  window: "sliding",
  thresholds: [{ op: "gte", value: 2 }],
  valueFields: [],
  aliases: {},
  generate: false,
  ...over,
});

test("correlations stand behind those they listen to; circles and unknown names are refused, the others run", () => {
  const top = correlation({
    title: "top",
    name: "top",
    rules: ["low", "base"],
    aliases: { user: { base: "TargetUserName" } },
  });
  const low = correlation({ title: "low", name: "low" });
  const round = correlation({ title: "round", name: "round", rules: ["round"] });
  const lost = correlation({ title: "lost", rules: ["nobody"] });
  const { plans, rules, problems } = plansOf([top, low, round, lost], (name) => (name === "base" ? 7 : undefined));
  deepEqual(
    rules.map(({ title }) => title),
    ["low", "top"],
  );
  deepEqual(plans[1]?.inputs, [
    { of: { plan: 0 }, groupBy: ["user"] },
    { of: { rule: 7 }, groupBy: ["TargetUserName"] },
  ]);
  deepEqual(
    problems.map(({ rule, problem: { code } }) => [rule.title, code]),
    [
      ["round", "WGL_SIGMA_CIRCLE"],
      ["lost", "WGL_SIGMA_REFERENCE"],
    ],
  );
  deepEqual([...silentRules([top, { ...low, generate: true }])], ["low"]);
});
