/**
 * A map in the order of last use that remembers so many keys and no more: what comes beyond makes it forget the key that
 * was silent longest, at once and only that one. Each step costs the same however much is remembered.
 *
 * Keys live in numbered places; `#older` and `#newer` chain the places in the order of use. A place costs 16 bytes beside
 * its key, its value and the map's own entry, and a place that was given up is used again: memory is that of the most that
 * was ever remembered.
 *
 *   oldest ⇄ … ⇄ newest          place 0 is the ring's seam: newer(0) is the oldest, older(0) the newest
 */
export class Lately<V> {
  readonly #most: number;
  readonly #places = new Map<string, number>();
  readonly #keys: string[] = [""];
  readonly #values: (V | undefined)[] = [undefined];
  #older = new Int32Array(16);
  #newer = new Int32Array(16);
  /** Places given up, to be used again. */
  readonly #free: number[] = [];
  #forgotten = 0;

  /** @param most keys remembered at once, 1 at least */
  constructor(most: number) {
    this.#most = Math.max(1, most);
  }

  get size(): number {
    return this.#places.size;
  }

  /** Keys that were let go for want of room, since the beginning of the story that `restore` went on with. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** What is known of the key; its place in the order stays. */
  get(key: string): V | undefined {
    const place = this.#places.get(key);
    return place === undefined ? undefined : this.#values[place];
  }

  /** What is known of the key, which is the newest from now on. */
  use(key: string): V | undefined {
    const place = this.#places.get(key);
    if (place === undefined) return undefined;
    if (this.#newer[place] !== 0) {
      this.#unchain(place);
      this.#chain(place);
    }
    return this.#values[place];
  }

  /** The key is the newest from now on, and this is known of it. */
  set(key: string, value: V): void {
    const known = this.#places.get(key);
    if (known === undefined) {
      this.add(key, value);
      return;
    }
    this.#values[known] = value;
    this.use(key);
  }

  /** As `set`, of a key that is not known: `use` or `get` just said so. */
  add(key: string, value: V): void {
    if (this.#places.size >= this.#most) {
      const oldest = this.#newer[0] ?? 0;
      this.#places.delete(this.#keys[oldest] ?? "");
      this.#leave(oldest);
      this.#forgotten++;
    }
    const place = this.#free.pop() ?? this.#more();
    this.#places.set(key, place);
    this.#keys[place] = key;
    this.#values[place] = value;
    this.#chain(place);
  }

  delete(key: string): boolean {
    const place = this.#places.get(key);
    if (place === undefined) return false;
    this.#places.delete(key);
    this.#leave(place);
    return true;
  }

  /** In the order of last use, the oldest first: what `restore` takes. The one just handed out may be deleted meanwhile. */
  *[Symbol.iterator](): Generator<readonly [key: string, value: V], void, void> {
    for (let place = this.#newer[0] ?? 0; place !== 0; ) {
      const next = this.#newer[place] ?? 0;
      yield [this.#keys[place] ?? "", this.#values[place] as V];
      place = next;
    }
  }

  /** Goes on with what another one knew, given in its order; what does not fit is forgotten. */
  restore(entries: Iterable<readonly [key: string, value: V]>, forgotten: number): void {
    for (const [key] of this) this.delete(key);
    this.#forgotten = forgotten;
    for (const [key, value] of entries) this.set(key, value);
  }

  #chain(place: number): void {
    const newest = this.#older[0] ?? 0;
    this.#older[place] = newest;
    this.#newer[place] = 0;
    this.#newer[newest] = place;
    this.#older[0] = place;
  }

  /** Nothing is remembered here any more. */
  #leave(place: number): void {
    this.#unchain(place);
    this.#keys[place] = "";
    this.#values[place] = undefined;
    this.#free.push(place);
  }

  #unchain(place: number): void {
    const older = this.#older[place] ?? 0;
    const newer = this.#newer[place] ?? 0;
    this.#newer[older] = newer;
    this.#older[newer] = older;
  }

  /** One place more than there were. */
  #more(): number {
    const place = this.#keys.length;
    if (place >= this.#older.length) {
      const [older, newer] = [this.#older, this.#newer];
      this.#older = new Int32Array(2 * place);
      this.#newer = new Int32Array(2 * place);
      this.#older.set(older);
      this.#newer.set(newer);
    }
    return place;
  }
}
