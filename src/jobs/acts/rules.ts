import type { RuleDetail, RulePage, RuleProblem, RuleRow, RuleStanding } from "#api/rule.ts";
import { ruleStandings } from "#api/rule.ts";
import { may } from "#community/may.ts";
import type { Viewer } from "#community/viewer.ts";
import { after, day, printInstant } from "#core/instant.ts";
import { no, ok, problem, type Result } from "#core/result.ts";
import { attackOf } from "#detect/sigma/attack.ts";
import { decideRule } from "#jobs/rules/decide.ts";
import { type RuleShelf, type ShelvedProblem, type ShelvedRule, shelfOf, usualRuleTlp } from "#jobs/rules/shelf.ts";
import type { RuleDecision } from "#jobs/rules/port.ts";
import { tryRule, wantedText } from "#jobs/rules/try.ts";
import type { Language } from "#words/language.ts";
import { sayProblem } from "#words/say.ts";
import { actOnce } from "./act-once.ts";
import type { Desk } from "./desk.ts";
import type { Ask, RuleActs, RulesAsked } from "./port.ts";
import { scorecardOf } from "./scorecard.ts";
import { sourceActs } from "./sources.ts";
import { nameOf } from "./who.ts";

/** Days that hits are counted over. */
const countedDays = 30;
const problemsShown = 500;

/** What telemetry is asked by: read, decided on and tried. Staff's alone, for a rule's text may be under any licence. */
export const ruleActs = (desk: Desk): RuleActs => {
  let shelf: { readonly at: number; readonly rules: RuleShelf } | undefined;
  /** Counting three thousand rules anew for every page would take longer than the page. */
  const shelved = async (): Promise<RuleShelf | undefined> => {
    if (desk.rules === undefined) return undefined;
    await desk.rules.refresh(desk.now());
    const { version } = desk.rules.texts;
    const troubled = desk.rules.trouble.length;
    if (shelf?.at !== version * 1000 + troubled) shelf = { at: version * 1000 + troubled, rules: shelfOf(desk.rules) };
    return shelf.rules;
  };
  const known = async (): Promise<Known> =>
    desk.state.act(async (tx) => ({
      decisions: await tx.rules.decisions(),
      shadows: await tx.rules.allShadows(),
      hits: await tx.rules.hits(after(desk.now(), -countedDays * day)),
    }));
  const page = async (viewer: Viewer, asked: RulesAsked): Promise<Result<RulePage>> => {
    const all = await shelved();
    const rules = all?.rules ?? [];
    const facts = await known();
    const found = rules.filter((one) => isAsked(one, asked));
    const from = asked.cursor === undefined ? 0 : Number(asked.cursor);
    if (!Number.isSafeInteger(from) || from < 0) return no("WGL_CURSOR");
    const standings = Object.fromEntries(ruleStandings.map((one) => [one, 0])) as Record<RuleStanding, number>;
    for (const { standing } of rules) standings[standing]++;
    const decided = new Map(facts.decisions.map((one) => [one.rule, one]));
    const whole = decided.get("*");
    return ok({
      rules: found.slice(from, from + asked.limit).map((one) => rowOf(one, facts)),
      ...(from + asked.limit < found.length ? { next: String(from + asked.limit) } : {}),
      ...{ found: found.length, standings },
      folders: (desk.rules?.folders ?? []).map(({ name, tlp = usualRuleTlp, trouble }) => ({
        ...{ name, tlp, rules: rules.filter(({ folder }) => folder === name).length },
        problems: (all?.problems ?? []).filter(({ folder }) => folder === name).length,
        ...(trouble === undefined ? {} : { kept: trouble.kept }),
      })),
      tactics: [...new Set(rules.flatMap(({ rule }) => attackOf(rule).tactics))].toSorted(),
      ...(whole === undefined ? {} : { all: decidedOf(whole) }),
      mayDecide: may(viewer, "sources.decide"),
    });
  };
  const detail = async (viewer: Viewer, id: string, ask: Ask): Promise<Result<RuleDetail>> => {
    const all = await shelved();
    const one = all?.rules.find((rule) => rule.id === id);
    if (all === undefined || one === undefined) return no("WGL_ABSENT");
    return ok(await detailOf(desk, all, one, await known(), may(viewer, "sources.decide"), ask));
  };
  return {
    rules: async (viewer, asked) => (isStaff(viewer) ? page(viewer, asked) : no("WGL_ABSENT")),

    ruleProblems: async (viewer, { language }) => {
      if (!isStaff(viewer)) return no("WGL_ABSENT");
      const { problems = [] } = (await shelved()) ?? {};
      return ok({
        problems: problems.slice(0, problemsShown).map((one) => problemOf(one, language)),
        count: problems.length,
      });
    },

    rule: async (viewer, id, ask) => (isStaff(viewer) ? detail(viewer, id, ask) : no("WGL_ABSENT")),

    tryRule: async (viewer, { rule, lines = "", format }, { language }) => {
      if (!isStaff(viewer)) return no("WGL_ABSENT");
      const tried = tryRule(rule, lines, format);
      return ok({
        rules: tried.rules.map(({ rule: called, title, kind, matches }) => ({ rule: called, title, kind, matches })),
        problems: tried.problems.map((one) => problemOf({ ...one, folder: "" }, language)),
        ...(tried.format === undefined ? {} : { format: tried.format }),
        records: tried.records,
        rejected: tried.rejected.map(({ line, problem: why }) => ({
          ...{ line, code: why.code, says: sayProblem(language, why) },
        })),
        matches: tried.matches.map(({ rule: called, title, severity, line, because }) => ({
          ...{ rule: called, title, severity, line },
          because: because.slice(0, 40).map(({ field, match, value }) => ({
            ...(field === undefined ? {} : { field }),
            wanted: wantedText(match).slice(0, 400),
            ...(value === undefined ? {} : { value: value.slice(0, 400) }),
          })),
        })),
        cut: tried.cut,
      });
    },

    decideRules: async (viewer, { on, runs, reason }, ask) => {
      if (!isStaff(viewer) || !may(viewer, "sources.decide") || desk.rules === undefined) return no("WGL_ABSENT");
      if (reason.trim() === "") return no("WGL_ACT_REASON", { act: runs ? "enable" : "disable" });
      if (on !== "*" && !on.endsWith("/")) return no("WGL_RULE_UNKNOWN", { rule: on });
      const did = await decided(desk, viewer, on, runs, reason, ask);
      return did.ok ? page(viewer, { limit: 100 }) : did;
    },

    doRule: async (viewer, id, { act, reason = "" }, ask) => {
      if (!isStaff(viewer) || !may(viewer, "sources.decide") || desk.rules === undefined) return no("WGL_ABSENT");
      const one = (await shelved())?.rules.find((rule) => rule.id === id);
      if (one === undefined) return no("WGL_ABSENT");
      const mayNow = actsOf(one, await known());
      if (!mayNow.includes(act)) return no("WGL_SOURCE_ACT", { act, state: one.standing });
      if (act === "speak" || act === "hush") {
        const did = await sourceActs(desk).doSource(viewer, one.source, { act, reason }, ask);
        return did.ok ? detail(viewer, id, ask) : did;
      }
      if (reason.trim() === "") return no("WGL_ACT_REASON", { act });
      const did = await decided(desk, viewer, one.called, act === "enable", reason, ask);
      return did.ok ? detail(viewer, id, ask) : did;
    },
  };
};

interface Known {
  readonly decisions: readonly RuleDecision[];
  /** By source; true: staff alone hears it. */
  readonly shadows: ReadonlyMap<string, boolean>;
  /** Hits by rule. */
  readonly hits: ReadonlyMap<string, number>;
}

const isStaff = (viewer: Viewer): boolean => viewer.kind === "staff" && may(viewer, "sources.read");

/** Kept under the client's key; the rules are read anew before the answer, so that it shows what was decided. */
const decided = async (
  desk: Desk,
  viewer: Viewer,
  rule: string,
  runs: boolean,
  reason: string,
  ask: Ask,
): Promise<Result<void>> => {
  const { rules } = desk;
  if (rules === undefined) return no("WGL_ABSENT");
  const who = await nameOf(desk, viewer);
  const did = await actOnce(desk, viewer, `rule ${rule} ${runs}`, ask.key, (state) =>
    decideRule(state, rules, { rule, runs, reason, who }, desk.now()),
  );
  if (!did.ok) return did;
  await rules.refresh(desk.now());
  return ok(undefined);
};

const isAsked = ({ rule, called, folder, standing }: ShelvedRule, asked: RulesAsked): boolean => {
  if (asked.folder !== undefined && folder !== asked.folder && !rule.place.file.startsWith(asked.folder)) return false;
  if (asked.level !== undefined && rule.level !== asked.level) return false;
  if (asked.standing !== undefined && standing !== asked.standing) return false;
  if (asked.attack !== undefined) {
    const { techniques, tactics } = attackOf(rule);
    const wanted = asked.attack.toUpperCase();
    const isTechnique = techniques.some((one) => one === wanted || one.startsWith(`${wanted}.`));
    if (!isTechnique && !tactics.includes(asked.attack.toLowerCase())) return false;
  }
  if (asked.search === undefined) return true;
  const all = [rule.title, called, rule.place.file, rule.author ?? "", ...rule.tags].join("\n").toLowerCase();
  return asked.search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
};

const decidedOf = ({ rule, runs, reason, who, at }: RuleDecision): NonNullable<RuleRow["decided"]> => ({
  ...{ on: rule, runs, reason, who, at: printInstant(at) },
});

const voiceOf = ({ source }: ShelvedRule, { shadows }: Known): RuleRow["voice"] => {
  const shadow = shadows.get(source);
  return shadow === undefined ? "quiet" : shadow ? "shadow" : "speaks";
};

const rowOf = (one: ShelvedRule, known: Known): RuleRow => {
  const { rule, called, id, folder, tlp, standing, tested, decision } = one;
  const { techniques, tactics } = attackOf(rule);
  const by = decision && known.decisions.find(({ rule: on }) => on === decision.rule);
  return {
    ...{ id, rule: called, title: rule.title, kind: rule.kind, folder, file: rule.place.file, line: rule.place.line },
    ...(rule.level === undefined ? {} : { level: rule.level }),
    ...(rule.status === undefined ? {} : { status: rule.status }),
    ...{ tactics: [...tactics], techniques: [...techniques], standing, voice: voiceOf(one, known), tested, tlp },
    ...(by === undefined ? {} : { decided: decidedOf(by) }),
    hits: known.hits.get(called) ?? 0,
  };
};

const actsOf = (one: ShelvedRule, known: Known): RuleDetail["acts"] => {
  const acts: RuleDetail["acts"] = [];
  const voice = voiceOf(one, known);
  if (one.standing === "running" && voice === "shadow") acts.push("speak");
  if (one.standing === "disabled" || one.standing === "retired") acts.push("enable");
  if (voice === "speaks") acts.push("hush");
  if (one.standing === "running") acts.push("disable");
  return acts;
};

const problemOf = (
  { folder, file, line, column, code, params, refuses }: ShelvedProblem,
  language: Language,
): RuleProblem => ({
  ...{ folder, file, line, column, code, refuses, says: sayProblem(language, problem(code, params)) },
});

const detailOf = async (
  desk: Desk,
  { problems }: RuleShelf,
  one: ShelvedRule,
  known: Known,
  mayDecide: boolean,
  { language }: Ask,
): Promise<RuleDetail> => {
  const { rule, file, folder } = one;
  const found = await desk.views.source(one.source);
  const scorecard = found && (await scorecardOf(desk, found.state, found.turns));
  const since = after(desk.now(), -countedDays * day);
  const days = await desk.state.act((tx) => tx.rules.hitDays(one.called, since));
  const source = rule.kind === "correlation" ? undefined : rule.logsource;
  const own = problems.filter(
    (each) => each.folder === folder && (each.file === file.path || each.file === file.tests?.path),
  );
  return {
    rule: rowOf(one, known),
    text: file.text,
    ...(rule.description === undefined ? {} : { description: rule.description }),
    ...(rule.author === undefined ? {} : { author: rule.author }),
    ...(rule.date === undefined ? {} : { date: rule.modified ?? rule.date }),
    ...(rule.license === undefined ? {} : { licence: rule.license }),
    ...{ references: [...rule.references], falsePositives: [...rule.falsepositives] },
    ...(source === undefined
      ? {}
      : { logsource: [source.product, source.category, source.service].map((part) => part ?? "–").join(" / ") }),
    problems: own.map((each) => problemOf(each, language)),
    ...(file.tests === undefined
      ? {}
      : { tests: { file: file.tests.path, events: file.tests.tested.events, text: file.tests.text } }),
    days: [...days],
    ...(scorecard === undefined ? {} : { scorecard }),
    source: one.source,
    acts: mayDecide ? actsOf(one, known) : [],
  };
};
