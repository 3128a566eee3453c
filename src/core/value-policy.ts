import { cidrRange } from "./cidr.ts";
import { domainName } from "./domain.ts";

/** What a source may tell us is bad, beyond being well formed. */
export interface ValuePolicy {
  /** Private, loopback, documentation … addresses: a feed's are mistakes ("reject"), a person's own list means them ("accept"). */
  readonly reserved: "reject" | "accept";
  /** Networks exempt from `reserved`, e.g. the documentation ranges a sample lives in. */
  readonly allow: readonly string[];
  /** What is the community's own: exempt from `reserved`, flagged "own-asset" when a source names or covers it. */
  readonly own?: { readonly cidrs: readonly string[]; readonly domains: readonly string[] };
  /** Shortest prefix taken; absent: `widestUsual`. A wider network is a problem, an analyst decides. */
  readonly widest?: { readonly v4: number; readonly v6: number };
}

/**
 * 65,536 addresses, and one site assigner's share in IPv6: wider than that a feed blocks a country's customers when it
 * errs, so a person looks first. A network just as wide is taken and flagged "broad".
 */
export const widestUsual = { v4: 16, v6: 32 } as const;

/** What a stranger's feed gets. */
export const strict: ValuePolicy = { reserved: "reject", allow: [] };
/** What a person's own list gets (`scan --indicators`): they know their own network. */
export const lenient: ValuePolicy = { reserved: "accept", allow: [] };

interface Ranges {
  readonly v4: readonly { readonly first: number; readonly last: number }[];
  readonly v6: readonly { readonly first: bigint; readonly last: bigint }[];
}

/** A policy ready for a million rows. */
export interface ReadyPolicy {
  readonly rejectsReserved: boolean;
  readonly allow: Ranges;
  readonly own: Ranges;
  readonly ownDomains: ReadonlySet<string>;
  readonly widest: { readonly v4: number; readonly v6: number };
}

const ready = new WeakMap<ValuePolicy, ReadyPolicy>();

/** Made once per policy object. Entries that are no network or domain are ignored: the directory refused them before. */
export const readyPolicy = (policy: ValuePolicy): ReadyPolicy => {
  const before = ready.get(policy);
  if (before !== undefined) return before;
  const made: ReadyPolicy = {
    rejectsReserved: policy.reserved === "reject",
    allow: rangesOf(policy.allow),
    own: rangesOf(policy.own?.cidrs ?? []),
    ownDomains: new Set(policy.own?.domains.map((name) => domainName(name) ?? "").filter((name) => name !== "")),
    widest: policy.widest ?? widestUsual,
  };
  ready.set(policy, made);
  return made;
};

const rangesOf = (cidrs: readonly string[]): Ranges => {
  const v4: { first: number; last: number }[] = [];
  const v6: { first: bigint; last: bigint }[] = [];
  for (const cidr of cidrs) {
    const range = cidrRange(cidr);
    if (!range.ok) continue;
    if (range.value.family === 4) v4.push({ first: range.value.first, last: range.value.last });
    else v6.push({ first: range.value.first, last: range.value.last });
  }
  return { v4, v6 };
};
