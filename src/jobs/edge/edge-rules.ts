import { createHash } from "node:crypto";
import { type Problem, problem } from "#core/result.ts";
import { applies } from "#detect/sigma/evaluator.ts";
import type { PackFile } from "#detect/sigma/packs.ts";
import { BatchRules } from "#jobs/batches/rules.ts";
import { type LivePlans, livePlans, noPlans } from "#jobs/lists/live-plans.ts";
import type { SensorRules } from "#jobs/sensors/wire.ts";
import type { Format, LogSource } from "#telemetry/format.ts";
import { calledOf, type FileHead, type FilePlace, placeOf, runsOf } from "./rule-heads.ts";

/** The files of all rules that a sensor was given, as the shelf has them. */
export interface RulesOnShelf {
  /** What stands in them, in their order, one after the other. */
  readonly heads: (version: string) => Iterable<FileHead>;
  readonly text: (place: FilePlace) => string;
}

/** Rules as they were given, but for their files. */
export type RulesInForce = Pick<SensorRules, "version" | "decisions">;

/** Rules that run, of all that were given. */
export interface RulesHeld {
  /** Can speak of records of the kinds met so far; correlations, which stand on others, among them. */
  readonly inForce: number;
  /** Speak of other records only, and wait on the shelf for the first of these. */
  readonly aside: number;
}

/**
 * Rules as a sensor holds them: of all it is given, those that can speak of log sources it has met. A department that has network
 * logs pays nothing for three thousand rules about Windows; the first record of another kind has the heads of all of them looked
 * at again, before its batch is done, so that no record goes unasked. What is compiled stays while its file does.
 */
export class EdgeRules {
  readonly #shelf: RulesOnShelf;
  readonly #trouble: (problem: Problem) => void;
  readonly #met = new Set<readonly LogSource[]>();
  readonly #sources = new Map<string, LogSource>();
  readonly #views = new Map<string, Format>();
  #fresh = false;
  #number = 0;
  #inForce: RulesInForce | undefined;
  /** Of the files in memory and what was decided of them. */
  #digest = "";
  #held: RulesHeld = { inForce: 0, aside: 0 };
  #rules: BatchRules | undefined;
  #plans: LivePlans = noPlans;

  constructor(shelf: RulesOnShelf, trouble: (problem: Problem) => void) {
    this.#shelf = shelf;
    this.#trouble = trouble;
  }

  get rules(): BatchRules | undefined {
    return this.#rules;
  }

  get plans(): LivePlans {
    return this.#plans;
  }

  get held(): RulesHeld {
    return this.#held;
  }

  /** ETag of what is in force; "": nothing. */
  get version(): string {
    return this.#inForce?.version ?? "";
  }

  get inForce(): RulesInForce | undefined {
    return this.#inForce;
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

  /** Whether a batch showed log sources that were not met before, of which rules speak: it is to be read again. */
  widen(): boolean {
    if (!this.#fresh) return false;
    this.#fresh = false;
    return this.#inForce !== undefined && this.#compile(this.#inForce, false);
  }

  /** Other rules lie on the shelf. */
  use({ version, decisions }: RulesInForce): void {
    this.#inForce = { version, decisions };
    this.#compile(this.#inForce, true);
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

  /** @returns whether other rules are in force than were */
  #compile(given: RulesInForce, told: boolean): boolean {
    const { decisions } = given;
    const { places, digest, held, wrong } = this.#needed(given);
    this.#held = held;
    if (told)
      for (const [pack, { count, file }] of wrong) this.#trouble(problem("WGL_SENSOR_RULES", { pack, count, file }));
    if (this.#rules !== undefined && digest === this.#digest) return false;
    this.#digest = digest;
    const packs = filesIn(this.#shelf, places);
    this.#rules = new BatchRules({ version: ++this.#number, packs, decisions }, this.#rules);
    this.#plans = livePlans(this.#rules.packs, decisions, this.#number);
    return true;
  }

  #needed(given: RulesInForce): Needed {
    const named = new Set<string>();
    const needed = this.#neededBy(given, named, (name) => named.add(name));
    // a rule that a correlation names is there, that the correlation may be read; where there is none, one look is enough
    return named.size === 0 ? needed : this.#neededBy(given, named, () => {});
  }

  /** Which files are to be compiled, told from their heads one by one. */
  #neededBy(
    { version, decisions }: RulesInForce,
    asked: ReadonlySet<string>,
    correlates: (name: string) => void,
  ): Needed {
    const sources = [...this.#sources.values()];
    const places: FilePlace[] = [];
    const hash = createHash("sha256").update(JSON.stringify(decisions));
    const wrong = new Map<string, { count: number; file: string }>();
    const seen = new Set<string>();
    let inForce = 0;
    for (const head of this.#shelf.heads(version)) {
      const { pack, path, digest, rules, correlations, filters, wrong: refused } = head;
      for (const name of head.correlates) correlates(name);
      if (refused !== undefined) {
        const known = wrong.get(pack);
        if (known) known.count += refused.count;
        else wrong.set(pack, { count: refused.count, file: `${path}:${refused.line}` });
      }
      const speaks = rules.map(({ of }) => sources.some((source) => applies(of, source)));
      const needed =
        correlations.length + filters.length > 0 ||
        speaks.includes(true) ||
        rules.some((rule) => calledOf(rule).some((name) => asked.has(name)));
      if (needed) {
        places.push(placeOf(head));
        hash.update(`${pack}\0${path}\0${digest}\0`);
      }
      for (const [n, rule] of [...rules, ...correlations].entries()) {
        const called = rule.id ?? rule.title;
        if (seen.has(called) || !runsOf(rule, path, decisions)) continue;
        seen.add(called);
        if (speaks[n] ?? true) inForce++;
      }
    }
    return { places, digest: hash.digest("base64url"), held: { inForce, aside: seen.size - inForce }, wrong };
  }
}

/** Files that are to be compiled. */
interface Needed {
  readonly places: readonly FilePlace[];
  /** Of these and what was decided of them. */
  readonly digest: string;
  readonly held: RulesHeld;
  /** Refusals, by pack. */
  readonly wrong: ReadonlyMap<string, { readonly count: number; readonly file: string }>;
}

/** Files with their texts, pack by pack. */
export const filesIn = (shelf: Pick<RulesOnShelf, "text">, places: readonly FilePlace[]): SensorRules["packs"] => {
  const packs = new Map<string, PackFile[]>();
  for (const place of places) {
    const files = packs.get(place.pack) ?? [];
    packs.set(place.pack, files);
    files.push({ path: place.path, text: shelf.text(place) });
  }
  return [...packs].map(([name, files]) => ({ name, files }));
};
