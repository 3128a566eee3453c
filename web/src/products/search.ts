import type { WeaknessRow } from "@api/inventory.ts";
import { priorities } from "@web/advisories/search.ts";

/** What the address of the list of weaknesses says; a copied link shows the same list. */
export interface WeaknessSearch {
  readonly search?: string | undefined;
  readonly priority?: WeaknessRow["priority"] | undefined;
  readonly exposed?: true | undefined;
  readonly exploited?: true | undefined;
}

/** Reads an address typed by anybody: what is not understood is left out, never an error. */
export const readWeaknessSearch = (raw: Readonly<Record<string, unknown>>): WeaknessSearch => {
  const search = textOf(raw["search"]).slice(0, 100);
  const priority = priorities.find((one) => one === raw["priority"]);
  return {
    ...(search === "" ? {} : { search }),
    ...(priority === undefined ? {} : { priority }),
    ...(raw["exposed"] === true ? { exposed: true } : {}),
    ...(raw["exploited"] === true ? { exploited: true } : {}),
  };
};

export const isAsked = (search: WeaknessSearch): boolean => Object.values(search).some((one) => one !== undefined);

/** Of which weakness; "" where the address does not say. */
export const readWeaknessOf = (raw: Readonly<Record<string, unknown>>): { readonly of: string } => ({
  of: textOf(raw["of"]).slice(0, 200),
});

const textOf = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" ? String(value) : "";

/** Which product's matches are looked at; "" where the address does not say. */
export const readProductSearch = (search: Record<string, unknown>): { readonly product: string } => ({
  product: typeof search["product"] === "string" ? search["product"] : "",
});
