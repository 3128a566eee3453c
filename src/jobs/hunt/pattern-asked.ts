import { instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import { observableOfAsset } from "#jobs/findings/finding-asset.ts";
import { quarryOf, seenOf } from "#jobs/hunt-past.ts";
import { PastWalk, type WalkGround, type WalkPage } from "#jobs/rules/walk.ts";
import type { PatternPage, PatternRecord } from "./kept-pattern.ts";
import { KeptPatternThread } from "./kept-pattern-threads.ts";
import type { Past, RecordPlace, SeenValues } from "./past.ts";
import type { PastRecords } from "./past-records.ts";
import { anchoredRecords, askedRecordsAt, type PatternReading } from "./pattern-past.ts";
import { added, type PatternProgress } from "./pattern-port.ts";
import type { HuntProgress, HuntResult } from "./port.ts";
import { networksOf } from "./rule.ts";
import { textAtMost } from "./state.ts";

/** One page of a hunt by a pattern. */
export interface PatternHuntPage {
  readonly found: readonly HuntResult[];
  readonly read: number;
  readonly toRead: number;
  readonly patterned: PatternProgress;
  readonly place?: RecordPlace;
}

/** A hunt that this process is at. */
interface Underway {
  readonly id: string;
  readonly thread: KeptPatternThread;
  readonly walk: PastWalk<PatternPage> | Anchored;
  after: string;
}

/** Records that show a value of the pattern, read in one turn. */
const anchoredAtOnce = 1000;

/**
 * Hunts by STIX patterns that values alone do not decide (`huntedPattern`). Where the pattern names values of which each of its
 * records shows one, history is asked for those records; otherwise all of the period are read, as for a rule.
 */
export class PatternHunts {
  readonly #past: Past & PastRecords;
  readonly #directory: Pick<DirectoryMemory, "known">;
  readonly #secret: string;
  #underway: Underway | undefined;

  /** @param secret of the deployment, in hexadecimal digits */
  constructor(past: Past & PastRecords, directory: Pick<DirectoryMemory, "known">, secret: string) {
    this.#past = past;
    this.#directory = directory;
    this.#secret = secret;
  }

  async page(hunt: HuntProgress, pattern: string, before: PatternProgress): Promise<PatternHuntPage> {
    const after = JSON.stringify(hunt.place ?? "");
    if (this.#underway !== undefined && (this.#underway.id !== hunt.id || this.#underway.after !== after))
      await this.left();
    this.#underway ??= { id: hunt.id, ...(await this.#open(hunt, pattern, before)), after };
    const { walk } = this.#underway;
    const page = await walk.page(hunt.place);
    const found = page.matches.flatMap((records, at) =>
      records.map((record) => this.#result(record, before.matches + at + 1, records.length)),
    );
    if (page.place === undefined) await this.left();
    else this.#underway.after = JSON.stringify(page.place);
    const toRead = await walk.toRead();
    return {
      ...{ found, read: page.read, toRead },
      patterned: {
        anchored: before.anchored,
        matches: before.matches + page.matches.length,
        unread: added(before.unread, page.unread),
        undecided: added(before.undecided, page.undecided),
        letGo: before.letGo + page.letGo,
        ...(page.place === undefined || page.open.length === 0 ? {} : { open: page.open }),
      },
      ...(page.place === undefined ? {} : { place: page.place }),
    };
  }

  /** Nobody goes on with it here. */
  async left(): Promise<void> {
    const { thread } = this.#underway ?? {};
    this.#underway = undefined;
    await thread?.close();
  }

  async #open(
    { organisation, from, to, values }: HuntProgress,
    pattern: string,
    { anchored, open = [] }: PatternProgress,
  ): Promise<Pick<Underway, "thread" | "walk">> {
    const ground: WalkGround = { scope: organisation === undefined ? "all" : [organisation], from, to };
    const quarry = quarryOf(values, this.#secret);
    const reading = { past: this.#past, ground, quarry };
    const thread = new KeptPatternThread({
      ...{ pattern, walks: !anchored, networks: networksOf(this.#directory) },
      open: open.length === 0 ? [] : await askedRecordsAt(reading, open, anchored),
    });
    if (!anchored) return { thread, walk: new PastWalk(this.#past, thread, ground) };
    return { thread, walk: new Anchored(reading, await seenOf(this.#past, quarry, groundOf(ground)), thread) };
  }

  #result(record: PatternRecord, match: number, records: number): HuntResult {
    const { organisation, sensor, time, direction, own, text } = record;
    const concerned = observableOfAsset(own ?? this.#directory.known.sensor(sensor)?.key ?? sensor);
    return {
      ...{ organisation: organisation as OrganisationId, sensor, time, hunted: concerned, seen: concerned },
      ...{ where: "record", direction, weight: "finding", text: text.slice(0, textAtMost) },
      ...(own === undefined ? {} : { own }),
      pattern: { match, records },
    };
  }
}

/** The records that show a value of the pattern, oldest first. */
class Anchored {
  readonly #reading: PatternReading;
  readonly #seen: SeenValues;
  readonly #thread: KeptPatternThread;

  constructor(reading: PatternReading, seen: SeenValues, thread: KeptPatternThread) {
    this.#reading = reading;
    this.#seen = seen;
    this.#thread = thread;
  }

  toRead(): Promise<number> {
    return Promise.resolve(this.#seen.days.reduce((sum, { count }) => sum + count, 0));
  }

  async page(after: RecordPlace | undefined): Promise<WalkPage<PatternPage>> {
    const { rows, ...rest } = await anchoredRecords(this.#reading, this.#seen, after, anchoredAtOnce);
    return { ...(await this.#thread.read({ rows })), ...rest };
  }
}

const groundOf = ({ scope, from, to }: WalkGround): Parameters<typeof seenOf>[2] => ({
  scope,
  from: instant(from),
  to: instant(to),
});
