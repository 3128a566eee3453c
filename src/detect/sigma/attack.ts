import type { RuleHead, SigmaRule } from "./rule.ts";

/** What a rule's tags say of MITRE ATT&CK (Sigma tags appendix 2.1, "Namespace: attack"). */
export interface Attack {
  /** "T1059.001", upper case, as they stand. */
  readonly techniques: readonly string[];
  /** "credential-access"; the underscores of older rules are hyphens here. */
  readonly tactics: readonly string[];
  readonly groups: readonly string[];
  readonly software: readonly string[];
}

export const attackOf = ({ tags }: Pick<RuleHead, "tags">): Attack => {
  const techniques: string[] = [];
  const tactics: string[] = [];
  const groups: string[] = [];
  const software: string[] = [];
  for (const tag of tags) {
    if (!tag.startsWith("attack.")) continue;
    const name = tag.slice("attack.".length);
    if (/^t\d{4}(?:\.\d{3})?$/.test(name)) techniques.push(name.toUpperCase());
    else if (/^g\d{4}$/.test(name)) groups.push(name.toUpperCase());
    else if (/^s\d{4}$/.test(name)) software.push(name.toUpperCase());
    else if (/^[a-z][a-z_-]+$/.test(name)) tactics.push(name.replaceAll("_", "-"));
  }
  return { techniques, tactics, groups, software };
};

/** How many rules speak of a technique or a tactic, by level; of a technique its sub-techniques are counted apart. */
export interface Coverage {
  readonly techniques: ReadonlyMap<string, Counts>;
  readonly tactics: ReadonlyMap<string, Counts>;
  /** Rules that name no technique: what they find is on no map. */
  readonly unmapped: number;
}

export interface Counts {
  readonly rules: number;
  /** By level; "none" for rules that state none. */
  readonly levels: Readonly<Record<string, number>>;
}

export const coverageOf = (rules: readonly SigmaRule[]): Coverage => {
  const techniques = new Map<string, Counts>();
  const tactics = new Map<string, Counts>();
  let unmapped = 0;
  for (const rule of rules) {
    const attack = attackOf(rule);
    if (attack.techniques.length === 0) unmapped++;
    for (const name of new Set(attack.techniques)) count(techniques, name, rule);
    for (const name of new Set(attack.tactics)) count(tactics, name, rule);
  }
  return { techniques, tactics, unmapped };
};

const count = (counts: Map<string, Counts>, name: string, { level = "none" }: { readonly level?: string }): void => {
  const known = counts.get(name) ?? { rules: 0, levels: {} };
  counts.set(name, { rules: known.rules + 1, levels: { ...known.levels, [level]: (known.levels[level] ?? 0) + 1 } });
};
