import type { Hit } from "#detect/hit.ts";
import type { SeenEntity } from "./correlate.ts";
import { entitiesOf } from "./entities.ts";
import { type ShownAttack, tacticsOf } from "./tactics.ts";

/** The entities of these hits, each from its first to its last. */
export const seenIn = (hits: readonly Hit[]): readonly SeenEntity[] => {
  const seen = new Map<string, SeenEntity>();
  for (const hit of hits)
    for (const entity of entitiesOf(hit)) {
      const key = `${entity.kind} ${entity.value}`;
      const known = seen.get(key);
      seen.set(key, {
        entity,
        ...seenBy(hit, known),
      });
    }
  return [...seen.values()];
};

/** What these hits show of ATT&CK: tactics and techniques by name. */
export const shownIn = (hits: readonly Hit[]): readonly ShownAttack[] => {
  const shown = new Map<string, ShownAttack>();
  for (const hit of hits)
    for (const name of new Set([...tacticsOf(hit.noticed?.tactics ?? [], hit.attack), ...hit.attack])) {
      const known = shown.get(name);
      shown.set(name, {
        name,
        ...seenBy(hit, known),
      });
    }
  return [...shown.values()];
};

type Seen = Pick<SeenEntity, "first" | "last" | "hits">;

/** When and how often, with this hit counted in. */
const seenBy = (hit: Hit, known: Seen | undefined): Seen => {
  const first = hit.many?.since ?? hit.time;
  return {
    first: known === undefined || first < known.first ? first : known.first,
    last: known === undefined || hit.time > known.last ? hit.time : known.last,
    hits: (known?.hits ?? 0) + (hit.many?.count ?? 1),
  };
};
