import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import { no, ok, problem, type Result } from "#core/result.ts";
import { rank } from "#core/severity.ts";
import { loadPack, type Pack, type PackDecision, type PackFile } from "#detect/sigma/packs.ts";
import type { RuleProblem, SigmaCorrelation, SigmaRule } from "#detect/sigma/rule.ts";
import type { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import { observableOfAsset } from "#jobs/findings/finding-asset.ts";
import type { HuntedByRule, RuleCount, RuledProgress, RuleSaid, RuleSighting } from "./rule-port.ts";
import { leanOn } from "./lean-on.ts";
import { networksOf } from "./rule.ts";
import { added } from "./pattern-port.ts";
import type { HuntProgress, HuntResult } from "./port.ts";
import { textAtMost } from "./state.ts";
import type { KeptCorrelated, KeptRuled } from "#jobs/rules/kept-rules.ts";
import type { SavedPast } from "#jobs/rules/kept-together.ts";
import type { RecordPlace } from "./past.ts";
import type { PastRecords } from "./past-records.ts";
import { type RuleGround, RuleRun } from "#jobs/rules/run.ts";
import { finite } from "#jobs/rules/saved-past.ts";
import { openRules, type ScanRules } from "#jobs/scan/rules.ts";

/** UTF-16 units of a file of rules that somebody hunts by. */
export const huntRuleAtMost = 262_144;

/** What a person hunts by: a file of rules as text, or a rule in force by its id or name. */
export interface RuleWanted {
  readonly text?: string;
  readonly id?: string;
}

/**
 * A given text may lean on rules in force: correlations that name them find them, and filters are laid over what they name.
 *
 * @returns WGL_HUNT_RULE with the first of its problems and their number, WGL_RULE_UNKNOWN
 */
export const huntedByRule = (
  { text, id }: RuleWanted,
  packs: readonly Pack[],
  decisions: readonly PackDecision[],
): Result<HuntedByRule> => {
  if (text === undefined) {
    const found = packs
      .flatMap(({ name, files }) =>
        files.flatMap(({ file }) => [...file.rules, ...file.correlations].map((rule) => ({ pack: name, rule }))),
      )
      .find(({ rule }) => rule.id === id?.toLowerCase() || rule.name === id);
    if (found === undefined) return no("WGL_RULE_UNKNOWN", { rule: id ?? "" });
    const { pack, rule: named } = found;
    const called = callOf(named);
    // turned off or retired by its author, it is asked all the same
    const asked: readonly PackDecision[] = [...decisions, { rule: named.id ?? called, runs: true, reason: "hunt" }];
    const some = leanOn(packs, [named]);
    const says = saysOf(openRules(some, { decisions: asked }), [called]);
    return ok({ title: named.title, texts: some.map(textsOf), decisions: asked, wanted: [called], pack, says });
  }
  const pack = loadPack("hunt", [{ path: "rule.yml", text }]);
  const own = pack.files.flatMap(({ file }) => [...file.rules, ...file.correlations]);
  const problems = [...pack.problems.filter(({ refuses }) => refuses)];
  if (own.length === 0 && problems.length === 0) return no("WGL_HUNT_RULE_NONE");
  const [first] = problems;
  if (first !== undefined) return refused(first, problems.length);
  // its own rules come first: of two with one id it is the one asked
  const correlations = own.filter((one) => one.kind === "correlation");
  const some = [{ ...pack, problems: [] }, ...(correlations.length === 0 ? [] : leanOn(packs, correlations))];
  const wanted = own.map(callOf);
  const asked: readonly PackDecision[] = [
    ...decisions,
    ...wanted.map((rule): PackDecision => ({ rule, runs: true, reason: "hunt" })),
  ];
  const opened = openRules(some, { decisions: asked });
  const [wrong] = opened.problems.filter((one) => one.refuses && one.file === "rule.yml");
  if (wrong !== undefined) return refused(wrong, 1);
  const title = own[0]?.title ?? "";
  return ok({ title, texts: some.map(textsOf), decisions: asked, wanted, says: saysOf(opened, wanted) });
};

const textsOf = ({ name, files }: Pack): HuntedByRule["texts"][number] => ({
  name,
  files: files.map(({ path, text }): PackFile => ({ path, text })),
});

const saysOf = (opened: ScanRules, wanted: readonly string[]): NonNullable<HuntedByRule["says"]> => {
  const words = [
    ...opened.set.rules.map((_, rule) => opened.words(rule)),
    ...opened.correlations.map((_, plan) => opened.correlationWords(plan)),
  ];
  return wanted.flatMap((one) => {
    const said = words.find(({ rule }) => rule === one);
    return said === undefined ? [] : [{ rule: said.rule, title: said.title, severity: said.severity }];
  });
};

const refused = (first: RuleProblem, count: number): Result<never> => ({
  ok: false,
  problem: problem("WGL_HUNT_RULE", {
    ...{ count, line: first.line, column: first.column },
    reason: problem(first.code, first.params).message,
  }),
});

const callOf = ({ id, title }: SigmaRule | SigmaCorrelation): string => id ?? title;

/** One page of such a hunt. */
export interface RulePage {
  readonly found: readonly HuntResult[];
  readonly read: number;
  readonly toRead: number;
  readonly ruled: RuledProgress;
  readonly place?: RecordPlace;
}

/** The hunt by rules that this process is at; another process goes on from what was saved. */
export class RuleHunts {
  readonly #past: PastRecords;
  readonly #directory: Pick<DirectoryMemory, "known">;
  #underway: { readonly id: string; readonly run: RuleRun; after: string } | undefined;

  constructor(past: PastRecords, directory: Pick<DirectoryMemory, "known">) {
    this.#past = past;
    this.#directory = directory;
  }

  async page(hunt: HuntProgress, rule: HuntedByRule): Promise<RulePage> {
    const after = JSON.stringify(hunt.place ?? "");
    if (this.#underway !== undefined && (this.#underway.id !== hunt.id || this.#underway.after !== after))
      await this.left();
    const saved = hunt.ruled?.saved;
    this.#underway ??= { id: hunt.id, run: this.#open(hunt, rule, saved && finite(saved)), after };
    const { run } = this.#underway;
    const { unseen } = await run.ready;
    const page = await run.page(hunt.place);
    const found = [
      ...page.ruled.map((one) => this.#ruled(one)),
      ...page.correlated.map((one) => this.#correlated(one)),
    ];
    if (page.place === undefined) await this.left();
    else this.#underway.after = JSON.stringify(page.place);
    return {
      ...{ found, read: page.read, toRead: await run.toRead() },
      ruled: {
        counts: counted(hunt.ruled?.counts ?? [], found),
        unseen: unseen.slice(0, unseenAtMost),
        unread: added(hunt.ruled?.unread ?? {}, page.unread),
        blind: (hunt.ruled?.blind ?? 0) + page.blind,
        ...(page.saved === undefined ? {} : { saved: finite(page.saved) }),
      },
      ...(page.place === undefined ? {} : { place: page.place }),
    };
  }

  /** Nobody goes on with it here. */
  async left(): Promise<void> {
    const { run } = this.#underway ?? {};
    this.#underway = undefined;
    await run?.close();
  }

  #open({ organisation, from, to }: HuntProgress, rule: HuntedByRule, saved: SavedPast | undefined): RuleRun {
    const ground: RuleGround = { scope: organisation === undefined ? "all" : [organisation], from, to };
    return new RuleRun(
      this.#past,
      {
        ...{ texts: rule.texts, decisions: rule.decisions, wanted: rule.wanted },
        networks: networksOf(this.#directory),
        ...(saved === undefined ? {} : { saved }),
      },
      ground,
    );
  }

  #ruled({ rule, organisation, sensor, time, asset, direction, text }: KeptRuled): HuntResult {
    const about = asset ?? this.#directory.known.sensor(sensor)?.key ?? sensor;
    const of = { id: sensor, organisation: organisation as OrganisationId };
    return ruledResult(of, rule, { time, about, direction, text, ...(asset === undefined ? {} : { own: asset }) });
  }

  #correlated({ words, organisation, time, first, group, value, last }: KeptCorrelated): HuntResult {
    const about = Object.values(group)[0] ?? last?.sensor ?? words.title;
    const of = { id: last?.sensor ?? "", organisation: organisation as OrganisationId };
    const together = { first, count: value, group };
    return ruledResult(of, words, { time, about, direction: "unknown", text: last?.text ?? "", together });
  }
}

/** What a rule said in the past, to be shown. */
export const ruledResult = (
  sensor: { readonly id: string; readonly organisation: OrganisationId },
  { rule, title, severity }: RuleSaid,
  said: {
    readonly time: Instant;
    /** The machine concerned; else what comes nearest. */
    readonly about: string;
    readonly own?: string;
    readonly direction: HuntResult["direction"];
    readonly text: string;
    readonly together?: Required<Pick<RuleSighting, "first" | "count" | "group">>;
  },
): HuntResult => {
  const concerned = observableOfAsset(said.about);
  return {
    ...{ organisation: sensor.organisation, sensor: sensor.id, time: said.time, hunted: concerned, seen: concerned },
    ...{ where: "record", direction: said.direction, weight: severity === "info" ? "background" : "finding" },
    ...(said.own === undefined ? {} : { own: said.own }),
    text: said.text.slice(0, textAtMost),
    rule: { id: rule, title, severity, ...said.together },
  };
};

/** Fields told of; a rule names a dozen. */
export const unseenAtMost = 200;

/** With what was found since. */
export const counted = (before: readonly RuleCount[], found: readonly HuntResult[]): readonly RuleCount[] => {
  const counts = new Map(before.map((one) => [one.rule, one]));
  for (const { rule, time } of found) {
    if (rule === undefined) continue;
    const first = rule.first ?? time;
    const known = counts.get(rule.id);
    counts.set(
      rule.id,
      known === undefined
        ? { rule: rule.id, title: rule.title, severity: rule.severity, count: 1, first, last: time }
        : {
            ...known,
            count: known.count + 1,
            first: Math.min(known.first, first) as Instant,
            last: Math.max(known.last, time) as Instant,
          },
    );
  }
  return [...counts.values()].toSorted((a, b) => rank(b.severity) - rank(a.severity) || b.count - a.count);
};
