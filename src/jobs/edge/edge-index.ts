import type { Instant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import { buildMatchIndex, type MatchIndex } from "#intel/match-index.ts";
import { matchKey } from "#intel/match-key.ts";
import type { KnownValue } from "#jobs/sensors/wire.ts";

/** Seconds since 1970 that say: no end is known. */
const forEver = 0xffff_ffff;

/**
 * Of a full stream, what the table is made for: it stands at a load of some 0.7 then, with room for a tenth more before it moves
 * (match-index.ts), and is a quarter smaller than one that is made for all.
 */
const share = 0.8;
/** Room for values that deltas bring. */
const spare = 1.1;
/**
 * Words of arena for each: more than a list of nothing but URLs needs. What is not written costs no memory, and an arena that
 * fills up is copied, which for a while costs twice what it holds.
 */
const wordsOfValue = 32;

/**
 * What is listed, in one table that is never built twice: a value that is taken back, or whose time is over, stays in it and
 * is dead, so that memory holds one table, and a whole new stream is taken in while matching goes on. Dead ones go when a
 * process starts.
 *
 * Four bytes a value beside the table, for how long it lives.
 */
export class EdgeIndex {
  readonly #secret: Uint8Array;
  #index: MatchIndex;
  #until = new Uint32Array(0);
  #count = 0;
  #alive = 0;
  /** Values that a whole stream under way has said. */
  #said: Uint8Array | undefined;

  /** @param expected values */
  constructor(secret: Uint8Array, expected = 0) {
    this.#secret = secret;
    this.#index = tableFor(secret, expected);
    this.#until = new Uint32Array(Math.max(1024, Math.ceil(expected * spare)));
  }

  get index(): MatchIndex {
    return this.#index;
  }

  /** Values that were not taken back; those whose time is over among them. */
  get size(): number {
    return this.#alive;
  }

  /** Nothing is in it yet: a table of the right size costs nothing now, and a move later. */
  expect(values: number): void {
    if (this.#count > 0) return;
    this.#index = tableFor(this.#secret, values);
    this.#until = new Uint32Array(Math.max(1024, Math.ceil(values * spare)));
  }

  /** A stream begins that says all there is: what it does not say is dropped at its end. */
  beginWhole(): void {
    this.#said = new Uint8Array((this.#until.length >> 3) + 1);
  }

  /** @returns values dropped, because the stream did not say them */
  endWhole(): number {
    const said = this.#said;
    this.#said = undefined;
    if (said === undefined) return 0;
    let dropped = 0;
    for (let id = 0; id < this.#count; id++)
      if (((said[id >> 3] ?? 0) & (1 << (id & 7))) === 0 && this.#until[id] !== 0) {
        this.#until[id] = 0;
        this.#alive--;
        dropped++;
      }
    return dropped;
  }

  /** @returns whether it was not listed before */
  add({ until, ...observable }: KnownValue): boolean {
    const key = matchKey(observable);
    if (key === undefined) return false;
    const seconds = until === undefined ? forEver : Math.min(forEver - 1, Math.max(1, Math.ceil(until / 1000)));
    const known = this.#idOf(observable);
    const id = known ?? this.#next();
    if (known === undefined) this.#index.insert(key, id, 0);
    const fresh = this.#until[id] === 0;
    if (fresh) this.#alive++;
    this.#until[id] = seconds;
    const said = this.#said;
    if (said) said[id >> 3] = (said[id >> 3] ?? 0) | (1 << (id & 7));
    return fresh;
  }

  drop(observable: Observable): boolean {
    const id = this.#idOf(observable);
    if (id === undefined || this.#until[id] === 0) return false;
    this.#until[id] = 0;
    this.#alive--;
    return true;
  }

  /** Whether a listed value that matched is still one. @param at when the record was made */
  lives(observable: Observable, at: Instant): boolean {
    const id = this.#idOf(observable);
    const until = id === undefined ? 0 : (this.#until[id] ?? 0);
    return until === forEver || until * 1000 > at;
  }

  #idOf({ kind, value }: Observable): number | undefined {
    for (const { id, observable } of this.#index.lookup({ kind, value }))
      if (observable.value === value && observable.kind === kind) return id;
    return undefined;
  }

  #next(): number {
    if (this.#count === this.#until.length) {
      const wider = new Uint32Array(Math.ceil(this.#until.length * 1.25));
      wider.set(this.#until);
      this.#until = wider;
      if (this.#said) {
        const more = new Uint8Array((wider.length >> 3) + 1);
        more.set(this.#said);
        this.#said = more;
      }
    }
    return this.#count++;
  }
}

const tableFor = (secret: Uint8Array, values: number): MatchIndex =>
  buildMatchIndex([], secret, Math.ceil(values * share), wordsOfValue * Math.max(1024, values));
