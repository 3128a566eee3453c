import type { Instant } from "#core/instant.ts";
import type { Tlp } from "#core/marking.ts";
import { problem, WaglanError } from "#core/result.ts";
import { rsitTypes, type RsitType } from "#core/rsit.ts";
import { bestFirst, problemOf } from "#detect/meaning.ts";
import { usualDecay } from "#intel/decay.ts";
import type { Exclusions } from "#intel/exclusions.ts";
import { claimsInForce } from "#intel/force.ts";
import { indicatorId } from "#intel/indicator.ts";
import type { LiveClaim } from "#intel/ports.ts";
import type { BatchThreads } from "#jobs/batch-threads.ts";
import type { DirectoryMemory } from "#jobs/directory-memory.ts";
import type { State, Tx } from "#jobs/ports.ts";
import type { BatchMatch } from "#jobs/read-batch.ts";
import { asideOf, claimRuled } from "#jobs/claim-ruled.ts";
import { type ClaimedHit, type Community, hitId, mayBeShown, openFirst, recordHits } from "#jobs/record-hits.ts";
import type { Sensor } from "#community/sensor.ts";
import type { Batch } from "#telemetry/ports.ts";

export interface Matching {
  readonly state: State;
  readonly threads: BatchThreads;
  readonly directory: DirectoryMemory;
  readonly community: Community;
  readonly secret: string;
  /** As they are now: the index may still hold what was excluded a moment ago. */
  readonly exclusions?: () => Exclusions;
  /** How far what rules say may be told, of rules of this folder; absent: to the organisation concerned. */
  readonly rulesTlp?: Tlp;
  /** What a feed's list means when one of ours contacts it. */
  readonly contacted: (feed: string) => RsitType;
  readonly now: () => Instant;
}

/** What one batch gave, for the log and the sample's summary. */
export interface MatchedBatch {
  readonly batch: number;
  readonly lines: number;
  readonly hits: number;
  readonly background: number;
  readonly opened: number;
}

/** ATT&CK techniques that a contact of this kind shows. */
const attackOf: Partial<Record<RsitType, readonly string[]>> = {
  "infected-system": ["T1071"],
  "c2-server": ["T1071"],
  phishing: ["T1566"],
  "malware-distribution": ["T1105"],
};

/**
 * Matches the oldest batch nobody has matched, and records what it shows: one batch, one transaction. A process that dies
 * in the middle leaves the batch as it was.
 *
 * @returns undefined when there is nothing to match
 */
export const matchTelemetry = async (matching: Matching): Promise<MatchedBatch | undefined> => {
  let taken: number | undefined;
  try {
    return await matchOldest(matching, (batch) => {
      taken = batch;
    });
  } catch (error) {
    // the world's faults pass; what breaks us by itself would stand first in line for ever
    const ours = taken !== undefined && !(error instanceof WaglanError);
    if (ours) {
      const [n, why] = [taken as number, problem("WGL_BATCH_OURS", {})];
      await matching.state.act((tx) => tx.telemetry.strike(n, why, matching.now()));
    }
    throw error;
  }
};

const matchOldest = (matching: Matching, taken: (batch: number) => void): Promise<MatchedBatch | undefined> =>
  matching.state.act(async (tx) => {
    const batch = await tx.telemetry.unmatched();
    if (!batch) return undefined;
    taken(batch.n);
    const sensor = matching.directory.known.sensor(batch.sensor);
    if (!sensor) return refuse(tx, matching, batch, problem("WGL_BATCH_SENSOR", {}));
    const read = await matching.threads.match({
      body: batch.body,
      format: batch.format ?? sensor.format,
      networks: sensor.networks,
      received: batch.received,
    });
    if (read.kind === "unreadable") return refuse(tx, matching, batch, read.problem);
    const now = matching.now();
    const { claimed, background } = await claimMatches(tx, matching, sensor, batch, read.matches, now);
    const noticed = await claimRuled(tx, matching, { sensor, batch }, read.ruled);
    const recorded = await recordHits(tx, [...claimed, ...noticed], batch.n, matching.community, now);
    await tx.incidents.background([...background, ...asideOf(sensor, read.ruledAside)]);
    await tx.telemetry.matched(batch.n, read, now);
    const rejected = Object.values(read.rejected).reduce((sum, n) => sum + n, 0);
    await tx.telemetry.heard(sensor.id, batch.received, read.lines - rejected, rejected);
    return {
      batch: batch.n,
      lines: read.lines,
      hits: recorded.fresh,
      background: background.reduce((sum, one) => sum + one.hits, 0),
      opened: recorded.opened.length,
    };
  });

const refuse = async (
  tx: Tx,
  matching: Matching,
  batch: Batch,
  why: ReturnType<typeof problem>,
): Promise<MatchedBatch> => {
  await tx.telemetry.failed(batch.n, why, matching.now());
  return { batch: batch.n, lines: 0, hits: 0, background: 0, opened: 0 };
};

type Background = Parameters<Tx["incidents"]["background"]>[0];

/** Matches become hits with the living claims behind them; what is background, or has no voice, is counted by day. */
export const claimMatches = async (
  tx: { readonly intel: Pick<Tx["intel"], "liveClaims"> },
  matching: Pick<Matching, "secret" | "exclusions" | "community" | "contacted">,
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
