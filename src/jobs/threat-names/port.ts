import type { Tlp } from "#core/marking.ts";
import type { RawThreatName } from "#feeds/feed.ts";
import type { FamilyName } from "#intel/family-names.ts";

/** A name that people gave to something: a technique, a group, a tool, a malware family. */
export interface ThreatName {
  /** The feed it came by: "mitre-attack", "misp-galaxy". */
  readonly source: string;
  /** Its id there: "T1059.001", a cluster's uuid. */
  readonly id: string;
  /** "technique", "group", "malware", "ransomware", …: as its collection calls its kind. */
  readonly kind: string;
  readonly name: string;
  readonly aliases: readonly string[];
  readonly url?: string;
  /** Its collection took it back; kept, so that old labels still say something. */
  readonly gone: boolean;
}

/** Names of all collections; defined by `test/threat-names.test.ts`. */
export interface ThreatNamesState {
  /** Names of each list of a source that stand. */
  readonly counts: (source: string) => Promise<ReadonlyMap<string, number>>;
  /**
   * All names of one list now; what it has no more is gone unless another list of the source has it. `add`: nothing goes.
   * What did not change is not written.
   */
  readonly put: (
    source: { readonly id: string; readonly tlp: Tlp },
    list: string,
    names: readonly RawThreatName[],
    add?: boolean,
  ) => Promise<{ readonly added: number; readonly changed: number; readonly delisted: number }>;
  /** Another text after every change of what `families` gives. */
  readonly mark: () => Promise<string>;
  /** Names and aliases of malware families and tools that everybody may know: TLP:CLEAR, by sources that left the shadow. */
  readonly families: () => Promise<readonly FamilyName[]>;
}
