import type { AdvisoryRow } from "@api/advisory.ts";

/** Most pressing first. */
export const priorities = ["act-now", "soon", "planned", "watch"] as const satisfies readonly AdvisoryRow["priority"][];

/** What the address of the list says; a copied link shows the same list. */
export interface AdvisorySearch {
  readonly search?: string | undefined;
  readonly priority?: AdvisoryRow["priority"] | undefined;
  /** Id of a source. */
  readonly feed?: string | undefined;
}

/** Reads an address typed by anybody: what is not understood is left out, never an error. */
export const readAdvisorySearch = (raw: Readonly<Record<string, unknown>>): AdvisorySearch => {
  const text = (value: unknown): string | undefined =>
    (typeof value === "string" || typeof value === "number") && value !== "" ? String(value).slice(0, 100) : undefined;
  const [search, feed] = [text(raw["search"]), text(raw["feed"])];
  const priority = priorities.find((one) => one === raw["priority"]);
  return {
    ...(search === undefined ? {} : { search }),
    ...(priority === undefined ? {} : { priority }),
    ...(feed === undefined ? {} : { feed }),
  };
};
