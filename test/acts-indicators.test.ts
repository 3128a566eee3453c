import assert from "node:assert/strict";
import { test } from "node:test";
import { after, day, type Instant } from "#core/instant.ts";
import { indicatorId } from "#intel/indicator.ts";
import { ask, openActsWorld } from "./acts-world.ts";

test("what a value is worth is told apart: sure enough, only supported, too old, judged false", async (t) => {
  const { acts, viewer, desk, clock, id } = await openActsWorld(t);
  const lo = await viewer("lo");
  const put = (feed: string, voice: "alert" | "corroborate", value: string, seenAt: Instant): Promise<void> =>
    desk.state.act(async (tx) => {
      await tx.intel.feed({ id: feed, liveDays: 3000, voice }, false);
      const observable = { kind: "ipv4", value } as const;
      const said = { parts: [""], seenAt, labels: [], flags: [], tlp: "green", pap: "clear", licence: "own" } as const;
      const until = { liveUntil: after(clock.now, 900 * day) };
      const grade = { source: "B", statement: 2 } as const;
      await tx.intel.merge(
        feed,
        [{ id: indicatorId("test", observable), observable, grade, ...said, ...until }],
        clock.now,
      );
    });
  const old = after(clock.now, -400 * day);
  await put("abusech-feodo", "alert", "45.155.205.5", clock.now);
  await put("stamparm-ipsum", "corroborate", "45.155.205.6", clock.now);
  await put("abusech-feodo", "alert", "45.155.205.7", old);
  const standing = async (value: string): Promise<string> => {
    const shown = await acts.indicator(lo, indicatorId("test", { kind: "ipv4", value }), ask);
    assert.ok(shown.ok, value);
    return shown.value.indicator.standing;
  };
  assert.equal(await standing("45.155.205.5"), "block");
  assert.equal(await standing("45.155.205.6"), "supports");
  assert.equal(await standing("45.155.205.7"), "faded");
  const verdict = { verdict: "false", reason: "ours" } as const;
  await acts.judgeIndicator(lo, indicatorId("test", { kind: "ipv4", value: "45.155.205.5" }), verdict, ask);
  assert.equal(await standing("45.155.205.5"), "false");
  assert.equal((await acts.indicator(lo, id("indicator", "never"), ask)).ok, false);
});
