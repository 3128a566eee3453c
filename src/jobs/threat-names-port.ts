/** A name that people gave to something: a technique, a group, a tool, a malware family. */
export interface ThreatName {
  /** Of the collection of names: "mitre-attack", "misp-galaxy". */
  readonly source: string;
  /** Its id there: "T1059.001", a cluster's uuid. */
  readonly id: string;
  /** "technique", "group", "software", …: as its collection calls its kind. */
  readonly kind: string;
  readonly name: string;
  readonly aliases: readonly string[];
  readonly url?: string;
  /** Its collection took it back; kept, so that old labels still say something. */
  readonly gone: boolean;
}
