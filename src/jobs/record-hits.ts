import { hash } from "node:crypto";
import type { AssetWorth } from "#community/asset.ts";
import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import { rank } from "#core/severity.ts";
import type { Hit } from "#detect/hit.ts";
import { correlate, type OpenIncident, quietMs, tiesOf } from "#incidents/correlate.ts";
import { type FindingSource, findingKey, raise } from "#incidents/finding.ts";
import type { StoredFinding } from "#incidents/ports.ts";
import type { LiveClaim } from "#intel/ports.ts";
import type { Tx } from "#jobs/ports.ts";
import { after } from "#core/instant.ts";

/** A hit with all living claims behind it, those the organisation must not know of included, before it is recorded. */
export interface ClaimedHit {
  readonly hit: Hit;
  readonly claims: readonly LiveClaim[];
}

/** What recording needs to know of the organisations concerned. */
export interface Community {
  readonly shadow: (organisation: OrganisationId) => boolean;
  readonly worth: (organisation: OrganisationId, asset: string, at: Instant) => AssetWorth;
  /** Keyed, so that an id says nothing: `idOf("finding", key)`. */
  readonly idOf: (kind: "finding" | "incident", key: string) => string;
}

export interface Recorded {
  readonly fresh: number;
  readonly opened: readonly StoredFinding[];
  readonly touched: readonly StoredFinding[];
}

/**
 * Hits become findings and potential incidents, inside the caller's transaction. Hits recorded before (same id) change
 * nothing, so that a batch, a line or a list delivered twice doubles nothing.
 *
 * A finding that may be told queues its alert here, in the same transaction.
 */
export const recordHits = async (
  tx: Tx,
  claimed: readonly ClaimedHit[],
  batch: number | undefined,
  community: Community,
  now: Instant,
): Promise<Recorded> => {
  if (claimed.length === 0) return { fresh: 0, opened: [], touched: [] };
  await tx.incidents.lockOrganisations([...new Set(claimed.map(({ hit }) => hit.organisation))]);
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
  if (groups.size === 0) return { fresh: 0, opened: [], touched: [] };
  await tx.incidents.lockIncidents();

  const earliest = Math.min(...claimed.map(({ hit }) => hit.time)) as Instant;
  const incidents: OpenIncident[] = [
    ...(await tx.incidents.openIncidents(after(earliest, -Math.min(quietMs, earliest)))),
  ];
  const opened: StoredFinding[] = [];
  const touched: StoredFinding[] = [];
  for (const [key, group] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const hits = group.claimed.map(({ hit }) => hit);
    const first = hits[0] as Hit;
    const id = community.idOf("finding", key);
    const before = await tx.incidents.findingById(id);
    const fresh = sourcesOf(group.claimed);
    const sources = before ? joined(await tx.incidents.sources(before.n), fresh) : fresh;
    const finding = await tx.incidents.save(
      raise(before, hits, {
        id,
        sources,
        veiled: group.veiled,
        organisationShadow: community.shadow(first.organisation),
        assetWorth: community.worth(first.organisation, first.asset, first.time),
        now,
      }),
    );
    await tx.incidents.addHits(finding.n, hits, batch, fresh);
    touched.push(finding);
    const news = before === undefined || (finding.state === "reopened" && before.state !== "reopened");
    if (news) {
      opened.push(finding);
      await tx.incidents.event(finding.n, {
        at: now,
        what: before ? "reopened" : "opened",
        detail: { hits: hits.length },
      });
      await joinIncident(tx, finding, sources, incidents, community, key, now);
    } else if (before && rank(finding.severity) > rank(before.severity))
      await tx.incidents.event(finding.n, {
        at: now,
        what: "severity",
        detail: { from: before.severity, to: finding.severity },
      });
    if (
      finding.shadow === undefined &&
      (news || before?.shadow !== undefined || (before && rank(finding.severity) > rank(before.severity)))
    )
      await tx.queue.put("alert", finding.id, {}, now);
  }
  return { fresh: seen.size, opened, touched };
};

const joinIncident = async (
  tx: Tx,
  finding: StoredFinding,
  sources: readonly FindingSource[],
  incidents: OpenIncident[],
  community: Community,
  key: string,
  now: Instant,
): Promise<void> => {
  const indicators = [...new Set(sources.map((source) => source.indicator))];
  const change = correlate(finding, indicators, incidents, community.idOf("incident", `${key} ${finding.opened}`));
  const { incident } = change;
  const absorbed = change.kind === "extended" ? change.absorbed : [];
  const n = await tx.incidents.saveIncident(incident, now);
  if (absorbed.length > 0) await tx.incidents.absorb(n, absorbed, now);
  await tx.incidents.join(finding.n, n);
  const one = new Set([incident.id, ...absorbed]);
  const before = incidents.filter((other) => one.has(other.id)).flatMap((other) => other.ties);
  incidents.splice(0, incidents.length, ...incidents.filter((other) => !one.has(other.id)), {
    ...incident,
    ties: [...before, ...tiesOf(finding, indicators)],
  });
};

/** Hits of one finding. */
interface Group {
  readonly veiled: boolean;
  readonly claimed: ClaimedHit[];
}

const veiledId = (hit: Hit): string => hitId([hit.id, "veiled"]);

/** AMBER+STRICT and RED of a source, and feeds in shadow, are for staff: the organisation is not shown them. */
const mayBeShown = (claim: LiveClaim): boolean => claim.tlp !== "red" && claim.tlp !== "amber+strict" && !claim.shadow;

/**
 * The claims that say what a hit is about: those the organisation may see, when one of them may speak; else all, and the
 * finding is veiled. So what it reads is the same whether or not a hidden source knows more.
 */
export const openFirst = (claims: readonly LiveClaim[]): readonly LiveClaim[] => {
  const shown = claims.filter(mayBeShown);
  return shown.some((claim) => claim.voice === "alert") ? shown : claims;
};

/** One per feed and indicator. */
const sourcesOf = (group: readonly ClaimedHit[]): readonly FindingSource[] => {
  const found = new Map<string, FindingSource>();
  for (const { claims } of group)
    for (const claim of claims)
      found.set(`${claim.feed} ${claim.indicator}`, { ...claim, mayBeShown: mayBeShown(claim) });
  return [...found.values()];
};

const joined = (before: readonly FindingSource[], fresh: readonly FindingSource[]): readonly FindingSource[] => {
  const all = new Map(before.map((source) => [`${source.feed} ${source.indicator}`, source]));
  for (const source of fresh) all.set(`${source.feed} ${source.indicator}`, source);
  return [...all.values()];
};

/** Id of a hit: the same claim about the same bytes is the same hit, whichever batch brought them. */
export const hitId = (parts: readonly (string | number)[]): string =>
  hash("sha256", parts.join("\0"), "hex").slice(0, 32);
