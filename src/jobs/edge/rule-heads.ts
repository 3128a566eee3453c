import { isMeantToRun, type NamedRule, type PackDecision, type PackFile } from "#detect/sigma/packs.ts";
import { readRules } from "#detect/sigma/read-rules.ts";
import type { RuleHead } from "#detect/sigma/rule.ts";
import type { LogSource } from "#telemetry/format.ts";
import { isRecord } from "./knowledge.ts";
import { type AnsweredRules, digestOf, type Span } from "./rules-answer.ts";

/** What of a rule, a correlation or a filter decides whether it runs, and what it is called. */
export type Head = Pick<RuleHead, "id" | "name" | "title" | "status">;

/** What stands in a file of rules, without the rules: by it is decided who needs the file, and nobody else parses it. */
export interface FileHead {
  readonly pack: string;
  readonly path: string;
  /** Of its text. */
  readonly digest: string;
  /** `of`: what its rule speaks of. */
  readonly rules: readonly (Head & { readonly of: LogSource })[];
  readonly correlations: readonly Head[];
  readonly filters: readonly (Head & { readonly over: "any" | readonly string[] })[];
  /** Rules that its correlations name. */
  readonly correlates: readonly string[];
  /** Refusals in it, and the line of the first. */
  readonly wrong?: { readonly count: number; readonly line: number };
  /** Where the file stands in the answer of the centre. */
  readonly at?: Span;
}

/** Where the text of a file is read. */
export type FilePlace = Pick<FileHead, "pack" | "path" | "at">;

/** The same without all else that is known of it. */
export const placeOf = ({ pack, path, at }: FileHead): FilePlace => ({
  ...{ pack, path },
  ...(at === undefined ? {} : { at }),
});

/** By which a rule is named elsewhere. */
export const calledOf = ({ id, name, title }: Head): readonly string[] =>
  [id ?? title, name].filter((one) => one !== undefined);

/** Whether it runs, by what was decided and its author. */
export const runsOf = (head: Head, file: string, decisions: readonly PackDecision[]): boolean =>
  isMeantToRun({ ...head, place: { file } } satisfies NamedRule & Head, decisions);

/** Tests stand beside rules that were tested where they come from. */
export const isRuleFile = ({ path }: Pick<PackFile, "path">): boolean =>
  /\.ya?ml$/i.test(path) && !/\.test\.ya?ml$/i.test(path);

const headOf = ({ id, name, title, status }: Head): Head => ({
  title,
  ...(id === undefined ? {} : { id }),
  ...(name === undefined ? {} : { name }),
  ...(status === undefined ? {} : { status }),
});

const fileHead = (pack: string, path: string, text: string, digest: string): FileHead => {
  const { rules, correlations, filters, problems } = readRules(path, text);
  const wrong = problems.filter(({ refuses }) => refuses);
  return {
    ...{ pack, path, digest, rules: rules.map((rule) => ({ ...headOf(rule), of: rule.logsource })) },
    correlations: correlations.map(headOf),
    filters: filters.map((filter) => ({ ...headOf(filter), over: filter.rules })),
    correlates: correlations.flatMap((one) => one.rules),
    ...(wrong[0] === undefined ? {} : { wrong: { count: wrong.length, line: wrong[0].line } }),
  };
};

/** Heads of all files, one after the other; a file that is as it was in `before` is not parsed. */
export function* headsOf(
  { packs }: Pick<AnsweredRules, "packs">,
  before?: SavedHeads,
): Generator<FileHead, void, void> {
  for (const { name, files } of packs)
    for (const file of files) {
      if (!isRuleFile(file)) continue;
      // its text is read from the disk where it is asked for, and most files are as they were
      const { path, at, digest = digestOf(file.text) } = file;
      const known = before?.of(name, path);
      const head = known?.digest === digest ? known : fileHead(name, path, file.text, digest);
      yield at === undefined ? head : { ...head, at };
    }
}

const newline = 10;
/** UTF-16 units of a piece. */
const pieceUnits = 32_768;
const layout = 2;

/** Heads as they are noted, a piece at a time: a line that says of which rules, a line a file; last comes what each rule says. */
export function* headLines(version: string, heads: Iterable<FileHead>): Generator<string, void, void> {
  let piece = `${JSON.stringify({ layout, version })}\n`;
  for (const head of heads) {
    piece += `${JSON.stringify(head)}\n`;
    if (piece.length < pieceUnits) continue;
    yield piece;
    piece = "";
  }
  yield piece;
}

/**
 * Heads that were noted, read a line at a time: of thousands of files those that are asked for are in memory, and only as long
 * as they are looked at.
 */
export class SavedHeads {
  readonly #bytes: Uint8Array;
  readonly #begin: number;
  readonly #end: number;
  /** Where each file's line begins, by what stands in it before its digest. */
  #places: Map<string, number> | undefined;
  /** The line behind the one that was asked for last: files are asked for in their order as a rule. */
  #next: number;
  /** ETag of the rules they are of; "": a version before noted no heads. */
  readonly version: string;

  private constructor(bytes: Uint8Array, version: string, begin: number, end: number) {
    this.#bytes = bytes;
    this.version = version;
    this.#begin = begin;
    this.#end = end;
    this.#next = begin;
  }

  /** Undefined: it cannot be read. What a version before noted (one object) has no heads, but says what each rule said. */
  static read(bytes: Uint8Array): SavedHeads | undefined {
    const first = bytes.indexOf(newline);
    if (first < 0) return new SavedHeads(bytes, "", 0, 0);
    const head = lineIn(bytes, 0, first);
    if (!isRecord(head) || head["layout"] !== layout || typeof head["version"] !== "string") return undefined;
    return new SavedHeads(bytes, head["version"], first + 1, bytes.lastIndexOf(newline) + 1);
  }

  /** Digest of what each rule in force says, by its id or title; undefined: it cannot be read. */
  rules(): Readonly<Record<string, string>> | undefined {
    const last = lineIn(this.#bytes, this.#end, this.#bytes.length);
    const rules = this.version === "" && isRecord(last) ? last["rules"] : last;
    return isTexts(rules) ? rules : undefined;
  }

  *all(): Generator<FileHead, void, void> {
    for (let at = this.#begin; at < this.#end; at = this.#behind(at)) yield this.#at(at);
  }

  of(pack: string, path: string): FileHead | undefined {
    const first = this.#next < this.#end ? this.#at(this.#next) : undefined;
    if (first?.pack === pack && first.path === path) {
      this.#next = this.#behind(this.#next);
      return first;
    }
    this.#places ??= this.#index();
    const at = this.#places.get(namesOf(pack, path));
    if (at === undefined) return undefined;
    this.#next = this.#behind(at);
    return this.#at(at);
  }

  #index(): Map<string, number> {
    const places = new Map<string, number>();
    const bytes = Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
    for (let at = this.#begin; at < this.#end; at = this.#behind(at))
      places.set(bytes.toString("utf8", at, bytes.indexOf(behindNames, at)), at);
    return places;
  }

  #behind(at: number): number {
    return this.#bytes.indexOf(newline, at) + 1;
  }

  #at(from: number): FileHead {
    // ours: it was written whole
    return lineIn(this.#bytes, from, this.#behind(from) - 1) as FileHead;
  }
}

/** What a line begins with (`fileHead`): quotes of a name are escaped, so that nothing in it looks like what follows it. */
const namesOf = (pack: string, path: string): string => JSON.stringify({ pack, path }).slice(0, -1);
const behindNames = ',"digest":"';

const decoder = new TextDecoder();

const lineIn = (bytes: Uint8Array, from: number, to: number): unknown => {
  try {
    return JSON.parse(decoder.decode(bytes.subarray(from, to)));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
};

const isTexts = (value: unknown): value is Readonly<Record<string, string>> =>
  isRecord(value) && Object.values(value).every((one) => typeof one === "string");
