import { hash } from "node:crypto";
import type { Instant } from "#core/instant.ts";
import { endOf } from "#detect/fact.ts";
import { type AskedFields, askedFields } from "#detect/sigma/asked-fields.ts";
import type { SigmaRule } from "#detect/sigma/rule.ts";
import { directionOf, networks, type Networks, ownEnd } from "#detect/networks.ts";
import { type BatchRuled, Ruled, type SpokenRule, spokenOf } from "#jobs/batches/rules.ts";
import type { RecordRow } from "#jobs/history/rows.ts";
import { type SpokenCorrelation, spokenCorrelation } from "#jobs/lists/live-plans.ts";
import { type RecordRules, recordRules, type ScanRules } from "#jobs/scan/rules.ts";
import { applyPolicy } from "#telemetry/field-policy.ts";
import type { FieldPolicy, Format, TelemetryRecord } from "#telemetry/format.ts";
import { formats } from "#telemetry/index.ts";
import { KeptReaders } from "./kept-readers.ts";
import {
  holdsByWant,
  type KeptEvent,
  KeptTogether,
  rulesBelow,
  type SavedPast,
  type TogetherBounds,
} from "./kept-together.ts";

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
  readonly words: SpokenCorrelation;
  /** Milliseconds of its window. */
  readonly spanMs: number;
  readonly time: Instant;
  readonly first: Instant;
  readonly group: Readonly<Record<string, string>>;
  readonly value: number;
  /** Of its evidence what is still known, oldest first. */
  readonly records: readonly (KeptEvent & { readonly id: string })[];
  /** The newest of them. */
  readonly last?: KeptEvent;
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

/** What correlations of one hunt remember, unless more is given. */
const usualBounds: TogetherBounds = { groups: 20_000, records: 2_000, texts: 2_000 };

/** What a reader of the past is given beside the rules. */
export interface KeptOptions {
  /** What correlations knew when the page before ended. */
  readonly saved?: SavedPast;
  readonly bounds?: TogetherBounds;
  /** Networks of a whole organisation, by which correlations tell its machines; absent: those of the sensor. */
  readonly home?: (organisation: string) => readonly string[];
}

const formatOf: ReadonlyMap<string, Format> = new Map(formats.map((format) => [format.id, format]));

interface Asked {
  readonly format: Format;
  readonly rules: RecordRules;
  /** Numbers of rules that are not asked of this format. */
  readonly blind: ReadonlySet<number>;
  /** What the policy takes out, taken out: hashes in the place of values are no values, and no rule is to match them. */
  readonly hidden: FieldPolicy;
  /** Correlations that can hold for want of something: those that listen to such records, and those of which they hide something. */
  readonly hearing: readonly number[];
  readonly hiding: readonly number[];
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
  readonly #homeOf: ((organisation: string) => readonly string[]) | undefined;
  readonly #wanted: ((rule: string) => boolean) | undefined;
  /** Absent: no correlation is among the rules. */
  readonly #together: KeptTogether | undefined;
  #organisation = "";

  /**
   * @param wanted ids of the rules and correlations whose word counts; absent: all
   * @param ownOf networks that a sensor guards
   */
  constructor(
    rules: ScanRules,
    ownOf: (sensor: string) => readonly string[],
    wanted?: (rule: string) => boolean,
    { saved, bounds = usualBounds, home }: KeptOptions = {},
  ) {
    this.#rules = rules;
    this.#ownOf = ownOf;
    this.#homeOf = home;
    this.#wanted = wanted;
    this.#fields = rules.set.rules.map(({ detection }) => askedFields(detection));
    if (rules.plans.length > 0) this.#together = new KeptTogether(rules.plans, bounds);
    if (saved === undefined) return;
    this.#organisation = saved.organisation;
    this.#together?.restore(saved);
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
   * @param saves what correlations know is handed out with the page
   */
  read(rows: readonly RecordRow[], last: boolean, until?: number, saves: boolean = true): KeptPage {
    const found: KeptRuled[] = [];
    const correlated: KeptCorrelated[] = [];
    const withheld = this.#together?.withheld ?? 0;
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
        this.#together?.miss(asked.hearing, row.time);
        continue;
      }
      const record: TelemetryRecord = {
        ...read.value,
        time: row.time as Instant,
        fields: applyPolicy(read.value.fields, asked.hidden, nothing, read.value.event),
      };
      this.#together?.miss(asked.hiding, row.time);
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
    blind += (this.#together?.withheld ?? 0) - withheld;
    const saved = last || !saves ? undefined : this.save();
    return { ruled: found, correlated, unread, blind, ...(saved === undefined ? {} : { saved }) };
  }

  /** What correlations know by now; undefined: there are none. */
  save(): SavedPast | undefined {
    return this.#together?.save();
  }

  #begin(organisation: string): void {
    this.#organisation = organisation;
    this.#together?.begin(organisation);
  }

  #listen(number: number, record: TelemetryRecord, row: RecordRow, asked: Asked): void {
    const fields = this.#together && asked.rules.fieldsFor(number, record);
    if (this.#together === undefined || fields === undefined) return;
    const id = hash("sha1", row.text, "base64url");
    const own = this.#home(row);
    const host = record.host?.toLowerCase() ?? ownEnd(record, own);
    const source = endOf(record, record.source, "source");
    const destination = endOf(record, record.destination, "destination");
    this.#together.offer(
      { rule: number, time: record.time, id, field: (name) => fields[name] },
      {
        ...{ sensor: row.sensor, batch: row.batch, line: row.line, text: row.text },
        ...(host === undefined ? {} : { host }),
        ...(source ? { source } : {}),
        ...(destination ? { destination } : {}),
        direction: directionOf(record, own),
      },
    );
  }

  #settle(until: number): readonly KeptCorrelated[] {
    if (this.#together === undefined || this.#organisation === "") return [];
    return this.#together.settle(until).flatMap(({ plan, time, first, group, value, records }): KeptCorrelated[] => {
      const words = spokenCorrelation(this.#rules, plan);
      if (this.#wanted !== undefined && !this.#wanted(words.rule)) return [];
      const last = records.at(-1);
      return [
        {
          ...{ organisation: this.#organisation, words, time, first, group, value, records },
          spanMs: this.#rules.plans[plan]?.spanMs ?? 0,
          ...(last === undefined ? {} : { last }),
        },
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

  #home(row: RecordRow): Networks {
    if (this.#homeOf === undefined) return this.#own(row.sensor);
    const key = ` ${row.organisation}`;
    let home = this.#networks.get(key);
    if (home === undefined) this.#networks.set(key, (home = networks(this.#homeOf(row.organisation))));
    return home;
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
      asked = { format, rules: recordRules(this.#rules, view), blind, hidden, ...this.#hearing(format, hidden) };
    }
    this.#byFormat.set(id, asked);
    return asked;
  }

  /** Correlations that can hold by want: those that listen to records of the format, and of these those of which it hides something. */
  #hearing(format: Format, hidden: FieldPolicy): Pick<Asked, "hearing" | "hiding"> {
    const { plans, set } = this.#rules;
    const names = format.rules?.names ?? {};
    const byWant = plans.map((plan, number) => ({ plan, number })).filter(({ number }) => holdsByWant(plans, number));
    const hearing = byWant.flatMap(({ plan, number }) => {
      const below = [...rulesBelow(plans, number)].filter((rule) => {
        const asked = set.rules[rule];
        return asked !== undefined && mayApply(asked, format);
      });
      if (below.length === 0) return [];
      const fields = [
        ...below.flatMap((rule) => [...(this.#fields[rule]?.all ?? [])]),
        ...plan.inputs.flatMap(({ groupBy }) => groupBy),
        ...plan.fields,
      ];
      return { number, hides: fields.some((field) => isHidden(field, names, hidden)) };
    });
    return {
      hearing: hearing.map(({ number }) => number),
      hiding: hearing.filter(({ hides }) => hides).map(({ number }) => number),
    };
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
