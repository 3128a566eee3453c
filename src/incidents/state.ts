import type { Answer } from "#incidents/answer.ts";

/** Where a finding stands (DESIGN §3). Every state that does not stand in `closed` is open work. */
export const findingStates = [
  "new",
  "notified",
  "seen",
  "acknowledged",
  "fixing",
  "fix-claimed",
  "reopened",
  "gone",
  "not-ours",
  "false",
  "risk-accepted",
  "suppressed",
  "withdrawn",
  "merged",
] as const;
export type FindingState = (typeof findingStates)[number];

/** How each state is listed: `open` wants somebody's eye, `aside` was put away by a decision, `closed` is over. */
export const listed = {
  new: "open",
  notified: "open",
  seen: "open",
  acknowledged: "open",
  fixing: "open",
  "fix-claimed": "open",
  reopened: "open",
  gone: "closed",
  "not-ours": "open",
  false: "closed",
  "risk-accepted": "aside",
  suppressed: "aside",
  withdrawn: "closed",
  merged: "closed",
} as const satisfies Record<FindingState, "open" | "aside" | "closed">;

export const statesListed = (as: "open" | "aside" | "closed"): readonly FindingState[] =>
  findingStates.filter((state) => listed[state] === as);

/**
 * The state after a recipient's answer. `need-help` leaves the state of work alone but never leaves a finding unseen.
 * An answer to what is verified gone, or was withdrawn or merged, is kept in the history and moves nothing.
 */
export const answered = (state: FindingState, answer: Answer): FindingState => {
  if (state === "gone" || state === "withdrawn" || state === "merged") return state;
  switch (answer) {
    case "acknowledged":
      return "acknowledged";
    case "need-help":
      return state === "new" || state === "notified" || state === "reopened" ? "seen" : state;
    case "not-ours":
      return "not-ours";
    case "false":
      return "false";
    case "fixed":
      return "fix-claimed";
  }
};

/** Hits arriving this long after a claimed fix say that it is not fixed: one hour lets buffers and sensors drain. */
export const fixGraceMs = 3_600_000;

/**
 * The state after the signal came again at `hitAt`. What people put aside stays aside (its count still rises);
 * what was over comes back as `reopened`; a claimed fix survives `fixGraceMs` of stragglers.
 */
export const seenAgain = (state: FindingState, changedAt: number, hitAt: number): FindingState => {
  if (state === "gone" || state === "withdrawn") return hitAt > changedAt ? "reopened" : state;
  if (state === "fix-claimed") return hitAt > changedAt + fixGraceMs ? "reopened" : state;
  return state;
};

/** What staff do with a finding. `release` lets a shadow finding be told. */
export const findingActs = [
  "release",
  "acknowledge",
  "snooze",
  "wake",
  "suppress",
  "false",
  "accept-risk",
  "reopen",
  "note",
] as const;
export type FindingAct = (typeof findingActs)[number];

/** The acts that make sense for a finding as it stands; what is not here is refused. */
export const actsOn = (finding: { state: FindingState; shadow: boolean; snoozed: boolean }): readonly FindingAct[] => {
  const open = listed[finding.state] === "open";
  const acts: FindingAct[] = [];
  if (finding.shadow && open) acts.push("release");
  if (open && finding.state !== "acknowledged" && finding.state !== "fix-claimed") acts.push("acknowledge");
  if (open) acts.push(finding.snoozed ? "wake" : "snooze", "suppress", "false", "accept-risk");
  else if (finding.state !== "merged") acts.push("reopen");
  acts.push("note");
  return acts;
};

/** The state an act leads to; undefined: the act moves no state (release, snooze, wake, note). */
export const acted = (act: FindingAct): FindingState | undefined => {
  switch (act) {
    case "acknowledge":
      return "acknowledged";
    case "suppress":
      return "suppressed";
    case "false":
      return "false";
    case "accept-risk":
      return "risk-accepted";
    case "reopen":
      return "reopened";
    case "release":
    case "snooze":
    case "wake":
    case "note":
      return undefined;
  }
};
