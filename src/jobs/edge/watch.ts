import { createHash } from "node:crypto";
import type { Instant } from "#core/instant.ts";
import type { Surroundings } from "#detect/behaviour.ts";
import { networks } from "#detect/networks.ts";
import type { ParcelBehaviour, ParcelContent } from "#jobs/sensors/parcel.ts";
import { DelayLine } from "./delay-line.ts";
import { edgeBehaviours, recentFacts } from "./edge-behaviours.ts";
import type { EdgeShelf } from "./shelf-port.ts";
import { unpackFacts } from "#jobs/batches/facts-pack.ts";
import { type LivePlans, noPlans } from "#jobs/lists/live-plans.ts";
import type { SpokenHit } from "#jobs/partitions/lane.ts";
import { PartitionState, type SavedPartition } from "#jobs/partitions/state.ts";

/** A batch's facts as they stand in the log. */
export interface EdgeFacts {
  readonly body: Uint8Array;
  readonly received: Instant;
  readonly newest: Instant;
  /** Where the batch's first record stands. */
  readonly segment: number;
  readonly first: number;
  /** What was told of it. */
  readonly out: readonly ParcelContent[];
}

/** A checkpoint of it is of use to nobody else. */
export const watchVersion = "1";

/** What it knows, as plain data. */
export interface SavedWatch {
  readonly partition: SavedPartition;
  readonly late: number;
  /** Absent: nothing was looked at yet. */
  readonly handed?: number;
}

/** What was noticed over time, ready to be sent, each under the name by which it is told once. */
export interface Noticed {
  readonly id: string;
  readonly line: ParcelContent;
}

/** Text of a record of the history, by where its batch begins and its line there. */
export type TextAt = (segment: number, first: number, line: number) => string | undefined;

/**
 * Detectors over time inside a department: those of the centre (`PartitionState`), on one sensor's facts. It knows no clock but
 * what it is told, so that the same log gives the same hits.
 */
export class EdgeWatch {
  readonly #sensor: string;
  readonly #aside: EdgeShelf["aside"];
  readonly #textAt: TextAt;
  readonly #around: Omit<Surroundings, "own">;
  #networks: readonly string[];
  #plans: LivePlans = noPlans;
  #state: PartitionState;
  #line: DelayLine;
  #late = 0;

  /**
   * @param aside  where facts wait for their time
   * @param around what is known of the world beside our own networks
   */
  constructor(
    sensor: string,
    own: readonly string[],
    aside: EdgeShelf["aside"],
    textAt: TextAt,
    around: Omit<Surroundings, "own">,
  ) {
    this.#around = around;
    this.#sensor = sensor;
    this.#aside = aside;
    this.#networks = own;
    this.#textAt = textAt;
    this.#state = this.#open();
    this.#line = new DelayLine(sensor, aside);
  }

  get counts(): PartitionState["counts"] {
    const { counts } = this.#state;
    return { ...counts, late: counts.late + this.#late };
  }

  /** Up to here the sensor's time was looked at. */
  get handed(): number {
    return this.#line.handed;
  }

  /** Other rules, or other networks: what was remembered goes on where it can. */
  use(plans: LivePlans, own: readonly string[]): void {
    if (plans.version === this.#plans.version && JSON.stringify(own) === JSON.stringify(this.#networks)) return;
    const saved = this.#state.save();
    this.#plans = plans;
    this.#networks = own;
    this.#state = this.#open();
    this.#state.restore(saved);
  }

  /** @param again it was taken by a run before; what was told then is told again, under the same names */
  take({ body, received, newest, segment, first, out }: EdgeFacts, again = false): readonly Noticed[] {
    const from = `${segment}/${first}`;
    const facts = unpackFacts(body, { sensor: this.#sensor, from });
    // its frame's sum was right: what cannot be read is of another version, and its moment is over
    if (!facts.ok) return [];
    const open = new Set(facts.value.facts.flatMap(({ said = [] }) => said.map(({ id }) => id)));
    const listed = out.flatMap((line) =>
      "match" in line
        ? [{ line: line.match.line, value: line.match.indicator.value, severity: "high" as const, attack: [] }]
        : [],
    );
    // correlations say where an event stands by its batch alone; the first record's place names it
    const batch = segment * recordsOfSegment + first;
    const said = { open: [...open], listed };
    this.#late += this.#line.put({ ...facts.value, ...{ body, from, batch, received, newest, said } }, again);
    return this.#look();
  }

  /** It is `now` by our clock. The caller saves what this decides together with it. */
  tick(now: Instant): readonly Noticed[] {
    return [...this.#look(now), ...this.#state.tick(now).map((hit) => this.#told(hit))];
  }

  save(): SavedWatch {
    const { handed } = this.#line;
    return { partition: this.#state.save(), late: this.#late, ...(Number.isFinite(handed) ? { handed } : {}) };
  }

  /** What waits in the line is not part of it: the batches it came with are taken again. */
  restore({ partition, late, handed }: SavedWatch): void {
    this.#state = this.#open();
    this.#state.restore(partition);
    this.#line = new DelayLine(this.#sensor, this.#aside, handed);
    this.#late = late;
  }

  #look(now?: Instant): readonly Noticed[] {
    const told: Noticed[] = [];
    for (const batch of this.#line.due(now)) for (const hit of this.#state.take(batch)) told.push(this.#told(hit));
    return told;
  }

  #open(): PartitionState {
    return new PartitionState({
      behaviours: edgeBehaviours,
      around: { ...this.#around, own: networks(this.#networks) },
      plans: this.#plans,
      hidden: () => false,
      recent: recentFacts,
    });
  }

  #told({ rule, ...hit }: SpokenHit): Noticed {
    const evidence = hit.evidence.map(({ id, from, line }) => {
      const [segment, first] = placeOf(from);
      return { id, from, line, text: this.#textAt(segment, first, line) ?? "" };
    });
    const key = [hit.behaviour, hit.time, hit.first, hit.entities.map(({ kind, value }) => `${kind} ${value}`)];
    const id = createHash("sha256").update(JSON.stringify(key)).digest("base64url").slice(0, 22);
    if (rule === undefined) return { id, line: { behaviour: { ...hit, evidence } satisfies ParcelBehaviour } };
    // a correlation is a rule that spoke of many records: the newest is its evidence
    const asset = hit.entities[0]?.value;
    return {
      id,
      line: {
        ruled: {
          rule: {
            ...{ rule: rule.rule, title: rule.title, severity: rule.severity, tactics: rule.tactics },
            ...{ attack: rule.attack, problem: hit.problem.type, status: rule.status, author: rule.author },
          },
          ...{
            line: evidence.at(-1)?.line ?? 0,
            direction: "unknown",
            time: hit.time,
            text: evidence.at(-1)?.text ?? "",
          },
          ...(asset === undefined ? {} : { asset: asset.toLowerCase() }),
        },
      },
    };
  }
}

/** More than a segment has (segments/log.ts): numbers of batches rise with their place. */
const recordsOfSegment = 2 ** 22;

/** "12/4096" of a fact, or the number of a batch. */
const placeOf = (from: string): readonly [segment: number, first: number] => {
  const [segment = "0", first] = from.split("/");
  if (first !== undefined) return [Number(segment), Number(first)];
  const batch = Number(segment);
  return [Math.floor(batch / recordsOfSegment), batch % recordsOfSegment];
};
