import { type IncidentView } from "@web/api/incident-queries.ts";

const views = ["open", "muted", "closed"] as const satisfies readonly IncidentView[];

/** What the address of the list says. */
export interface IncidentSearch {
  readonly view?: IncidentView | undefined;
}

export const readIncidentSearch = (raw: Readonly<Record<string, unknown>>): IncidentSearch => {
  const view = views.find((one) => one === raw["view"]);
  return view === undefined ? {} : { view };
};

/** What the address of the silences says: how the form begins, when it was opened from a finding. */
export interface SilenceSearch {
  readonly organisation?: string | undefined;
  readonly asset?: string | undefined;
  readonly problem?: string | undefined;
  readonly source?: string | undefined;
}

export const readSilenceSearch = (raw: Readonly<Record<string, unknown>>): SilenceSearch => {
  const found: Record<string, string> = {};
  for (const name of ["organisation", "asset", "problem", "source"] as const) {
    const value = raw[name];
    if ((typeof value === "string" || typeof value === "number") && value !== "")
      found[name] = String(value).slice(0, 400);
  }
  return found;
};
