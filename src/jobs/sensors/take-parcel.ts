import { hash } from "node:crypto";
import type { Sensor } from "#community/sensor.ts";
import type { Instant } from "#core/instant.ts";
import type { Tlp } from "#core/marking.ts";
import { type Problem, problem } from "#core/result.ts";
import type { BehaviourHit } from "#detect/behaviour.ts";
import { behaviours } from "#detect/behaviours.ts";
import { networks } from "#detect/networks.ts";
import type { BatchRuled, RuledBackground, SpokenRule } from "#jobs/batches/rules.ts";
import { parcelChecks } from "./check-parcel.ts";
import { type Background, claimMatches, type ClaimingMatches } from "#jobs/findings/matches.ts";
import { behavedAside, type BehavedHit, claimBehaved } from "#jobs/findings/behaved.ts";
import { asideOf, claimRuled } from "#jobs/findings/ruled.ts";
import type { Known } from "#jobs/community/directory-memory.ts";
import { homeOf } from "#jobs/community/home-networks.ts";
import { type ParcelBehaviour, type ParcelContent, parcelKey, parcelLimits, type ReadParcel } from "./parcel.ts";
import type { Tx } from "#jobs/ports.ts";
import type { BatchMatch } from "#jobs/batches/read.ts";
import { readParcel } from "./read-parcel.ts";
import { recordBack } from "#jobs/hunt/record-back.ts";
import type { ClaimedHit } from "#jobs/findings/record-hits.ts";
import { takeAnswer } from "./answers.ts";
import { unpack } from "#jobs/collect/unpack.ts";
import type { Batch } from "#telemetry/ports.ts";

/** What taking a parcel in needs. */
export interface TakingParcels extends ClaimingMatches {
  readonly spoken?: (rule: string) => SpokenRule | undefined;
  readonly tlpOf?: (source: string) => Tlp | undefined;
  readonly directory: { readonly known: Pick<Known, "directory"> };
  readonly now: () => Instant;
}

/** As `MatchedBatch` has it. */
export interface TakenBatch {
  readonly batch: number;
  readonly lines: number;
  readonly hits: number;
  readonly background: number;
  readonly opened: number;
}

/** Refused lines kept with their reason. */
const problemsKept = 100;
/** Hits of one rule that are kept of a parcel, as of a batch of records. */
const keptOfRule = 500;

/**
 * Takes in what a sensor inside an organisation sent, inside the transaction that holds its batch: hits, background, answers
 * to hunts, its own state. Only the sensor's word for its records is believed; all that follows from them is done again
 * here (check-parcel.ts), under the organisation of the token that brought it. What is refused is counted, with its reason,
 * and its sensor is seen to lie. The same parcel again is the same batch, and nobody takes a batch twice.
 *
 * History keeps nothing of it; the parcel itself is kept for a while, so that the organisation can read what left.
 */
export const takeParcel = async (tx: Tx, taking: TakingParcels, sensor: Sensor, batch: Batch): Promise<TakenBatch> => {
  const now = taking.now();
  const body = await unpacked(batch.body);
  const read = body instanceof Uint8Array ? addressed(readParcel(body, batch.received), sensor, batch) : unread(body);
  const refused: { line: number; problem: Problem }[] = [...read.refused];
  const refuse = (line: number, why: Problem): void => {
    refused.push({ line, problem: why });
  };
  const { claimed, back, background } = await claimedOf(tx, taking, sensor, batch, read, refuse, now);
  for (const { line, said } of read.content) {
    if ("answer" in said)
      for (const why of await takeAnswer(tx, sensor, said.answer, taking.secret, now)) refuse(line, why);
    if ("state" in said) await tx.sensors.putState(sensor.id, said.state);
  }
  const recorded = await recordBack(tx, claimed, back, batch.n, taking.community, now);
  await tx.incidents.background(background);
  const rejected = countsOf(refused.map(({ problem: { code } }) => code));
  await tx.telemetry.matched(batch.n, { lines: read.lines, rejected, problems: refused.slice(0, problemsKept) }, now);
  // there are no records in it
  await tx.telemetry.stored([batch.n], now);
  const states = read.content.flatMap(({ said }) => ("state" in said ? [said.state] : []));
  await tx.telemetry.heard(
    sensor.id,
    batch.received,
    states.reduce((sum, { lines }) => sum + lines, 0),
    states.reduce((sum, one) => sum + one.rejected.reduce((all, { n }) => all + n, 0), refused.length),
  );
  const { head } = read;
  await tx.sensors.putParcel(
    {
      id: hash("sha256", `${taking.secret}\0parcel\0${sensor.id}\0${batch.key}`, "hex").slice(0, 32),
      ...{ n: batch.n, sensor: sensor.id, organisation: sensor.organisation, received: batch.received },
      ...(head === undefined ? {} : { number: head.number, made: head.made }),
      ...(head?.epoch === undefined ? {} : { epoch: head.epoch }),
      ...{ bytes: batch.body.byteLength, counts: countsOf(read.content.map(({ said }) => kindOf(said))) },
      ...{ refused: rejected, hits: recorded.fresh, whole: read.whole },
    },
    batch.body,
  );
  const today = new Date(batch.received).toISOString().slice(0, 10);
  await tx.sensors.countDay(sensor.id, today, { parcels: 1, lies: refused.length });
  return {
    ...{ batch: batch.n, lines: read.lines, hits: recorded.fresh, opened: recorded.opened.length },
    background: background.reduce((sum, one) => sum + one.hits, 0),
  };
};

const unpacked = async (body: Uint8Array): Promise<Uint8Array | Problem> => {
  try {
    return await unpack(body, parcelLimits.bytes);
  } catch (error) {
    const large = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    return problem(large ? "WGL_BATCH_SIZE" : "WGL_BATCH_GZIP", { limit: parcelLimits.bytes });
  }
};

const unread = (why: Problem): ReadParcel => ({
  ...{ content: [], lines: 0, refused: [{ line: 0, problem: why }], whole: false },
});

/** A parcel that calls itself another sensor's, or came under another number's key, is refused as a whole. */
const addressed = (read: ReadParcel, sensor: Sensor, batch: Batch): ReadParcel => {
  const { head } = read;
  if (head === undefined) return read;
  const why =
    head.sensor !== sensor.key
      ? problem("WGL_PARCEL_SENSOR", { says: head.sensor, is: sensor.key })
      : batch.key !== parcelKey(head)
        ? problem("WGL_PARCEL_KEY", { number: head.number, key: batch.key })
        : undefined;
  return why === undefined
    ? read
    : { content: [], lines: read.lines, refused: [{ line: 1, problem: why }], whole: read.whole };
};

interface Claimed {
  readonly claimed: readonly ClaimedHit[];
  /** Of these, found in what the sensor had kept. */
  readonly back: ReadonlySet<string>;
  readonly background: Background;
}

/** The hits of a parcel as the server would have made them of the records themselves. */
const claimedOf = async (
  tx: Tx,
  taking: TakingParcels,
  sensor: Sensor,
  batch: Batch,
  { content }: ReadParcel,
  refuse: (line: number, why: Problem) => void,
  now: Instant,
): Promise<Claimed> => {
  const listed = content.flatMap(({ said }) => ("match" in said ? [said.match.indicator] : []));
  const checks = parcelChecks(sensor, listed, taking.secret, taking.spoken ?? (() => undefined));
  const matches: BatchMatch[] = [];
  const ruled: { readonly said: BatchRuled; readonly back: boolean }[] = [];
  const behaved: BehavedHit[] = [];
  const background: Background[number][] = [];
  const aside = new Aside();
  const back = new Set<number>();
  for (const { line, said } of content) {
    if ("match" in said) {
      const read = checks.match(said.match);
      if (!read.ok) refuse(line, read.problem);
      else {
        if (said.back) back.add(matches.length);
        matches.push(read.value);
      }
    } else if ("ruled" in said) {
      const read = checks.ruled(said.ruled);
      if (!read.ok) refuse(line, read.problem);
      else if (!aside.takes(read.value)) ruled.push({ said: read.value, back: said.back === true });
    } else if ("behaviour" in said) {
      if (!behaviours.some(({ id }) => id === said.behaviour.behaviour))
        refuse(line, problem("WGL_PARCEL_BEHAVIOUR", { behaviour: said.behaviour.behaviour }));
      else behaved.push(behavedOf(said.behaviour, sensor));
    } else if ("day" in said) background.push({ organisation: sensor.organisation, ...said.day });
  }
  const of = async (some: readonly BatchMatch[]) => claimMatches(tx, taking, sensor, batch, some, now);
  const [live, past] = [
    await of(matches.filter((_, n) => !back.has(n))),
    await of(matches.filter((_, n) => back.has(n))),
  ];
  const noticed = await claimRuled(
    tx,
    taking,
    { sensor, batch },
    ruled.map(({ said }) => said),
  );
  const home = networks(homeOf(taking.directory.known.directory, sensor.organisation, batch.received));
  const overTime = await claimBehaved(
    tx,
    taking,
    { organisation: sensor.organisation, own: home },
    behaved.filter(({ hit }) => hit.severity !== "info"),
  );
  const informational = behaved.map(({ hit }) => hit).filter(({ severity }) => severity === "info");
  const backwards = [...past.claimed, ...noticed.filter((_, n) => ruled[n]?.back === true)];
  return {
    claimed: [...live.claimed, ...past.claimed, ...noticed, ...overTime],
    back: new Set(backwards.map(({ hit }) => hit.id)),
    background: [
      ...[...background, ...live.background, ...past.background, ...asideOf(sensor, aside.rows())],
      ...behavedAside(sensor.organisation, informational, "informational"),
    ],
  };
};

/** Its newest record stands as the evidence. */
const behavedOf = ({ evidence, ...said }: ParcelBehaviour, { key }: Sensor): BehavedHit => {
  const last = evidence.at(-1);
  const hit: BehaviourHit = { ...said, evidence: evidence.map(({ id, from, line }) => ({ id, from, line })) };
  return {
    ...{ hit, behind: key },
    evidence: { file: last?.from ?? key, line: last?.line ?? 0, text: last?.text ?? "" },
  };
};

/** Matches of rules that make no hit, as in a batch of records (batch-rules.ts, `Ruled`). */
class Aside {
  readonly #counts = new Map<string, number>();
  readonly #rows = new Map<string, { rule: string; day: string; why: RuledBackground["why"]; hits: number }>();

  /** True: it was counted here. */
  takes({ rule, time }: BatchRuled): boolean {
    const count = this.#counts.get(rule.rule) ?? 0;
    const why = rule.severity === "info" ? "informational" : count >= keptOfRule ? "beyond" : undefined;
    if (why === undefined) {
      this.#counts.set(rule.rule, count + 1);
      return false;
    }
    const on = new Date(time).toISOString().slice(0, 10);
    const row = this.#rows.get(`${on} ${why} ${rule.rule}`) ?? { rule: rule.rule, day: on, why, hits: 0 };
    row.hits++;
    this.#rows.set(`${on} ${why} ${rule.rule}`, row);
    return true;
  }

  rows(): readonly RuledBackground[] {
    return [...this.#rows.values()];
  }
}

const kindOf = (said: ParcelContent): string => {
  const [kind = ""] = Object.keys(said).filter((name) => name !== "back");
  return kind;
};

const countsOf = (names: readonly string[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};
