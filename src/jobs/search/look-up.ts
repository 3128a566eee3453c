import type { Scope } from "#community/visibility.ts";
import type { Instant } from "#core/instant.ts";
import { type Tlp, tlps } from "#core/marking.ts";
import { type Observable, type ObservableKind, observableKey } from "#core/observable.ts";
import { readValue } from "#core/recognise.ts";
import type { Problem } from "#core/result.ts";
import { type AgeingClaim, type DecayRule, scoreOf } from "#intel/decay.ts";
import type { Exclusions } from "#intel/exclusions.ts";
import type { MatchReader } from "#intel/match-reader.ts";
import { coverings } from "#intel/search-covering.ts";

/** A claim in force that a reader may know of: what a look-up tells of. */
export interface LookUpClaim extends AgeingClaim {
  readonly indicator: string;
  readonly tlp: Tlp;
}

/** Reads of a look-up under a Scope; defined by `test/search-look-up.test.ts`. */
export interface LookUpViews {
  /** Claims of these indicators that are in force, speak (no context), and may be known to this scope. */
  readonly lookUpClaims: (scope: Scope, ids: readonly string[], now: Instant) => Promise<readonly LookUpClaim[]>;
  /** Listed URLs with a fragment on these hosts ("example.bad.", from the right) or addresses. */
  readonly urlsWithFragment: (
    urls: readonly string[],
  ) => Promise<readonly { readonly id: string; readonly value: string }[]>;
}

/** The answer for one value, in the order the values came. */
export interface LookedUp {
  readonly known: boolean;
  /** What the value is; absent with a problem. */
  readonly observable?: Observable;
  readonly problem?: Problem;
  /** The listed value that says so, when it is not the value itself: a network, a parent name, the path of a URL. */
  readonly by?: Observable;
  /** 0 to 100, now. */
  readonly score?: number;
  /** Sources that say so, of those the reader may know of. */
  readonly sources?: number;
  /** The strictest of what they say. */
  readonly tlp?: Tlp;
}

export interface LookingUp {
  /** The match index of this process; undefined: state is asked, more slowly and with the same answers. */
  readonly index: () => MatchReader | undefined;
  readonly indicatorId: (observable: Observable) => string;
  readonly exclusions: () => Exclusions;
  readonly views: LookUpViews;
  readonly decay: DecayRule;
}

/** A listed value that matches one that was asked for. */
interface Listed {
  readonly id: string;
  readonly observable: Observable;
}

const claimsAtOnce = 5_000;
/**
 * Values of one step: state is asked for the hits of one while the next is looked up in memory, and what was answered is
 * gone before it grows old. Fewer and each question is too small to be worth its way; more and all of them wait in memory.
 */
const valuesAtOnce = 8_192;

/**
 * What is known of many values, as `scope` may know it, each as telemetry would match it: an address by networks that
 * hold it, a name by its parents, a URL by its path. What is excluded is not known. Only hits reach state. Step by step, in the order of
 * the values.
 */
export async function* lookUpInSteps(
  looking: LookingUp,
  scope: Scope,
  values: readonly string[],
  now: Instant,
): AsyncGenerator<readonly LookedUp[], void, undefined> {
  const step = (from: number): Promise<() => readonly LookedUp[]> | undefined => {
    if (from >= values.length) return undefined;
    const begun = begin(looking, scope, values.slice(from, from + valuesAtOnce), now);
    // awaited one step later, or never where the reader went away
    begun.catch(() => {});
    return begun;
  };
  let current = step(0);
  for (let from = valuesAtOnce; current !== undefined; from += valuesAtOnce) {
    const next = step(from);
    yield (await current)();
    current = next;
  }
}

/** As `lookUpInSteps`, all at once. */
export const lookUp = async (
  looking: LookingUp,
  scope: Scope,
  values: readonly string[],
  now: Instant,
): Promise<readonly LookedUp[]> => {
  const all: LookedUp[] = [];
  for await (const some of lookUpInSteps(looking, scope, values, now)) for (const one of some) all.push(one);
  return all;
};

/** Looks up what memory knows, at once, and asks state for its claims. @returns what makes the answers */
const begin = async (
  looking: LookingUp,
  scope: Scope,
  values: readonly string[],
  now: Instant,
): Promise<() => readonly LookedUp[]> => {
  const { index, indicatorId } = looking;
  const reader = index();
  const read = values.map((value) => readValue(value));
  const observables = read.map((one) => (one.ok ? one.value.observable : undefined));
  const listed =
    reader === undefined ? await fromState(looking, observables) : fromMemory(reader, observables, indicatorId);
  const ids = [...new Set([...listed.values()].flatMap((all) => all.map((one) => one.id)))];
  const claims = new Map<string, LookUpClaim[]>();
  for (let at = 0; at < ids.length; at += claimsAtOnce)
    for (const claim of await looking.views.lookUpClaims(scope, ids.slice(at, at + claimsAtOnce), now)) {
      const of = claims.get(claim.indicator);
      if (of) of.push(claim);
      else claims.set(claim.indicator, [claim]);
    }
  return () =>
    read.map((one, at) => {
      if (!one.ok) return { known: false, problem: one.problem };
      const { observable } = one.value;
      const all = listed.get(at);
      return all === undefined ? { known: false, observable } : answer(observable, all, claims, looking.decay, now);
    });
};

/** The look-up proper: what of these is listed, by place. Nothing but memory is touched. */
export const fromMemory = (
  reader: MatchReader,
  observables: readonly (Observable | undefined)[],
  indicatorId: (observable: Observable) => string,
): ReadonlyMap<number, readonly Listed[]> => {
  const found = new Map<number, readonly Listed[]>();
  for (let at = 0; at < observables.length; at++) {
    const observable = observables[at];
    if (observable === undefined) continue;
    const matches = reader.lookup(observable);
    if (matches.length > 0)
      found.set(
        at,
        matches.map((match) => ({ id: indicatorId(match.observable), observable: match.observable })),
      );
  }
  return found;
};

const fromState = async (
  { indicatorId, exclusions, views }: LookingUp,
  observables: readonly (Observable | undefined)[],
): Promise<ReadonlyMap<number, readonly Listed[]>> => {
  const { excluded } = exclusions();
  const found = new Map<number, Listed[]>();
  const urls: string[] = [];
  observables.forEach((observable, at) => {
    if (observable === undefined) return;
    if (observable.kind === "url") urls.push(observable.value);
    const over = coverings(observable).filter((one) => excluded(one) === undefined);
    found.set(
      at,
      over.map((one) => ({ id: indicatorId(one), observable: one })),
    );
  });
  if (urls.length === 0) return found;
  const cut = (value: string): string => value.slice(value.indexOf("//")).replace(/#.*$/s, "");
  const byUrl = Map.groupBy(await views.urlsWithFragment(urls), (one) => cut(one.value));
  observables.forEach((observable, at) => {
    if (observable?.kind !== "url") return;
    for (const { id, value } of byUrl.get(cut(observable.value)) ?? [])
      if (excluded({ kind: "url", value }) === undefined)
        found.get(at)?.push({ id, observable: { kind: "url", value } });
  });
  return found;
};

const answer = (
  observable: Observable,
  listed: readonly Listed[],
  claims: ReadonlyMap<string, readonly LookUpClaim[]>,
  decay: DecayRule,
  now: Instant,
): LookedUp => {
  const sources = new Set<string>();
  let tlp: Tlp = "clear";
  let best: { readonly observable: Observable; readonly score: number } | undefined;
  for (const one of listed) {
    const said = claims.get(one.id);
    if (said === undefined) continue;
    for (const claim of said) {
      sources.add(claim.feed);
      if (tlps.indexOf(claim.tlp) > tlps.indexOf(tlp)) tlp = claim.tlp;
    }
    const score = scoreOf(said, one.observable.kind satisfies ObservableKind, decay, now);
    if (best === undefined || isBetter(one.observable, score, best, observable))
      best = { observable: one.observable, score };
  }
  if (best === undefined) return { known: false, observable };
  return {
    ...{ known: true, observable, score: best.score, sources: sources.size, tlp },
    ...(observableKey(best.observable) === observableKey(observable) ? {} : { by: best.observable }),
  };
};

/** The higher score; of equals the value itself, else the first by its text, so that every way of asking says the same. */
const isBetter = (
  one: Observable,
  score: number,
  best: { readonly observable: Observable; readonly score: number },
  asked: Observable,
): boolean => {
  if (score !== best.score) return score > best.score;
  const [mine, its, wanted] = [observableKey(one), observableKey(best.observable), observableKey(asked)];
  if (its === wanted) return false;
  return mine === wanted || mine < its;
};
