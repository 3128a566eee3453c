import type { AttackTechnique } from "#api/attack.ts";
import { may } from "#community/may.ts";
import { scopeOf } from "#community/visibility.ts";
import { after, day, printInstant } from "#core/instant.ts";
import { no, ok } from "#core/result.ts";
import { behaviours } from "#detect/behaviours.ts";
import { attackOf } from "#detect/sigma/attack.ts";
import { setOf } from "#detect/sigma/packs.ts";
import type { SigmaRule } from "#detect/sigma/rule.ts";
import { isTactic, type Tactic, tacticNamed, tactics } from "#incidents/tactics.ts";
import type { Desk } from "./desk.ts";
import type { IncidentActs } from "./port.ts";

/** Days back that "seen" counts. */
const seenDays = 30;

const isTechnique = (name: string): boolean => /^T\d{4}(?:\.\d{3})?$/.test(name);

interface Looked {
  rules: number;
  readonly behaviours: string[];
  readonly tactics: Set<Tactic>;
}

/** What is looked for of ATT&CK, what was seen of it, and what neither. */
export const attackActs = (desk: Desk): Pick<IncidentActs, "attack"> => ({
  attack: async (viewer) => {
    if (!may(viewer, "sources.read")) return no("WGL_ABSENT");
    const scope = scopeOf(viewer, may(viewer, "findings.read") ? "findings.read" : "sources.read");
    const seen = new Map(
      (await desk.views.attackSeen(scope, after(desk.now(), -seenDays * day))).map((one) => [one.name, one]),
    );
    const rules = rulesInForce(desk);
    const looked = new Map<string, Looked>();
    const at = (technique: string): Looked => {
      const known = looked.get(technique) ?? { rules: 0, behaviours: [], tactics: new Set() };
      looked.set(technique, known);
      return known;
    };
    const byTactic = new Map<Tactic, number>();
    let unmapped = 0;
    for (const rule of rules) {
      const { techniques, tactics: named } = attackOf(rule);
      const places = named.flatMap((name) => tacticNamed(name) ?? []);
      if (techniques.length === 0) unmapped++;
      for (const place of new Set(places)) byTactic.set(place, (byTactic.get(place) ?? 0) + 1);
      for (const technique of new Set(techniques)) {
        const one = at(technique);
        one.rules++;
        for (const place of places) one.tactics.add(place);
      }
    }
    for (const { id, attack, tactics: named } of behaviours) {
      if (attack.length === 0) unmapped++;
      for (const technique of attack) {
        const one = at(technique);
        one.behaviours.push(id);
        for (const name of named) if (isTactic(name)) one.tactics.add(name);
      }
    }
    const names = new Map((await desk.views.techniques(scope)).map(({ id, ...name }) => [id, name]));
    for (const id of [...seen.keys(), ...names.keys()]) if (isTechnique(id)) at(id);
    const row = (id: string): AttackTechnique => {
      const [one, was, name] = [looked.get(id), seen.get(id), names.get(id)];
      return {
        id,
        ...(name === undefined ? {} : { name: name.name, ...(name.url === undefined ? {} : { url: name.url }) }),
        ...{ rules: one?.rules ?? 0, behaviours: [...(one?.behaviours ?? [])], seen: was?.hits ?? 0 },
        ...(was === undefined ? {} : { lastSeen: printInstant(was.last) }),
      };
    };
    const all = [...looked.keys()].toSorted();
    const states = all.map((id) => stateOf(row(id)));
    return ok({
      ...{ days: seenDays, rules: rules.length + behaviours.length, unmapped, named: names.size > 0 },
      counts: {
        covered: states.filter((one) => one === "covered").length,
        seen: all.filter((id) => (seen.get(id)?.hits ?? 0) > 0).length,
        blind: states.filter((one) => one === "blind").length,
      },
      tactics: tactics.map((tactic) => ({
        tactic,
        rules: byTactic.get(tactic) ?? 0,
        seen: seen.get(tactic)?.hits ?? 0,
        techniques: all.filter((id) => placesOf(looked, id).includes(tactic)).map(row),
      })),
      elsewhere: all.filter((id) => placesOf(looked, id).length === 0).map(row),
    });
  },
});

/** Rules that are asked now: what a person turned off, what fails its own test or is retired looks for nothing. */
const rulesInForce = ({ rules }: Desk): readonly SigmaRule[] =>
  rules === undefined ? [] : setOf(rules.packs, { decisions: rules.texts.decisions }).rules;

/** Where a technique stands: under the tactics that its rules name, or those of the technique it is part of, or apart. */
const placesOf = (looked: ReadonlyMap<string, Looked>, id: string): readonly Tactic[] => {
  const own = looked.get(id)?.tactics;
  const whole = looked.get(id.slice(0, 5))?.tactics;
  const places = own !== undefined && own.size > 0 ? own : whole;
  return places === undefined || places.size === 0 ? [] : [...places];
};

const stateOf = ({ rules, behaviours: by, seen }: AttackTechnique): "covered" | "seen" | "blind" =>
  rules > 0 || by.length > 0 ? "covered" : seen > 0 ? "seen" : "blind";
