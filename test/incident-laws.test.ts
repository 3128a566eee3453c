import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { assetWorths } from "#community/asset.ts";
import { certainties } from "#core/grade.ts";
import { after, day, hour, type Instant, minute } from "#core/instant.ts";
import { severities } from "#core/severity.ts";
import { behaviours } from "#detect/behaviours.ts";
import { aboutNothing, casesAtLeast, falseAtMost, type LiveRecord, maySpeak, perThousand } from "#detect/record.ts";
import { benignRecords } from "#detect/records.ts";
import { entityKey } from "#incidents/entities.ts";
import { inhibitions, inhibits, type Mutable, mutedBy } from "#incidents/inhibition.ts";
import { incidentRisk, quietRisk, riskOf } from "#incidents/risk.ts";
import { silences } from "#incidents/silence.ts";
import { chainOf, tactics, tacticsOf } from "#incidents/tactics.ts";
import { benignRecords as measured } from "./behaviour-records.ts";
import { aMonth } from "./benign-month.ts";
import { now } from "./incident-world.ts";

const factors = fc.record({
  severity: fc.constantFrom(...severities),
  certainty: fc.constantFrom(...certainties),
  worth: fc.constantFrom(...assetWorths),
});

test("riskOf() is 1 to 100, whole, and never lower when a factor is higher", () => {
  fc.assert(
    fc.property(factors, (one) => {
      const risk = riskOf(one);
      assert.ok(Number.isInteger(risk) && risk >= 1 && risk <= 100);
      for (const [name, order] of [
        ["severity", severities],
        ["certainty", certainties],
        ["worth", assetWorths],
      ] as const)
        for (const higher of (order as readonly string[]).slice((order as readonly string[]).indexOf(one[name])))
          assert.ok(riskOf({ ...one, [name]: higher }) >= risk, `${name} ${one[name]} → ${higher}`);
    }),
  );
  assert.equal(riskOf({ severity: "critical", certainty: "almost-certain", worth: "critical" }), 100);
  // 75 × 0.8 × 0.8
  assert.equal(riskOf({ severity: "high", certainty: "likely", worth: "normal" }), 48);
});

test("incidentRisk() is at least its worst finding's, at most 100; order, more findings and more tactics never lower it", () => {
  const risks = fc.array(fc.nat(100), { maxLength: 20 });
  fc.assert(
    fc.property(
      risks,
      fc.nat(14),
      fc.nat(100),
      fc.array(fc.nat(), { minLength: 20, maxLength: 20 }),
      (all, n, more, keys) => {
        const risk = incidentRisk(all, n);
        assert.ok(Number.isInteger(risk) && risk >= Math.max(0, ...all) && risk <= 100);
        const shuffled = all.map((one, at) => [one, keys[at] ?? 0] as const).sort(([, a], [, b]) => a - b);
        assert.equal(
          incidentRisk(
            shuffled.map(([one]) => one),
            n,
          ),
          risk,
        );
        assert.ok(incidentRisk([...all, more], n) >= risk);
        assert.ok(incidentRisk(all, n + 1) >= risk);
        const raised = all.map((one, at) => (at === 0 ? Math.min(100, one + 7) : one));
        assert.ok(incidentRisk(raised, n) >= risk);
      },
    ),
  );
  assert.equal(incidentRisk([], 5), 0);
  assert.equal(incidentRisk([48], 1), 48);
  // 1 − 0.52 × 0.76 = 0.6048; with three tactics 1 − 0.3952 × 0.7225
  assert.equal(incidentRisk([48, 48], 1), 60);
  assert.equal(incidentRisk([48, 48], 3), 71);
  assert.ok(
    incidentRisk(
      Array.from({ length: 1000 }, () => quietRisk("medium")),
      1,
    ) < 20,
    "a thousand whispers are no shout",
  );
});

test("tactics: what a rule names goes before what its techniques would mean; the chain is in order of time", () => {
  assert.deepEqual(tacticsOf(["execution"], ["T1071"]), ["execution"]);
  assert.deepEqual(tacticsOf([], ["T1071.001"]), ["command-and-control"]);
  assert.deepEqual(tacticsOf(["stealth", "initial-access", "no-such"], []), ["initial-access", "defense-evasion"]);
  fc.assert(
    fc.property(
      fc.array(
        fc.record({ name: fc.constantFrom(...tactics, "T1003"), at: fc.nat(50), hits: fc.integer({ min: 1, max: 9 }) }),
      ),
      (some) => {
        const shown = some.map(({ name, at, hits }) => ({
          name,
          hits,
          first: after(now, at),
          last: after(now, at + 5),
        }));
        const chain = chainOf(shown);
        assert.deepEqual(chainOf(shown.toReversed()), chain);
        assert.equal(new Set(chain.map(({ name }) => name)).size, chain.length);
        assert.deepEqual(
          chain.map(({ first }) => first),
          chain.map(({ first }) => first).toSorted((a, b) => a - b),
        );
        assert.equal(
          chain.reduce((sum, { hits }) => sum + hits, 0),
          shown.filter(({ name }) => name !== "T1003").reduce((sum, { hits }) => sum + hits, 0),
        );
      },
    ),
  );
});

const host = (value: string, at: Instant = now) => ({
  ...{ key: entityKey("transport", { kind: "host", value }), first: at, last: after(at, minute) },
});
const finding = (id: string, over: Partial<Mutable> = {}): Mutable => ({
  ...{
    id,
    organisation: "transport",
    veiled: false,
    detector: "sigma",
    sources: ["rule:a"],
    problem: "system-compromise",
  },
  ...{ severity: "medium", stands: true, entities: [host("ws-1")] },
  ...over,
});
const intrusion = finding("i", { detector: "behaviour", sources: ["behaviour:intrusion"], severity: "high" });

test("inhibits(): on a shared entity, near in time, inside one organisation, never what is worse or seen by more", () => {
  assert.equal(inhibits(intrusion, finding("a"))?.id, "intrusion-tells-its-stages");
  const unmuted: readonly (readonly [string, Mutable, Mutable])[] = [
    ["another host", intrusion, finding("a", { entities: [host("ws-2")] })],
    ["too late", intrusion, finding("a", { entities: [host("ws-1", after(now, 2 * day))] })],
    ["another organisation", intrusion, finding("a", { organisation: "hospital" })],
    ["worse than its source", intrusion, finding("a", { severity: "critical" })],
    ["hidden source", { ...intrusion, veiled: true }, finding("a")],
    ["source over", { ...intrusion, stands: false }, finding("a")],
    ["itself", intrusion, intrusion],
    ["another intrusion, which could mute it as well", intrusion, { ...intrusion, id: "j" }],
  ];
  for (const [why, source, target] of unmuted) assert.equal(inhibits(source, target), undefined, why);
  assert.ok(inhibits({ ...intrusion, veiled: true }, finding("a", { veiled: true })));
});

test("mutedBy() looks at no chains: what is muted mutes by its own rules alone, and the order does not matter", () => {
  const scan = finding("s", { detector: "behaviour", sources: ["behaviour:port-scan"], severity: "medium" });
  const rule = finding("r", { problem: "scanner" });
  const other = finding("o", { problem: "scanner", entities: [host("ws-2")] });
  // intrusion → scan → rule: each by its own
  assert.equal(mutedBy(scan, [intrusion, rule])?.id, "i");
  assert.equal(mutedBy(rule, [scan])?.id, "s");
  assert.equal(mutedBy(rule, [scan, intrusion])?.id, "i", "of several the lowest id");
  assert.equal(mutedBy(rule, [intrusion, scan])?.id, "i");
  // a machine that only the scan saw is not the intrusion's
  assert.equal(mutedBy(other, [intrusion, scan]), undefined);
});

test("inhibitions are data that binds: reasons, bounds, sources that exist", () => {
  const ids = new Set(behaviours.map(({ id }) => `behaviour:${id}`));
  assert.equal(new Set(inhibitions.map(({ id }) => id)).size, inhibitions.length);
  for (const { id, why, withinMs, source, target } of inhibitions) {
    assert.ok(why.length > 20 && withinMs > 0 && withinMs <= day && withinMs >= hour, id);
    for (const one of [...(source.sources ?? []), ...(target.sources ?? [])]) assert.ok(ids.has(one), `${id}: ${one}`);
  }
});

test("silences(): everything that is said must hold, and something must be said", () => {
  const one = {
    ...{ organisation: "transport", asset: "203.0.113.24", detector: "sigma" as const, sources: ["rule:a", "rule:b"] },
    problem: { type: "scanner" as const, about: "" },
  };
  assert.equal(silences({}, one), false);
  assert.ok(silences({ organisation: "transport", source: "rule:b" }, one));
  assert.equal(silences({ organisation: "transport", source: "rule:c" }, one), false);
  assert.ok(silences({ asset: "203.0.113.0/24" }, one));
  assert.equal(silences({ asset: "203.0.112.0/24" }, one), false);
  assert.equal(silences({ asset: "203.0.113.2" }, one), false);
  assert.ok(silences({ asset: "*.shop.example" }, { ...one, asset: "www.shop.example" }));
  assert.ok(silences({ asset: "*.shop.example" }, { ...one, asset: "shop.example" }));
  assert.equal(silences({ asset: "*.shop.example" }, { ...one, asset: "workshop.example" }), false);
  assert.equal(silences({ problem: "exploit" }, one), false);
  assert.equal(silences({ detector: "behaviour" }, one), false);
});

test("maySpeak(): over one false finding per 1,000 host-days, published or here, a detector only adds risk", () => {
  const published = { measured: "2026-11-22", month: { seed: 1, people: 1, days: 1 }, hostDays: 1000 };
  assert.ok(maySpeak({ ...published, falseFindings: 1 }, undefined));
  assert.equal(maySpeak({ ...published, falseFindings: 2 }, undefined), false);
  const live = (some: Partial<LiveRecord>): LiveRecord => ({
    ...{ hostDays: 1000, findings: 10, agreed: 0, refuted: 0, benign: 0, shadow: false },
    ...some,
  });
  assert.ok(maySpeak(undefined, undefined));
  assert.ok(maySpeak(undefined, live({})), "out of shadow nobody said that it was wrong");
  assert.equal(maySpeak(undefined, live({ shadow: true })), false, "in shadow nobody said that it was right");
  assert.ok(maySpeak(undefined, live({ shadow: true, agreed: 9 })));
  assert.equal(maySpeak(undefined, live({ refuted: 2, benign: 1 })), false);
  assert.ok(maySpeak(undefined, live({ refuted: 2, benign: 1, hostDays: 3000 })));
  fc.assert(
    fc.property(
      fc.nat(20),
      fc.nat(20),
      fc.nat(20),
      fc.nat(20),
      fc.boolean(),
      (findings, agreed, refuted, benign, shadow) => {
        const one = live({ findings, agreed, refuted, benign, shadow });
        if (aboutNothing(one) < casesAtLeast) assert.ok(maySpeak(undefined, one));
        if (!maySpeak(undefined, one))
          assert.equal(maySpeak(undefined, { ...one, refuted: refuted + 1, agreed: Math.max(0, agreed - 1) }), false);
      },
    ),
  );
});

test("every behaviour has a published record, which a smaller benign month does not belie", (t) => {
  assert.deepEqual(Object.keys(benignRecords).toSorted(), behaviours.map(({ id }) => id).toSorted());
  const small = measured({ ...aMonth, people: 12, days: 10 });
  for (const [id, record] of Object.entries(benignRecords)) {
    assert.deepEqual(record.month, { seed: aMonth.seed, people: aMonth.people, days: aMonth.days }, id);
    assert.match(record.measured, /^\d{4}-\d\d-\d\d$/);
    const now_ = small.get(id);
    assert.ok(
      now_ && now_.falseFindings <= record.falseFindings,
      `${id}: ${now_?.falseFindings} in ten days of twelve people`,
    );
    t.diagnostic(`${id}: ${perThousand(record.falseFindings, record.hostDays).toFixed(2)} (at most ${falseAtMost})`);
  }
});

test("the published records are what the whole month gives", {
  skip: process.env["WAGLAN_LONG"] ? false : "takes seconds: WAGLAN_LONG, and the bench",
}, () => {
  const whole = measured(aMonth);
  for (const [id, record] of Object.entries(benignRecords))
    assert.deepEqual(
      [whole.get(id)?.hostDays, whole.get(id)?.falseFindings],
      [record.hostDays, record.falseFindings],
      id,
    );
});
