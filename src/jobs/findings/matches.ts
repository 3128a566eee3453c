import type { Sensor } from "#community/sensor.ts";
import type { Instant } from "#core/instant.ts";
import { rsitTypes, type RsitType } from "#core/rsit.ts";
import { bestFirst, problemOf } from "#detect/meaning.ts";
import { usualDecay } from "#intel/decay.ts";
import type { Exclusions } from "#intel/exclusions.ts";
import { claimsInForce } from "#intel/force.ts";
import { indicatorId } from "#intel/indicator.ts";
import type { LiveClaim } from "#intel/ports.ts";
import type { Tx } from "#jobs/ports.ts";
import type { BatchMatch } from "#jobs/batches/read.ts";
import { type ClaimedHit, type Community, hitId, mayBeShown, openFirst } from "./record-hits.ts";
import type { Batch } from "#telemetry/ports.ts";

/** What is asked of each match. */
export interface ClaimingMatches {
  readonly secret: string;
  readonly community: Community;
  /** As they are now: the index may still hold what was excluded a moment ago. */
  readonly exclusions?: () => Exclusions;
  /** What a feed's list means when one of ours contacts it. */
  readonly contacted: (feed: string) => RsitType;
}

/** ATT&CK techniques that a contact of this kind shows. */
const attackOf: Partial<Record<RsitType, readonly string[]>> = {
  "infected-system": ["T1071"],
  "c2-server": ["T1071"],
  phishing: ["T1566"],
  "malware-distribution": ["T1105"],
};

export type Background = Parameters<Tx["incidents"]["background"]>[0];

/** Matches become hits with the living claims behind them; what is background, or has no voice, is counted by day. */
export const claimMatches = async (
  tx: { readonly intel: Pick<Tx["intel"], "liveClaims"> },
  matching: ClaimingMatches,
  sensor: Pick<Sensor, "id" | "key" | "organisation">,
  batch: Pick<Batch, "key">,
  matches: readonly BatchMatch[],
  now: Instant,
): Promise<{ claimed: readonly ClaimedHit[]; background: Background }> => {
  const idOf = (match: BatchMatch): string => indicatorId(matching.secret, match.indicator);
  const worth = matches.filter((match) => match.weight === "finding");
  const claims = new Map<string, LiveClaim[]>();
  for (const claim of await tx.intel.liveClaims([...new Set(worth.map(idOf))], now)) {
    const known = claims.get(claim.indicator);
    if (known) known.push(claim);
    else claims.set(claim.indicator, [claim]);
  }
  const claimed: ClaimedHit[] = [];
  const background = new Map<
    string,
    { organisation: Sensor["organisation"]; day: string; kind: string; value: string; why: string; hits: number }
  >();
  const count = (match: BatchMatch, why: string): void => {
    const key = `${new Date(match.time).toISOString().slice(0, 10)} ${match.indicator.kind} ${match.indicator.value} ${why}`;
    const known = background.get(key);
    if (known) known.hits++;
    else
      background.set(key, {
        ...{
          organisation: sensor.organisation,
          day: key.slice(0, 10),
          kind: match.indicator.kind,
          value: match.indicator.value,
        },
        ...{ why, hits: 1 },
      });
  };
  for (const match of matches) {
    if (match.weight === "background") {
      count(match, `${match.where} ${match.direction}`);
      continue;
    }
    if (matching.exclusions?.().excluded(match.indicator)) {
      count(match, "excluded");
      continue;
    }
    const alive = claims.get(idOf(match)) ?? [];
    const behind = bestFirst(claimsInForce(alive, mayBeShown, matching.community.decay ?? usualDecay, now));
    if (behind.length === 0 && alive.some((claim) => claim.voice === "alert")) {
      count(match, "too old");
      continue;
    }
    const about = problemOf(openFirst(behind), matching.contacted, "contacted");
    if (about === undefined) {
      count(match, "no voice");
      continue;
    }
    claimed.push({
      claims: behind,
      hit: {
        id: hitId([
          "indicator-match",
          sensor.id,
          match.time,
          match.where,
          match.seen.value,
          match.indicator.value,
          match.text,
        ]),
        detector: "indicator-match",
        organisation: sensor.organisation,
        asset: match.own ?? sensor.key,
        observable: match.seen,
        indicator: match.indicator,
        sources: behind.map((claim) => claim.feed),
        problem: about,
        where: match.where,
        direction: match.direction,
        ...(match.source ? { source: match.source } : {}),
        ...(match.destination ? { destination: match.destination } : {}),
        time: match.time,
        severity: rsitTypes[about.type].severity,
        attack: attackOf[about.type] ?? [],
        evidence: { file: `${sensor.key}/${batch.key.slice(0, 24)}`, line: match.line, text: match.text },
      },
    });
  }
  return { claimed, background: [...background.values()] };
};
