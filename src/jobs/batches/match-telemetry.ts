import type { Instant } from "#core/instant.ts";
import { problem, WaglanError } from "#core/result.ts";
import type { RsitType } from "#core/rsit.ts";
import type { Exclusions } from "#intel/exclusions.ts";
import type { BatchThreads } from "./threads.ts";
import type { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import { homeOf } from "#jobs/community/home-networks.ts";
import { keepFacts } from "./keep-facts.ts";
import type { HeldBatch, HeldHistory } from "#jobs/history/held.ts";
import { constantsFor } from "#jobs/history/keep.ts";
import { claimMatches } from "#jobs/findings/matches.ts";
import type { SpokenRule } from "./rules.ts";
import { parcelFormat } from "#jobs/sensors/parcel.ts";
import type { State, Tx } from "#jobs/ports.ts";
import { asideOf, claimRuled } from "#jobs/findings/ruled.ts";
import { type Community, recordHits } from "#jobs/findings/record-hits.ts";
import { takeParcel } from "#jobs/sensors/take-parcel.ts";
import type { Batch } from "#telemetry/ports.ts";
import type { Place, Turnstile } from "./turnstile.ts";

export interface Matching {
  readonly state: State;
  readonly threads: BatchThreads;
  readonly directory: DirectoryMemory;
  readonly community: Community;
  readonly secret: string;
  /** Where rows laid out for history wait for the loop that keeps it; absent: this process keeps none. */
  readonly held?: HeldHistory;
  /** As they are now: the index may still hold what was excluded a moment ago. */
  readonly exclusions?: () => Exclusions;
  /** The rule of this id as it speaks here; absent: no rules here, and what a sensor says of one is refused. */
  readonly spoken?: (rule: string) => SpokenRule | undefined;
  /** What a feed's list means when one of ours contacts it. */
  readonly contacted: (feed: string) => RsitType;
  /** Facts are kept for the detectors over time, which run somewhere (partitions.ts). */
  readonly overTime?: boolean;
  /** Where several turns of this process go on at once: one of them at a time writes down what it found, as they began. */
  readonly recording?: Turnstile;
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

/**
 * Matches the oldest batch nobody has matched, and records what it shows: one batch, one transaction. A process that dies
 * in the middle leaves the batch as it was.
 *
 * @returns undefined when there is nothing to match
 */
export const matchTelemetry = async (matching: Matching): Promise<MatchedBatch | undefined> => {
  const turn: Turn = {};
  try {
    const matched = await matchOldest(matching, turn);
    // committed: until then nobody may keep history of it
    if (turn.taken !== undefined && turn.history) matching.held?.put(turn.taken, turn.history);
    return matched;
  } catch (error) {
    turn.history?.letGo();
    // the world's faults pass; what breaks us by itself would stand first in line for ever
    const { taken: n } = turn;
    if (n !== undefined && !(error instanceof WaglanError)) {
      const why = problem("WGL_BATCH_OURS", {});
      await matching.state.act((tx) => tx.telemetry.strike(n, why, matching.now()));
    }
    throw error;
  } finally {
    turn.place?.leave();
  }
};

/** What a turn took, known also when it fails. */
interface Turn {
  taken?: number;
  /** Laid out in the same pass. */
  history?: HeldBatch;
  /** Where turns go on at once. */
  place?: Place;
}

const matchOldest = (matching: Matching, turn: Turn): Promise<MatchedBatch | undefined> =>
  matching.state.act(async (tx) => {
    const batch = await tx.telemetry.unmatched();
    if (!batch) return undefined;
    turn.taken = batch.n;
    const place = matching.recording?.line();
    if (place) turn.place = place;
    const sensor = matching.directory.known.sensor(batch.sensor);
    if (!sensor || batch.format === parcelFormat) {
      await place?.turn;
      if (!sensor) return refuse(tx, matching, batch, problem("WGL_BATCH_SENSOR", {}));
      // what a sensor inside an organisation sends is matched already
      return takeParcel(tx, matching, sensor, batch);
    }
    const read = await matching.threads.match({
      body: batch.body,
      format: batch.format ?? sensor.format,
      organisation: sensor.organisation,
      networks: sensor.networks,
      received: batch.received,
      ...(matching.overTime === true
        ? { home: homeOf(matching.directory.known.directory, sensor.organisation, batch.received) }
        : {}),
      ...(matching.held?.hasRoom === true ? { keep: constantsFor(sensor, batch) } : {}),
    });
    await place?.turn;
    if (read.kind === "unreadable") return refuse(tx, matching, batch, read.problem);
    if (read.history) turn.history = { rows: read.history, heads: read.heads ?? [], letGo: read.letGo };
    const now = matching.now();
    const { claimed, background } = await claimMatches(tx, matching, sensor, batch, read.matches, now);
    const noticed = await claimRuled(tx, matching, { sensor, batch }, read.ruled);
    const recorded = await recordHits(tx, [...claimed, ...noticed], batch.n, matching.community, now);
    await tx.incidents.background([...background, ...asideOf(sensor, read.ruledAside)]);
    if (read.facts) await keepFacts(tx, { sensor, batch }, read.facts, { listed: claimed, ruled: noticed }, now);
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
