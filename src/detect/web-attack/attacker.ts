import type { Fact } from "#detect/behaviour.ts";
import { addPlace, type Place } from "#detect/evidence.ts";
import type { Judged } from "./judge.ts";
import type { WebAttackKind } from "./sign.ts";

/** What one client did to one server. Plain data. */
export interface Attacker {
  /** Of the first attack of this window. */
  since: number;
  last: number;
  count: number;
  /** Requests of each kind. */
  kinds: Partial<Record<WebAttackKind, number>>;
  /** When a telling attack was answered as if all were well. */
  answered: number;
  /** What was said already in this window. */
  readonly said: Record<string, true>;
  evidence: Place[];
  /** Doors that are not there: requests in these ten minutes, refused ones, and different paths of those. */
  readonly search: { since: number; asked: number; refused: number; paths: Record<string, true>; different: number };
}

const searchedKept = 500;

export const noAttacker = (): Attacker => ({
  ...{ since: 0, last: 0, count: 0, kinds: {}, answered: 0, said: {}, evidence: [] },
  search: { since: 0, asked: 0, refused: 0, paths: {}, different: 0 },
});

export const addAttack = (attacker: Attacker, { kind }: Judged, fact: Fact): void => {
  const { at } = fact;
  if (attacker.count === 0) attacker.since = at;
  attacker.last = at;
  attacker.count++;
  attacker.kinds[kind] = (attacker.kinds[kind] ?? 0) + 1;
  addPlace(attacker, fact);
};

/** How many different refused paths within the window, and their share of all that was asked. */
export const addSearch = (
  { search }: Attacker,
  path: string,
  refused: boolean,
  at: number,
  windowMs: number,
): { readonly different: number; readonly share: number; readonly since: number } => {
  if (search.since <= at - windowMs)
    Object.assign(search, { since: at, asked: 0, refused: 0, paths: {}, different: 0 });
  search.asked++;
  if (refused) {
    search.refused++;
    const key = path.slice(0, 80);
    if (search.paths[key] === undefined && search.different < searchedKept) {
      search.paths[key] = true;
      search.different++;
    }
  }
  return { different: search.different, share: search.refused / search.asked, since: search.since };
};
