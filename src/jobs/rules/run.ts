import type { RecordPlace, Pace, PastScope } from "#jobs/hunt/past.ts";
import type { PastRecords, RecordDay } from "#jobs/hunt/past-records.ts";
import type { KeptPage } from "./kept-rules.ts";
import type { KeptReady, KeptThreadData } from "./kept-rules-messages.ts";
import { KeptRulesThread } from "./kept-rules-threads.ts";

/** Over whose records, when, and how fast. */
export interface RuleGround {
  readonly scope: PastScope;
  readonly from: number;
  /** Excluded. */
  readonly to: number;
  readonly pace?: Pace;
}

/** One step of it. */
export interface RunPage extends KeptPage {
  /** Records that were there to be looked at, those that the engine passed over among them. */
  readonly read: number;
  /** Where the next page begins; absent: there is none. */
  readonly place?: RecordPlace;
}

/** Records asked of rules in one turn: some hundred milliseconds, in a thread beside. */
const recordsAtOnce = 4_000;
/** Records that the engine may look through for one turn, where it is asked for some texts alone. */
const lookedAtOnce = 400_000;

/** Rules over kept records, organisation by organisation and day by day. Close it when it is done or left. */
export class RuleRun {
  readonly #past: PastRecords;
  readonly #ground: RuleGround;
  readonly #thread: KeptRulesThread;
  #days: readonly RecordDay[] | undefined;
  #ready: KeptReady | undefined;

  constructor(past: PastRecords, data: KeptThreadData, ground: RuleGround) {
    this.#past = past;
    this.#ground = ground;
    this.#thread = new KeptRulesThread(data);
  }

  /** What is to be read, once the rules are compiled. */
  get ready(): Promise<KeptReady> {
    return this.#thread.ready;
  }

  /** Records of the period in formats that the rules can speak of. */
  async toRead(): Promise<number> {
    return (await this.#allDays()).reduce((sum, { count }) => sum + count, 0);
  }

  /** @param after where the page before ended; absent: at the beginning */
  async page(after: RecordPlace | undefined): Promise<RunPage> {
    const days = await this.#allDays();
    const { formats, holding } = this.#ready as KeptReady;
    const { scope, from, to, pace } = this.#ground;
    const rest = after === undefined ? days : days.filter((one) => isBehind(one, after));
    const [first] = rest;
    if (first === undefined) return { ...(await this.#thread.read({ rows: [], last: true })), read: 0 };
    // neighbouring days of one organisation, as many as should fill a page
    const enough = holding === undefined ? recordsAtOnce : lookedAtOnce;
    let [count, some] = [0, 0];
    for (const one of rest) {
      if (one.organisation !== first.organisation || count >= enough) break;
      count += one.count;
      some++;
    }
    const newest = rest[some - 1] ?? first;
    const rows = await this.#past.recordsFrom(
      scope,
      {
        ...{ organisation: first.organisation, formats },
        ...{ from: Math.max(from, first.day), to: Math.min(to, newest.day + dayMs) },
        ...(holding === undefined ? {} : { holding }),
      },
      after,
      recordsAtOnce,
      pace,
    );
    const last = rows.at(-1);
    const isFull = rows.length >= recordsAtOnce && last !== undefined;
    const place: RecordPlace | undefined = isFull
      ? { time: last.time, organisation: last.organisation, batch: last.batch, line: last.line }
      : rest.length > some
        ? { time: newest.day + dayMs, organisation: first.organisation, batch: "", line: 0 }
        : undefined;
    const page = await this.#thread.read({ rows, last: place === undefined });
    return {
      ...page,
      read: isFull ? rows.length : Math.max(rows.length, count),
      ...(place === undefined ? {} : { place }),
    };
  }

  async close(): Promise<void> {
    await this.#thread.close();
  }

  async #allDays(): Promise<readonly RecordDay[]> {
    const { scope, from, to, pace } = this.#ground;
    this.#ready ??= await this.#thread.ready;
    const { formats } = this.#ready;
    if (formats.length === 0) return [];
    return (this.#days ??= await this.#past.recordDays(scope, formats, { from, to }, pace));
  }
}

const dayMs = 86_400_000;

const isBehind = ({ organisation, day }: RecordDay, after: RecordPlace): boolean =>
  organisation === after.organisation ? day + dayMs > after.time : organisation > after.organisation;
