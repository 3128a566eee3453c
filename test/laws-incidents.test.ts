import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { certainties, gradeWeight } from "#core/grade.ts";
import { after, instant, minute } from "#core/instant.ts";
import { paps, type Tlp, tlps } from "#core/marking.ts";
import { rank } from "#core/severity.ts";
import { type Around, type FindingSource, raise } from "#incidents/finding.ts";
import { findingStates, fixGraceMs, listed, seenAgain } from "#incidents/state.ts";
import { openFirst } from "#jobs/findings/record-hits.ts";
import { claim, hit, idOf, now } from "./incident-world.ts";

const source = fc
  .record({
    feed: fc.constantFrom("a", "b", "c", "d"),
    indicator: fc.constantFrom("i", "j"),
    grade: fc.record({
      source: fc.constantFrom(...("ABCDEF" as unknown as readonly "A"[])),
      statement: fc.constantFrom(1 as const, 2 as const, 3 as const, 6 as const),
    }),
    labels: fc.constant([]),
    tlp: fc.constantFrom<Tlp>(...tlps),
    pap: fc.constantFrom(...paps),
    voice: fc.constantFrom("alert" as const, "corroborate" as const, "context" as const),
    shadow: fc.boolean(),
  })
  .map(
    (one): FindingSource => ({ ...one, mayBeShown: one.tlp !== "red" && one.tlp !== "amber+strict" && !one.shadow }),
  );
/** One per feed and indicator, one of which may speak to the organisation, as an open finding has them. */
const openSources = fc
  .uniqueArray(source, { maxLength: 5, selector: (one) => `${one.feed} ${one.indicator}` })
  .map((some): FindingSource[] => [
    ...some,
    {
      feed: "speaks",
      indicator: "i",
      grade: { source: "C", statement: 3 },
      labels: [],
      tlp: "green",
      pap: "clear",
      voice: "alert",
      shadow: false,
      mayBeShown: true,
    },
  ]);
const hits = fc
  .uniqueArray(fc.record({ minute: fc.nat(300), line: fc.nat(9) }), {
    minLength: 1,
    maxLength: 8,
    selector: (one) => `${one.minute} ${one.line}`,
  })
  .map((some) => some.map((one) => hit("transport", "10.0.0.1", "bad.example", one).hit));
const around = (sources: readonly FindingSource[], some: Partial<Around> = {}): Around => ({
  ...{
    id: idOf("finding", "x"),
    sources,
    veiled: false,
    organisationShadow: false,
    assetWorth: "normal",
    now: after(now, 1000 * minute),
  },
  ...some,
});

test("raise() gives one finding whatever the order and the batches of its hits", () => {
  fc.assert(
    fc.property(
      hits,
      openSources,
      fc.nat(),
      fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
      (all, sources, cut, keys) => {
        const together = raise(undefined, all, around(sources));
        const shuffled = all
          .map((one, at) => ({ one, key: keys[at] ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ one }) => one);
        const at = 1 + (cut % shuffled.length);
        const first = raise(undefined, shuffled.slice(0, at), around(sources));
        const apart = at < shuffled.length ? raise(first, shuffled.slice(at), around(sources)) : first;
        assert.deepEqual(apart, together);
      },
    ),
  );
});

test("raise() tells the organisation nothing of sources it may not see: adding one changes nothing", () => {
  fc.assert(
    fc.property(hits, openSources, (all, sources) => {
      const shown = sources.filter((one) => one.mayBeShown);
      assert.deepEqual(raise(undefined, all, around(sources)), raise(undefined, all, around(shown)));
    }),
  );
});

test("raise() marks a finding at least as strictly as every claim shown, and never wider than AMBER; context counts for nothing", () => {
  fc.assert(
    fc.property(hits, openSources, (all, sources) => {
      const finding = raise(undefined, all, around(sources));
      const shown = sources.filter((one) => one.mayBeShown && one.voice !== "context");
      assert.ok(tlps.indexOf(finding.marking.tlp) >= tlps.indexOf("amber"));
      assert.ok(shown.every((one) => paps.indexOf(finding.marking.pap) >= paps.indexOf(one.pap)));
      assert.equal(gradeWeight(finding.grade), Math.max(...shown.map((one) => gradeWeight(one.grade))));
      const more = raise(undefined, all, around([...sources, { ...(shown[0] as FindingSource), feed: "more" }]));
      assert.ok(
        certainties.indexOf(more.certainty) >= certainties.indexOf(finding.certainty),
        "another source never makes it less certain",
      );
      assert.ok(
        rank(raise(undefined, all, around(sources, { assetWorth: "critical" })).severity) >= rank(finding.severity),
      );
    }),
  );
});

test("shadow: what is veiled waits for a person whatever its sources become; what was told is never untold", () => {
  fc.assert(
    fc.property(hits, hits, openSources, fc.boolean(), (first, later, sources, shadowed) => {
      const hidden = sources.map((one) => ({ ...one, shadow: shadowed, tlp: "red" as const, mayBeShown: false }));
      const veiled = raise(undefined, first, around(hidden, { veiled: true }));
      assert.equal(veiled.shadow, shadowed ? "new-feed" : "hidden");
      assert.equal(raise(veiled, later, around(sources, { veiled: true })).shadow, veiled.shadow);
      const { shadow: _, ...released } = veiled;
      assert.equal(raise(released, later, around(hidden, { veiled: true })).shadow, undefined);
      const member = raise(undefined, first, around(sources, { organisationShadow: true }));
      assert.equal(member.shadow, "new-member");
      assert.equal(
        raise(member, later, around(sources, { organisationShadow: false })).shadow,
        undefined,
        "the member may be told now",
      );
      const told = raise(undefined, first, around(sources));
      assert.equal(told.shadow, undefined);
      assert.equal(raise(told, later, around(sources, { organisationShadow: true })).shadow, undefined);
    }),
  );
});

test("reopened: what was over comes back with a new due time; stragglers of a claimed fix do not reopen it; what is aside stays", () => {
  const before = raise(undefined, [hit("transport", "10.0.0.1", "bad.example").hit], around([]));
  for (const state of findingStates)
    fc.assert(
      fc.property(fc.integer({ min: -3, max: 3 * 60 * 60_000 }), (ms) => {
        const changed = after(now, minute);
        const at = instant(changed + ms);
        const next = seenAgain(state, changed, at);
        const over = (state === "gone" || state === "withdrawn") && ms > 0;
        const unfixed = state === "fix-claimed" && ms > fixGraceMs;
        assert.equal(next, over || unfixed ? "reopened" : state);
        const again = raise(
          { ...before, state, changed },
          [{ ...hit("transport", "10.0.0.1", "bad.example").hit, time: at }],
          around([]),
        );
        assert.equal(again.state, next);
        assert.equal(again.opened, next === "reopened" && state !== "reopened" ? around([]).now : before.opened);
        if (listed[state] === "aside") assert.equal(listed[again.state], "aside");
      }),
      { numRuns: 30 },
    );
});

test("openFirst() lets shown claims speak alone when one of them may, and all together otherwise", () => {
  const one = fc.record({
    tlp: fc.constantFrom<Tlp>(...tlps),
    shadow: fc.boolean(),
    voice: fc.constantFrom("alert" as const, "corroborate" as const),
  });
  fc.assert(
    fc.property(fc.array(one, { minLength: 1, maxLength: 5 }), (some) => {
      const claims = some.map((each, at) => claim("bad.example", { ...each, feed: `f${at}` }));
      const shown = claims.filter((each) => !each.shadow && each.tlp !== "red" && each.tlp !== "amber+strict");
      assert.deepEqual(openFirst(claims), shown.some((each) => each.voice === "alert") ? shown : claims);
    }),
  );
});
