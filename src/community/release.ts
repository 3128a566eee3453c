import type { Instant } from "#core/instant.ts";
import { licences, type Marking, paps, stricterPap, stricterTlp, type Tlp, tlps } from "#core/marking.ts";
import { assert } from "#core/result.ts";
import { inForce, type Purpose } from "./agreement.ts";
import { localsOf, narrower } from "./derive.ts";
import { type Recipient, scopeOfRecipient } from "./recipient.ts";
import { visible } from "./visibility.ts";

/**
 * Permission for one object to leave to one party, and the object as it may leave. Only `release` makes one: TAXII,
 * MISP, lists, webhooks and mail take nothing else. The value is a frozen copy, so that neither who asked nor who got
 * it can change what was allowed.
 */
export type Released<T> = ReleasedValue<T>;

/**
 * Decides whether `object` may leave to `recipient`, and which of its fields. Everything binds at once: visibility
 * (owner, TLP, group, shadow), licence, agreement (ceilings, period, purpose), local classification, the field policy
 * for personal data, and markings of single fields. Reasons and `explain` are for staff: they may name what the
 * recipient must not know.
 */
export const release = <F extends object, R extends FieldPolicy<F>>(
  object: Releasable<F>,
  recipient: Recipient,
  policy: ReleasePolicy<R>,
): Release<Outgoing<F, R>> => {
  const bars: Reason[] = [...barsOf(object.marking, object.released, recipient, policy)];
  const explain: Explained[] = [];
  const going: [string, unknown][] = [];
  const markings: Marking[] = [object.marking];
  for (const [field, value] of Object.entries(object.fields)) {
    if (value === undefined) continue;
    const rule = Object.hasOwn(policy.fields, field) ? policy.fields[field as keyof R] : undefined;
    const outcome = outcomeOf(field, rule, object, recipient, policy);
    explain.push(outcome);
    const part = object.parts?.[field as keyof F];
    if (outcome.does !== "removed" && part !== undefined) markings.push(part);
    if (outcome.does === "kept") going.push([field, value]);
    else if (outcome.does === "changed") going.push([field, policy.anonymous]);
    else if (rule === "must") bars.push({ bound: "field", value: field, ceiling: outcome.why });
  }
  if (bars.length > 0) return { ok: false, withheld: bars, explain };
  // Object.fromEntries defines its keys, so that a field called __proto__ stays a field.
  const value = Object.fromEntries(going) as Outgoing<F, R>;
  return { ok: true, released: new ReleasedValue(key, value, noteOf(markings, recipient, policy)), explain };
};

/** True for what `release` made, and for nothing that only looks like it; for adapters that meet `unknown`. */
export const isReleased = (value: unknown): value is Released<unknown> => ReleasedValue.made(value);

/** What somebody would like to send. `fields` are plain data, as JSON has them. */
export interface Releasable<F extends object> {
  readonly marking: Marking;
  /** False while in shadow: nothing of it leaves. */
  readonly released: boolean;
  readonly fields: F;
  /** Fields that come from elsewhere (a feed's own words in our finding) and obey that marking too. */
  readonly parts?: { readonly [K in keyof F]?: Marking };
}

/**
 * What a field is, which decides how it leaves; a field without a rule never does.
 *   must      the object is nothing without it: if it may not go, nothing goes
 *   may       goes unless its own marking forbids
 *   personal  of a person: goes only where the agreement takes personal data, or to the owner, whose it is
 *   source    names who gave it: goes as `anonymous` where sources are not to be named
 *   internal  never leaves
 */
export const fieldRules = ["must", "may", "personal", "source", "internal"] as const;
export type FieldRule = (typeof fieldRules)[number];

export type FieldPolicy<F> = { readonly [K in keyof F]-?: SourceIsText<F[K]> };
type SourceIsText<V> = V extends string | undefined ? FieldRule : Exclude<FieldRule, "source">;

/** The fields that leave: `must` for certain, others perhaps, `internal` never. */
export type Outgoing<F, R> = {
  readonly [K in keyof F as K extends keyof R ? (R[K] extends "must" ? K : never) : never]: F[K];
} & {
  readonly [K in keyof F as K extends keyof R ? (R[K] extends "must" | "internal" ? never : K) : never]?: F[K];
};

export interface ReleasePolicy<R> {
  readonly now: Instant;
  readonly purpose: Purpose;
  readonly fields: R;
  /** What each local classification means in TLP: { RESTRICTED: "amber+strict" }. One that is not here stays here. */
  readonly local: Readonly<Record<string, Tlp>>;
  /** Stands for a source that is not named: "a member". */
  readonly anonymous: string;
}

export type Release<T> =
  | { readonly ok: true; readonly released: Released<T>; readonly explain: readonly Explained[] }
  | { readonly ok: false; readonly withheld: readonly Reason[]; readonly explain: readonly Explained[] };

/**
 * What forbids it, the object's own value, and what would have been allowed:
 *   { bound: "tlp", value: "amber", ceiling: "green" }
 */
export interface Reason {
  readonly bound:
    | "shadow"
    | "audience"
    | "group"
    | "licence"
    | "local"
    | "agreement"
    | "period"
    | "purpose"
    | "tlp"
    | "pap"
    | "field";
  readonly value: string;
  readonly ceiling: string;
}

/** What became of one field, for the preview before something is sent. */
export interface Explained {
  readonly field: string;
  readonly does: "kept" | "changed" | "removed";
  readonly why: FieldRule | "own" | "anonymous" | "unclassified" | Reason["bound"];
}

/** What the recipient is told about handling. Group and local scheme are ours; the owner is named only where sources are. */
export interface HandlingNote {
  readonly tlp: Tlp;
  readonly pap: Marking["pap"];
  readonly licence: Marking["licence"];
  readonly owner?: Marking["owner"];
}

const outcomeOf = <F extends object>(
  field: string,
  rule: FieldRule | undefined,
  object: Releasable<F>,
  recipient: Recipient,
  policy: ReleasePolicy<unknown>,
): Explained => {
  if (rule === undefined) return { field, does: "removed", why: "unclassified" };
  if (rule === "internal") return { field, does: "removed", why: "internal" };
  const part = object.parts?.[field as keyof F];
  const bar = part === undefined ? undefined : barsOf(part, true, recipient, policy)[0];
  if (bar !== undefined) return { field, does: "removed", why: bar.bound };
  const marking = part ?? object.marking;
  const theirs = marking.owner !== undefined && marking.owner === recipient.party;
  if (rule === "personal" && recipient.agreement?.acceptsPii !== true)
    return theirs ? { field, does: "kept", why: "own" } : { field, does: "removed", why: "personal" };
  if (rule === "source" && anonymous(marking, recipient)) return { field, does: "changed", why: "anonymous" };
  return { field, does: "kept", why: rule };
};

/** Everything about one marking that keeps it from this recipient; empty: it may go. */
const barsOf = (
  marking: Marking,
  released: boolean,
  recipient: Recipient,
  policy: ReleasePolicy<unknown>,
): readonly Reason[] => {
  const bars: Reason[] = [];
  const bar = (bound: Reason["bound"], value: string, ceiling: string): void => {
    bars.push({ bound, value, ceiling });
  };
  if (!released) bar("shadow", "shadow", "released");

  const tlp = tlpOf(marking, policy);
  if (tlp === undefined) bar("local", marking.local ?? "", Object.keys(policy.local).sort().join(", "));
  const scope = scopeOfRecipient(recipient);
  if (marking.group !== undefined && !scope.groups.includes(marking.group)) bar("group", marking.group, "its members");
  else if (!visible({ ...marking, tlp: tlp ?? "red" }, true, scope))
    bar("audience", tlp ?? marking.tlp, recipient.kind);

  const { passOn } = licences[marking.licence];
  if (!passesTo[passOn].includes(recipient.kind)) bar("licence", marking.licence, passOn);

  const { agreement } = recipient;
  if (agreement === undefined || agreement.party !== recipient.party) {
    bar("agreement", recipient.party, "signed");
    return bars;
  }
  if (!inForce(agreement, policy.now)) bar("period", String(policy.now), `${agreement.from} to ${agreement.to ?? ""}`);
  if (!agreement.purposes.includes(policy.purpose)) bar("purpose", policy.purpose, agreement.purposes.join(", "));
  if (tlp !== undefined && tlps.indexOf(tlp) > tlps.indexOf(agreement.tlpMax)) bar("tlp", tlp, agreement.tlpMax);
  if (paps.indexOf(marking.pap) > paps.indexOf(agreement.papMax)) bar("pap", marking.pap, agreement.papMax);
  return bars;
};

/** Kinds of recipient that each `passOn` of `licences` allows. */
const passesTo: Readonly<Record<(typeof licences)[Marking["licence"]]["passOn"], readonly Recipient["kind"][]>> = {
  anyone: ["organisation", "partner", "public"],
  community: ["organisation"],
  nobody: [],
};

/** TLP with the local classification taken into account; undefined when we do not know what the local one means. */
const tlpOf = (marking: Marking, policy: ReleasePolicy<unknown>): Tlp | undefined => {
  let tlp: Tlp = marking.tlp;
  for (const local of localsOf(marking)) {
    const meant = Object.hasOwn(policy.local, local) ? policy.local[local] : undefined;
    if (meant === undefined) return undefined;
    tlp = stricterTlp(tlp, meant);
  }
  return tlp;
};

/** The owner knows itself. Otherwise the agreement says; without one nobody is named. */
const anonymous = (marking: Marking, recipient: Recipient): boolean =>
  (marking.owner === undefined || marking.owner !== recipient.party) && (recipient.agreement?.anonymiseSources ?? true);

/** The strictest of what left: the object's marking, and those of the parts that went with it. */
const noteOf = (markings: readonly Marking[], recipient: Recipient, policy: ReleasePolicy<unknown>): HandlingNote => {
  const owner = markings[0]?.owner;
  return {
    tlp: markings.map((one) => tlpOf(one, policy) ?? "red").reduce(stricterTlp),
    pap: markings.map((one) => one.pap).reduce(stricterPap),
    licence: markings.map((one) => one.licence).reduce(narrower),
    ...(owner === undefined || markings.some((one) => anonymous(one, recipient)) ? {} : { owner }),
  };
};

/** Known to this file alone: `released.constructor` can be reached by whoever holds one, this cannot. */
const key = Symbol("release");

class ReleasedValue<T> {
  readonly #onlyMadeHere = true;
  readonly value: T;
  readonly note: HandlingNote;

  constructor(given: symbol, value: T, note: HandlingNote) {
    assert(given === key, "only release() may make a Released");
    this.value = frozenCopy(value, 0) as T;
    this.note = Object.freeze({ ...note });
    Object.freeze(this);
  }

  static made(value: unknown): value is ReleasedValue<unknown> {
    return typeof value === "object" && value !== null && #onlyMadeHere in value && value.#onlyMadeHere;
  }
}
Object.freeze(ReleasedValue);
Object.freeze(ReleasedValue.prototype);

/** Deeper than any format we write (STIX needs about 10); a loop would never end. */
const deepest = 64;

/** A copy of plain data that nobody can change. Dates, Maps and class instances are not plain: they have doors. */
const frozenCopy = (value: unknown, depth: number): unknown => {
  if (typeof value !== "object" || value === null) {
    assert(typeof value !== "function" && typeof value !== "symbol", "a released value holds plain data only");
    return value;
  }
  assert(depth < deepest, `a released value is at most ${deepest} levels deep`);
  if (Array.isArray(value)) return Object.freeze(value.map((one) => frozenCopy(one, depth + 1)));
  const prototype: unknown = Object.getPrototypeOf(value);
  assert(prototype === Object.prototype || prototype === null, "a released value holds plain data only");
  return Object.freeze(
    Object.fromEntries(Object.entries(value).map(([name, one]) => [name, frozenCopy(one, depth + 1)])),
  );
};
