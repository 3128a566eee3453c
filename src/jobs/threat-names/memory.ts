import { buildFamilies, type Family } from "#intel/family-names.ts";
import type { ThreatNamesState } from "./port.ts";

/** How malware families are called, in this process: read anew when a collection of names changed. */
export class FamilyMemory {
  #mark: string | undefined;
  #family: Family = (about) => about;

  /** Until the first `refresh` every name stays as it is. */
  readonly family: Family = (about) => this.#family(about);

  /** @returns true when names changed */
  async refresh(names: ThreatNamesState): Promise<boolean> {
    const mark = await names.mark();
    if (mark === this.#mark) return false;
    // a change between the two reads shows itself at the next refresh
    this.#family = buildFamilies(await names.families());
    this.#mark = mark;
    return true;
  }
}
