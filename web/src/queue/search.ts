import type { FindingFilter, FindingView } from "@web/api/queries.ts";
import { type Severity, severities } from "#core/severity.ts";

export const views = [
  "open",
  "shadow",
  "snoozed",
  "suppressed",
  "muted",
  "closed",
] as const satisfies readonly FindingView[];

/** What the address of the queue says; a copied link shows the same list. */
export interface QueueSearch extends FindingFilter {
  /** Absent: grouped by organisation. */
  readonly group?: "none" | undefined;
  /** Current finding. */
  readonly at?: string | undefined;
}

/** Reads an address typed by anybody: what is not understood is left out, never an error. */
export const readQueueSearch = (raw: Readonly<Record<string, unknown>>): QueueSearch => {
  const text = (value: unknown): string | undefined =>
    (typeof value === "string" || typeof value === "number") && value !== "" ? String(value).slice(0, 200) : undefined;
  const organisation = text(raw["organisation"]);
  const severity = severities.find((level): level is Severity => level === raw["severity"]);
  const search = text(raw["search"]);
  const at = text(raw["at"]);
  return {
    view: views.find((view) => view === raw["view"]) ?? "open",
    ...(organisation === undefined ? {} : { organisation }),
    ...(severity === undefined ? {} : { severity }),
    ...(search === undefined ? {} : { search }),
    ...(raw["group"] === "none" ? { group: "none" } : {}),
    ...(at === undefined ? {} : { at }),
  };
};
