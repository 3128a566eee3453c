import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import fc from "fast-check";
import { day, hour, instant, type Instant, minute } from "#core/instant.ts";
import type { Fact } from "#detect/behaviour.ts";
import { behaviours } from "#detect/behaviours.ts";
import { ClockSkew, skewUpTo } from "#detect/clock-skew.ts";
import { openFacts, packFacts, unpackFacts } from "#jobs/batches/facts-pack.ts";
import { packCheckpoint, unpackCheckpoint } from "#jobs/partitions/checkpoint.ts";
import { livePlans, noPlans } from "#jobs/lists/live-plans.ts";
import type { SpokenHit } from "#jobs/partitions/lane.ts";
import { type FactsBatch, PartitionState, type SavedPartition } from "#jobs/partitions/state.ts";
import { ScanOverTime } from "#jobs/scan/over-time.ts";
import { loadPack } from "#detect/sigma/packs.ts";
import { nowhere } from "./behaviour-world.ts";
import { beaconing, knocking, leaking, tunnelling } from "./trouble.ts";

const start = Date.UTC(2026, 10, 18);
const said: FactsBatch["said"] = { open: [], listed: [] };

/** Two days at two sensors: a place is learnt, then a leak, a beacon, a scan and a tunnel. */
const everything: readonly Fact[] = [
  ...leaking(start, "10.20.1.40", "198.51.100.9").slice(0, 3),
  ...leaking(start + 30 * hour).slice(0, 60),
  ...beaconing(start + 30 * hour),
  ...knocking(start + 31 * hour),
  ...tunnelling(start + 31.5 * hour),
]
  .map((fact, n): Fact => ({ ...fact, sensor: n % 2 === 0 ? "edge" : "gate" }))
  .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));

const world = (hidden: (behaviour: string) => boolean = () => false) => ({
  ...{ behaviours, around: nowhere, plans: noPlans, hidden },
});

/** Batches as sensors send them: every `every` milliseconds what came to each since. */
const batchesOf = (
  facts: readonly { readonly fact: Fact; readonly came: number }[],
  every = 5 * minute,
): readonly FactsBatch[] => {
  const slots = new Map<string, Fact[]>();
  for (const { fact, came } of facts) {
    const key = `${Math.ceil(came / every) * every} ${fact.sensor}`;
    const slot = slots.get(key);
    if (slot) slot.push(fact);
    else slots.set(key, [fact]);
  }
  return [...slots]
    .map(([key, some]) => ({ some, received: Number(key.split(" ")[0]), sensor: key.split(" ")[1] ?? "" }))
    .sort((a, b) => a.received - b.received || (a.sensor < b.sensor ? -1 : 1))
    .map(({ some, received, sensor }, batch) => {
      const last = some
        .slice(-32)
        .map(({ at }) => at)
        .sort((a, b) => a - b);
      return {
        ...{ batch: batch + 1, sensor, received: received as Instant, matched: [], said },
        newest: (last[last.length >> 1] ?? received) as Instant,
        facts: some.map((fact, n) => ({ ...fact, from: String(batch + 1), line: n + 1 })),
      };
    });
};

const inOrder = everything.map((fact) => ({ fact, came: fact.at }));
const last = Math.max(...everything.map(({ at }) => at));

/** All that is said once nobody is waited for any more. */
const run = (state: PartitionState, batches: readonly FactsBatch[]): readonly SpokenHit[] => [
  ...batches.flatMap((batch) => state.take(batch)),
  ...state.tick((last + 20 * minute) as Instant),
];

/** What is said, of whom and when: where the records stood is the delivery's. */
const plain = (hits: readonly SpokenHit[]): readonly string[] =>
  hits
    .map(({ behaviour, time, first, entities, because, hidden }) =>
      JSON.stringify([behaviour, time, first, entities, because, hidden]),
    )
    .sort();

const scanned = (): readonly string[] => {
  const scan = new ScanOverTime({ behaviours, around: nowhere });
  for (const fact of everything) scan.fact(fact);
  return [...scan.end()]
    .map((hit) => [hit.detector, hit.time, hit.first, hit.entities, hit.because] as const)
    .map(([behaviour, time, first, entities, because]) => JSON.stringify([behaviour, time, first, entities, because]))
    .sort();
};

test("late, twice and interleaved, a partition says what a scan says of the same records", () => {
  const wanted = scanned();
  ok(wanted.length >= 4, wanted.join("\n"));
  const asScanned = (hits: readonly SpokenHit[]): readonly string[] =>
    hits
      .map(({ behaviour, time, first, entities, because }) =>
        JSON.stringify([behaviour, time, first, entities.map(({ value }) => value), because]),
      )
      .sort();
  deepEqual(asScanned(run(new PartitionState(world()), batchesOf(inOrder))), wanted);
  fc.assert(
    fc.property(fc.integer(), fc.array(fc.nat(40), { maxLength: 6 }), (seed, again) => {
      let state = seed >>> 0;
      const random = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
      // within what is waited for: two minutes behind the newest of its sensor
      const batches = batchesOf(
        everything.map((fact) => ({ fact, came: fact.at + random() * 1.9 * minute })),
        minute,
      );
      const sent = [...batches];
      // behind itself: what comes again before what came before it would be another order of receipt
      for (const batch of again.flatMap((n) => batches[n] ?? [])) sent.splice(sent.indexOf(batch) + 1, 0, batch);
      const partition = new PartitionState(world());
      deepEqual(asScanned(run(partition, sent)), wanted);
      equal(partition.counts.late, 0);
    }),
    { numRuns: 12, examples: [[850_023_892, [0, 0, 37, 38]]] },
  );
});

test("another process goes on from the checkpoint, wherever it was taken", () => {
  const batches = batchesOf(inOrder);
  const wanted = plain(run(new PartitionState(world()), batches));
  for (const at of [1, 7, 20, 45]) {
    const before = new PartitionState(world());
    const first = batches.slice(0, at).flatMap((batch) => before.take(batch));
    const behind = new PartitionState(world());
    behind.restore(JSON.parse(JSON.stringify(before.save())) as SavedPartition);
    deepEqual(plain([...first, ...run(behind, batches.slice(at))]), wanted);
    deepEqual(behind.counts.facts, everything.length);
  }
});

test("law: batches that are held as they came say what their facts say, over wrong clocks and stamps, deliveries that come late or again, and restarts", () => {
  let held = 0;
  const packedOf = ({ facts, matched, ...came }: FactsBatch) => {
    const body = packFacts({ facts, matched });
    const opened = openFacts(body, { sensor: came.sensor, from: String(came.batch) });
    const unpacked = unpackFacts(body, { sensor: came.sensor, from: String(came.batch) });
    ok(opened.ok && unpacked.ok);
    return { packed: { ...came, key: came.sensor, body, opened: opened.value }, whole: { ...came, ...unpacked.value } };
  };
  fc.assert(
    fc.property(fc.integer(), fc.array(fc.nat(60), { maxLength: 4 }), fc.boolean(), (seed, restarts, off) => {
      let drawn = seed >>> 0;
      const random = (): number => (drawn = (Math.imul(drawn, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
      const sent = batchesOf(
        everything.map((fact) => ({ fact, came: fact.at + random() * (random() < 0.02 ? 90 : 1.9) * minute })),
        minute,
      ).flatMap((batch): readonly FactsBatch[] => {
        const shift = off && batch.sensor === "gate" ? 3 * hour : 0;
        const facts = batch.facts.map((fact): Fact => {
          const wrong = random() < 0.01 ? (random() < 0.5 ? 40 * day : -40 * day) : shift;
          return { ...fact, at: instant(fact.at + wrong), time: instant(fact.time + wrong) };
        });
        const line = facts[Math.floor(random() * facts.length)]?.line ?? 1;
        const listed = [{ line, value: "198.51.100.9", severity: "high" as const, attack: ["T1071"] }];
        const one = {
          ...{ ...batch, facts, newest: instant(batch.newest + shift) },
          said: { open: [], listed: random() < 0.2 ? listed : [] },
        };
        return random() < 0.1 ? [one, one] : [one];
      });
      const batches = sent.map(packedOf);
      const plainly = new PartitionState(world());
      let state = new PartitionState(world());
      for (const [n, { packed, whole }] of batches.entries()) {
        if (restarts.includes(n)) {
          const saved = unpackCheckpoint(packCheckpoint(state.save())) as SavedPartition;
          for (const [, lane] of saved.lanes) held += lane.inTime.held?.length ?? 0;
          state = new PartitionState(world());
          state.restore(saved);
        }
        deepEqual(state.takePacked(packed), plainly.take(whole));
        deepEqual(state.counts, plainly.counts);
      }
      const end = instant(last + 3 * hour);
      deepEqual(state.tick(end), plainly.tick(end));
      deepEqual([state.counts, state.clocks, state.through], [plainly.counts, plainly.clocks, plainly.through]);
      equal(state.counts.waiting, 0);
      equal(state.trouble(), undefined);
    }),
    { numRuns: 25 },
  );
  ok(held > 20, `${held} were held`);
});

test("batches of thousands are looked at in pieces, and say what they say at once; a restart in the middle of one changes nothing", () => {
  const packed = (batch: FactsBatch) => {
    const body = packFacts(batch);
    const opened = openFacts(body, { sensor: batch.sensor, from: String(batch.batch) });
    ok(opened.ok);
    return { ...batch, key: batch.sensor, body, opened: opened.value };
  };
  // a scan and a tunnel among 12,000 harmless facts of ten minutes, a little out of order, in batches of 100 seconds
  const [scan, tunnel] = [knocking(start), tunnelling(start)];
  const quiet = Array.from({ length: 12_000 }, (_, n): Fact => {
    const [from] = scan;
    ok(from);
    const at = instant(start + n * 50 + ((n * 7919) % 400));
    const destination = { address: `203.0.113.${n % 200}`, port: 443 };
    return { ...from, id: `quiet-${String(n).padStart(10, "0")}`, at, time: at, destination };
  });
  const facts = [...scan, ...tunnel, ...quiet].map((fact): Fact => ({ ...fact, sensor: "edge" }));
  const batches = batchesOf(
    facts
      .sort((a, b) => Math.floor(a.at / 500) - Math.floor(b.at / 500))
      .map((fact) => ({ fact, came: fact.at + 500 })),
    100_000,
  );
  ok(batches.some((batch) => batch.facts.length > 1500));
  const wanted = run(new PartitionState(world()), batches);
  ok(wanted.some(({ behaviour }) => behaviour === "port-scan"));
  for (let restart = 0; restart <= batches.length; restart++) {
    let state = new PartitionState(world());
    const hits: SpokenHit[] = [];
    for (const [n, batch] of batches.entries()) {
      if (n === restart) {
        const saved = unpackCheckpoint(packCheckpoint(state.save())) as SavedPartition;
        state = new PartitionState(world());
        state.restore(saved);
      }
      hits.push(...state.takePacked(packed(batch)));
    }
    hits.push(...state.tick((last + 20 * minute) as Instant));
    deepEqual(hits, wanted);
    equal(state.counts.waiting, 0);
  }
});

for (const [what, broken] of [
  ["rows end too early", (sound: Buffer) => sound.subarray(0, -1)],
  ["head is no JSON", (sound: Buffer) => sound.fill("}", sound.indexOf('"texts"'), sound.indexOf('"texts"') + 4)],
] as const)
  test(`a body whose ${what} is told when its facts are due, and nothing else is lost`, () => {
    const [first, second, third] = batchesOf(inOrder, minute);
    ok(first && second && third);
    const state = new PartitionState(world());
    const opened = (batch: FactsBatch, body: Uint8Array) => {
      const read = openFacts(body, { sensor: batch.sensor, from: "1" });
      ok(read.ok);
      return { ...batch, key: batch.sensor, body, opened: read.value };
    };
    const sound = zstdDecompressSync(packFacts(first));
    state.takePacked(opened(first, zstdCompressSync(broken(sound))));
    equal(state.trouble(), undefined);
    equal(state.counts.waiting, first.facts.length);
    state.takePacked(opened(third, packFacts(third)));
    state.tick(instant(last + 20 * minute));
    equal(state.trouble()?.code, "WGL_FACTS_BODY");
    equal(state.trouble(), undefined);
    deepEqual([state.counts.waiting, state.counts.facts], [0, first.facts.length + third.facts.length]);
  });

test("a sensor whose clock is hours off is corrected, and the others are not held up", () => {
  const wanted = plain(run(new PartitionState(world()), batchesOf(inOrder)));
  for (const off of [8 * hour, -8 * hour]) {
    const skewed = batchesOf(inOrder).map((batch) => {
      if (batch.sensor !== "gate") return batch;
      const moved = (at: number): Instant => instant(at + off);
      return {
        ...batch,
        newest: moved(batch.newest),
        facts: batch.facts.map((fact) => ({ ...fact, at: moved(fact.at), time: moved(fact.time) })),
      };
    });
    const state = new PartitionState(world());
    const hits = run(state, skewed);
    const gate = state.clocks.find(({ sensor }) => sensor === "gate");
    ok(gate && Math.abs(gate.correctedMs + off) < 6 * minute, `${gate?.correctedMs}`);
    // ahead is known from the first batch on; behind after four, and what came before them is looked at as it says
    const kinds = (all: readonly SpokenHit[]): readonly string[] =>
      [...new Set(all.map(({ behaviour, entities }) => `${behaviour} ${entities[0]?.value}`))].sort();
    deepEqual(kinds(hits), kinds(wanted.map((text) => hitOf(text))));
    if (off > 0) equal(state.counts.late, 0);
  }
  equal(run(new PartitionState(world()), batchesOf(inOrder)).length, wanted.length);
});

const hitOf = (text: string): SpokenHit => {
  const [behaviour, time, first, entities, because] = JSON.parse(text) as [
    string,
    Instant,
    Instant,
    SpokenHit["entities"],
    SpokenHit["because"],
  ];
  return {
    ...{ behaviour, time, first, last: time, entities, because, problem: { type: "other", about: "" } },
    ...{ severity: "high", certainty: "likely", score: 1, attack: [], evidence: [] },
  };
};

test("a clock is corrected within its bound, ahead at once and behind when it is steadily so", () => {
  const at = start + day;
  const ahead = new ClockSkew();
  equal(ahead.note(instant(at), at + 3 * hour), -3 * hour);
  equal(new ClockSkew().note(instant(at), at + 4 * minute), 0);
  equal(new ClockSkew().note(instant(at), at + skewUpTo + minute), 0, "beyond the bound it is no clock");
  const behind = new ClockSkew();
  const noted = [0, 1, 2, 3].map((n) => behind.note(instant(at + n * 4 * minute), at + n * 4 * minute - 8 * hour));
  deepEqual(noted, [0, 0, 0, 8 * hour]);
  const old = new ClockSkew();
  // yesterday's log, handed in piece by piece
  for (let n = 0; n < 8; n++) equal(old.note(instant(at + n * 4 * minute), at - 8 * hour + n * 30 * minute), 0);
});

test("what lies in the far future or past stalls nobody and is counted", () => {
  const batches = batchesOf(inOrder).map((batch, n): FactsBatch => {
    const [fact] = batch.facts;
    if (!fact || n % 9 !== 4) return batch;
    const future: Fact = {
      ...fact,
      id: `future-${n}`,
      at: instant(Date.UTC(2099, 0, 1)),
      source: { address: "10.20.7.7" },
      destination: { address: "198.51.100.77", port: 443 },
    };
    const past: Fact = { ...fact, id: `past-${n}`, at: instant(1000), source: { address: "10.20.7.8" } };
    return { ...batch, facts: [...batch.facts, future, past] };
  });
  const state = new PartitionState(world());
  deepEqual(plain(run(state, batches)), plain(run(new PartitionState(world()), batchesOf(inOrder))));
  ok(state.counts.future > 0 && state.counts.late > 0);
  equal(state.counts.waiting, 0);
});

test("a sensor that hands in its log once a day is looked at by itself, and nothing of it is lost", () => {
  const mine = beaconing(start + 30 * hour, "10.20.3.3", "198.51.100.99").map(
    (fact): Fact => ({ ...fact, sensor: "nightly" }),
  );
  const live = batchesOf(inOrder);
  const nightly = batchesOf(mine.map((fact) => ({ fact, came: start + 40 * hour })));
  const state = new PartitionState(world());
  const said = [
    ...live,
    ...batchesOf([
      {
        fact: { ...everything[0], id: "n", at: instant(start + 40 * hour - minute), sensor: "edge" } as Fact,
        came: start + 40 * hour - minute,
      },
    ]),
  ].flatMap((batch) => state.take(batch));
  ok(said.length > 0);
  const hits = [...nightly.flatMap((batch) => state.take(batch)), ...state.tick(instant(start + 41 * hour))];
  deepEqual(
    hits.map(({ behaviour, entities }) => [behaviour, entities[0]?.value]),
    [["beacon", "10.20.3.3"]],
  );
  equal(state.clocks.find(({ sensor }) => sensor === "nightly")?.alone, true);
  equal(state.counts.late, 0);
});

test("what a hidden source said makes a story for staff alone, and changes nothing of what is told", () => {
  const steps = ["initial-access", "execution", "persistence", "credential-access"];
  const fact = (n: number, id: string): Fact => ({
    ...{
      id: `step-${n}`,
      at: instant(start + n * minute),
      time: instant(start + n * minute),
      sensor: "edge",
      from: "",
      line: n + 1,
    },
    ...{ event: "process", measures: {}, host: "ws-7" },
    said: [{ id, title: id, severity: "high", tactics: [steps[n % 4] ?? ""], attack: [] }],
  });
  const play = (open: readonly string[], extra: boolean): readonly SpokenHit[] => {
    const facts = [0, 1, 2, 3].map((n) => fact(n, `rule-${n}`));
    if (extra)
      facts.push({
        ...fact(0, "secret"),
        id: "step-secret",
        at: instant(start + 90_000),
        time: instant(start + 90_000),
      });
    const state = new PartitionState(world());
    return [
      ...state.take({
        batch: 1,
        sensor: "edge",
        received: instant(start + 4 * minute),
        newest: instant(start + 3 * minute),
        facts,
        matched: [],
        said: { open, listed: [] },
      }),
      ...state.tick(instant(start + hour)),
    ];
  };
  const rules = ["rule-0", "rule-1", "rule-2", "rule-3"];
  const openly = play(rules, false);
  deepEqual(
    openly.map(({ behaviour, hidden }) => [behaviour, hidden]),
    [["intrusion", undefined]],
  );
  const knowing = play(rules, true);
  deepEqual(plain(knowing.filter(({ hidden }) => !hidden)), plain(openly));
  deepEqual(
    play(rules.slice(0, 2), false).map(({ hidden }) => hidden),
    [true],
  );
});

const failed = `title: Failed
id: 11111111-1111-4111-8111-111111111111
status: stable
logsource: { category: dns }
detection: { a: { query: x }, condition: a }
level: low
---
title: Many failures
id: 22222222-2222-4222-8222-222222222222
status: stable
level: high
tags: [attack.credential-access, attack.t1110]
correlation: { type: event_count, rules: [11111111-1111-4111-8111-111111111111], group-by: [User], timespan: 10m, condition: { gte: 5 } }
`;

test("a correlation counts over batches, and goes on under its plan when other rules change", () => {
  const plans = livePlans([loadPack("p", [{ path: "a.yml", text: failed }])], [], 1);
  equal(plans.plans.length, 1);
  const batch = (n: number): FactsBatch => ({
    ...{
      batch: n + 1,
      sensor: "edge",
      received: instant(start + (n + 1) * minute),
      newest: instant(start + n * minute),
      facts: [],
      said,
    },
    matched: [
      {
        ...{ rule: "11111111-1111-4111-8111-111111111111", time: instant(start + n * minute), id: `e${n}`, line: 1 },
        ...{ fields: { User: "Chan" }, host: "dc-1" },
      },
    ],
  });
  const opened = (with_ = plans): PartitionState => new PartitionState({ ...world(), plans: with_ });
  const whole = opened();
  const hits = [...[0, 1, 2, 3, 4, 5].flatMap((n) => whole.take(batch(n))), ...whole.tick(instant(start + hour))];
  deepEqual(
    hits.map(({ rule, time, entities }) => [rule?.title, time, entities.map(({ value }) => value)]),
    [["Many failures", start + 4 * minute, ["dc-1", "chan"]]],
  );
  deepEqual(
    hits[0]?.evidence.map(({ from }) => from),
    ["1", "2", "3", "4", "5"],
  );
  const half = opened();
  for (const n of [0, 1, 2]) half.take(batch(n));
  const other = failed.replace(
    "title: Failed",
    "title: Other\nid: 33333333-3333-4333-8333-333333333333\nstatus: stable\nlogsource: { category: dns }\ndetection: { a: { query: y }, condition: a }\nlevel: low\n---\ntitle: Failed",
  );
  const more = livePlans([loadPack("p", [{ path: "a.yml", text: other }])], [], 2);
  const behind = opened(more);
  behind.restore(JSON.parse(JSON.stringify(half.save())) as SavedPartition);
  const rest = [...[3, 4, 5].flatMap((n) => behind.take(batch(n))), ...behind.tick(instant(start + hour))];
  deepEqual(plain(rest), plain(hits));
});

test("a record dated by when it came, or by a clock that was set right, is one record however often it comes", () => {
  const state = new PartitionState(world());
  const [one] = beaconing(start);
  ok(one);
  const deliver = (batch: number, received: number, at: number): void => {
    const fact: Fact = { ...one, at: instant(at), time: instant(at), from: `${batch}`, line: 1 };
    state.take({
      ...{ batch, sensor: "edge", received: instant(received), newest: instant(at), facts: [fact], matched: [], said },
    });
  };
  for (let n = 0; n < 6; n++) deliver(n + 1, start + n * 5 * minute, start + n * 5 * minute);
  state.tick(instant(start + hour));
  deepEqual({ ...state.counts }, { ...state.counts, facts: 6, twice: 5, late: 0, waiting: 0 });
});
