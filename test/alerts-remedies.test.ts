import assert from "node:assert/strict";
import { test } from "node:test";
import { remedies } from "#alerts/remedies/index.ts";
import { audiences } from "#alerts/remedies/remedy.ts";
import { taken } from "#alerts/remedies/taken-back.ts";
import { stepsFor } from "#alerts/remedies/steps.ts";
import { rsitTypes, type RsitType } from "#core/rsit.ts";
import { languages } from "#words/language.ts";
import { remedies as english } from "#words/en/remedies.ts";

const types = Object.keys(rsitTypes) as RsitType[];
const plans = types.flatMap((type) =>
  (["contacted", "listed"] as const).flatMap((story) =>
    audiences.map((audience) => ({ type, story, audience, steps: remedies[type][story][audience] })),
  ),
);
/** Hours of each deadline, to compare them. */
const hours = { now: 0, "1h": 1, "2h": 2, "4h": 4, today: 12, "3d": 72, "1w": 168 } as const;

test("every problem has two to seven distinct steps for both audiences, seen from either side", () => {
  assert.equal(plans.length, types.length * 4);
  for (const { type, story, audience, steps } of plans) {
    const name = `${type} ${story} ${audience}`;
    assert.ok(steps.length >= 2 && steps.length <= 7, `${name}: ${steps.length}`);
    assert.equal(new Set(steps.map(({ step }) => step)).size, steps.length, name);
  }
});

test("the first step is the most urgent one", () => {
  for (const { type, story, audience, steps } of plans)
    assert.equal(
      hours[steps[0]?.by ?? "1w"],
      Math.min(...steps.map(({ by }) => hours[by])),
      `${type} ${story} ${audience}`,
    );
});

test("what was reported by others asks nothing about an other side that is not known", () => {
  for (const { type, story, audience, steps } of plans)
    if (story === "listed")
      for (const { step } of steps)
        assert.ok(!english[`${step}.what`].includes("{hostile}"), `${type} ${audience} ${step}`);
});

test("a small business is asked only what its owner or helper can do", () => {
  for (const { type, story, audience, steps } of plans)
    for (const { who } of steps)
      assert.equal(who === "owner" || who === "it-supplier", audience === "sme", `${type} ${story} ${audience} ${who}`);
});

test("every step of the catalogue is used somewhere", () => {
  const used = new Set<string>(
    [...plans.map(({ steps }) => steps), taken.it, taken.sme].flat().map(({ step }) => step),
  );
  const named = Object.keys(english)
    .filter((key) => key.endsWith(".what"))
    .map((key) => key.slice(0, -".what".length));
  assert.deepEqual(
    named.filter((name) => !used.has(name)),
    [],
  );
});

test("stepsFor() fills what, who, by when and why in each language", () => {
  for (const language of languages)
    for (const { type, story, audience } of plans)
      for (const step of stepsFor(language, type, story, audience, { asset: "ASSET", hostile: "HOSTILE" }))
        for (const text of [step.what, step.who, step.byWhen, step.why]) {
          assert.notEqual(text, "");
          assert.doesNotMatch(text, /[{}]/);
        }
});

test("a device that is isolated is not switched off, in any language", () => {
  for (const [language, word] of [
    ["en", "Do not switch it off"],
    ["zh-Hant-HK", "不要關機"],
    ["zh-Hans", "不要关机"],
  ] as const)
    assert.ok(
      stepsFor(language, "infected-system", "contacted", "it", { asset: "a", hostile: "b" }).some(({ what }) =>
        what.includes(word),
      ),
    );
});
