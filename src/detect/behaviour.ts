import type { Certainty } from "#core/grade.ts";
import type { Instant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import type { ProblemClass } from "#core/rsit.ts";
import type { Severity } from "#core/severity.ts";
import type { TelemetryRecord } from "#telemetry/format.ts";
import type { behaviours } from "#words/en/behaviours.ts";
import type { End } from "./hit.ts";
import type { Networks } from "./networks.ts";

/** One record as detectors over time read it: the typed views of telemetry, without the record itself. */
export interface Fact
  extends Pick<
    TelemetryRecord,
    "time" | "event" | "measures" | "host" | "session" | "http" | "dns" | "process" | "file"
  > {
  /** Stable over deliveries: the same record sent again has the same id. */
  readonly id: string;
  /** When the record could be known: its end (`until`), or its time. */
  readonly at: Instant;
  /** What wrote it: a sensor, or of loose files the file. */
  readonly sensor: string;
  /** Where it stands, for the evidence; `line` counts from 1. */
  readonly from: string;
  readonly line: number;
  /** The two ends, who began it first. */
  readonly source?: End;
  readonly destination?: End;
  /** The name by which the destination was called (TLS server name, HTTP host), canonical. */
  readonly name?: string;
  /** What was said of the record by rules, by lists, and by the behaviours before this one. */
  readonly said?: readonly Said[];
}

/** What a detector said of a record: what an intrusion of many stages is added up from. */
export interface Said {
  /** Of the rule, the behaviour or "indicator-match". */
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  /** ATT&CK tactics ("credential-access") and techniques ("T1003.001"). */
  readonly tactics: readonly string[];
  readonly attack: readonly string[];
  /** The one concerned must not know who said it (a source in shadow, or one it may not see). */
  readonly hidden?: true;
}

/** Whom or what a hit over time is about. Addresses and domains canonical, hosts and accounts lower case. */
export interface Entity {
  readonly kind: "address" | "host" | "account" | "domain";
  readonly value: string;
}

/** "beacon.regular": a sentence of `words/en/behaviours.ts`; the part before the dot is the behaviour's id. */
export type Says = keyof typeof behaviours & string;

/** A step of the because-chain. Times and sizes are numbers with their unit in the name of the sentence's parameter. */
export interface Because {
  readonly says: Says;
  readonly with: Readonly<Record<string, string | number>>;
}

/** What a behaviour says. The same facts give the same hits, whatever order and however often they were delivered. */
export interface BehaviourHit {
  readonly behaviour: string;
  /** When it was spoken: `at` of the fact that made it so, or the border of time at which it was looked at. */
  readonly time: Instant;
  /** Of the records it rests on. */
  readonly first: Instant;
  readonly last: Instant;
  /** Ours first. */
  readonly entities: readonly Entity[];
  readonly problem: ProblemClass;
  readonly severity: Severity;
  readonly certainty: Certainty;
  /** 0 to 1, as the behaviour measures itself; to rank by. */
  readonly score: number;
  readonly attack: readonly string[];
  /** Why, most telling first; one at least. */
  readonly because: readonly Because[];
  /** The newest facts it rests on, at most twenty, oldest first. */
  readonly evidence: readonly Pick<Fact, "id" | "from" | "line">[];
  /** It rests on something hidden (`Said.hidden`): only staff may read it, whoever else may read this behaviour's hits. */
  readonly hidden?: true;
}

/** What a behaviour says of nearly every fact. */
export const nothing: readonly BehaviourHit[] = Object.freeze([]);

/** A threshold that a site may change. */
export interface Setting {
  readonly standard: number;
  readonly least: number;
  readonly most: number;
  /** "s", "bytes", "per hour", "share" (0 to 1), "count". */
  readonly unit: string;
  /** Why this is the standard: source, or what was measured. */
  readonly why: string;
}

/** What a behaviour may ask about the world; all of it is the same for the whole run. */
export interface Surroundings {
  readonly own: Networks;
  /** Known harmless (MISP warning lists, the site's own exclusions): such traffic is ranked down, never unseen. */
  readonly harmless: (observable: Observable) => boolean;
  /** AS number and country of an address, where a data pack is installed. */
  readonly origin: (address: string) => { readonly asn?: string; readonly country?: string };
}

/** How much of a fact a behaviour reads; "ends": times, ends, measures, names and that it is of HTTP, but no request. */
export type Reads = "nothing" | "ends" | "whole";

/** A detector over time: a folder beside this file, which registers itself in `behaviours.ts`. */
export interface Behaviour<Names extends string = string> {
  /** Stable, kebab-case: "beacon", "dns-tunnel", "exfiltration". */
  readonly id: string;
  /** ATT&CK tactics and techniques it is about. */
  readonly tactics: readonly string[];
  readonly attack: readonly string[];
  readonly settings: Readonly<Record<Names, Setting>>;
  /**
   * What of this fact could matter to it, whatever it remembers; what was said of the fact is left out of the question.
   * Facts that nobody reads are never stored or sent. A law holds every behaviour to what it says here.
   */
  readonly reads: (fact: Fact, own: Networks, values: Readonly<Record<Names, number>>) => Reads;
  /** It adds up what others said (`Fact.said`): it stands behind them, and is told nothing hidden where somebody may read it. */
  readonly addsUp?: true;
  readonly open: (values: Readonly<Record<Names, number>>, around: Surroundings) => Watch;
}

/** A behaviour at work on one partition (an organisation, or the files of a scan). */
export interface Watch {
  /** Facts come in the order of `at`, then of `id`, each once: `InTime` sees to it. */
  readonly take: (fact: Fact) => readonly BehaviourHit[];
  /** It is `now`, and everything until then was taken: what the clock or silence shows. */
  readonly pass: (now: Instant) => readonly BehaviourHit[];
  /** Plain data (JSON), bounded as memory is; `restore` of it in another process goes on as if nothing had been. */
  readonly save: () => unknown;
  readonly restore: (saved: unknown) => void;
  /** Things forgotten because there were too many to remember; shown, so that nobody takes silence for peace. */
  readonly forgotten: () => number;
}

/** The settings as they are without anybody's wish, and those that were asked for within their bounds. */
export const settingsOf = <Names extends string>(
  settings: Readonly<Record<Names, Setting>>,
  wished: Readonly<Record<string, number>> = {},
): Readonly<Record<Names, number>> => {
  const values: Record<string, number> = {};
  for (const [name, { standard, least, most }] of Object.entries<Setting>(settings))
    values[name] = Math.min(most, Math.max(least, wished[name] ?? standard));
  return values as Readonly<Record<Names, number>>;
};
