import { hash } from "node:crypto";
import type { Instant } from "#core/instant.ts";
import { type AskedFields, askedFields } from "#detect/sigma/asked-fields.ts";
import type { Correlated } from "#detect/sigma/correlation-plan.ts";
import { Correlator, type SavedCorrelator } from "#detect/sigma/correlator.ts";
import type { SigmaRule } from "#detect/sigma/rule.ts";
import { networks, type Networks } from "#detect/networks.ts";
import { type BatchRuled, Ruled, type SpokenRule, spokenOf } from "#jobs/batches/rules.ts";
import type { RecordRow } from "#jobs/history/rows.ts";
import { type RecordRules, recordRules, type RuleWords, type ScanRules } from "#jobs/scan/rules.ts";
import { applyPolicy } from "#telemetry/field-policy.ts";
import type { FieldPolicy, Format, TelemetryRecord } from "#telemetry/format.ts";
import { formats } from "#telemetry/index.ts";
import { KeptReaders } from "./kept-readers.ts";

/** A field that a rule asks for and that is not kept in records of a format; `blind`: the rule is not asked of them. */
export interface UnseenField {
  readonly rule: string;
  readonly format: string;
  readonly field: string;
  readonly blind: boolean;
}

/** What rules said of one kept record. */
export interface KeptRuled extends BatchRuled {
  readonly organisation: string;
  readonly sensor: string;
  readonly batch: string;
}

/** What several kept records of one organisation showed together. */
export interface KeptCorrelated {
  readonly organisation: string;
  readonly words: RuleWords;
  readonly time: Instant;
  readonly first: Instant;
  readonly group: Readonly<Record<string, string>>;
  readonly value: number;
  /** The newest of its records that was met. */
  readonly last?: { readonly sensor: string; readonly batch: string; readonly line: number; readonly text: string };
}

/** What a page of kept records gave. */
export interface KeptPage {
  readonly ruled: readonly KeptRuled[];
  readonly correlated: readonly KeptCorrelated[];
  /** Records that could not be read again as they are kept, by the code of why. */
  readonly unread: Readonly<Record<string, number>>;
  /** Records of which some rule that applies was not asked: what it must see is not kept. */
  readonly blind: number;
  /** State of correlations for the next page; absent: there are none. */
  readonly saved?: SavedPast;
}

/** Of one organisation: correlations never join what two of them show. */
export interface SavedPast {
  readonly organisation: string;
  readonly correlator: SavedCorrelator;
  /** Newest records that correlations listen to, for evidence; by the event's id. */
  readonly records: readonly (readonly [string, NonNullable<KeptCorrelated["last"]>])[];
}

/** Groups that correlations of one hunt remember, and records for their evidence. */
const groupsAtMost = 20_000;
const recordsAtMost = 2_000;

const formatOf: ReadonlyMap<string, Format> = new Map(formats.map((format) => [format.id, format]));

interface Asked {
  readonly format: Format;
  readonly rules: RecordRules;
  /** Numbers of rules that are not asked of this format. */
  readonly blind: ReadonlySet<number>;
  /** What the policy takes out, taken out: hashes in the place of values are no values, and no rule is to match them. */
  readonly hidden: FieldPolicy;
}

const nothing = (): string => "";

/**
 * Asks rules of records as history keeps them, through the evaluator that live records meet: a kept line is read again by its
 * format, what the field policy hashed or dropped is absent, and the time is the one it was kept under. A hidden field can
 * only make a rule miss; a rule that would hold *because* a field is absent is not asked of records that hide it, and that
 * is counted. Records come organisation by organisation, in each in the order of time.
 */
export class KeptRules {
  readonly #rules: ScanRules;
  readonly #fields: readonly AskedFields[];
  readonly #byFormat = new Map<string, Asked | undefined>();
  readonly #networks = new Map<string, Networks>();
  readonly #ownOf: (sensor: string) => readonly string[];
  readonly #wanted: ((rule: string) => boolean) | undefined;
  #organisation = "";
  #correlator: Correlator | undefined;
  #records = new Map<string, NonNullable<KeptCorrelated["last"]>>();

  /**
   * @param wanted ids of the rules and correlations whose word counts; absent: all
   * @param ownOf networks that a sensor guards
   */
  constructor(
    rules: ScanRules,
    ownOf: (sensor: string) => readonly string[],
    wanted?: (rule: string) => boolean,
    saved?: SavedPast,
  ) {
    this.#rules = rules;
    this.#ownOf = ownOf;
    this.#wanted = wanted;
    this.#fields = rules.set.rules.map(({ detection }) => askedFields(detection));
    if (saved === undefined) return;
    this.#begin(saved.organisation);
    this.#correlator?.restore(saved.correlator);
    this.#records = new Map(saved.records);
  }

  /** Formats whose records some rule may speak of. */
  formats(): readonly string[] {
    return formats.filter((format) => this.#rules.set.rules.some((rule) => mayApply(rule, format))).map(({ id }) => id);
  }

  /** What rules ask for and cannot see in the past. */
  unseen(): readonly UnseenField[] {
    return formats.flatMap((format) => {
      const { rules: view } = format;
      if (view === undefined) return [];
      const paths = hiddenOf(format.policy);
      return this.#rules.set.rules.flatMap((rule, number): UnseenField[] => {
        const asked = this.#fields[number];
        if (asked === undefined || !mayApply(rule, format)) return [];
        const called = this.#rules.words(number).rule;
        return [...asked.all].flatMap((field) =>
          isHidden(field, view.names, paths)
            ? [{ rule: called, format: format.id, field, blind: asked.wanting.has(field) }]
            : [],
        );
      });
    });
  }

  /**
   * @param last  there are no more records: what correlations still hold back is said
   * @param until up to here (milliseconds) nothing older will come, where records do not come in the order of their time
   */
  read(rows: readonly RecordRow[], last: boolean, until?: number): KeptPage {
    const found: KeptRuled[] = [];
    const correlated: KeptCorrelated[] = [];
    const unread: Record<string, number> = Object.create(null);
    let blind = 0;
    const readers = new KeptReaders();
    const byBatch = new Map<string, { row: RecordRow; ruled: Ruled }>();
    for (const row of rows) {
      if (row.organisation !== this.#organisation) {
        correlated.push(...this.#settle(Number.MAX_SAFE_INTEGER));
        this.#begin(row.organisation);
      }
      const asked = this.#asked(row.format);
      if (asked === undefined) continue;
      const read = readers.of(asked.format, row).parse(row.text);
      if (read === undefined || !read.ok) {
        const code = read === undefined ? "WGL_LOG_HEADER" : read.problem.code;
        unread[code] = (unread[code] ?? 0) + 1;
        continue;
      }
      const record: TelemetryRecord = {
        ...read.value,
        time: row.time as Instant,
        fields: applyPolicy(read.value.fields, asked.hidden, nothing, read.value.event),
      };
      let isBlind = false;
      for (const number of asked.rules.match(record.fields, record.event, row.text)) {
        if (asked.blind.has(number)) {
          isBlind = true;
          continue;
        }
        this.#listen(number, record, row, asked);
        const spoken = this.#spoken(number);
        if (spoken === undefined) continue;
        let gathered = byBatch.get(row.batch);
        if (gathered === undefined) byBatch.set(row.batch, (gathered = { row, ruled: new Ruled() }));
        gathered.ruled.add(spoken, record, this.#own(row.sensor), row.line, () => row.text);
      }
      if (isBlind) blind++;
    }
    for (const { row, ruled } of byBatch.values())
      for (const one of ruled.hits)
        found.push({ ...one, organisation: row.organisation, sensor: row.sensor, batch: row.batch });
    const newest = rows.at(-1);
    if (last) correlated.push(...this.#settle(Number.MAX_SAFE_INTEGER));
    else if (until !== undefined || newest !== undefined)
      correlated.push(...this.#settle(until ?? (newest?.time ?? 0) - 1));
    return { ruled: found, correlated, unread, blind, ...(last ? {} : this.#save()) };
  }

  #save(): { readonly saved?: SavedPast } {
    if (this.#correlator === undefined) return {};
    return {
      saved: {
        organisation: this.#organisation,
        correlator: this.#correlator.save(),
        records: [...this.#records],
      },
    };
  }

  #begin(organisation: string): void {
    this.#organisation = organisation;
    this.#records = new Map();
    if (this.#rules.plans.length > 0) this.#correlator = new Correlator(this.#rules.plans, groupsAtMost);
  }

  #listen(number: number, record: TelemetryRecord, row: RecordRow, asked: Asked): void {
    const fields = this.#correlator && asked.rules.fieldsFor(number, record);
    if (this.#correlator === undefined || fields === undefined) return;
    const id = hash("sha1", row.text, "base64url");
    this.#correlator.offer({ rule: number, time: record.time, id, field: (name) => fields[name] });
    this.#records.set(id, { sensor: row.sensor, batch: row.batch, line: row.line, text: row.text });
    for (const oldest of this.#records.keys()) {
      if (this.#records.size <= recordsAtMost) break;
      this.#records.delete(oldest);
    }
  }

  #settle(until: number): readonly KeptCorrelated[] {
    if (this.#correlator === undefined || this.#organisation === "") return [];
    return this.#correlator.settle(until).flatMap((one: Correlated): KeptCorrelated[] => {
      const words = this.#rules.correlationWords(one.plan);
      if (this.#wanted !== undefined && !this.#wanted(words.rule)) return [];
      const last = one.events.map((id) => this.#records.get(id)).findLast((record) => record !== undefined);
      const { time, first, group, value } = one;
      return [
        { organisation: this.#organisation, words, time, first, group, value, ...(last === undefined ? {} : { last }) },
      ];
    });
  }

  #spoken(number: number): SpokenRule | undefined {
    const spoken = spokenOf(this.#rules, number);
    return spoken === undefined || this.#wanted?.(spoken.rule) === false ? undefined : spoken;
  }

  #own(sensor: string): Networks {
    let own = this.#networks.get(sensor);
    if (own === undefined) this.#networks.set(sensor, (own = networks(this.#ownOf(sensor))));
    return own;
  }

  #asked(id: string): Asked | undefined {
    if (this.#byFormat.has(id)) return this.#byFormat.get(id);
    const format = formatOf.get(id);
    const view = format?.rules;
    let asked: Asked | undefined;
    if (format !== undefined && view !== undefined) {
      const hidden = hiddenOf(format.policy);
      const blind = new Set<number>();
      for (const [number, { wanting }] of this.#fields.entries())
        if ([...wanting].some((field) => isHidden(field, view.names, hidden))) blind.add(number);
      asked = { format, rules: recordRules(this.#rules, view), blind, hidden };
    }
    this.#byFormat.set(id, asked);
    return asked;
  }
}

/** Whether records of the format can be of the rule's log source, as far as the product tells. */
const mayApply = (rule: SigmaRule, { rules }: Format): boolean =>
  rules !== undefined &&
  (rules.products === undefined ||
    rule.logsource.product === undefined ||
    rules.products.includes(rule.logsource.product));

/** What the policy takes out whole; of what is kept but for its secrets, a rule sees what it needs. */
export const hiddenOf = (policy: FieldPolicy): FieldPolicy =>
  Object.fromEntries(
    Object.entries(policy)
      .filter(([, act]) => act !== "secrets")
      .map(([path]) => [path, "drop" as const]),
  );

const isHidden = (
  field: string,
  names: Readonly<Record<string, string | readonly string[]>>,
  hidden: FieldPolicy,
): boolean => {
  const named = Object.hasOwn(names, field) ? names[field] : undefined;
  const paths = named === undefined ? [field] : typeof named === "string" ? [named] : named;
  // "smtp/subject" is so of one event; a rule may ask for a part of what is hidden, or for what holds it
  const taken = Object.keys(hidden).map((path) => path.slice(path.indexOf("/") + 1));
  return paths.some((one) =>
    taken.some((path) => one === path || one.startsWith(`${path}.`) || path.startsWith(`${one}.`)),
  );
};
