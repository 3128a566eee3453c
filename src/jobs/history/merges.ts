/** Says when an engine joins the parts that inserts left; absent: it is not ours to say (a server has other users). */
export interface Merging {
  /** Parts of the table that has the most. */
  readonly parts: () => Promise<number>;
  /** Lets the engine join parts, or has it wait. After a start it joins them. */
  readonly merge: (joins: boolean) => Promise<void>;
}

/**
 * Parts of a table up to which joining may wait: each is one more that a read looks into, and beyond a thousand in a month
 * the engine takes inserts slowly.
 */
const partsAtMost = 300;

/** Once there were too many, they are joined until there are so few, whatever comes. */
const partsAgain = 100;

/** Groups that have to be small, one behind the other, before parts are joined: what a burst breaks off was for nothing. */
const calmAfter = 3;

/**
 * Joining parts costs twice what putting their rows in did. While groups are large, which is when more comes than is kept
 * at ease, it waits until they are not, or until there are many; then a hundred are joined at once, where ten would have been,
 * and then ten of the tens.
 */
export class Merges {
  readonly #merging: Merging;
  #waits = false;
  /** Small groups since the last large one. */
  #small = 0;
  #tooMany = false;

  constructor(merging: Merging) {
    this.#merging = merging;
  }

  /** @param much whether the group that was put in now was large */
  async after(much: boolean): Promise<void> {
    this.#small = much ? 0 : this.#small + 1;
    if (!much && !this.#waits) return;
    const waits = this.#small < calmAfter && (await this.#few());
    // said anew each time that they wait: an engine that was started again joins them
    if (waits || this.#waits) await this.#merging.merge(!waits);
    this.#waits = waits;
  }

  async #few(): Promise<boolean> {
    const parts = await this.#merging.parts();
    this.#tooMany = parts > (this.#tooMany ? partsAgain : partsAtMost);
    return !this.#tooMany;
  }
}
