import type { Story } from "#alerts/story.ts";
import type { remedies } from "#words/en/remedies.ts";

type Named<Prefix extends string, Suffix extends string> = {
  [Key in keyof typeof remedies]: Key extends `${Prefix}${infer Name}${Suffix}` ? Name : never;
}[keyof typeof remedies];

export type StepName = Named<"", ".what">;
/** Who does it: a role in an IT department, or the owner of a small business and whoever helps them. */
export type Who = Named<"who.", "">;
/** Counted from the alert. */
export type By = Named<"by.", "">;

export interface Step {
  readonly step: StepName;
  readonly who: Who;
  readonly by: By;
}

/** it: somebody there runs firewalls and reads logs. sme: the owner reads it alone, on a phone. */
export const audiences = ["it", "sme"] as const;
export type Audience = (typeof audiences)[number];

/** In the order in which one does them; at most seven, for nobody does eight. */
export type Steps = readonly Step[];

/** What to do about one type of problem. What a detector noticed, or what is run, is mended on the device, as what is listed. */
export type Remedy = Readonly<Record<Exclude<Story, "noticed" | "runs">, Readonly<Record<Audience, Steps>>>>;

export const step = (name: StepName, who: Who, by: By): Step => ({ step: name, who, by });
