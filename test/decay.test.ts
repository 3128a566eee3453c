import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Grade } from "#core/grade.ts";
import { day, instant, type Instant } from "#core/instant.ts";
import { type AgeingClaim, fallsBelow, scoreOf, usualDecay } from "#intel/decay.ts";

const now = instant(Date.parse("2026-11-22T00:00:00Z"));
const ago = (days: number): Instant => instant(now - days * day);
const claim = (feed: string, grade: string, days: number): AgeingClaim => ({
  feed,
  grade: { source: grade[0] as Grade["source"], statement: Number(grade[1]) as Grade["statement"] },
  lastSeen: ago(days),
});

const claims = fc.array(
  fc.record({
    feed: fc.constantFrom("a", "b", "c", "d"),
    grade: fc.record({
      source: fc.constantFrom("A", "B", "C", "D", "E", "F"),
      statement: fc.constantFrom(1, 2, 3, 4, 5, 6),
    }),
    lastSeen: fc.integer({ min: 0, max: 400 }).map(ago),
  }),
  { maxLength: 6 },
) as fc.Arbitrary<AgeingClaim[]>;
const kind = fc.constantFrom<"ipv4" | "domain" | "sha256">("ipv4", "domain", "sha256");

test("half of a claim is left after its kind's half-life, and a re-sighting resets it", () => {
  assert.equal(scoreOf([claim("a", "A1", 0)], "ipv4", usualDecay, now), 100);
  assert.equal(scoreOf([claim("a", "A1", 14)], "ipv4", usualDecay, now), 50);
  assert.equal(scoreOf([claim("a", "A1", 28)], "ipv4", usualDecay, now), 25);
  assert.equal(scoreOf([{ ...claim("a", "A1", 28), lastSeen: now }], "ipv4", usualDecay, now), 100);
  // a source that lists it still has just said so again
  assert.equal(scoreOf([{ ...claim("a", "A1", 28), listedAt: ago(0) }], "ipv4", usualDecay, now), 100);
});

test("a changed rule holds for the past at once", () => {
  const old = [claim("a", "A1", 14)];
  const slower = { ...usualDecay, halfLifeDays: { ...usualDecay.halfLifeDays, ipv4: 28 } };
  assert.ok(scoreOf(old, "ipv4", slower, now) > scoreOf(old, "ipv4", usualDecay, now));
});

test("independent sources corroborate; one source that repeats itself does not", () => {
  const one = scoreOf([claim("a", "B2", 0)], "domain", usualDecay, now);
  assert.equal(scoreOf([claim("a", "B2", 0), claim("a", "B2", 3)], "domain", usualDecay, now), one);
  assert.ok(scoreOf([claim("a", "B2", 0), claim("b", "C3", 3)], "domain", usualDecay, now) > one);
});

test("law: more evidence never lowers a score, time never raises it, order does not matter", () => {
  fc.assert(
    fc.property(claims, kind, fc.integer({ min: 0, max: 300 }), (some, of, days) => {
      const score = scoreOf(some, of, usualDecay, now);
      assert.ok(score >= 0 && score <= 100);
      assert.ok(scoreOf([...some, claim("e", "C3", 1)], of, usualDecay, now) >= score);
      assert.ok(scoreOf(some, of, usualDecay, instant(now + days * day)) <= score);
      assert.equal(scoreOf([...some].reverse(), of, usualDecay, now), score);
    }),
  );
});

test("law: the day a score falls below a level is the day it does", () => {
  fc.assert(
    fc.property(claims, kind, fc.integer({ min: 5, max: 90 }), (some, of, level) => {
      const at = fallsBelow(some, of, usualDecay, level, now);
      if (at === undefined) return assert.ok(scoreOf(some, of, usualDecay, now) < level);
      if (at >= now + 3653 * day) return;
      assert.ok(scoreOf(some, of, usualDecay, instant(at + day / 24)) < level + 0.1);
      assert.ok(scoreOf(some, of, usualDecay, instant(Math.max(now, at - day / 8))) >= level);
    }),
  );
});
