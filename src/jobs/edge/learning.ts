import type { Instant } from "#core/instant.ts";
import type { Problem, Result } from "#core/result.ts";
import { WaglanError } from "#core/result.ts";
import type { EdgeExclusions } from "./edge-exclusions.ts";
import { type EdgeIndex } from "./edge-index.ts";
import { checkKnowledge, isRecord, readKnowledgeLine } from "./knowledge.ts";
import type { EdgeShelf } from "./shelf-port.ts";
import type { KnowledgeHead } from "#jobs/sensors/wire.ts";

/** Which streams are in force, and what they made of the sensor. */
export interface KnowledgeFile {
  readonly cursor: string;
  readonly head: KnowledgeHead;
  /** A full one, then deltas in their order. */
  readonly streams: readonly string[];
  /** Additions of all of them. */
  readonly adds: number;
  /** Names the next stream. */
  readonly next: number;
  /** When the newest came. */
  readonly at: Instant;
}

/** What a stream changed. */
export interface Learned {
  readonly full: boolean;
  readonly added: number;
  readonly dropped: number;
  readonly refused: readonly Problem[];
  readonly refusedCount: number;
  /** Values that were not listed before are in files to be hunted. */
  readonly hunts: readonly string[];
}

/** What becomes of values that were not listed before. */
interface News {
  readonly past: () => boolean;
  readonly putHunt: (values: readonly string[]) => void;
}

/** Deltas after which all is asked for anew, so that a start does not read through years of them. */
const deltasAtMost = 200;
/** Values of one hunt: with what they are looked for by they are two megabytes or three. */
const valuesOfHunt = 2_500;
/** Lines taken in before whatever waits is done. */
const linesAtOnce = 5_000;

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What the sensor may know: on the shelf as it came, and in the index. */
export class EdgeKnowledge {
  readonly #shelf: EdgeShelf;
  readonly #index: EdgeIndex;
  readonly #exclusions: EdgeExclusions;
  #file: KnowledgeFile | undefined;

  constructor(shelf: EdgeShelf, index: EdgeIndex, exclusions: EdgeExclusions) {
    this.#exclusions = exclusions;
    this.#shelf = shelf;
    this.#index = index;
  }

  get index(): EdgeIndex {
    return this.#index;
  }

  get head(): KnowledgeHead | undefined {
    return this.#file?.head;
  }

  /** Where the next question begins; absent: all is asked for. */
  get since(): string | undefined {
    const file = this.#file;
    if (file === undefined || file.streams.length > deltasAtMost) return undefined;
    const [full = "", ...deltas] = file.streams;
    const bytes = deltas.reduce((sum, name) => sum + this.#shelf.streams.bytes(name), 0);
    return bytes > 1_048_576 && bytes > this.#shelf.streams.bytes(full) ? undefined : file.cursor;
  }

  get cursor(): string | undefined {
    return this.#file?.cursor;
  }

  /** When something was last learned. */
  get at(): Instant | undefined {
    return this.#file?.at;
  }

  /** Reads again what a run before had learned. @returns what is wrong with it: then all is asked for anew */
  async load(): Promise<Problem | undefined> {
    const bytes = this.#shelf.small.read("knowledge");
    if (bytes === undefined) return undefined;
    try {
      const file = JSON.parse(new TextDecoder().decode(bytes)) as KnowledgeFile;
      if (!isRecord(file) || !Array.isArray(file.streams)) throw new WaglanError("WGL_SENSOR_BROKEN", { lines: 0 });
      this.#index.expect(file.adds);
      for (const name of file.streams) await this.#take(name);
      await this.#settle();
      this.#file = file;
      this.#shelf.streams.only(file.streams);
      return undefined;
    } catch (error) {
      if (error instanceof WaglanError) return { code: error.code, message: error.message, with: error.with };
      if (error instanceof SyntaxError)
        return { code: "WGL_SENSOR_BROKEN", message: error.message, with: { lines: 0 } };
      throw error;
    }
  }

  /** The name under which the next stream is put on the shelf before `learn`. */
  get incoming(): string {
    return "incoming";
  }

  /**
   * Takes in the stream on the shelf, or, where it is wrong or broken off, nothing of it. Matching goes on meanwhile with what
   * is in the index by then.
   *
   * @param past whether there is a past by now, in which a new value is to be looked for
   * @returns WGL_SENSOR_KNOWLEDGE, WGL_SENSOR_BROKEN
   */
  async learn(now: Instant, past: () => boolean): Promise<Result<Learned>> {
    const { incoming } = this;
    const checked = await this.#checked(incoming);
    if (!checked.ok) return checked;
    const { head, cursor, adds, drops, lists, refused, refusedCount } = checked.value;
    const before = this.#file;
    if (!head.full && before === undefined)
      return { ok: false, problem: { code: "WGL_SENSOR_BROKEN", message: "a delta of nothing", with: { lines: 0 } } };
    const nothing = !head.full && adds + drops + lists === 0 && before !== undefined;
    const next = before?.next ?? 1;
    const name = `${String(next).padStart(8, "0")}.${head.full ? "full" : "delta"}`;
    if (!nothing) await this.#shelf.streams.take(name, this.#shelf.streams.path(incoming));
    if (head.full && before === undefined) this.#index.expect(adds);
    const hunts: string[] = [];
    if (head.full) {
      this.#index.beginWhole();
      this.#exclusions.beginWhole();
    }
    const putHunt = (values: readonly string[]): void => {
      const id = `known-${String(next).padStart(8, "0")}-${String(hunts.length).padStart(4, "0")}`;
      this.#shelf.hunts.put(id, values);
      hunts.push(id);
    };
    const took = nothing ? { added: 0, dropped: 0 } : await this.#take(name, { past, putHunt });
    const gone = head.full ? this.#index.endWhole() : 0;
    await this.#settle();
    const streams = head.full ? [name] : nothing ? before.streams : [...(before?.streams ?? []), name];
    this.#file = {
      ...{ cursor, head, streams, next: nothing ? next : next + 1, at: now },
      adds: head.full ? adds : (before?.adds ?? 0) + adds,
    };
    this.#shelf.small.write("knowledge", [JSON.stringify(this.#file)]);
    this.#shelf.streams.only(streams);
    return {
      ok: true,
      value: { full: head.full, added: took.added, dropped: took.dropped + gone, refused, refusedCount, hunts },
    };
  }

  async #checked(name: string): ReturnType<typeof checkKnowledge> {
    try {
      return await checkKnowledge(this.#shelf.streams.lines(name));
    } catch (error) {
      if (!(error instanceof WaglanError) || error.code !== "WGL_SENSOR_BROKEN") throw error;
      return { ok: false, problem: { code: error.code, message: error.message, with: error.with } };
    }
  }

  #settle(): Promise<void> {
    return this.#exclusions.settle(
      (stream) => this.#shelf.streams.lines(stream),
      (text, line) => {
        const read = readKnowledgeLine(text, line);
        return read.ok ? read.value : undefined;
      },
    );
  }

  async #take(name: string, news?: News): Promise<{ added: number; dropped: number }> {
    let [added, dropped, lines] = [0, 0, 0];
    let fresh: string[] = [];
    for await (const text of this.#shelf.streams.lines(name)) {
      const read = readKnowledgeLine(text, ++lines);
      if (lines % linesAtOnce === 0) await pause();
      if (!read.ok) continue;
      if ("add" in read.value) {
        if (!this.#index.add(read.value.add)) continue;
        added++;
        // what comes from now on is matched as it comes
        if (news?.past() !== true) continue;
        if (fresh.push(JSON.stringify([read.value.add.kind, read.value.add.value])) < valuesOfHunt) continue;
        news.putHunt(fresh);
        fresh = [];
      } else if ("drop" in read.value) {
        if (this.#index.drop(read.value.drop)) dropped++;
      } else this.#exclusions.note(read.value, name, lines);
    }
    if (fresh.length > 0) news?.putHunt(fresh);
    return { added, dropped };
  }
}
