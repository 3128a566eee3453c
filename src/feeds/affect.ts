/** What a source says of a product: it has the weakness, has it no more, perhaps, or never had it. */
export type AffectedStatus = "affected" | "fixed" | "investigating" | "not-affected";

/**
 * Some versions, as a source bounds them: exactly one; between bounds (`from` and `to` are inside, `above` and `below` are
 * not; a bound that is absent is no bound; none at all: every version); a VERS range; or words only a person understands.
 */
export type AffectedSpan =
  | { readonly exactly: string }
  | { readonly from?: string; readonly above?: string; readonly to?: string; readonly below?: string }
  | { readonly vers: string }
  | { readonly words: string };

/** What a machine compares with an inventory: one product of an advisory, by every identity its source gives. */
export interface Affect {
  readonly status: AffectedStatus;
  readonly vendor: string;
  readonly product: string;
  /** CPE 2.3 name or 2.2 URI as the source writes it, with edition and platform where it says. */
  readonly cpe?: string;
  readonly purl?: string;
  /** Absent: the source does not say which versions. */
  readonly versions?: readonly AffectedSpan[];
  /** Versions inside `versions` that are not affected all the same. */
  readonly except?: readonly AffectedSpan[];
  /** How the versions are ordered, by the source's name for it: "semver", "rpm"; absent: it does not say. */
  readonly versionType?: string;
  /** Only these of the advisory's CVEs; absent: all of them. */
  readonly cves?: readonly string[];
  /** CPE names of platforms, one of which must stand beside it. */
  readonly beside?: readonly string[];
}

/** One entry per identity, type, platform and CVEs: the versions of all of them together. */
export const mergedAffects = (affects: readonly Affect[]): readonly Affect[] => {
  const found = new Map<string, { readonly first: Affect; readonly versions: AffectedSpan[] }>();
  for (const one of affects) {
    const { versions, except, ...rest } = one;
    const key = JSON.stringify([
      ...[rest.status, rest.vendor, rest.product, rest.cpe, rest.purl, rest.versionType, rest.cves, rest.beside],
      ...[except, versions === undefined],
    ]);
    const before = found.get(key);
    if (before === undefined) found.set(key, { first: one, versions: [...(versions ?? [])] });
    else for (const span of versions ?? []) before.versions.push(span);
  }
  return [...found.values()].map(({ first, versions }) =>
    first.versions === undefined ? first : { ...first, versions: distinctSpans(versions) },
  );
};

const distinctSpans = (spans: readonly AffectedSpan[]): readonly AffectedSpan[] => [
  ...new Map(spans.map((span) => [JSON.stringify(span), span])).values(),
];
