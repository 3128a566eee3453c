import { createHash } from "node:crypto";
import type { Warninglist } from "#feeds/warninglist.ts";
import type { CareState } from "#intel/care-ports.ts";
import { buildExclusions, type ExclusionOptions, type Exclusions } from "#intel/exclusions.ts";

/** The exclusions of this process: the lists of its folder, and those that people keep in the store. */
export class ExclusionMemory {
  readonly #folder: readonly Warninglist[];
  readonly #options: ExclusionOptions;
  readonly #digest: string;
  #mark: number | undefined;
  #known: Exclusions | undefined;
  #inForce: { readonly lists: readonly Warninglist[]; readonly allow: readonly string[] } | undefined;

  /** @param folder lists read at start; they change with a restart */
  constructor(folder: readonly Warninglist[], options: ExclusionOptions) {
    this.#folder = folder;
    this.#options = options;
    const said = folder.map(({ kinds, ...rest }) => ({ ...rest, kinds: [...kinds] }));
    this.#digest = createHash("sha256")
      .update(JSON.stringify([said, options.allow ?? []]))
      .digest("hex");
  }

  get known(): Exclusions {
    if (!this.#known) throw new Error("waglan is wrong: the exclusions were asked before they were read");
    return this.#known;
  }

  /** The lists behind `known`, for a thread that asks them itself; another object when they changed. */
  get inForce(): { readonly lists: readonly Warninglist[]; readonly allow: readonly string[] } | undefined {
    return this.#inForce;
  }

  /** Names what is in force: two memories with the same name exclude the same. */
  get name(): string {
    return `${this.#digest} ${this.#mark ?? ""}`;
  }

  /** Builds anew when they changed. @returns true when they did */
  async refresh(care: CareState): Promise<boolean> {
    const mark = await care.exclusionsMark();
    if (mark === this.#mark) return false;
    // a change between the two reads shows itself at the next refresh
    const kept = await care.exclusionLists();
    this.#inForce = { lists: [...this.#folder, ...kept], allow: this.#options.allow ?? [] };
    this.#known = buildExclusions(this.#inForce.lists, this.#options);
    this.#mark = mark;
    return true;
  }
}
