import { hash } from "node:crypto";
import type { Instant } from "#core/instant.ts";
import { type Behaviour, type Fact, type Reads, type Said, settingsOf } from "#detect/behaviour.ts";
import { factOf, type Origin } from "#detect/fact.ts";
import { type Networks, ownEnd } from "#detect/networks.ts";
import { FactsPacker, type PackedMatched } from "./facts-pack.ts";
import type { MatchedFields, RuleWords } from "#jobs/scan/rules.ts";
import { applyPolicy, type KeyedHash } from "#telemetry/field-policy.ts";
import type { Format, TelemetryRecord } from "#telemetry/format.ts";

/** What was said of a record in the pass that read it. */
export interface SaidOfRecord {
  /** Rules that speak for themselves. */
  readonly rules: readonly RuleWords[];
  /** A listed value stands in it that is worth a finding; which sources say so is decided where they are known. */
  readonly listed: boolean;
  /** Rules to which a correlation listens, by their id or title. */
  readonly matched: readonly { readonly rule: string; readonly fields: MatchedFields }[];
}

/** The facts of one batch, packed (facts-pack.ts), and what their keeper needs to know of them. */
export interface BatchFacts {
  readonly body: Uint8Array;
  readonly facts: number;
  readonly matched: number;
  /** Where the batch ends by its sensor's clock: the median time of its last records, so that one wrong stamp is none. */
  readonly newest: Instant;
}

/** Of a batch's last records, for `newest`. */
const lastKept = 32;

/** Hexadecimal digits of SHA-1 are 160 bits; 96 of them are a record's name here: two of 10⁹ alike once in 10¹⁰ such lots. */
const idLength = 16;

/** Nothing was said of a record. */
export const unsaid: SaidOfRecord = { rules: [], listed: false, matched: [] };

/**
 * Gathers from the pass that reads a batch what detectors over time will ask of it: facts that some behaviour reads, and
 * records that a rule matched to which a correlation listens. Everything else is left where it is; nobody parses a line a
 * second time. An account that the field policy hides is hashed here already, since detectors remember it for months.
 */
export class FactsOfBatch {
  readonly #own: Networks;
  readonly #format: Format;
  readonly #hash: KeyedHash;
  readonly #readers: readonly ((fact: Fact) => Reads)[];
  readonly #packer = new FactsPacker();
  readonly #matched: PackedMatched[] = [];
  readonly #last: number[] = [];
  readonly #said = new Map<RuleWords, Said>();
  #records = 0;

  /** @param own networks of the whole organisation: its detectors look at what all its sensors saw */
  constructor(behaviours: readonly Behaviour[], own: Networks, format: Format, hash: KeyedHash) {
    this.#own = own;
    this.#format = format;
    this.#hash = hash;
    this.#readers = behaviours.map(({ reads, settings }) => {
      const values = settingsOf(settings);
      return (fact: Fact) => reads(fact, own, values);
    });
  }

  /** @param raw the record's text, by which it is recognised when it comes again */
  add(record: TelemetryRecord, raw: string, line: number, { rules, listed, matched }: SaidOfRecord = unsaid): void {
    this.#last[this.#records++ % lastKept] = record.until ?? record.time;
    const fact = factOf(record, rules.length === 0 ? at(line) : { ...at(line), said: this.#saidBy(rules) });
    const reads = fact.said || listed ? "whole" : this.#readsOf(fact);
    if (reads === "nothing" && matched.length === 0) return;
    const id = hash("sha1", raw, "base64url").slice(0, idLength);
    if (reads !== "nothing") this.#packer.add(fact, id, reads === "ends", this.#sessionOf(record));
    if (matched.length === 0) return;
    const host = record.host?.toLowerCase() ?? ownEnd(record, this.#own);
    for (const { rule, fields } of matched)
      this.#matched.push({ rule, time: record.time, id, line, fields, ...(host === undefined ? {} : { host }) });
  }

  /** Undefined: nothing that anybody would ask for. */
  end(): BatchFacts | undefined {
    const { facts } = this.#packer;
    if (facts === 0 && this.#matched.length === 0) return undefined;
    const last = this.#last.toSorted((a, b) => a - b);
    return {
      body: this.#packer.end(this.#matched),
      facts,
      matched: this.#matched.length,
      newest: (last[last.length >> 1] ?? 0) as Instant,
    };
  }

  #readsOf(fact: Fact): Reads {
    let most: Reads = "nothing";
    for (const reads of this.#readers) {
      const one = reads(fact);
      if (one === "whole") return one;
      if (one === "ends") most = one;
    }
    return most;
  }

  #sessionOf(record: TelemetryRecord): Fact["session"] {
    const { session } = record;
    return session?.account === undefined ? session : { ...session, account: this.#account(record) };
  }

  /** As the record's kept text has it, so that whoever may read the one may read the other. */
  #account({ fields, event, session }: TelemetryRecord): string {
    const account = session?.account ?? "";
    // a machine's is nobody's
    if (account.endsWith("$")) return account;
    const kept = applyPolicy(fields, this.#format.policy, this.#hash, event);
    return kept === fields || holds(kept, account) ? account : this.#hash(account.toLowerCase());
  }

  #saidBy(rules: readonly RuleWords[]): readonly Said[] {
    return rules.map((words) => {
      const known = this.#said.get(words);
      if (known) return known;
      const { rule: id, title, severity, tactics, attack } = words;
      const said: Said = { id, title, severity, tactics, attack };
      this.#said.set(words, said);
      return said;
    });
  }
}

/** Where a fact of a batch stands is said where it is unpacked, but for its line. */
const at = (line: number): Origin => ({ id: "", sensor: "", from: "", line });

/** Whether the text still stands in some field. */
const holds = (value: unknown, text: string): boolean => {
  if (typeof value === "string") return value.includes(text);
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some((one) => holds(one, text));
};
