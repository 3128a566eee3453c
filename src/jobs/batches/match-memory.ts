import type { Instant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import type { Exclusions } from "#intel/exclusions.ts";
import { buildMatchIndex, type MatchIndex } from "#intel/match-index.ts";
import { matchKey } from "#intel/match-key.ts";
import { matchIndexFromBytes, matchIndexToBytes } from "#intel/match-snapshot.ts";
import type { ChangeCursor, IndicatorState } from "#intel/ports.ts";
import { breathe } from "#jobs/breathe.ts";
import type { State } from "#jobs/ports.ts";

/** Streams everything that may make a hit; the store's `streamLive`. */
export type StreamLive = (
  now: Instant,
  each: (rows: readonly (Observable & { readonly n: number })[]) => void,
) => Promise<ChangeCursor>;

/** Where the index is kept between two runs. A cache: whatever is wrong with it, the index is built anew. */
export interface SnapshotFile {
  readonly read: () => Promise<Uint8Array | undefined>;
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Names the database; a snapshot of another, or made under other exclusions, is not used. */
  readonly about: string;
}

/** Changes read at once; a change is a batch of at most 40,000 rows. */
const changesAtOnce = 4;
/** Indicators taken in before others have their turn. */
const indicatorsAtOnce = 1_000;

/**
 * The match index of this process, kept up with the store by the change feed. What is excluded never enters, so that no
 * line is ever matched against it; the match against own assets does not come by here.
 */
export class MatchMemory {
  readonly #state: State;
  readonly #stream: StreamLive;
  readonly #secret: Uint8Array;
  #exclusions: Exclusions;
  #index: MatchIndex | undefined;
  #cursor: ChangeCursor | undefined;
  #savedAt: ChangeCursor | undefined;
  /** The look that is under way: a second one at its side could put back what was gone by then. */
  #looking: Promise<unknown> = Promise.resolve();
  readonly #file: SnapshotFile;
  #named: string;

  /** @param named what the exclusions are called (`ExclusionMemory`) */
  constructor(
    state: State,
    stream: StreamLive,
    secret: Uint8Array,
    exclusions: Exclusions,
    file: SnapshotFile,
    named = "",
  ) {
    this.#file = file;
    this.#named = named;
    this.#state = state;
    this.#stream = stream;
    this.#secret = secret;
    this.#exclusions = exclusions;
  }

  get exclusions(): Exclusions {
    return this.#exclusions;
  }

  get built(): boolean {
    return this.#index !== undefined;
  }

  get index(): MatchIndex {
    if (!this.#index) throw new Error("waglan is wrong: the match index was asked before it was built");
    return this.#index;
  }

  /** Builds the index anew: at start, and when the exclusions changed. */
  async build(now: Instant, exclusions: Exclusions = this.#exclusions, named: string = this.#named): Promise<void> {
    this.#exclusions = exclusions;
    this.#named = named;
    const index = buildMatchIndex([], this.#secret);
    this.#cursor = await this.#stream(now, (rows) => {
      for (const { n, kind, value } of rows) {
        const key = this.#exclusions.excluded({ kind, value }) ? undefined : matchKey({ kind, value });
        if (key) index.insert(key, n, 0);
      }
    });
    this.#index = index;
    this.#savedAt = undefined;
  }

  /** Takes in what changed since the last time, one look behind the other. @returns how many indicators did */
  refresh(now: Instant): Promise<number> {
    const turn = this.#looking.then(() => this.#refresh(now));
    this.#looking = turn.catch(() => undefined);
    return turn;
  }

  async #refresh(now: Instant): Promise<number> {
    if (!this.#index && !(await this.#restore())) {
      await this.build(now);
      return 0;
    }
    let changed = 0;
    for (;;) {
      const cursor = this.#cursor;
      const news = await this.#state.act(async (tx) => {
        const changes = await tx.intel.changes(cursor, changesAtOnce);
        const indicators: IndicatorState[] = [];
        for (let at = 0; at < changes.ids.length; at += indicatorsAtOnce)
          indicators.push(...(await tx.intel.indicators(changes.ids.slice(at, at + indicatorsAtOnce), now)));
        return { ...changes, indicators };
      });
      // asleep for longer than changes are kept, or a snapshot of that age: what was missed cannot be told
      if (news.lost) {
        await this.build(now);
        return changed;
      }
      for (const [at, one] of news.indicators.entries()) {
        if (at % indicatorsAtOnce === indicatorsAtOnce - 1) await breathe();
        if (one.live && !this.#exclusions.excluded(one.observable))
          this.index.add({ id: one.n, observable: one.observable });
        else this.index.remove(one.n);
      }
      changed += news.indicators.length;
      this.#cursor = news.cursor;
      if (!news.more) return changed;
    }
  }

  /** Writes the index to its file when it is not what the file holds. */
  async save(): Promise<void> {
    const cursor = this.#cursor;
    if (!this.#index || cursor === undefined) return;
    if (this.#savedAt?.xid === cursor.xid && this.#savedAt.seq === cursor.seq) return;
    await this.#file.write(matchIndexToBytes(this.#index, JSON.stringify({ about: this.#about, cursor })));
    this.#savedAt = cursor;
  }

  get #about(): string {
    return `${this.#file.about} ${this.#named}`;
  }

  async #restore(): Promise<boolean> {
    const bytes = await this.#file.read();
    const read = bytes && matchIndexFromBytes(bytes, this.#secret);
    if (!read?.ok) return false;
    const { about, cursor } = JSON.parse(read.value.cursor) as { about: string; cursor: ChangeCursor };
    if (about !== this.#about) return false;
    this.#index = read.value.index;
    this.#cursor = this.#savedAt = cursor;
    return true;
  }
}
