import { createHash } from "node:crypto";
import { isMeantToRun, type NamedRule, type PackDecision, type PackFile } from "#detect/sigma/packs.ts";
import { readRules } from "#detect/sigma/read-rules.ts";
import type { RuleHead, SigmaRule } from "#detect/sigma/rule.ts";
import { isRecord } from "./knowledge.ts";
import { jsonPieces } from "./pieces.ts";
import type { EdgeShelf } from "./shelf-port.ts";
import type { SensorRules } from "#jobs/sensors/wire.ts";

/** What of a rule, a correlation or a filter decides whether it runs, and what it is called. */
type Head = Pick<RuleHead, "id" | "name" | "title" | "status">;

/** A file of rules, as it was when it was last read; `of`: what its rule speaks of. */
interface FileSaid {
  readonly pack: string;
  readonly path: string;
  /** Of its text. */
  readonly digest: string;
  readonly rules: readonly (Head & { readonly of?: string })[];
  readonly filters: readonly (Head & { readonly over: "any" | readonly string[] })[];
  /** Rules that its correlations name. */
  readonly correlates: readonly string[];
}

interface Said {
  readonly files: readonly FileSaid[];
  /** Digest of what each rule in force says, by its id or title. */
  readonly rules: Readonly<Record<string, string>>;
}

/**
 * Which rules the local past was asked by as they stand. A rule that is new, changed or enabled again is told by `learn`;
 * files that are as they were are not read anew, and between two answers of the centre nothing of it is in memory.
 */
export class LearnedRules {
  readonly #shelf: Pick<EdgeShelf, "small">;

  constructor(shelf: Pick<EdgeShelf, "small">) {
    this.#shelf = shelf;
  }

  /**
   * @param before rules that were in force until now; where nothing was noted of them (a version before did not), they count
   *               as known
   * @param fresh  is told of rules that say something else than they did, by id or title, before that is noted: what a
   *               process that is killed did not note is told again
   */
  learn(given: SensorRules, before: () => SensorRules | undefined, fresh: (rules: readonly string[]) => void): void {
    const known = this.#saved() ?? saidOf(before(), []);
    const said = saidOf(given, known.files);
    const others = Object.entries(said.rules).filter(([rule, words]) => known.rules[rule] !== words);
    if (others.length > 0)
      fresh(
        inOrder(
          others.map(([rule]) => rule),
          said.files,
        ),
      );
    this.#shelf.small.write("hunted-rules", jsonPieces(said));
  }

  /**
   * The files that these rules stand on: their own, filters, correlations (a rule that only feeds one does not speak) and
   * what those name.
   */
  filesOf(given: SensorRules, wanted: readonly string[]): SensorRules["packs"] {
    const { files } = this.#saved() ?? saidOf(given, []);
    const names = new Set([...wanted, ...files.flatMap(({ correlates }) => correlates)]);
    const called = ({ id, name, title }: Head): readonly (string | undefined)[] => [id, name, id ?? title];
    const needed = new Set(
      files
        .filter(
          ({ rules, filters, correlates }) =>
            filters.length + correlates.length > 0 ||
            rules.some((rule) => called(rule).some((one) => one !== undefined && names.has(one))),
        )
        .map(({ pack, path }) => keyOf(pack, path)),
    );
    return given.packs.map(({ name, files: all }) => ({
      name,
      // a text by itself: those of an answer stay with all of it (rules-answer.ts)
      files: all
        .filter((file) => needed.has(keyOf(name, file.path)))
        .map(({ path, text }): PackFile => ({ path, text })),
    }));
  }

  #saved(): Said | undefined {
    const bytes = this.#shelf.small.read("hunted-rules");
    if (bytes === undefined) return undefined;
    try {
      const said: unknown = JSON.parse(new TextDecoder().decode(bytes));
      return isRecord(said) && Array.isArray(said["files"]) && isRecord(said["rules"])
        ? (said as unknown as Said)
        : undefined;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return undefined;
    }
  }
}

/**
 * Rules that speak of the same records beside each other: they are asked some hundred at once, and whatever records none of
 * these can speak of are not read for them.
 */
const inOrder = (rules: readonly string[], files: readonly FileSaid[]): readonly string[] => {
  const of = new Map(
    files.flatMap((file) => file.rules.map((rule) => [rule.id ?? rule.title, rule.of ?? ""] as const)),
  );
  return rules.toSorted((a, b) => compared(of.get(a) ?? "", of.get(b) ?? ""));
};

const compared = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const sourceOf = ({ logsource: { product, category, service } }: SigmaRule): string =>
  [product, category, service].map((one) => one ?? "").join(" ");

const keyOf = (pack: string, path: string): string => `${pack}\0${path}`;

const saidOf = (given: SensorRules | undefined, before: readonly FileSaid[]): Said => {
  if (given === undefined) return { files: [], rules: {} };
  const known = new Map(before.map((one) => [keyOf(one.pack, one.path), one]));
  const files = given.packs.flatMap(({ name, files: all }) =>
    all
      // tests stand beside rules that were tested where they come from
      .filter(({ path }) => /\.ya?ml$/i.test(path) && !/\.test\.ya?ml$/i.test(path))
      .map((file) => fileSaid(name, file, known.get(keyOf(name, file.path)))),
  );
  return { files, rules: Object.fromEntries(rulesSaid(files, given.decisions)) };
};

const digestOf = (text: string): string => createHash("sha256").update(text).digest("base64url").slice(0, 22);

const fileSaid = (pack: string, { path, text }: PackFile, known: FileSaid | undefined): FileSaid => {
  const digest = digestOf(text);
  if (known?.digest === digest) return known;
  const { rules, correlations, filters } = readRules(path, text);
  return {
    ...{ pack, path, digest, rules: rules.map((rule) => ({ ...headOf(rule), of: sourceOf(rule) })) },
    filters: filters.map((filter) => ({ ...headOf(filter), over: filter.rules })),
    correlates: correlations.flatMap((one) => one.rules),
  };
};

const headOf = ({ id, name, title, status }: Head): Head => ({
  title,
  ...(id === undefined ? {} : { id }),
  ...(name === undefined ? {} : { name }),
  ...(status === undefined ? {} : { status }),
});

/** As the centre says it of its own (jobs/hunt/rule.ts): of each rule that runs its file, and the filters that are laid over it. */
const rulesSaid = (files: readonly FileSaid[], decisions: readonly PackDecision[]): ReadonlyMap<string, string> => {
  const runs = (head: Head, path: string): boolean => isMeantToRun(placed(head, path), decisions);
  const filters = files.flatMap(({ path, digest, filters: all }) =>
    all.filter((head) => runs(head, path)).map(({ over }) => ({ digest, over })),
  );
  const said = new Map<string, string>();
  for (const { path, digest, rules } of files)
    for (const rule of rules) {
      const called = rule.id ?? rule.title;
      // of two with one id the first is asked
      if (said.has(called) || !runs(rule, path)) continue;
      const over = filters
        .filter(
          (one) => one.over === "any" || one.over.some((name) => name === rule.name || name.toLowerCase() === rule.id),
        )
        .map((one) => one.digest);
      said.set(called, over.length === 0 ? digest : digestOf([digest, ...over].join(" ")));
    }
  return said;
};

const placed = (head: Head, file: string): NamedRule & Head => ({ ...head, place: { file } });
