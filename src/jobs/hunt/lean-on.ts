import type { LoadedFile, Pack } from "#detect/sigma/packs.ts";
import type { SigmaCorrelation, SigmaRule } from "#detect/sigma/rule.ts";

/**
 * The files in force that these rules stand on: their own, those of what a correlation names, and what that names, and those
 * of filters. Nothing else need be compiled, kept with the hunt, or told to whom it is handed.
 */
export const leanOn = (packs: readonly Pack[], rules: readonly (SigmaRule | SigmaCorrelation)[]): readonly Pack[] => {
  const own = new Set<SigmaRule | SigmaCorrelation>(rules);
  const named = new Set(rules.flatMap(referencesOf));
  const needed = new Set<LoadedFile>();
  for (let before = -1; before < needed.size; ) {
    before = needed.size;
    for (const { files } of packs)
      for (const one of files) {
        const { rules: all, correlations, filters } = one.file;
        const isNeeded = [...all, ...correlations].some(
          (rule) => own.has(rule) || named.has(rule.id ?? "") || named.has((rule.name ?? "").toLowerCase()),
        );
        if (needed.has(one) || !(isNeeded || filters.length > 0)) continue;
        needed.add(one);
        for (const name of correlations.flatMap(referencesOf)) named.add(name);
      }
  }
  return packs
    .map(({ name, files }) => ({ name, files: files.filter((one) => needed.has(one)), problems: [] }))
    .filter(({ files }) => files.length > 0);
};

/** In lower case, as ids are. */
const referencesOf = (rule: SigmaRule | SigmaCorrelation): readonly string[] =>
  rule.kind === "correlation" ? rule.rules.map((name) => name.toLowerCase()) : [];
