import type { RsitType } from "#core/rsit.ts";
import type { Story } from "#alerts/story.ts";
import type { Language } from "#words/language.ts";
import { say } from "#words/say.ts";
import { remedies } from "./index.ts";
import { taken } from "./taken-back.ts";
import type { Audience, By, Remedy, Step } from "./remedy.ts";

/** One step in the reader's words. `by` is the code behind `byWhen`: "now" is marked. */
export interface SaidStep {
  readonly what: string;
  readonly who: string;
  readonly by: By;
  readonly byWhen: string;
  readonly why: string;
}

/**
 * What to do, in order.
 *
 * @param about `asset` is the reader's own, `hostile` the other side, already defanged; "" when there is none
 */
export const stepsFor = (
  language: Language,
  problem: RsitType,
  story: Story,
  audience: Audience,
  about: { readonly asset: string; readonly hostile: string },
): readonly SaidStep[] => stepsOf(problem, story)[audience].map((one) => saidStep(language, one, about));

/** What was noticed is mended on the device; data that leave it are mended there too, and not where they are sold. */
const stepsOf = (problem: RsitType, story: Story): Remedy[keyof Remedy] =>
  story === "noticed"
    ? remedies[problem === "data-leak" ? "system-compromise" : problem].listed
    : remedies[problem][story === "runs" ? "listed" : story];

/** What to do when an alert is taken back. */
export const stepsBack = (language: Language, audience: Audience): readonly SaidStep[] =>
  taken[audience].map((one) => saidStep(language, one, { asset: "", hostile: "" }));

const saidStep = (
  language: Language,
  { step, who, by }: Step,
  about: { readonly asset: string; readonly hostile: string },
): SaidStep => ({
  what: say(language, `remedies.${step}.what`, about),
  who: say(language, `remedies.who.${who}`),
  by,
  byWhen: say(language, `remedies.by.${by}`),
  why: say(language, `remedies.${step}.why`),
});
