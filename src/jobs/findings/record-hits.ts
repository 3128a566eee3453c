import { hash } from "node:crypto";
import type { AssetWorth } from "#community/asset.ts";
import type { Instant } from "#core/instant.ts";
import type { OrganisationId, Tlp } from "#core/marking.ts";
import type { RsitType } from "#core/rsit.ts";
import { rank } from "#core/severity.ts";
import type { Hit } from "#detect/hit.ts";
import type { AcrossRule } from "#incidents/correlate.ts";
import { type Finding, type FindingSource, findingKey, raise } from "#incidents/finding.ts";
import type { ClaimAge, Event, StoredFinding } from "#incidents/ports.ts";
import { seenIn, shownIn } from "#incidents/seen.ts";
import { type DecayRule, usualDecay, weightAt } from "#intel/decay.ts";
import type { Family } from "#intel/family-names.ts";
import type { LiveClaim } from "#intel/ports.ts";
import { heard, isDetector } from "./detector-source.ts";
import { joinStories } from "#jobs/incidents/join-stories.ts";
import { muteTouched } from "./mute.ts";
import type { Job, Tx } from "#jobs/ports.ts";
import { recordQuiet } from "./record-quiet.ts";
import { weighIncidents } from "#jobs/incidents/weigh.ts";

/** A hit with all living claims behind it, those the organisation must not know of included, before it is recorded. */
export interface ClaimedHit {
  readonly hit: Hit;
  readonly claims: readonly LiveClaim[];
}

/** What recording needs to know of the organisations concerned. */
export interface Community {
  /** How far what a rule says may be told, by the id of its source; absent, or undefined: to the organisation concerned. */
  readonly ruleTlp?: (source: string) => Tlp | undefined;
  readonly shadow: (organisation: OrganisationId) => boolean;
  readonly worth: (organisation: OrganisationId, asset: string, at: Instant) => AssetWorth;
  /** Keyed, so that an id says nothing: `idOf("finding", key)`. */
  readonly idOf: (kind: "finding" | "incident" | "detector", key: string) => string;
  /** How what sources say grows old here; absent: as usual. */
  readonly decay?: DecayRule;
  /** The one name of a malware family, whichever a source used; absent: each stays as it is. */
  readonly family?: Family;
  /** What may tie organisations into one incident; absent: as usual. */
  readonly across?: AcrossRule;
}

/** Problems that are about a malware family; elsewhere a service or a CVE stands, which no collection renames. */
const aboutFamily: ReadonlySet<RsitType> = new Set([
  ...(["infected-system", "c2-server", "malware-distribution", "malware-configuration", "system-compromise"] as const),
]);

/** The hit as its finding calls it: two sources with two names of one family make one finding. */
export const withFamily = (hit: Hit, { family }: Pick<Community, "family">): Hit => {
  const { type, about } = hit.problem;
  const named = family === undefined || about === "" || !aboutFamily.has(type) ? about : family(about);
  return named === about ? hit : { ...hit, problem: { type, about: named } };
};

export interface Recorded {
  readonly fresh: number;
  readonly opened: readonly StoredFinding[];
  readonly touched: readonly StoredFinding[];
}

/**
 * Hits become findings and potential incidents, inside the caller's transaction. Hits recorded before (same id) change
 * nothing, so that a batch, a line or a list delivered twice doubles nothing. A hit of which no source may speak
 * ("context") opens nothing: it is kept as evidence and adds risk to the incidents of its entities.
 *
 * A finding that may be told, and that nothing silences or mutes, queues its alert here, in the same transaction.
 */
export const recordHits = async (
  tx: Tx,
  given: readonly ClaimedHit[],
  batch: number | undefined,
  community: Community,
  now: Instant,
): Promise<Recorded> => {
  const nothing: Recorded = { fresh: 0, opened: [], touched: [] };
  if (given.length === 0) return nothing;
  const named = (await heard(tx, given)).map((one) => ({ ...one, hit: withFamily(one.hit, community) }));
  const claimed = named.filter(({ claims }) => !isQuiet(claims));
  const quiet = named.filter(({ claims }) => isQuiet(claims));
  await tx.incidents.lockOrganisations([...new Set(named.map(({ hit }) => hit.organisation))]);
  const known = await tx.incidents.known(claimed.flatMap(({ hit }) => [hit.id, veiledId(hit)]));
  const groups = new Map<string, Group>();
  const seen = new Set<string>();
  for (const { hit, claims } of claimed) {
    // a veiled hit never stands in the way of the same hit once it may be shown
    const veiled = !claims.some((claim) => claim.voice === "alert" && mayBeShown(claim));
    const id = veiled ? veiledId(hit) : hit.id;
    if (known.has(hit.id) || known.has(id) || seen.has(id)) continue;
    seen.add(id);
    const key = findingKey(hit, veiled);
    const one = { hit: { ...hit, id }, claims };
    const group = groups.get(key);
    if (group) group.claimed.push(one);
    else groups.set(key, { veiled, claimed: [one] });
  }
  if (groups.size === 0 && quiet.length === 0) return nothing;
  await tx.incidents.lockIncidents();
  const added = await recordQuiet(tx, quiet, batch, now);
  if (groups.size === 0) {
    await weighIncidents(tx, added.incidents);
    return { ...nothing, fresh: added.fresh };
  }
  const raised = await raiseAll(tx, groups, community, now);
  const seenOf = new Map(raised.map(({ finding, hits }) => [finding.id, seenIn(hits)]));
  const placed = await joinStories(
    tx,
    raised
      // what somebody runs is no story of an attack, and a host's hundred weaknesses would tie all of its others
      .filter(({ finding }) => finding.detector !== "product-advisory")
      .map((one) => ({ ...one, entities: seenOf.get(one.finding.id) ?? [], news: isNews(one) })),
    community.idOf,
    community.across,
    now,
  );
  const saved = await tx.incidents.save(raised.map(({ finding }) => ({ ...finding, ...placed.get(finding.id) })));
  const stored = new Map(saved.map((finding) => [finding.id, finding]));
  const touched = raised.map((one) => ({ ...one, finding: stored.get(one.finding.id) as StoredFinding }));
  await tx.incidents.addHits(
    touched.map(({ finding, hits, fresh }) => ({
      ...{ finding: finding.n, organisation: finding.organisation, hits, sources: fresh },
      ...{ entities: seenOf.get(finding.id) ?? [], attack: shownIn(hits) },
    })),
    batch,
  );
  await tx.incidents.events(touched.flatMap((one) => eventOf(one, now) ?? []));
  const muted = await muteTouched(
    tx,
    touched.map(({ finding, hits, sources }) => ({
      finding,
      hits: hits.length,
      sources: sources.map(({ feed }) => feed),
    })),
    now,
  );
  await weighIncidents(tx, [
    ...added.incidents,
    ...touched.flatMap(({ finding }) => [finding.incident ?? [], finding.part ?? []].flat()),
  ]);
  await tx.queue.putAll(
    touched.flatMap((one) => jobsOf(one, muted.has(one.finding.n))),
    now,
  );
  return {
    fresh: seen.size + added.fresh,
    opened: touched.filter(isNews).map(({ finding }) => finding),
    touched: touched.map(({ finding }) => finding),
  };
};

/** None of its sources may speak, in the open or in shadow. */
const isQuiet = (claims: readonly LiveClaim[]): boolean =>
  claims.length > 0 && claims.every((claim) => claim.voice === "context" && isDetector(claim.feed));

/** A finding as its hits leave it. */
interface Raised<F extends Finding = Finding> {
  readonly key: string;
  readonly before?: StoredFinding;
  readonly finding: F;
  readonly hits: readonly Hit[];
  /** What speaks for these hits, and for the finding as a whole. */
  readonly fresh: readonly FindingSource[];
  readonly sources: readonly FindingSource[];
}

/** In the order of their keys, so that the same hits open the same incidents. */
const raiseAll = async (
  tx: Tx,
  groups: ReadonlyMap<string, Group>,
  community: Community,
  now: Instant,
): Promise<readonly Raised[]> => {
  const ordered = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, group]) => ({ key, group, id: community.idOf("finding", key) }));
  const before = new Map((await tx.incidents.findingsById(ordered.map(({ id }) => id))).map((one) => [one.id, one]));
  const words = await tx.incidents.sourcesOf([...before.values()].map(({ n }) => n));
  const weight = weigher(community.decay ?? usualDecay, now);
  return ordered.map(({ key, group, id }) => {
    const hits = group.claimed.map(({ hit }) => hit);
    const first = hits[0] as Hit;
    const past = before.get(id);
    const known = past === undefined ? [] : (words.get(past.n) ?? []);
    const fresh = sourcesOf(group.claimed, weight);
    const sources = joined(
      known
        .filter((source) => !source.fallen)
        .map(({ claimed: age, fallen: _fallen, refuted: _refuted, ...source }) => ({
          ...source,
          ...weight(source, age),
        })),
      // what a person took back for this finding speaks for it no more, however often it is said again
      fresh.filter((source) => !known.some((one) => one.refuted && keyOf(one) === keyOf(source))),
    );
    const finding = raise(past, hits, {
      ...{ id, sources, veiled: group.veiled, now },
      organisationShadow: community.shadow(first.organisation),
      assetWorth: community.worth(first.organisation, first.asset, first.time),
    });
    return { key, finding, hits, fresh, sources, ...(past === undefined ? {} : { before: past }) };
  });
};

/** Opened now, or again. */
const isNews = ({ before, finding }: Raised): boolean =>
  before === undefined || (finding.state === "reopened" && before.state !== "reopened");

const isWorse = ({ before, finding }: Raised): boolean =>
  before !== undefined && rank(finding.severity) > rank(before.severity);

const eventOf = (one: Raised<StoredFinding>, now: Instant): (Event & { readonly finding: number }) | undefined => {
  const { before, finding, hits } = one;
  if (isNews(one))
    return {
      ...{ finding: finding.n, at: now, what: before ? "reopened" : "opened" },
      detail: { hits: hits.length },
    };
  if (before === undefined || !isWorse(one)) return undefined;
  return { finding: finding.n, at: now, what: "severity", detail: { from: before.severity, to: finding.severity } };
};

const jobsOf = (one: Raised<StoredFinding>, muted: boolean): readonly Pick<Job, "kind" | "key" | "payload">[] => {
  const { before, finding, fresh } = one;
  const tells = !muted && finding.shadow === undefined && (isNews(one) || before?.shadow !== undefined || isWorse(one));
  return [
    // something new speaks for what was taken back
    ...(finding.stood === undefined
      ? []
      : [
          {
            ...{ kind: "reweigh" as const, key: `finding ${finding.id}` },
            payload: { indicators: fresh.map((source) => source.indicator) },
          },
        ]),
    ...(tells ? [{ kind: "alert" as const, key: finding.id, payload: {} }] : []),
  ];
};

/** Hits of one finding. */
interface Group {
  readonly veiled: boolean;
  readonly claimed: ClaimedHit[];
}

export const veiledId = (hit: Pick<Hit, "id">): string => hitId([hit.id, "veiled"]);

/** AMBER+STRICT and RED of a source, feeds in shadow, and what a person judged false are for staff: the organisation is not shown them. */
export const mayBeShown = (claim: LiveClaim): boolean =>
  claim.tlp !== "red" && claim.tlp !== "amber+strict" && !claim.shadow && claim.judged !== true;

/**
 * The claims that say what a hit is about: those the organisation may see, when one of them may speak; else all, and the
 * finding is veiled. So what it reads is the same whether or not a hidden source knows more.
 */
export const openFirst = (claims: readonly LiveClaim[]): readonly LiveClaim[] => {
  const shown = claims.filter(mayBeShown);
  return shown.some((claim) => claim.voice === "alert") ? shown : claims;
};

type Weigher = (
  source: Pick<FindingSource, "feed" | "grade">,
  age: ClaimAge | undefined,
) => Pick<FindingSource, "weight">;

/** What is left of a source's word at a moment (intel/decay.ts). */
export const weigher =
  (rule: DecayRule, now: Instant): Weigher =>
  ({ feed, grade }, age) =>
    age === undefined ? {} : { weight: weightAt({ feed, grade, ...age }, age.kind, rule, now) };

/** One per feed and indicator. */
const sourcesOf = (group: readonly ClaimedHit[], weight: Weigher): readonly FindingSource[] => {
  const found = new Map<string, FindingSource>();
  for (const { claims } of group)
    for (const claim of claims)
      found.set(`${claim.feed} ${claim.indicator}`, {
        ...claim,
        mayBeShown: mayBeShown(claim),
        ...weight(claim, claim.kind === undefined || claim.lastSeen === undefined ? undefined : (claim as ClaimAge)),
      });
  return [...found.values()];
};

const keyOf = ({ feed, indicator }: Pick<FindingSource, "feed" | "indicator">): string => `${feed} ${indicator}`;

const joined = (before: readonly FindingSource[], fresh: readonly FindingSource[]): readonly FindingSource[] => {
  const all = new Map(before.map((source) => [keyOf(source), source]));
  for (const source of fresh) all.set(keyOf(source), source);
  return [...all.values()];
};

/** Id of a hit: the same claim about the same bytes is the same hit, whichever batch brought them. */
export const hitId = (parts: readonly (string | number)[]): string =>
  hash("sha256", parts.join("\0"), "hex").slice(0, 32);
