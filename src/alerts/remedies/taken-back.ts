import { type Audience, step, type Steps } from "./remedy.ts";

/** An alert was taken back: stop the work it caused, and undo what stands in somebody's way. */
export const taken: Readonly<Record<Audience, Steps>> = {
  it: [step("undo-work", "security-contact", "today"), step("undo-blocks", "network-administrator", "today")],
  sme: [step("undo-work", "owner", "today")],
};
