import { type CidrRange, cidrRange } from "#core/cidr.ts";
import { closeLook, type Look, openLook } from "./pattern-look.ts";
import type { CompiledPattern } from "./pattern-match.ts";
import type { Observation } from "./pattern-observation.ts";
import { codingOf, compilePath, decoded, type ObjectLook } from "./pattern-path.ts";
import { placeOf } from "./pattern-compare.ts";
import type { Comparison, ObjectTest } from "./pattern.ts";

/**
 * Many patterns over a stream, without a pass over all of them for each observation. From `=`, IN and ISSUBSET each
 * pattern is entered under (object type, path, constant), so that an observation asks only for those whose constant it
 * has; what has no such constant (`!=`, LIKE, MATCHES …) is asked whenever its object type is there. Cost of an
 * observation: a look-up for each of its indexed values, and the patterns it may make true.
 */
export class PatternIndex<Id> {
  readonly #patterns: { readonly id: Id; readonly compiled: CompiledPattern }[] = [];
  readonly #types = new Map<string, TypeIndex>();
  /** Round in which a pattern was last found, so that it is given once. */
  #seen = new Uint32Array(1024);
  #round = 0;
  readonly #look: Look = openLook();

  get size(): number {
    return this.#patterns.length;
  }

  /** Patterns under their types and constants, and those that have none, by type. */
  get residual(): number {
    return [...this.#types.values()].reduce((sum, { residual }) => sum + residual.length, 0);
  }

  add(id: Id, compiled: CompiledPattern): void {
    const number = this.#patterns.push({ id, compiled }) - 1;
    for (const { cases } of compiled.leaves)
      for (const { tests, source } of cases)
        for (const type of tests.keys()) {
          const index = this.#types.get(type) ?? new TypeIndex();
          this.#types.set(type, index);
          const keys = keysOf(source.test, type);
          if (keys === undefined) index.residual.push(number);
          else for (const key of keys) index.enter(key, number);
        }
  }

  /**
   * The patterns one of whose parts the observation may make true: a superset, each once. For patterns of several
   * observations it says when to look again at what was kept.
   */
  *candidates(observation: Observation): Generator<readonly [Id, CompiledPattern], void, void> {
    for (const number of this.#candidates([observation])) {
      const one = this.#patterns[number];
      if (one !== undefined) yield [one.id, one.compiled];
    }
  }

  /** The patterns that are true of these observations together. Undecided ones are not among them; see `onUndecided`. */
  match(observations: readonly Observation[], onUndecided?: (id: Id) => void): Id[] {
    const matching: Id[] = [];
    for (const number of this.#candidates(observations)) {
      const one = this.#patterns[number];
      if (one === undefined) continue;
      const verdict = one.compiled.match(observations);
      if (!verdict.ok) onUndecided?.(one.id);
      else if (verdict.value.matches) matching.push(one.id);
    }
    return matching;
  }

  #candidates(observations: readonly Observation[]): readonly number[] {
    this.#nextRound();
    const found: number[] = [];
    const take = (numbers: readonly number[]): void => {
      for (const number of numbers) {
        if (this.#seen[number] === this.#round) continue;
        this.#seen[number] = this.#round;
        found.push(number);
      }
    };
    for (const observation of observations) {
      this.#look.visited = 0;
      this.#look.find = observation.find;
      for (const [type, objects] of observation.byType) {
        const index = this.#types.get(type);
        if (index === undefined) continue;
        take(index.residual);
        for (const { visit } of index.places.values()) for (const object of objects) visit(object, this.#look, take);
      }
    }
    closeLook(this.#look);
    return found;
  }

  #nextRound(): void {
    if (this.#seen.length < this.#patterns.length) this.#seen = new Uint32Array(this.#patterns.length * 2);
    if (++this.#round < 0xffff_ffff) return;
    this.#seen.fill(0);
    this.#round = 1;
  }
}

/** A value, or a network, that a comparison asks for. */
type Key =
  | { readonly comparison: Comparison; readonly value: unknown }
  | { readonly comparison: Comparison; readonly network: CidrRange };

/**
 * Keys one of which an object of this type must have for the test to be true; undefined when none can be named. Of AND
 * the part with the fewest keys is enough; OR needs those of every part.
 */
const keysOf = (test: ObjectTest, type: string): readonly Key[] | undefined => {
  if (test.kind === "comparison") return test.type === type ? keysOfComparison(test) : [];
  const parts = test.of.map((part) => keysOf(part, type));
  if (test.kind === "either") {
    const all: Key[] = [];
    for (const part of parts) {
      if (part === undefined) return undefined;
      all.push(...part);
    }
    return all;
  }
  const known = parts.filter((part) => part !== undefined);
  return known.toSorted((a, b) => weight(a) - weight(b))[0];
};

/** Fewer keys are better, and a port or a type is worse than anything that names one thing. */
const weight = (keys: readonly Key[]): number =>
  keys.reduce(
    (sum, key) =>
      sum +
      ("value" in key && (typeof key.value !== "string" || key.value.length < 4)
        ? 1000
        : key.comparison.path.at(-1) === "type"
          ? 1000
          : 1),
    0,
  );

const keysOfComparison = (comparison: Comparison): readonly Key[] | undefined => {
  const { operator, not, constants } = comparison;
  if (not || constants.some(({ is }) => is === "timestamp")) return undefined;
  if (operator === "=" || operator === "IN") return constants.map(({ value }) => ({ comparison, value }));
  if (operator !== "ISSUBSET") return undefined;
  const network = cidrRange(`${constants[0]?.value}`);
  return network.ok ? [{ comparison, network: network.value }] : undefined;
};

type Take = (numbers: readonly number[]) => void;

class TypeIndex {
  readonly residual: number[] = [];
  readonly places = new Map<string, PlaceIndex>();

  enter(key: Key, number: number): void {
    const name = placeOf(key.comparison);
    const place = this.places.get(name) ?? new PlaceIndex(key.comparison);
    this.places.set(name, place);
    place.enter(key, number);
  }
}

/** The constants asked for at one path. */
class PlaceIndex {
  readonly visit: (object: Parameters<ObjectLook>[0], look: Look, take: Take) => void;
  readonly #values = new Map<unknown, number[]>();
  /** Prefix length → first address of the network → patterns. */
  readonly #four = new Map<number, Map<number, number[]>>();
  readonly #six = new Map<number, Map<bigint, number[]>>();

  constructor(comparison: Pick<Comparison, "type" | "path">) {
    let given: Take = () => undefined;
    const ask = (value: unknown): false => {
      const numbers = this.#values.get(value);
      if (numbers !== undefined) given(numbers);
      if (typeof value === "string" && this.#four.size + this.#six.size > 0) this.#networks(value, given);
      return false;
    };
    const place = placeOf(comparison);
    const coding = codingOf(comparison.path);
    const all = compilePath(place, comparison.path, coding === undefined ? ask : decoded(place, coding, ask));
    this.visit = (object, look, take) => {
      given = take;
      all(object, look);
    };
  }

  enter(key: Key, number: number): void {
    if ("value" in key) push(this.#values, key.value, number);
    else if (key.network.family === 4) {
      const { prefix, first } = key.network;
      push(inner(this.#four, prefix), first, number);
    } else push(inner(this.#six, key.network.prefix), key.network.first, number);
  }

  #networks(value: string, take: Take): void {
    const range = cidrRange(value);
    if (!range.ok) return;
    const { family, prefix, first } = range.value;
    if (family === 4) {
      for (const [length, networks] of this.#four) {
        const numbers = length <= prefix ? networks.get(first - (first % 2 ** (32 - length))) : undefined;
        if (numbers !== undefined) take(numbers);
      }
    } else {
      for (const [length, networks] of this.#six) {
        const host = BigInt(128 - length);
        const numbers = length <= prefix ? networks.get((first >> host) << host) : undefined;
        if (numbers !== undefined) take(numbers);
      }
    }
  }
}

const push = <K>(map: Map<K, number[]>, key: K, number: number): void => {
  const numbers = map.get(key);
  if (numbers === undefined) map.set(key, [number]);
  else if (numbers.at(-1) !== number) numbers.push(number);
};

const inner = <K>(map: Map<number, Map<K, number[]>>, key: number): Map<K, number[]> => {
  const found = map.get(key) ?? new Map<K, number[]>();
  map.set(key, found);
  return found;
};
