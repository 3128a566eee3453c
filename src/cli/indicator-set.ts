import type { Observable } from "#core/observable.ts";
import { observableKey } from "#core/observable.ts";
import { lenient } from "#core/value-policy.ts";
import { baseName } from "#feeds/body.ts";
import { detectFeed } from "#feeds/detect-feed.ts";
import type { Feed } from "#feeds/feed.ts";
import { guard } from "#feeds/guard.ts";
import { limits } from "#feeds/limits.ts";
import { keptProblems, readParts } from "#feeds/read.ts";
import { readWarninglist, type Warninglist } from "#feeds/warninglist.ts";
import { buildExclusions, type Exclusions } from "#intel/exclusions.ts";
import { buildMatchIndex, type MatchIndex } from "#intel/match-index.ts";
import type { AboutTable } from "#jobs/scan/messages.ts";
import { type Input, inputsOf, sizeOf, wholeOf } from "./input.ts";
import { openProgress } from "./progress.ts";
import type { Cli } from "./verb.ts";

/** What `waglan scan` matches against. */
export interface IndicatorSet {
  readonly index: MatchIndex;
  readonly about: AboutTable;
  /** What warning lists name; absent without lists. */
  readonly exclusions?: Exclusions;
  /** Distinct values in force. */
  readonly size: number;
  /** Left out because a warning list names them. */
  readonly excluded: number;
  /** Files that could not be used. */
  readonly bad: number;
}

/**
 * Reads files, folders and archives of any feed's shape into a match index. They are a person's own lists: reserved
 * addresses are meant (policy `lenient`), volume has no past to be compared with. A file of which more rows are wrong
 * than right is told and not used.
 */
export const readIndicators = async (
  cli: Cli,
  paths: readonly string[],
  warninglists?: string,
): Promise<IndicatorSet> => {
  const { inputs, problems } = inputsOf(cli.io, paths);
  for (const one of problems) cli.talk.tell(one);
  const lists = warninglists === undefined ? undefined : await readWarninglists(cli, warninglists);
  const progress = openProgress(cli.io, cli.talk, "indicators", sizeOf(inputs));
  const gathered = new Gathered(lists?.exclusions);
  let bad = problems.length + (lists?.bad ?? 0);
  for (const input of inputs) if (!(await readInto(gathered, input, cli, progress.read))) bad++;
  progress.done();
  return {
    index: buildMatchIndex(gathered.entries(), cli.io.random(32), gathered.observables.length),
    about: gathered.about(),
    ...(lists ? { exclusions: lists.exclusions } : {}),
    size: gathered.observables.length,
    excluded: gathered.excluded,
    bad,
  };
};

const readInto = async (
  gathered: Gathered,
  input: Input,
  cli: Cli,
  onRead: (bytes: number) => void,
): Promise<boolean> => {
  const body = await wholeOf(input, limits.unpackedBytes, onRead);
  if (!body.ok) {
    cli.talk.tell(body.problem, input.file);
    return false;
  }
  const feed = detectFeed(input.file, body.value.subarray(0, 4096));
  const source = gathered.source(feed, input.file);
  let used = true;
  for (const part of readParts(feed, body.value, input.file, lenient)) {
    const name = part.name === "" ? input.file : `${input.file} ${part.name}`;
    for (const one of part.problems.slice(0, problemsShown)) cli.talk.tell(one, name);
    if (part.problems.length > problemsShown)
      cli.talk.say(
        `${name}: and ${part.problems.length - problemsShown}${part.problems.length === keptProblems ? " or more" : ""} more rows like these`,
      );
    const judged = guard(part, undefined);
    if (judged.verdict !== "accept") {
      cli.talk.tell(judged.reason, name);
      used = false;
      continue;
    }
    for (const { observable } of part.indicators) gathered.add(observable, source);
  }
  return used;
};

/** Wrong rows told of each list: enough to see what is wrong with it. */
const problemsShown = 5;

const readWarninglists = async (
  cli: Cli,
  folder: string,
): Promise<{ readonly exclusions: Exclusions; readonly bad: number }> => {
  const { inputs, problems } = inputsOf(cli.io, [folder]);
  for (const one of problems) cli.talk.tell(one);
  const lists: Warninglist[] = [];
  let bad = problems.length;
  for (const input of inputs) {
    if (!input.named && !/\.json(?:\.gz)?$/i.test(input.file)) continue;
    const body = await wholeOf(input, limits.unpackedBytes, () => {});
    const read = body.ok ? readWarninglist(body.value, nameOf(input.file)) : body;
    if (read.ok) lists.push(read.value);
    else {
      // MISP keeps a list as <name>/list.json; its other JSON (a schema, an expectation) is no list, and not meant.
      if (input.named || /(?:^|[\\/])list\.json/i.test(input.file)) bad++;
      cli.talk.tell(read.problem, input.file);
    }
  }
  // Reserved ranges are excluded for strangers' feeds; in a person's own list they are meant.
  return { exclusions: buildExclusions(lists, { allow: ["0.0.0.0/0", "::/0"] }), bad };
};

/** MISP keeps each list as `lists/<id>/list.json`: the folder names it. */
const nameOf = (file: string): string => file.replace(/([^\\/]+)[\\/]list\.json(\.gz)?$/i, "$1.json$2");

/** How bad a hit is when nobody but this list says so. */
const severityOf = { alert: "high", corroborate: "medium", context: "low" } as const;
const severityOrder = ["low", "medium", "high"] as const;

interface Source {
  readonly name: string;
  readonly severity: "low" | "medium" | "high";
}

/** Observables by id, and which sources name each; sets of sources are shared, since a million values have a dozen of them. */
class Gathered {
  readonly observables: Observable[] = [];
  excluded = 0;
  readonly #exclusions: Exclusions | undefined;
  readonly #ids = new Map<string, number>();
  readonly #sets: { readonly sources: readonly Source[]; readonly with: Map<Source, number> }[] = [
    { sources: [], with: new Map() },
  ];
  readonly #setOf: number[] = [];
  readonly #sources = new Map<string, Source>();

  constructor(exclusions: Exclusions | undefined) {
    this.#exclusions = exclusions;
  }

  /** A published list is known by its feed, a list of somebody's own by its file. */
  source(feed: Feed, file: string): Source {
    const name =
      feed.id.startsWith("generic-") || feed.id === "stix-bundle" ? (file === "-" ? "-" : baseName(file)) : feed.id;
    const before = this.#sources.get(name);
    if (before !== undefined) return before;
    const made: Source = { name, severity: severityOf[feed.voice] };
    this.#sources.set(name, made);
    return made;
  }

  add(observable: Observable, source: Source): void {
    const key = observableKey(observable);
    let id = this.#ids.get(key);
    if (id === -1) return;
    if (id === undefined) {
      if (this.#exclusions?.excluded(observable) !== undefined) {
        this.#ids.set(key, -1);
        this.excluded++;
        return;
      }
      id = this.observables.push(observable) - 1;
      this.#ids.set(key, id);
      this.#setOf.push(0);
    }
    this.#setOf[id] = this.#joined(this.#setOf[id] ?? 0, source);
  }

  *entries(): Generator<{ readonly id: number; readonly observable: Observable }> {
    for (let id = 0; id < this.observables.length; id++) yield { id, observable: this.observables[id] as Observable };
    this.#ids.clear();
  }

  about(): AboutTable {
    return {
      sets: this.#sets.map(({ sources }) => {
        const worst = Math.max(0, ...sources.map(({ severity }) => severityOrder.indexOf(severity)));
        return { sources: sources.map(({ name }) => name), severity: severityOrder[worst] ?? "low" };
      }),
      setOf: Uint32Array.from(this.#setOf),
    };
  }

  #joined(set: number, source: Source): number {
    const before = this.#sets[set];
    if (before === undefined || before.sources.includes(source)) return set;
    const known = before.with.get(source);
    if (known !== undefined) return known;
    const sources = [...before.sources, source].sort((a, b) => (a.name < b.name ? -1 : 1));
    const same = this.#sets.findIndex(
      (one) => one.sources.length === sources.length && one.sources.every((s, i) => s === sources[i]),
    );
    const made = same >= 0 ? same : this.#sets.push({ sources, with: new Map() }) - 1;
    before.with.set(source, made);
    return made;
  }
}
