import type { Instant } from "#core/instant.ts";
import { type Problem, problem, WaglanError } from "#core/result.ts";
import { loadPack, type Pack, type PackDecision, type PackFile } from "#detect/sigma/packs.ts";
import type { RuleProblem } from "#detect/sigma/rule.ts";
import type { RuleTexts } from "#jobs/batch-rules.ts";
import { ruleSource } from "#jobs/detector-source.ts";
import type { State } from "#jobs/ports.ts";

/** A folder of rules as it lies on disk. Both throw what the world says when it cannot be read. */
export interface RuleFolder {
  /** As it is written in the configuration: "waglan" for the rules that come with us. */
  readonly name: string;
  /** Paths inside it with "/" between parts, each with what changes when the file does, in the order of paths. */
  readonly list: () => Promise<readonly { readonly path: string; readonly stamp: string }[]>;
  readonly read: (path: string) => Promise<string>;
}

/** A folder that is not in force as it stands. */
export interface RuleTrouble {
  readonly folder: string;
  readonly since: Instant;
  /** The first one; `at` is file, line and column. */
  readonly problem: Problem;
  /** At least 1. */
  readonly problems: number;
  /** What was read well before is in force; false: it was never read well, and what could be read of it is in force. */
  readonly kept: boolean;
}

interface Standing {
  readonly folder: RuleFolder;
  files: ReadonlyMap<string, { readonly stamp: string; readonly text: string }>;
  /** As it was last read, well or not: what did not change is not parsed anew. */
  read?: Pack;
  /** In force. */
  good?: Pack;
  trouble?: RuleTrouble;
  /** The last look did not get as far as the files' text. */
  unread?: boolean;
}

/**
 * The rules in force: folders as they lie on disk, less what people decided. `refresh` looks whether something changed; a
 * folder whose files became wrong, or that cannot be read, stays in force as it was, and says so.
 */
export class RuleMemory {
  readonly #state: State;
  readonly #folders: readonly Standing[];
  #decisions: readonly PackDecision[] = [];
  #texts: RuleTexts = { version: 0, packs: [], decisions: [] };
  readonly #untold: RuleTrouble[] = [];
  #titles = new Map<string, string>();

  constructor(state: State, folders: readonly RuleFolder[]) {
    this.#state = state;
    this.#folders = folders.map((folder): Standing => ({ folder, files: new Map() }));
  }

  get texts(): RuleTexts {
    return this.#texts;
  }

  get packs(): readonly Pack[] {
    return this.#folders.flatMap(({ good }) => good ?? []);
  }

  get trouble(): readonly RuleTrouble[] {
    return this.#folders.flatMap(({ trouble }) => trouble ?? []);
  }

  /** Of a rule in force by the id of its source ("rule:…"). */
  readonly titleOf = (source: string): string | undefined => this.#titles.get(source);

  /** Troubles that came since this was last asked. */
  untold(): readonly RuleTrouble[] {
    return this.#untold.splice(0);
  }

  async refresh(now: Instant): Promise<void> {
    let changed = this.#texts.version === 0;
    for (const standing of this.#folders) {
      const [before, told] = [standing.good, standing.trouble];
      await look(standing, now);
      changed ||= standing.good !== before;
      if (standing.trouble && standing.trouble !== told) this.#untold.push(standing.trouble);
    }
    const decisions = (await this.#state.act((tx) => tx.rules.decisions())).map(
      ({ rule, runs, reason }): PackDecision => ({ rule, runs, reason }),
    );
    changed ||= JSON.stringify(decisions) !== JSON.stringify(this.#decisions);
    this.#decisions = decisions;
    if (changed) this.#swap();
  }

  #swap(): void {
    this.#texts = {
      version: this.#texts.version + 1,
      packs: this.packs.map(({ name, files }) => ({ name, files: files.flatMap(textsOf) })),
      decisions: this.#decisions,
    };
    this.#titles = new Map(
      this.packs
        .flatMap(({ files }) => files.flatMap(({ file }) => [...file.rules, ...file.correlations]))
        .map(({ id, title }) => [ruleSource(id ?? title), title]),
    );
  }
}

const textsOf = ({ path, text, tests }: Pack["files"][number]): readonly PackFile[] => [
  { path, text },
  ...(tests ? [{ path: tests.path, text: tests.text }] : []),
];

const look = async (standing: Standing, now: Instant): Promise<void> => {
  const { folder, files: known } = standing;
  const files = new Map<string, { readonly stamp: string; readonly text: string }>();
  let same = true;
  try {
    for (const { path, stamp } of await folder.list()) {
      const before = known.get(path);
      if (before?.stamp === stamp) files.set(path, before);
      else {
        files.set(path, { stamp, text: await folder.read(path) });
        same = false;
      }
    }
  } catch (error) {
    const why =
      error instanceof WaglanError
        ? problem(error.code, error.with)
        : problem("WGL_RULE_FOLDER", {
            folder: folder.name,
            reason: (error as NodeJS.ErrnoException).code ?? String(error),
          });
    standing.unread = true;
    tell(standing, now, why, 1);
    return;
  }
  if (same && files.size === known.size && standing.read !== undefined && standing.unread !== true) return;
  standing.unread = false;
  const pack = loadPack(
    folder.name,
    [...files].map(([path, { text }]) => ({ path, text })),
    standing.read,
  );
  standing.files = files;
  standing.read = pack;
  const wrong = pack.problems.filter(({ refuses }) => refuses);
  const [first] = wrong;
  if (first === undefined) {
    standing.good = pack;
    delete standing.trouble;
    return;
  }
  tell(standing, now, problemOf(first), wrong.length);
  if (standing.trouble?.kept !== true) standing.good = pack;
};

const problemOf = ({ code, params, file, line, column }: RuleProblem): Problem =>
  problem(code, params, `${file}:${line}:${column}`);

/** The same trouble as before is not told again. What was never read well is in force as far as it goes. */
const tell = (standing: Standing, since: Instant, why: Problem, problems: number): void => {
  const { trouble, good, folder } = standing;
  if (trouble?.problem.message === why.message && trouble.problem.at === why.at && trouble.problems === problems)
    return;
  const kept = trouble === undefined ? good !== undefined : trouble.kept;
  standing.trouble = { folder: folder.name, since: trouble?.since ?? since, problem: why, problems, kept };
};
