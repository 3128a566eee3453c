import { type Asset, heldAt } from "#community/asset.ts";
import { after as later, day, type Instant } from "#core/instant.ts";
import { rank } from "#core/severity.ts";
import { rsitTypes } from "#core/rsit.ts";
import { bestFirst, problemOf } from "#detect/meaning.ts";
import type { Hit } from "#detect/hit.ts";
import { raise } from "#incidents/finding.ts";
import { listed as listedAs } from "#incidents/state.ts";
import type { StoredFinding } from "#incidents/ports.ts";
import { worthOf } from "#jobs/community/directory-memory.ts";
import { observableOfAsset } from "#jobs/findings/finding-asset.ts";
import type { CausePage, CauseStep } from "./cause.ts";
import type { HuntCause, PastClaim } from "./cause-port.ts";
import type { Joining } from "#jobs/indicators/join.ts";
import { joinReportedAsset } from "#jobs/inventory/join-reports.ts";
import type { State, Tx } from "#jobs/ports.ts";
import { type ClaimedHit, hitId, openFirst, recordHits } from "#jobs/findings/record-hits.ts";

/** Kinds of assets that something is listed or reported under. */
type Joined = "network" | "domain" | "email-domain";
const joinedKinds: ReadonlySet<string> = new Set<Joined>(["network", "domain", "email-domain"]);

/** Assets of one cause, each a turn: an import brings them by the hundred thousand. */
const assetsOfCause = 1000;
const findingsAtOnce = 500;

/** Assets that are new, or held in another period than was known. */
export const wantAssets = async (tx: Tx, assets: readonly Asset[], who: string, now: Instant): Promise<void> => {
  const some = assets.filter(({ kind }) => joinedKinds.has(kind));
  for (let at = 0; at < some.length; at += assetsOfCause) {
    const part = some.slice(at, at + assetsOfCause);
    const [first] = part;
    if (first === undefined) return;
    const subject = part.length === 1 ? first.id : `${first.id} and ${part.length - 1} more`;
    await tx.hunts.want({ kind: "asset", subject, payload: { assets: part }, who }, now);
  }
};

export interface AssetHunting extends Omit<Joining, "directory"> {
  readonly directory: Joining["directory"] & { readonly refresh: () => Promise<boolean> };
}

/**
 * What is kept of the past, against an asset that was not known then: values of it that were listed while it was held, reports
 * of that time, and findings on it, which weigh what it is worth. Only the period counts in which its owner held it, and only
 * the owner of that time is concerned; whoever holds it now hears nothing of it.
 */
export const huntAsset =
  (hunting: AssetHunting): CauseStep =>
  async (cause: HuntCause, now: Instant): Promise<CausePage> => {
    const assets = (cause.payload?.["assets"] ?? []) as readonly Asset[];
    const at = Number(cause.place?.["at"] ?? 0);
    const asset = assets[at];
    if (asset === undefined) return { read: 0, found: 0, opened: 0 };
    await hunting.directory.refresh();
    const kind = asset.kind as Joined;
    const listings = await hunting.state.act((tx) => listedThen(tx, hunting, asset, now));
    const reports = await joinReportedAsset(hunting, { kind, value: asset.value });
    await weighFindings(hunting.state, hunting, asset, now);
    return {
      ...{ read: 1, found: listings.hits + reports.hits, opened: listings.opened + reports.opened },
      ...(at + 1 < assets.length ? { place: { at: at + 1 } } : {}),
    };
  };

/** The time in which both the claim lived and the asset was held; undefined: there is none. */
const overlap = (
  claim: PastClaim,
  asset: Asset,
  now: Instant,
): { readonly from: Instant; readonly to: Instant } | undefined => {
  const from = Math.max(claim.from, asset.from) as Instant;
  const to = Math.min(claim.to ?? now, asset.to ?? now, now) as Instant;
  return from < to ? { from, to } : undefined;
};

/** What was listed while it was held, and is listed, or held, no more: the join with what is listed now sees to the rest. */
const listedThen = async (
  tx: Tx,
  hunting: AssetHunting,
  asset: Asset,
  now: Instant,
): Promise<{ readonly hits: number; readonly opened: number }> => {
  const { assets } = hunting.directory.known;
  const ids = await tx.intel.indicatorsWithin({ kind: asset.kind as Joined, value: asset.value });
  const claimed: ClaimedHit[] = [];
  for (const claims of Map.groupBy(await tx.hunts.claimsEver(ids), (claim) => claim.indicator).values()) {
    const [first] = claims;
    if (first === undefined) continue;
    const { observable } = first;
    const alive = claims.some((claim) => claim.to === undefined || claim.to > now);
    if (alive && heldAt(asset, now)) continue;
    const speaking = claims.filter((claim) => claim.voice === "alert").flatMap((one) => overlap(one, asset, now) ?? []);
    if (speaking.length === 0) continue;
    const since = Math.min(...speaking.map(({ from }) => from)) as Instant;
    const then = claims.filter((claim) => overlap(claim, asset, now) !== undefined);
    const holds = assets
      .owners(observable, since)
      .some((owner) => owner.organisation === asset.organisation && owner.asset.id === asset.id);
    if (!holds) continue;
    const behind = bestFirst(then);
    const about = problemOf(openFirst(behind), hunting.listed, "listed");
    if (about === undefined) continue;
    const said = openFirst(behind).filter((claim) => claim.voice === "alert");
    const feeds = said.map((claim) => claim.feed);
    const labels = [...new Set(said.flatMap((claim) => claim.labels))].join(", ");
    const hit: Hit = {
      id: hitId(["own-asset-listed", asset.organisation, observable.kind, observable.value, ...feeds]),
      detector: "own-asset-listed",
      organisation: asset.organisation,
      asset: observable.value,
      observable,
      indicator: observable,
      sources: behind.map((claim) => claim.feed),
      problem: about,
      where: "source",
      direction: "unknown",
      time: since,
      severity: rsitTypes[about.type].severity,
      attack: [],
      evidence: {
        ...{ file: feeds.join(", "), line: 0 },
        text: labels === "" ? observable.value : `${observable.value}  # ${labels}`,
      },
    };
    claimed.push({ claims: behind, hit });
  }
  if (claimed.length === 0) return { hits: 0, opened: 0 };
  const recorded = await recordHits(tx, claimed, undefined, hunting.community, now);
  for (const finding of recorded.opened) {
    await tx.incidents.event(finding.n, {
      at: now,
      what: "found-back",
      detail: { days: daysBetween(finding.firstSeen, now) },
    });
    // it is over: they may look into what happened then, and nothing is left to mend
    await tx.incidents.setState(finding.n, "gone", now, { closed: true });
    await tx.incidents.event(finding.n, { at: now, what: "gone" });
  }
  return { hits: recorded.fresh, opened: recorded.opened.length };
};

/** Whole days, of which at least one is said. */
export const daysBetween = (from: Instant, to: Instant): number => Math.max(1, Math.floor((to - from) / day));

/** Findings on the asset, from the time it was held, are as severe as if its worth had been known when they were seen. */
const weighFindings = async (state: State, hunting: AssetHunting, asset: Asset, now: Instant): Promise<void> => {
  const { known } = hunting.directory;
  const ours = (one: StoredFinding): boolean =>
    known.assets.owners(observableOfAsset(one.asset), one.lastSeen).some((owner) => owner.asset.id === asset.id);
  for (let after = 0; ; ) {
    const last = await state.act(async (tx) => {
      const to = asset.to ?? later(now, day);
      const some = await tx.hunts.findingsBetween(asset.organisation, asset.from, to, after, findingsAtOnce);
      for (const finding of some.filter(ours)) await weighAgain(tx, hunting, finding, now);
      return some.length < findingsAtOnce ? undefined : some.at(-1)?.n;
    });
    if (last === undefined) return;
    after = last;
  }
};

const weighAgain = async (tx: Tx, hunting: AssetHunting, finding: StoredFinding, now: Instant): Promise<void> => {
  const { known } = hunting.directory;
  const [newest] = await tx.hunts.hitsOf(finding.n, 1);
  if (newest === undefined) return;
  const weighed = raise(finding, [newest], {
    ...{ id: finding.id, sources: await tx.incidents.sources(finding.n), veiled: finding.veiled, now },
    organisationShadow: finding.shadow === "new-member",
    assetWorth: worthOf(known, finding.organisation, finding.asset, newest.time),
  });
  if (weighed.severity === finding.severity) return;
  await tx.incidents.save([{ ...finding, severity: weighed.severity }]);
  await tx.incidents.event(finding.n, {
    ...{ at: now, what: "severity" as const },
    detail: { from: finding.severity, to: weighed.severity },
  });
  const worse = rank(weighed.severity) > rank(finding.severity);
  if (worse && finding.shadow === undefined && listedAs[finding.state] === "open")
    await tx.queue.put("alert", finding.id, {}, now);
};
