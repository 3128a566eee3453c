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

/**
 * What staff judge a finding to be; it goes to the scorecard of every source behind it.
 *   true   it is what it says       benign      it is, and does no harm (a test, an administrator at work)
 *   false  it is not                duplicate   another finding says the same
 */
export const verdicts = ["true", "false", "benign", "duplicate"] as const;
export type Verdict = (typeof verdicts)[number];

/** What staff do with a finding. `release` lets a shadow finding be told. */
export const findingActs = [
  "release",
  "acknowledge",
  "confirm",
  "snooze",
  "wake",
  "suppress",
  "false",
  "benign",
  "duplicate",
  "accept-risk",
  "reopen",
  "note",
] as const;
export type FindingAct = (typeof findingActs)[number];

/** The acts that make sense for a finding as it stands; what is not here is refused. */
export const actsOn = (finding: {
  state: FindingState;
  shadow: boolean;
  snoozed: boolean;
  verdict?: Verdict;
}): readonly FindingAct[] => {
  const open = listed[finding.state] === "open";
  const acts: FindingAct[] = [];
  if (finding.shadow && open) acts.push("release");
  if (open && finding.state !== "acknowledged" && finding.state !== "fix-claimed") acts.push("acknowledge");
  if (open && finding.verdict !== "true") acts.push("confirm");
  if (open) acts.push(finding.snoozed ? "wake" : "snooze", "suppress", "false", "benign", "duplicate", "accept-risk");
  else acts.push("reopen");
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
    // true and harmless: it is put aside, and stays there however often it is seen
    case "benign":
      return "suppressed";
    case "duplicate":
      return "merged";
    case "reopen":
      return "reopened";
    case "confirm":
    case "release":
    case "snooze":
    case "wake":
    case "note":
      return undefined;
  }
};

/** What an act says the finding is; null: what was said before is taken back; undefined: it says nothing. */
export const judgedBy = (act: FindingAct): Verdict | null | undefined => {
  switch (act) {
    case "confirm":
      return "true";
    case "false":
    case "benign":
    case "duplicate":
      return act;
    case "reopen":
      return null;
    case "release":
    case "acknowledge":
    case "snooze":
    case "wake":
    case "suppress":
    case "accept-risk":
    case "note":
      return undefined;
  }
};

/** What staff do with a potential incident. */
export const incidentActs = ["confirm", "contain", "close", "dismiss", "reopen"] as const;
export type IncidentAct = (typeof incidentActs)[number];
