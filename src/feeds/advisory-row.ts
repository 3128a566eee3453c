import type { Instant } from "#core/instant.ts";
import type { Problem } from "#core/result.ts";
import { mergedAffects } from "./affect.ts";
import type { AffectedProduct, RawAdvisory, Row } from "./feed.ts";
import { rowTime } from "./row-time.ts";

/** What most advisories do not say. */
const silent: Pick<RawAdvisory, "summary" | "cves" | "cwes" | "scores" | "labels" | "references"> = {
  summary: "",
  cves: [],
  cwes: [],
  scores: [],
  labels: [],
  references: [],
};

/** Affected products kept of one advisory; a few list every build of a firmware, and a person reads the first screens. */
const productsAtMost = 2000;

type Said = Pick<RawAdvisory, "id" | "kind" | "title"> & {
  readonly [K in keyof Omit<RawAdvisory, "is" | "id" | "kind" | "title">]?: RawAdvisory[K] | undefined;
};

/** An advisory from what its source says; what it does not say is empty or absent. */
export const advisoryOf = (said: Said): RawAdvisory => {
  const given = Object.fromEntries(
    Object.entries(said).filter(([field, value]) => value !== undefined && field !== "affects"),
  ) as Partial<RawAdvisory>;
  const { id, kind, title, products = [], affects = [] } = said;
  return {
    ...{ ...silent, ...given, is: "advisory", id, kind, title, products: mergedProducts(products) },
    ...(affects.length === 0 ? {} : { affects: mergedAffects(affects) }),
  };
};

export const advisoryRow = (row: number, said: Said, note?: Problem): Row => ({
  row,
  result: { ok: true, value: advisoryOf(said) },
  ...(note === undefined ? {} : { note }),
});

/** A row refused, with its place. */
export const refused = (row: number, why: Problem): Row => ({
  row,
  result: { ok: false, problem: { ...why, at: `row ${row}` } },
});

/** A refused row with its text, so that it can be read, repaired and replayed. */
export const withText = (row: Row, text: () => string): Row => (row.result.ok ? row : { ...row, text: text() });

/** A time an advisory states, with the first thing that was wrong about any of them. */
export class Times {
  note: Problem | undefined;

  read(text: string): Instant | undefined {
    const { seenAt, note } = rowTime(text);
    this.note ??= note;
    return seenAt;
  }
}

/** One entry per vendor, product, status and name, the versions of all together. */
const mergedProducts = (products: readonly AffectedProduct[]): readonly AffectedProduct[] => {
  const found = new Map<string, AffectedProduct>();
  for (const one of products) {
    const key = [one.vendor, one.product, one.status, one.cpe ?? "", one.purl ?? ""].join("\u0001");
    const before = found.get(key);
    if (before === undefined) {
      if (found.size < productsAtMost) found.set(key, one);
    } else if (one.versions.some((version) => !before.versions.includes(version)))
      found.set(key, { ...before, versions: [...new Set([...before.versions, ...one.versions])] });
  }
  return [...found.values()];
};
