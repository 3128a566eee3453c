import type { Licence, Pap, Tlp } from "#core/marking.ts";
import type { ObservableKind } from "#core/observable.ts";
import type { LiveClaim } from "#intel/ports.ts";
import { readGrade } from "#store/columns.ts";

/** What a claim says and how far, of a row that joins it with its source; who reads it adds its age. */
export const claimSaid = (row: Record<string, unknown>) => ({
  indicator: row["indicator"] as string,
  feed: row["feed"] as string,
  grade: readGrade(row["grade"]),
  labels: row["labels"] as string[],
  tlp: row["tlp"] as Tlp,
  pap: row["pap"] as Pap,
  licence: row["licence"] as Licence,
  voice: row["voice"] as LiveClaim["voice"],
  shadow: row["shadow"] as boolean,
  flags: row["flags"] as string[],
  kind: row["kind"] as ObservableKind,
});
