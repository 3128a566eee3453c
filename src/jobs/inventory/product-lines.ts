import type { Priority } from "#intel/priority.ts";
import type { MatchRow } from "./port.ts";

/**
 * From which match on its organisation is written to; what is below is seen in the portal.
 *   never     nobody is                  exposed   exploited, and strangers reach it
 *   pressing  exploited, or critical and exposed, unless that is only possible
 *   act-now   all that wants work now    findings  all that is a finding
 */
export const productAlertLines = ["never", "exposed", "pressing", "act-now", "findings"] as const;
export type ProductAlertLine = (typeof productAlertLines)[number];

export interface ProductLines {
  /** The least pressing match that is a finding; what is below stands on the page of products alone. */
  readonly findings: Priority;
  readonly alerts: ProductAlertLine;
}

export const usualProductLines: ProductLines = { findings: "planned", alerts: "pressing" };

/** Is it worth a letter? */
export const isTold = (
  line: ProductAlertLine,
  { exposed, certainty, priority, body: { evidence } }: Pick<MatchRow, "exposed" | "certainty" | "priority" | "body">,
): boolean => {
  const sure = certainty === "almost-certain" || certainty === "likely";
  switch (line) {
    case "never":
      return false;
    case "exposed":
      return exposed && evidence.exploited;
    case "pressing":
      return exposed ? evidence.exploited || (sure && evidence.cvss >= 9) : sure && evidence.exploited;
    case "act-now":
      return priority === "act-now";
    case "findings":
      return true;
  }
};
