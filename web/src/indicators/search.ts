import type { IndicatorRow } from "@api/indicator.ts";

/** Kinds as a person groups them; the filter's order. */
export const kinds = [
  ...(["ipv4", "ipv6", "cidr", "endpoint", "domain", "url", "path", "email"] as const),
  ...(["md5", "sha1", "sha256", "sha512", "asn"] as const),
] as const satisfies readonly IndicatorRow["kind"][];

/** What the address of the page says; a copied link shows the same list. */
export interface IndicatorSearch {
  /** Anything that was pasted. */
  readonly search?: string | undefined;
  readonly kind?: IndicatorRow["kind"] | undefined;
  /** Id of a source. */
  readonly feed?: string | undefined;
  /** Only what is in force. */
  readonly alive?: boolean | undefined;
  /** First said within so many days. */
  readonly days?: number | undefined;
}

export const dayChoices = [1, 7, 30] as const;

/** Reads an address typed by anybody: what is not understood is left out, never an error. */
export const readIndicatorSearch = (raw: Readonly<Record<string, unknown>>): IndicatorSearch => {
  const text = (value: unknown, most: number): string | undefined =>
    (typeof value === "string" || typeof value === "number") && value !== "" ? String(value).slice(0, most) : undefined;
  const [search, feed] = [text(raw["search"], 8192), text(raw["feed"], 64)];
  const kind = kinds.find((one) => one === raw["kind"]);
  const days = dayChoices.find((one) => one === Number(raw["days"]));
  return {
    ...(search === undefined ? {} : { search }),
    ...(kind === undefined ? {} : { kind }),
    ...(feed === undefined ? {} : { feed }),
    ...(raw["alive"] === true ? { alive: true } : {}),
    ...(days === undefined ? {} : { days }),
  };
};
