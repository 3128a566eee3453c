import type { Behaviour } from "#detect/behaviour.ts";
import { behaviours } from "#detect/behaviours.ts";

/**
 * How much each behaviour remembers inside a department, where the centre's bounds (of a whole organisation, on a server) would
 * be hundreds of megabytes: names as in its settings. Those silent longest go first, and what was forgotten is counted and told.
 */
const remembered: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  beacon: { pairs: 5_000 },
  exfiltration: { pairs: 3_000 },
  "dns-tunnel": { pairs: 2_000 },
  "port-scan": { sources: 2_000 },
  "password-guessing": { keys: 4_000 },
  "sign-in": { accounts: 10_000 },
  ransomware: { machines: 2_000 },
  "web-attack": { clients: 4_000 },
  intrusion: { entities: 5_000 },
};

/** Facts that are known when the same comes again with another time (a clock that was corrected): two seconds of a busy department. */
export const recentFacts = 10_000;

/** The behaviours of the centre, made to remember what a sensor has room for. */
export const edgeBehaviours: readonly Behaviour[] = behaviours.map((behaviour) => ({
  ...behaviour,
  settings: Object.fromEntries(
    Object.entries(behaviour.settings).map(([name, setting]) => {
      const most = remembered[behaviour.id]?.[name];
      return [name, most === undefined ? setting : { ...setting, standard: Math.min(setting.standard, most) }];
    }),
  ),
}));
