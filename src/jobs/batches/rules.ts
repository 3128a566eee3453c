import type { Instant } from "#core/instant.ts";
import type { Tlp } from "#core/marking.ts";
import type { RsitType } from "#core/rsit.ts";
import type { End } from "#detect/hit.ts";
import { problemOfDoing } from "#detect/doing.ts";
import { endOf } from "#detect/fact.ts";
import { directionOf, type Networks, ownEnd } from "#detect/networks.ts";
import { loadPack, type Pack, type PackDecision, type PackFile } from "#detect/sigma/packs.ts";
import type { Status } from "#detect/sigma/rule.ts";
import { openRules, type RecordRules, recordRules, type RuleWords, type ScanRules } from "#jobs/scan/rules.ts";
import type { Direction, Format, TelemetryRecord } from "#telemetry/format.ts";

/** One folder of rules. */
export interface RulePackText {
  readonly name: string;
  /** How far what its rules say, and they themselves, may be told; absent: to the organisation concerned. */
  readonly tlp?: Tlp;
  readonly files: readonly PackFile[];
}

/** The rules in force, as plain data: what threads are given to compile each for itself. */
export interface RuleTexts {
  /** Rises whenever something below changes. */
  readonly version: number;
  readonly packs: readonly RulePackText[];
  readonly decisions: readonly PackDecision[];
}

/** What a hit needs to know of the rule that made it; plain data. */
export interface SpokenRule extends RuleWords {
  readonly problem: RsitType;
  readonly status: Status;
  readonly author: string;
}

/** A rule that a record of a batch matched; plain data, nothing the field policy takes out. */
export interface BatchRuled {
  readonly rule: SpokenRule;
  readonly line: number;
  /** The machine concerned: its name, else its address; absent where the record names neither. */
  readonly asset?: string;
  readonly source?: End;
  readonly destination?: End;
  readonly direction: Direction;
  readonly time: Instant;
  /** The line after the field policy. */
  readonly text: string;
}

/** Matches that make no hit, by rule and day. */
export interface RuledBackground {
  readonly rule: string;
  readonly day: string;
  /** informational: its author says it is no sign by itself. beyond: the rule matched more often in this batch than is kept. */
  readonly why: "informational" | "beyond";
  readonly hits: number;
}

/** Hits of one rule that are kept of a batch; a rule that matches more is a rule about everyday things. */
const keptOfRule = 500;

/** Rules ready to be asked of batches: compiled once a version, evaluators kept by format. */
export class BatchRules {
  readonly #rules: ScanRules;
  readonly #packs: readonly Pack[];
  readonly #byFormat = new Map<string, RecordRules>();
  readonly #spoken = new Map<number, SpokenRule>();

  /** @param before the version before: files that did not change are not read anew */
  constructor({ packs, decisions }: RuleTexts, before?: BatchRules) {
    const known = before === undefined ? [] : before.#packs;
    this.#packs = packs.map(({ name, files }) =>
      loadPack(
        name,
        files,
        known.find((pack) => pack.name === name),
      ),
    );
    this.#rules = openRules(this.#packs, { decisions });
  }

  /** Undefined: no rule can speak of records of this format, and they need not be parsed for rules. */
  of(format: Format): RecordRules | undefined {
    if (format.rules === undefined || this.#rules.set.rules.length === 0) return undefined;
    const known = this.#byFormat.get(format.id);
    if (known) return known;
    const asked = recordRules(this.#rules, format.rules);
    this.#byFormat.set(format.id, asked);
    return asked;
  }

  /** As they were read: whoever makes more of them need not read them again. */
  get packs(): readonly Pack[] {
    return this.#packs;
  }

  words(number: number): RuleWords {
    return this.#rules.words(number);
  }

  /** Undefined: the rule only feeds a correlation. */
  spoken(number: number): SpokenRule | undefined {
    const known = this.#spoken.get(number);
    if (known) return known;
    const spoken = spokenOf(this.#rules, number);
    if (spoken) this.#spoken.set(number, spoken);
    return spoken;
  }
}

/** What hits say of a rule; undefined: it only feeds a correlation. */
export const spokenOf = (rules: ScanRules, number: number): SpokenRule | undefined => {
  const rule = rules.set.rules[number];
  if (rule === undefined || !rules.speaks(number)) return undefined;
  const words = rules.words(number);
  return {
    ...words,
    problem: problemOfDoing({ ...words, logsource: rule.logsource }),
    status: rule.status ?? "experimental",
    author: rule.author ?? "",
  };
};

/** Gathers what rules say of one batch, bounded. */
export class Ruled {
  readonly hits: BatchRuled[] = [];
  readonly #counts = new Map<string, number>();
  readonly #background = new Map<string, { rule: string; day: string; why: RuledBackground["why"]; hits: number }>();

  /** @param text the line after the field policy; asked for only when it is kept */
  add(rule: SpokenRule, record: TelemetryRecord, own: Networks, line: number, text: () => string): void {
    const count = this.#counts.get(rule.rule) ?? 0;
    if (rule.severity === "info") return this.#aside(rule.rule, record.time, "informational");
    if (count >= keptOfRule) return this.#aside(rule.rule, record.time, "beyond");
    this.#counts.set(rule.rule, count + 1);
    const asset = record.host?.toLowerCase() ?? ownEnd(record, own);
    const source = endOf(record, record.source, "source");
    const destination = endOf(record, record.destination, "destination");
    this.hits.push({
      ...{ rule, line, direction: directionOf(record, own), time: record.time, text: text() },
      ...(asset === undefined ? {} : { asset }),
      ...(source ? { source } : {}),
      ...(destination ? { destination } : {}),
    });
  }

  background(): readonly RuledBackground[] {
    return [...this.#background.values()];
  }

  #aside(rule: string, time: Instant, why: RuledBackground["why"]): void {
    const day = new Date(time).toISOString().slice(0, 10);
    const key = `${day} ${why} ${rule}`;
    const known = this.#background.get(key);
    if (known) known.hits++;
    else this.#background.set(key, { rule, day, why, hits: 1 });
  }
}
