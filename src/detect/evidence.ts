import type { Fact } from "./behaviour.ts";

/** Where a fact stands, for people who look it up. */
export type Place = Pick<Fact, "id" | "from" | "line">;

/** A hit shows so many records at most, the newest of those it rests on. */
export const placesKept = 20;

/** The place asked for last: several behaviours remember the same fact in turn, and need one place for it. */
const last: { fact: Fact | undefined; place: Place } = { fact: undefined, place: { id: "", from: "", line: 0 } };

export const placeOf = (fact: Fact): Place => {
  if (last.fact !== fact) {
    last.fact = fact;
    last.place = { id: fact.id, from: fact.from, line: fact.line };
  }
  return last.place;
};

/** Adds the place of a record, in the order of time; the oldest goes when there are twenty. */
export const addPlace = (to: { evidence: Place[] }, fact: Fact): void => {
  // most things remembered rest on one record: a list that is written out has room for its members and no more
  if (to.evidence.length === 0) {
    to.evidence = [placeOf(fact)];
    return;
  }
  if (to.evidence.length >= placesKept) to.evidence.shift();
  to.evidence.push(placeOf(fact));
};

/** Evidence of many things in turn, as checkpoints have it: how many places each has, and what the places say. */
export interface SavedPlaces {
  readonly many: number[];
  readonly ids: string[];
  readonly from: string[];
  readonly lines: number[];
}

export const noPlaces = (): SavedPlaces => ({ many: [], ids: [], from: [], lines: [] });

export const savePlaces = (to: SavedPlaces, places: readonly Place[]): void => {
  to.many.push(places.length);
  for (const { id, from, line } of places) {
    to.ids.push(id);
    to.from.push(from);
    to.lines.push(line);
  }
};

/** Hands out what was saved, in its turn. */
export const placesIn = ({ many, ids, from, lines }: SavedPlaces): (() => Place[]) => {
  let next = 0;
  let at = 0;
  return () => {
    const places: Place[] = [];
    for (const end = at + (many[next++] ?? 0); at < end; at++)
      places.push({ id: ids[at] ?? "", from: from[at] ?? "", line: lines[at] ?? 0 });
    return places;
  };
};
