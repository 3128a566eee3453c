import type { Instant } from "#core/instant.ts";

/** MITRE ATT&CK Enterprise tactics in the order of its matrix; what a rule calls otherwise stands behind them. */
export const tactics = [
  "reconnaissance",
  "resource-development",
  "initial-access",
  "execution",
  "persistence",
  "privilege-escalation",
  "defense-evasion",
  "credential-access",
  "discovery",
  "lateral-movement",
  "collection",
  "command-and-control",
  "exfiltration",
  "impact",
] as const;
export type Tactic = (typeof tactics)[number];

export const isTactic = (name: string): name is Tactic => (tactics as readonly string[]).includes(name);

/** ATT&CK v19 calls evasion "stealth" and has "defense-impairment" beside it; rules write any of them. */
const alsoCalled: Readonly<Record<string, Tactic>> = {
  stealth: "defense-evasion",
  "defense-impairment": "defense-evasion",
};

/** The tactic that this name stands for; undefined: no tactic of Enterprise. */
export const tacticNamed = (name: string): Tactic | undefined => (isTactic(name) ? name : alsoCalled[name]);

/** Tactics of techniques that detectors without rules name: what a listed value meant when it was met. */
const ofTechnique: Readonly<Record<string, Tactic>> = {
  T1046: "discovery",
  T1071: "command-and-control",
  T1105: "command-and-control",
  T1566: "initial-access",
};

/** What a hit shows of ATT&CK: the tactics it names, or those that its techniques alone would mean here. */
export const tacticsOf = (named: readonly string[], techniques: readonly string[]): readonly Tactic[] => {
  const known = named.flatMap((name) => tacticNamed(name) ?? []);
  const all = known.length > 0 ? known : techniques.flatMap((one) => ofTechnique[one.slice(0, 5)] ?? []);
  return [...new Set(all)].sort((a, b) => tactics.indexOf(a) - tactics.indexOf(b));
};

/** A tactic or technique as it was seen: first, last, how often. */
export interface ShownAttack {
  /** "credential-access" or "T1003.001". */
  readonly name: string;
  readonly first: Instant;
  readonly last: Instant;
  readonly hits: number;
}

/** A step of a story's chain. */
export interface ChainStep extends ShownAttack {
  readonly name: Tactic;
}

/** The tactics of a story in the order in which each was first seen; at one moment in the order of the matrix. */
export const chainOf = (shown: readonly ShownAttack[]): readonly ChainStep[] => {
  const steps = new Map<Tactic, ChainStep>();
  for (const one of shown) {
    if (!isTactic(one.name)) continue;
    const known = steps.get(one.name);
    steps.set(
      one.name,
      known === undefined
        ? { ...one, name: one.name }
        : {
            name: one.name,
            first: one.first < known.first ? one.first : known.first,
            last: one.last > known.last ? one.last : known.last,
            hits: known.hits + one.hits,
          },
    );
  }
  return [...steps.values()].sort((a, b) => a.first - b.first || tactics.indexOf(a.name) - tactics.indexOf(b.name));
};
