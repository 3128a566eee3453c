import type { Instant } from "#core/instant.ts";
import type { Tlp } from "#core/marking.ts";
import { type Problem, problem, WaglanError } from "#core/result.ts";
import { loadPack, type Pack, type PackDecision, type PackFile } from "#detect/sigma/packs.ts";
import type { RuleProblem } from "#detect/sigma/rule.ts";
import type { RuleTexts } from "#jobs/batches/rules.ts";
import { ruleSource } from "#jobs/findings/detector-source.ts";
import type { State } from "#jobs/ports.ts";

/** A folder of rules as it lies on disk. Both throw what the world says when it cannot be read. */
export interface RuleFolder {
  /** As it is written in the configuration: "waglan" for the rules that come with us. */
  readonly name: string;
  /** How far what its rules say may be told; absent: to the organisation concerned. */
  readonly tlp?: Tlp;
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

/** How a folder of rules stands. */
export interface RuleFolderStanding {
  readonly name: string;
  readonly tlp?: Tlp;
  /** In force. */
  readonly good?: Pack;
  /** As it lies on disk now. */
  readonly read?: Pack;
  readonly trouble?: RuleTrouble;
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
  #tlps = new Map<string, Tlp>();

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

  /** How far what a rule says may be told, by the id of its source: as its folder; undefined: as usual. */
  readonly tlpOf = (source: string): Tlp | undefined => this.#tlps.get(source);

  /** Folders in their order, each as it is in force, as it was last read, and what is wrong with it. */
  get folders(): readonly RuleFolderStanding[] {
    return this.#folders.map(({ folder: { name, tlp }, good, read, trouble }) => ({
      name,
      ...(tlp === undefined ? {} : { tlp }),
      ...(good === undefined ? {} : { good }),
      ...(read === undefined ? {} : { read }),
      ...(trouble === undefined ? {} : { trouble }),
    }));
  }

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
      packs: this.#folders.flatMap(({ folder: { name, tlp }, good }) =>
        good === undefined ? [] : [{ name, ...(tlp === undefined ? {} : { tlp }), files: good.files.flatMap(textsOf) }],
      ),
      decisions: this.#decisions,
    };
    this.#titles = new Map();
    this.#tlps = new Map();
    // of two with one id the first folder's is in force
    for (const { folder, good } of this.#folders)
      for (const { file } of good?.files ?? [])
        for (const { id, title } of [...file.rules, ...file.correlations]) {
          const source = ruleSource(id ?? title);
          if (this.#titles.has(source)) continue;
          this.#titles.set(source, title);
          if (folder.tlp !== undefined) this.#tlps.set(source, folder.tlp);
        }
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
