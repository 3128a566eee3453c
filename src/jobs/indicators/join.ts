import type { Instant } from "#core/instant.ts";
import { type RsitType, rsitTypes } from "#core/rsit.ts";
import { bestFirst, problemOf } from "#detect/meaning.ts";
import type { AssetIndex } from "#community/asset-index.ts";
import type { Hit } from "#detect/hit.ts";
import { findingKey } from "#incidents/finding.ts";
import type { ChangeCursor, IndicatorState, LiveClaim } from "#intel/ports.ts";
import type { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import type { State, Tx } from "#jobs/ports.ts";
import {
  type ClaimedHit,
  type Community,
  hitId,
  openFirst,
  recordHits,
  withFamily,
} from "#jobs/findings/record-hits.ts";

/** Join (b): what is listed × what members own. */
export interface Joining {
  readonly state: State;
  readonly directory: DirectoryMemory;
  readonly community: Community;
  /** What a feed's list means when one of ours stands in it. */
  readonly listed: (feed: string) => RsitType;
  readonly now: () => Instant;
}

/** Changes taken at once; each is a batch of at most 40,000 rows. */
const changesAtOnce = 4;

/**
 * Takes the changes of intel since the last time and looks for members' own assets among them. Exclusions do not bind
 * here: a member's own name in a bad list always reaches an analyst. The place in the change feed moves in the same
 * transaction, so that a change is joined once, whichever process does it.
 *
 * @returns what was found; undefined when another process is joining, or nothing changed
 */
export const joinIndicators = (
  joining: Joining,
): Promise<{ changed: number; hits: number; opened: number; ended: number; more: boolean } | undefined> =>
  joining.state.act(async (tx) => {
    const cursor = await tx.queue.cursor("join-indicators");
    if (cursor === "held") return undefined;
    const news = await tx.intel.changes(cursor as ChangeCursor | undefined, changesAtOnce);
    if (news.ids.length === 0) return undefined;
    const now = joining.now();
    const indicators = await tx.intel.indicators(news.ids, now);
    const found = await listIndicators(tx, joining, indicators, now);
    // also of what lives on: a claim that the organisation may not see keeps nothing alive for it
    const { assets } = joining.directory.known;
    await tx.incidents.lockIncidents();
    const ended = await tx.incidents.unlisted(
      indicators.filter((one) => !one.live || owned(assets, one, now)).map((one) => one.id),
      now,
    );
    for (const finding of ended) {
      await tx.incidents.setState(finding.n, "gone", now, { closed: true });
      await tx.incidents.event(finding.n, { at: now, what: "gone" });
    }
    await tx.queue.moveCursor("join-indicators", news.cursor);
    return { changed: indicators.length, ...found, ended: ended.length, more: news.more };
  });

/** The other way in time: a new asset, against everything that is listed already. */
export const joinAsset = (
  joining: Joining,
  asset: { readonly kind: "network" | "domain" | "email-domain"; readonly value: string },
): Promise<{ hits: number; opened: number }> =>
  joining.state.act(async (tx) => {
    const now = joining.now();
    const ids = await tx.intel.indicatorsWithin(asset);
    return listIndicators(tx, joining, await tx.intel.indicators(ids, now), now);
  });

const listIndicators = async (
  tx: Tx,
  joining: Joining,
  indicators: readonly IndicatorState[],
  now: Instant,
): Promise<{ hits: number; opened: number }> => {
  const { assets } = joining.directory.known;
  const ours = indicators.filter((one) => one.listed && owned(assets, one, now));
  if (ours.length === 0) return { hits: 0, opened: 0 };
  const claims = Map.groupBy(
    await tx.intel.listedClaims(
      ours.map((one) => one.id),
      now,
    ),
    (claim) => claim.indicator,
  );
  const claimed: ClaimedHit[] = [];
  for (const one of ours) {
    const behind = bestFirst(claims.get(one.id) ?? []);
    const about = problemOf(openFirst(behind), joining.listed, "listed");
    if (about === undefined) continue;
    const speaking = openFirst(behind).filter((claim) => claim.voice === "alert");
    const said = [...new Set(speaking.flatMap((claim) => claim.labels))].join(", ");
    const told = new Set<string>();
    for (const owner of assets.owners(one.observable, now)) {
      if (told.has(owner.organisation)) continue;
      told.add(owner.organisation);
      const hit: Hit = {
        id: hitId([
          "own-asset-listed",
          owner.organisation,
          one.observable.kind,
          one.observable.value,
          ...speaking.map((claim) => claim.feed),
        ]),
        detector: "own-asset-listed",
        organisation: owner.organisation,
        asset: one.observable.value,
        observable: one.observable,
        indicator: one.observable,
        sources: behind.map((claim) => claim.feed),
        problem: about,
        where: "source",
        direction: "unknown",
        time: now,
        severity: rsitTypes[about.type].severity,
        attack: [],
        evidence: {
          file: speaking.map((claim) => claim.feed).join(", "),
          line: 0,
          text: said === "" ? one.observable.value : `${one.observable.value}  # ${said}`,
        },
      };
      if (!(await isDecided(tx, joining, hit, behind))) claimed.push({ claims: behind, hit });
    }
  }
  const recorded = await recordHits(tx, claimed, undefined, joining.community, now);
  return { hits: recorded.fresh, opened: recorded.opened.length };
};

/**
 * An analyst saw this very finding and judged what it rests on. What was judged before any finding stood on it still
 * reaches analysts, and them alone (`mayBeShown`).
 */
const isDecided = async (tx: Tx, joining: Joining, hit: Hit, claims: readonly LiveClaim[]): Promise<boolean> => {
  if (claims.some((claim) => claim.voice === "alert" && claim.judged !== true)) return false;
  const known = await tx.incidents.findingById(
    joining.community.idOf("finding", findingKey(withFamily(hit, joining.community), false)),
  );
  return known?.stood !== undefined;
};

const owned = (assets: AssetIndex, one: IndicatorState, now: Instant): boolean =>
  assets.owners(one.observable, now).length > 0;
