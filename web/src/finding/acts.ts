import type { FindingActBody, FindingRow } from "@api/finding.ts";
import { hour, day, minute } from "#core/instant.ts";
import type { FindingView } from "@web/api/queries.ts";

export type Act = FindingActBody["act"];

export const untils = ["hour", "hours", "tomorrow", "week", "month", "quarter"] as const;
export type Until = (typeof untils)[number];

interface Shape {
  /** The single key, in lists and on pages. */
  readonly key: string;
  /** Choices of "until when", the usual one first; absent where an act has no end. */
  readonly until?: readonly Until[];
  /** What the reader is asked for before it happens. */
  readonly asks: "nothing" | "confirm" | "reason" | "reason, if any" | "note";
  /** Cannot be undone, or hurts: outlined in red. */
  readonly destructive?: true;
}

/** What staff may do with a finding, in the order of the buttons. */
export const acts = {
  release: { key: "e", asks: "confirm" },
  acknowledge: { key: "a", asks: "nothing" },
  confirm: { key: "t", asks: "reason, if any" },
  wake: { key: "w", asks: "nothing" },
  reopen: { key: "r", asks: "reason, if any" },
  snooze: { key: "s", asks: "reason, if any", until: ["hours", "hour", "tomorrow", "week"] },
  suppress: { key: "p", asks: "reason", until: ["week", "month", "quarter"] },
  "accept-risk": { key: "c", asks: "reason", until: ["month", "quarter"] },
  note: { key: "n", asks: "note" },
  benign: { key: "h", asks: "reason" },
  duplicate: { key: "d", asks: "reason" },
  false: { key: "f", asks: "reason", destructive: true },
} as const satisfies Record<Act, Shape>;

export const shapeOf = (act: Act): Shape => acts[act];

export const actOrder: readonly Act[] = [
  "release",
  "acknowledge",
  "confirm",
  "wake",
  "reopen",
  "snooze",
  "suppress",
  "accept-risk",
  "benign",
  "duplicate",
  "note",
  "false",
];

export const actOfKey = (key: string): Act | undefined => actOrder.find((act) => acts[act].key === key);

/** What the bulk bar offers in each view; the server still decides for every single finding. */
export const bulkActs = {
  open: ["acknowledge", "snooze", "suppress", "false"],
  shadow: ["release", "suppress", "false"],
  snoozed: ["wake", "suppress", "false"],
  suppressed: ["reopen"],
  muted: ["acknowledge", "false"],
  closed: ["reopen"],
} as const satisfies Record<FindingView, readonly Act[]>;

/** The moment a choice means. "Tomorrow 09:00" is the community's morning, wherever the reader sits. */
export const untilTime = (until: Until, now: number, zone: string): string => {
  if (until !== "tomorrow") return new Date(now + spans[until]).toISOString();
  const wall = new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: zone,
  })
    .format(now)
    .split(":");
  const sinceMidnight = Number(wall[0]) * hour + Number(wall[1]) * minute + (now % minute);
  return new Date(now - sinceMidnight + day + 9 * hour).toISOString();
};

const spans = {
  hour,
  hours: 4 * hour,
  week: 7 * day,
  month: 30 * day,
  quarter: 90 * day,
} as const satisfies Record<Exclude<Until, "tomorrow">, number>;

/** Who hears of it when these are released, for the sentence before one presses. */
export const audienceOf = (findings: readonly FindingRow[]): string =>
  [...new Set(findings.map((finding) => finding.organisation.name))].join(", ");
