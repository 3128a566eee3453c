import type { FindingRow } from "#api/finding.ts";
import { printGrade } from "#core/grade.ts";
import { printInstant } from "#core/instant.ts";
import { listed } from "#incidents/state.ts";
import type { SeenFinding } from "#jobs/findings/seen-finding.ts";
import type { Language } from "#words/language.ts";
import type { Desk } from "./desk.ts";
import { titleOf } from "./finding-title.ts";
import { organisationName } from "./who.ts";

/** "F-7C1F0E": what people read out; the portal finds it again. */
export const findingRef = (id: string): string => `F-${shortOf(id)}`;

/** A short reference somebody typed, as it stands at the beginning of an id. */
export const refSought = (text: string): string => text.replace(/^F-(?=[0-9a-f]{1,6}$)/i, "");

export const incidentRef = (id: string): string => `INC-${shortOf(id)}`;
const shortOf = (id: string): string => id.replaceAll("-", "").slice(0, 6).toUpperCase();

/**
 * A finding as lists show it.
 *
 * @param staff an incident may tie findings of several organisations, so that its very name would tell a member of
 *   others; staff alone are given it
 */
export const findingRow = (desk: Desk, finding: SeenFinding, staff: boolean, language: Language): FindingRow => ({
  id: finding.id,
  ref: findingRef(finding.id),
  organisation: { id: finding.organisation, name: organisationName(desk, finding.organisation, language) },
  title: titleOf(finding, language),
  problem: { ...finding.problem },
  severity: finding.severity,
  certainty: finding.certainty,
  grade: printGrade(finding.grade),
  asset: finding.asset,
  state: finding.state,
  shadow: finding.shadow !== undefined,
  ...(finding.snoozedUntil === undefined ? {} : { snoozedUntil: printInstant(finding.snoozedUntil) }),
  undeliverable: finding.undeliverable,
  firstSeen: printInstant(finding.firstSeen),
  lastSeen: printInstant(finding.lastSeen),
  count: finding.hits,
  ...(listed[finding.state] === "open" ? { due: printInstant(finding.due) } : {}),
  tlp: finding.marking.tlp,
  risk: {
    ...{ score: finding.risk, severity: finding.severity, certainty: finding.certainty, worth: finding.worth },
  },
  ...(finding.silence === undefined && finding.mutedBy === undefined
    ? {}
    : { muted: finding.silence === undefined ? ("finding" as const) : ("silence" as const) }),
  ...(staff && finding.verdict !== undefined ? { verdict: finding.verdict } : {}),
  ...(staff && finding.incidentId !== undefined
    ? { incident: { id: finding.incidentId, ref: incidentRef(finding.incidentId) } }
    : {}),
});
