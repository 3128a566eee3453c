import type { Instant } from "#core/instant.ts";
import type { Observable, ObservableKind } from "#core/observable.ts";
import type { WarninglistType } from "#feeds/warninglist.ts";
import type { Reach } from "#intel/list-reach.ts";
import type { PackDecision, PackFile } from "#detect/sigma/packs.ts";

/**
 * What a sensor inside an organisation is given. `GET /api/v1/sensor/knowledge?since=CURSOR` answers NDJSON:
 *
 *   {"head":{"version":1,"cursor":"…","full":false,"sensor":{…},"policy":{"hash":"…"}}}
 *   {"unlist":"8d1c…"}
 *   {"list":{"id":"55ab…","type":"hostname","reach":"below","kinds":["domain","url"]}}
 *   {"entries":["resolver.example", …]}
 *   {"drop":{"kind":"domain","value":"bad.example"}}
 *   {"add":{"kind":"ipv4","value":"198.51.100.7","until":1792300000000}}
 *   {"end":{"cursor":"…","lines":4}}
 *
 * `full`: what the sensor had is replaced. Else lines are done in their order on what it had at `since`; an `add` of a value it
 * has replaces its end. Without its last line the answer broke off, and the sensor keeps what it had.
 *
 * Lists are what is known to be harmless: a list that changed comes again whole, with `entries` behind it, and takes the place
 * of the one of its id; one that did not is not said again.
 */
export const knowledgeVersion = 1;

export interface KnowledgeHead {
  readonly version: typeof knowledgeVersion;
  /** What the sensor has once it has done all lines; what it says as `since` the next time. Opaque. */
  readonly cursor: string;
  readonly full: boolean;
  /** As the directory has it now. */
  readonly sensor: { readonly key: string; readonly format: string; readonly networks: readonly string[] };
  /** Key in hexadecimal digits of what stands for hashed fields (jobs/batches/field-hash.ts): the organisation's own. */
  readonly policy: { readonly hash: string };
}

/** A value to look for; from `until` on (milliseconds since 1970) not any more. */
export interface KnownValue extends Observable {
  readonly until?: Instant;
}

/** A list of what is harmless (intel/exclusions.ts), without the names of who put it up and why. */
export interface KnownList {
  /** Opaque. */
  readonly id: string;
  readonly type: WarninglistType | typeof allowType;
  readonly reach: Reach;
  readonly kinds: readonly ObservableKind[];
}

/** Its entries are networks that are not reserved at the centre (`values.allow`). */
export const allowType = "allow";

export type KnowledgeLine =
  | { readonly head: KnowledgeHead }
  | { readonly add: KnownValue }
  | { readonly drop: Observable }
  | { readonly list: KnownList }
  | { readonly entries: readonly string[] }
  | { readonly unlist: string }
  | { readonly end: { readonly cursor: string; readonly lines: number } };

export const printKnowledgeLine = (line: KnowledgeLine): string => `${JSON.stringify(line)}\n`;

/** `GET /api/v1/sensor/rules`, under an ETag: rules this organisation may have, less what people decided here. */
export interface SensorRules {
  /** The ETag: changes when anything below does. */
  readonly version: string;
  readonly packs: readonly { readonly name: string; readonly files: readonly PackFile[] }[];
  readonly decisions: readonly PackDecision[];
}

/** A question to the past that a sensor keeps. Times are milliseconds since 1970. */
export interface SensorAsk {
  readonly id: string;
  /** Why; the department reads it. */
  readonly purpose: string;
  /** In whose name: a person of the organisation, or the community. */
  readonly by: string;
  readonly from: Instant;
  /** Excluded. */
  readonly to: Instant;
  /**
   * Values, any of which; `pattern` is where they come from, as it was written. Or rules, or a pattern that is asked of records,
   * and then there are no values.
   */
  readonly what: {
    readonly observables: readonly Observable[];
    readonly pattern?: string;
    readonly rules?: SensorAskRules;
    readonly records?: SensorAskPattern;
  };
}

/** A STIX pattern that values alone do not decide. */
export interface SensorAskPattern {
  readonly pattern: string;
}

/** Sigma rules that are asked of the past, as they stood when they were asked. */
export interface SensorAskRules {
  readonly title: string;
  /** Their files and what they lean on: rules that a correlation names, filters. */
  readonly packs: SensorRules["packs"];
  readonly decisions: readonly PackDecision[];
  /** Ids (titles, of those without one) whose word is wanted. */
  readonly wanted: readonly string[];
}

/** `GET /api/v1/sensor/asks`: what is open for this sensor, and what it need not answer any more. */
export interface SensorAsks {
  readonly asks: readonly SensorAsk[];
  readonly cancelled: readonly string[];
}

/** First line of the file that goes to a sensor over a one-way link (`waglan export --for-sensor`). */
export interface SensorFileHead {
  readonly version: 1;
  readonly made: Instant;
  readonly sensor: string;
  /** Of the rest of the file as it stands behind this line's newline: 64 hexadecimal digits. */
  readonly sha256: string;
  /** Ed25519 over `sha256` by the deployment's evidence key, base64; and its public key as PEM. */
  readonly signature: string;
  readonly key: string;
}

/**
 * The file: gzip of NDJSON. Its head, then rules, then asks, then the lines of knowledge, always full.
 *
 *   {"file":{…}}
 *   {"rules":{…}}
 *   {"asks":{…}}
 *   {"head":…} {"add":…} … {"end":…}
 */
export type SensorFileLine =
  | { readonly file: SensorFileHead }
  | { readonly rules: SensorRules }
  | { readonly asks: SensorAsks }
  | KnowledgeLine;
