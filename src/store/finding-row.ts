import type { Certainty } from "#core/grade.ts";
import type { Instant } from "#core/instant.ts";
import type { GroupId, Licence, Marking, OrganisationId, Pap, Tlp } from "#core/marking.ts";
import type { RsitType } from "#core/rsit.ts";
import type { Severity } from "#core/severity.ts";
import type { Hit } from "#detect/hit.ts";
import type { Shadow } from "#incidents/finding.ts";
import type { StoredFinding } from "#incidents/ports.ts";
import type { AssetWorth } from "#community/asset.ts";
import { type FindingState, statesListed, type Verdict } from "#incidents/state.ts";
import { readGrade } from "#store/columns.ts";

/** States in which a finding wants somebody's eye. */
export const openStates = statesListed("open");

const markingRow = (row: Record<string, unknown>): Marking => ({
  owner: row["organisation"] as OrganisationId,
  tlp: row["tlp"] as Tlp,
  pap: row["pap"] as Pap,
  licence: row["licence"] as Licence,
  ...(row["grp"] === null ? {} : { group: row["grp"] as GroupId }),
});

export const findingRow = (row: Record<string, unknown>): StoredFinding => ({
  n: row["n"] as number,
  id: row["id"] as string,
  organisation: row["organisation"] as OrganisationId,
  asset: row["asset"] as string,
  problem: { type: row["problem_type"] as RsitType, about: row["problem_about"] as string },
  detector: row["detector"] as Hit["detector"],
  said: row["said"] as Severity,
  severity: row["severity"] as Severity,
  certainty: row["certainty"] as Certainty,
  worth: row["worth"] as AssetWorth,
  risk: row["risk"] as number,
  grade: readGrade(row["grade"]),
  state: row["state"] as FindingState,
  ...(row["shadow"] === null ? {} : { shadow: row["shadow"] as Shadow }),
  veiled: row["veiled"] as boolean,
  firstSeen: row["first_seen"] as Instant,
  lastSeen: row["last_seen"] as Instant,
  hits: row["hits"] as number,
  due: row["due"] as Instant,
  marking: markingRow(row),
  opened: row["opened"] as Instant,
  changed: row["changed"] as Instant,
  ...(row["incident"] === null ? {} : { incident: row["incident"] as number }),
  ...(row["part"] === null ? {} : { part: row["part"] as number }),
  ...(row["silence"] === null ? {} : { silence: row["silence"] as number }),
  ...(row["muted_by"] === null ? {} : { mutedBy: row["muted_by"] as number }),
  ...(row["verdict"] === null ? {} : { verdict: row["verdict"] as Verdict }),
  ...(row["snoozed_until"] === null ? {} : { snoozedUntil: row["snoozed_until"] as Instant }),
  ...(row["stood"] === null || row["stood"] === undefined ? {} : { stood: row["stood"] as FindingState }),
});
