import type { Sensor } from "#community/sensor.ts";
import { after, hour, type Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import { networks } from "#detect/networks.ts";
import type { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import { homeOf } from "#jobs/community/home-networks.ts";
import { type BehavedHit, behavedId, claimBehaved, groupOf } from "#jobs/findings/behaved.ts";
import { type ClaimedHit, type Community, veiledId } from "#jobs/findings/record-hits.ts";
import { claimRuled } from "#jobs/findings/ruled.ts";
import { correlatedHit } from "#jobs/partitions/lane.ts";
import type { Tx } from "#jobs/ports.ts";
import type { KeptCorrelated, KeptRuled } from "#jobs/rules/kept-rules.ts";
import type { Batch } from "#telemetry/ports.ts";
import type { SaidTogether } from "./cause-port.ts";
import { recordBack } from "./record-back.ts";

interface Recording {
  readonly directory: Pick<DirectoryMemory, "known">;
  readonly community: Community;
}

/** What a page of kept records showed. */
interface Found {
  readonly ruled: readonly KeptRuled[];
  readonly correlated: readonly KeptCorrelated[];
}

/** What rules and correlations said of kept records becomes hits as of live ones; what was told live is not told again. */
export const recordRuled = async (
  tx: Tx,
  recording: Recording,
  { ruled, correlated }: Found,
  now: Instant,
): Promise<{ readonly fresh: number; readonly opened: number }> => {
  const batches = new Set([...ruled.map(({ batch }) => batch), ...correlated.flatMap(({ last }) => last?.batch ?? [])]);
  const known = await tx.hunts.batchKeys([...batches].map(numberOf));
  const keyOf = (batch: string): string => known.get(numberOf(batch)) ?? batch;
  const claimed = [
    ...(await claimedOf(tx, recording, ruled, keyOf)),
    ...(await claimedTogether(tx, recording, correlated, keyOf)),
  ];
  if (claimed.length === 0) return { fresh: 0, opened: 0 };
  const back = new Set(claimed.map(({ hit }) => hit.id));
  const recorded = await recordBack(tx, claimed, back, undefined, recording.community, now);
  return { fresh: recorded.fresh, opened: recorded.opened.length };
};

const numberOf = (batch: string): number => Number(batch.slice(batch.lastIndexOf("/") + 1));

const claimedOf = async (
  tx: Tx,
  { directory: { known }, community }: Recording,
  ruled: readonly KeptRuled[],
  keyOf: (batch: string) => string,
): Promise<readonly ClaimedHit[]> => {
  const claimed: ClaimedHit[] = [];
  for (const [batch, some] of Map.groupBy(ruled, (one) => one.batch)) {
    const [first] = some;
    const organisation = first?.organisation as OrganisationId;
    // what was seen belongs to whom it was seen for; who is no member any more is told nothing
    if (first === undefined || known.organisation(organisation) === undefined) continue;
    const sensor = {
      ...{ id: first.sensor, key: known.sensor(first.sensor)?.key ?? first.sensor, organisation },
    } as Sensor;
    claimed.push(...(await claimRuled(tx, { community }, { sensor, batch: { key: keyOf(batch) } as Batch }, some)));
  }
  return claimed;
};

/** Lines of evidence, which people read; as of live ones. */
const evidenceLinesKept = 5;

/** Of those that are members yet. What its author calls informational makes no finding. */
const claimedTogether = async (
  tx: Tx,
  { directory: { known }, community }: Recording,
  correlated: readonly KeptCorrelated[],
  keyOf: (batch: string) => string,
): Promise<readonly ClaimedHit[]> => {
  const claimed: ClaimedHit[] = [];
  const worth = correlated.filter(
    ({ organisation, words }) =>
      words.severity !== "info" && known.organisation(organisation as OrganisationId) !== undefined,
  );
  const lots = Map.groupBy(worth, ({ organisation, words }) => `${organisation} ${words.rule}`);
  for (const some of lots.values()) {
    const organisation = some[0]?.organisation as OrganisationId;
    const behaved = some.map((one) => ({ one, behaved: behavedOf(one, known, keyOf) }));
    const said = await saidBefore(tx, organisation, behaved);
    const ids = new Set(
      behaved.map((each) => behavedId(organisation, each.behaved.hit)).flatMap((id) => [id, veiledId({ id })]),
    );
    const others = said.filter((each) => !each.back && !ids.has(each.id));
    const under = new Set(said.map(({ id }) => id));
    const isKnown = (id: string): boolean => under.has(id) || under.has(veiledId({ id }));
    const fresh = behaved.filter((each) => isKnown(behavedId(organisation, each.behaved.hit)) || !isSaid(each, others));
    // whose an address was is asked of the hour in which it was seen
    const byHome = Map.groupBy(fresh, ({ one }) => homeOf(known.directory, organisation, one.time).join());
    for (const group of byHome.values()) {
      const at = group[0]?.one.time as Instant;
      const own = networks(homeOf(known.directory, organisation, at));
      claimed.push(
        ...(await claimBehaved(
          tx,
          { community },
          { organisation, own },
          group.map((each) => each.behaved),
        )),
      );
    }
  }
  return claimed;
};

interface Together {
  readonly one: KeptCorrelated;
  readonly behaved: BehavedHit;
}

const behavedOf = (
  one: KeptCorrelated,
  known: DirectoryMemory["known"],
  keyOf: (batch: string) => string,
): BehavedHit => {
  const { words, records, last } = one;
  const key = last === undefined ? "" : (known.sensor(last.sensor)?.key ?? last.sensor);
  const shown = records.slice(-evidenceLinesKept).filter(({ text }) => text !== "");
  return {
    hit: correlatedHit(
      words,
      one,
      records.map(({ id, batch, line, host }) => ({
        ...{ id, from: String(numberOf(batch)), line },
        ...(host === undefined ? {} : { host }),
      })),
    ),
    evidence: {
      file: last === undefined ? "" : `${key}/${keyOf(last.batch).slice(0, 24)}`,
      line: last?.line ?? 0,
      text: shown.map(({ text }) => text).join("\n"),
    },
    ...(last?.source ? { source: last.source } : {}),
    ...(last?.destination ? { destination: last.destination } : {}),
    ...(last?.direction === undefined ? {} : { direction: last.direction }),
    behind: key === "" ? "telemetry" : key,
  };
};

/** Clocks that are further off than that are not corrected (detect/clock-skew.ts), and one hit is not taken for another. */
const clocksOffMs = 26 * hour;

const saidBefore = async (
  tx: Tx,
  organisation: OrganisationId,
  some: readonly Together[],
): Promise<readonly SaidTogether[]> => {
  const [first] = some;
  if (first === undefined) return [];
  const times = some.map(({ one }) => one.time);
  const around = Math.max(clocksOffMs, first.one.spanMs);
  return tx.hunts.saidTogether(
    organisation,
    first.one.words.rule,
    [...new Set(some.map(({ behaved }) => groupOf(behaved.hit)))],
    Math.max(0, Math.min(...times) - around) as Instant,
    after(Math.max(...times) as Instant, around),
  );
};

/**
 * Whether live detection said the same under another id: of the same group, at the same record (its clock was corrected), or
 * within the same window (something came too late for it, or it began to count in the middle). What is under its own id
 * stands in nobody's way: recording knows it.
 *
 * @param said live, and no hit of this page
 */
const isSaid = ({ one, behaved: { hit, evidence } }: Together, said: readonly SaidTogether[]): boolean =>
  said.some(
    ({ group, file, line, time }) =>
      group === groupOf(hit) &&
      ((file === evidence.file && line === evidence.line) || Math.abs(time - one.time) < one.spanMs),
  );
