import { type Problem, problem } from "#core/result.ts";
import { readRules } from "#detect/sigma/read-rules.ts";
import type { PackFile } from "#detect/sigma/packs.ts";
import type { RuleFile } from "#detect/sigma/rule.ts";
import { BatchRules } from "#jobs/batches/rules.ts";
import { type LivePlans, livePlans, noPlans } from "#jobs/lists/live-plans.ts";
import type { SensorRules } from "#jobs/sensors/wire.ts";
import type { Format, LogSource } from "#telemetry/format.ts";

/**
 * Rules as a sensor holds them: of all it is given, those that can speak of log sources it has met. A department that has network
 * logs pays nothing for three thousand rules about Windows; the first record of another kind has them all looked at again,
 * before its batch is done, so that no record goes unasked.
 */
export class EdgeRules {
  readonly #read: () => SensorRules | undefined;
  readonly #trouble: (problem: Problem) => void;
  readonly #met = new Set<readonly LogSource[]>();
  readonly #sources = new Map<string, LogSource>();
  readonly #views = new Map<string, Format>();
  #fresh = false;
  #number = 0;
  #version = "";
  #rules: BatchRules | undefined;
  #plans: LivePlans = noPlans;

  /** @param read all rules, as the shelf has them */
  constructor(read: () => SensorRules | undefined, trouble: (problem: Problem) => void) {
    this.#read = read;
    this.#trouble = trouble;
  }

  get rules(): BatchRules | undefined {
    return this.#rules;
  }

  get plans(): LivePlans {
    return this.#plans;
  }

  /** ETag of what is in force; "": nothing. */
  get version(): string {
    return this.#version;
  }

  /** The format as matching is to read it: what log sources its records have is noted. */
  viewOf(format: Format): Format {
    const known = this.#views.get(format.id);
    if (known) return known;
    const { rules } = format;
    const view: Format =
      rules === undefined
        ? format
        : {
            ...format,
            // each record, also while there is no rule that would ask for its log sources
            open: (stream) => {
              const reader = format.open(stream);
              return {
                parse: (line) => {
                  const read = reader.parse(line);
                  if (read?.ok) {
                    const sources = rules.logSources(read.value.fields, read.value.event);
                    if (!this.#met.has(sources)) this.#meet(sources);
                  }
                  return read;
                },
              };
            },
          };
    this.#views.set(format.id, view);
    return view;
  }

  /** Whether a batch showed log sources that were not met before: it is to be read again. */
  widen(): boolean {
    if (!this.#fresh) return false;
    this.#fresh = false;
    const given = this.#read();
    if (given === undefined) return false;
    this.#compile(given, false);
    return true;
  }

  use(given: SensorRules): void {
    this.#compile(given, true);
  }

  #meet(sources: readonly LogSource[]): void {
    this.#met.add(sources);
    for (const one of sources) {
      const key = JSON.stringify([one.product, one.category, one.service]);
      if (this.#sources.has(key)) continue;
      this.#sources.set(key, one);
      this.#fresh = true;
    }
  }

  #compile({ version, packs, decisions }: SensorRules, told: boolean): void {
    const sources = [...this.#sources.values()];
    const kept = packs.map(({ name, files }) => ({ name, files: this.#relevant(name, files, sources, told) }));
    this.#rules = new BatchRules({ version: ++this.#number, packs: kept, decisions });
    this.#plans = livePlans(this.#rules.packs, decisions, this.#number);
    this.#version = version;
  }

  /** File by file, so that what is of no use here is never in memory all at once. */
  #relevant(
    pack: string,
    files: readonly PackFile[],
    sources: readonly LogSource[],
    told: boolean,
  ): readonly PackFile[] {
    const kept: PackFile[] = [];
    const aside: { readonly file: PackFile; readonly called: readonly string[] }[] = [];
    const asked = new Set<string>();
    let first: string | undefined;
    let wrong = 0;
    for (const file of files) {
      // tests stand beside rules that were tested where they come from
      if (!/\.ya?ml$/i.test(file.path) || /\.test\.ya?ml$/i.test(file.path)) continue;
      const read = readRules(file.path, file.text);
      for (const { refuses, line } of read.problems)
        if (refuses) {
          wrong++;
          first ??= `${file.path}:${line}`;
        }
      for (const { rules } of read.correlations) for (const name of rules) asked.add(name);
      if (speaksOf(read, sources)) kept.push(copied(file));
      else
        aside.push({
          file,
          called: read.rules.flatMap(({ id, name }) => [id, name].filter((one) => one !== undefined)),
        });
    }
    if (told && first !== undefined) this.#trouble(problem("WGL_SENSOR_RULES", { pack, count: wrong, file: first }));
    // a rule that a correlation names is there, that the correlation may be read
    for (const { file, called } of aside) if (called.some((name) => asked.has(name))) kept.push(copied(file));
    return kept;
  }
}

/** The text by itself: those of an answer stay with all of it (rules-answer.ts). */
const copied = ({ path, text }: PackFile): PackFile => ({ path, text });

const speaksOf = ({ rules, correlations, filters }: RuleFile, sources: readonly LogSource[]): boolean =>
  correlations.length > 0 ||
  filters.length > 0 ||
  rules.some(({ logsource }) => sources.some((source) => lies(source, logsource)));

/** A rule applies when every part that its log source names is that part of a record's (Sigma 2.1, logsource). */
const lies = (source: LogSource, { product, category, service }: LogSource): boolean =>
  (product === undefined || product === source.product) &&
  (category === undefined || category === source.category) &&
  (service === undefined || service === source.service);
