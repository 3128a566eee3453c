import type { Hunt as HuntShown, HuntSighting } from "#api/hunt.ts";
import { may } from "#community/may.ts";
import type { Permission } from "#community/roles.ts";
import type { Viewer } from "#community/viewer.ts";
import { type Scope, scopeOf } from "#community/visibility.ts";
import { instant, type Instant, printInstant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import { type ErrorCode, errors } from "#core/errors.ts";
import { no, ok, problem as problemWith, type Result } from "#core/result.ts";
import { askHunt, cancelHunt } from "#jobs/hunt/asked.ts";
import type { PatternProgress } from "#jobs/hunt/pattern-port.ts";
import type { Hunt, HuntProgress, HuntResult } from "#jobs/hunt/port.ts";
import { huntedByRule, type RuleWanted } from "#jobs/hunt/rule-asked.ts";
import type { HuntedByRule, RuledProgress, RuleSighting } from "#jobs/hunt/rule-port.ts";
import { periodOf, wantedOf } from "#jobs/hunt/wanted.ts";
import { lookedAt } from "#jobs/hunt/state.ts";
import { sensorsToAsk } from "#jobs/sensors/asks.ts";
import type { SensorAsked } from "#jobs/sensors/port.ts";
import { noRules, type RulesToGive } from "#jobs/sensors/rules.ts";
import type { Language } from "#words/language.ts";
import { sayProblem } from "#words/say.ts";
import { actOnce } from "./act-once.ts";
import type { Desk } from "./desk.ts";
import type { Ask, HuntActs } from "./port.ts";
import { keyOf, nameOf, organisationName } from "./who.ts";

/** Looking for values in what is kept of the past, by people and with a purpose. */
export const huntActs = (desk: Desk): HuntActs => ({
  hunt: async (viewer, body, ask) => {
    const scope = scopeOfHunter(viewer);
    if (scope === undefined) return no("WGL_ABSENT");
    const atSensors = body.at === "sensors";
    if (!atSensors && !desk.history.on()) return no("WGL_HISTORY_OFF", { reason: desk.history.says(ask.language) });
    const organisation = groundOf(desk, scope, body.organisation);
    if (!organisation.ok) return organisation;
    const what = wantedOf(body);
    if (!what.ok) return what;
    const rule = ruleOf(desk, scope, body.rule);
    if (!rule.ok) return rule;
    const now = desk.now();
    const period = periodOf(body, now);
    if (!period.ok) return period;
    const id = desk.idOf(
      "hunt",
      ask.key === undefined ? Buffer.from(desk.random(16)).toString("hex") : `${keyOf(viewer)} ${ask.key}`,
    );
    const wanted: Hunt = {
      ...{ id, ofStaff: scope.all, who: await nameOf(desk, viewer), purpose: body.purpose },
      ...{ ...what.value, at: now, ...period.value },
      ...(organisation.value === undefined ? {} : { organisation: organisation.value }),
      ...(body.pattern === undefined ? {} : { pattern: body.pattern }),
      ...(rule.value === undefined ? {} : { rule: rule.value }),
    };
    // its own people's words to its own sensors concern nobody else
    const tlp = scope.all ? (body.tlp ?? "amber") : "clear";
    const sensors = atSensors
      ? await sensorsToAsk(desk.state, desk.directory.known, rulesToGive(desk), wanted, tlp, now)
      : [];
    if (atSensors && sensors.length === 0) return no("WGL_HUNT_SENSORS");
    const did = await actOnce(desk, viewer, "hunt", ask.key, async (state) =>
      askHunt(state, wanted, async (tx) => (atSensors ? tx.sensors.ask(id, tlp, sensors) : undefined)),
    );
    if (!did.ok) return did;
    desk.woke("hunts");
    const hunt = await desk.views.hunt(scope, id);
    return hunt === undefined ? no("WGL_ABSENT") : ok(await withSensors(desk, hunt, ask));
  },

  hunts: async (viewer, { cursor, limit }, ask) => {
    const scope = scopeOfHunter(viewer);
    if (scope === undefined) return no("WGL_ABSENT");
    const before = cursor === undefined ? undefined : readPlace(cursor);
    if (cursor !== undefined && before === undefined) return no("WGL_CURSOR");
    const found = await desk.views.hunts(scope, before, limit + 1);
    const last = found.length > limit ? found[limit - 1] : undefined;
    return ok({
      hunts: found.slice(0, limit).map((one) => shown(desk, one, ask)),
      ...(last === undefined ? {} : { next: `${last.at}.${last.id}` }),
    });
  },

  huntNamed: async (viewer, id, ask) => {
    const scope = scopeOfHunter(viewer);
    const hunt = scope && (await desk.views.hunt(scope, id));
    return hunt === undefined ? no("WGL_ABSENT") : ok(await withSensors(desk, hunt, ask));
  },

  huntResults: async (viewer, id, { cursor, limit }, ask) => {
    const scope = scopeOfHunter(viewer);
    if (scope === undefined || (await desk.views.hunt(scope, id)) === undefined) return no("WGL_ABSENT");
    if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) return no("WGL_CURSOR");
    const found = await desk.views.huntResults(scope, id, Number(cursor ?? 0), limit + 1);
    const last = found.length > limit ? found[limit - 1] : undefined;
    return ok({
      results: found.slice(0, limit).map((one) => sighting(desk, one, ask.language)),
      ...(last === undefined ? {} : { next: String(last.nth) }),
    });
  },

  cancelHunt: async (viewer, id, ask) => {
    const scope = scopeOfHunter(viewer);
    if (scope === undefined) return no("WGL_ABSENT");
    const cancelled = await cancelHunt(desk.state, id, scope, await nameOf(desk, viewer), desk.now());
    return cancelled.ok ? ok(shown(desk, cancelled.value, ask)) : cancelled;
  },
});

const rulesToGive = (desk: Desk): RulesToGive => desk.sensors?.rules() ?? noRules;

/** Rules are staff's: what a member's sensors are asked by is not the member's to write. */
const ruleOf = (desk: Desk, scope: Scope, wanted: RuleWanted | undefined): Result<HuntedByRule | undefined> => {
  if (wanted === undefined) return ok(undefined);
  if (!scope.all) return no("WGL_ABSENT");
  const { packs = [], texts } = desk.rules ?? {};
  return huntedByRule(wanted, packs, texts?.decisions ?? []);
};

/** People only: staff over all, people of members over their own. */
const scopeOfHunter = (viewer: Viewer): Scope | undefined => {
  const permission: Permission = viewer.kind === "staff" ? "findings.decide" : "findings.answer";
  if ((viewer.kind !== "staff" && viewer.kind !== "person") || !may(viewer, permission)) return undefined;
  return scopeOf(viewer, permission);
};

/** Over whose records: one organisation, so that nobody of one of its hunter's others reads the counts. */
const groundOf = (desk: Desk, scope: Scope, named: string | undefined): Result<OrganisationId | undefined> => {
  if (named !== undefined) {
    const known = desk.directory.known.organisation(named as OrganisationId);
    if (known === undefined || (!scope.all && !scope.own.includes(known.id))) return no("WGL_ABSENT");
    return ok(known.id);
  }
  if (scope.all) return ok(undefined);
  return scope.own.length === 1 ? ok(scope.own[0]) : no("WGL_HUNT_ORGANISATION");
};

/** "1763712000000.7c1f…": time and id of the last one read. */
const readPlace = (cursor: string): { readonly at: Instant; readonly id: string } | undefined => {
  const [, at, id] = /^(\d{1,15})\.([0-9a-f-]{36})$/.exec(cursor) ?? [];
  return at === undefined || id === undefined ? undefined : { at: instant(Number(at)), id };
};

const valuesShown = 100;

const shown = (desk: Desk, hunt: HuntProgress, { language }: Pick<Ask, "language">): HuntShown => ({
  ...{ id: hunt.id, state: hunt.state, who: hunt.who, purpose: hunt.purpose },
  values: hunt.values.slice(0, valuesShown).map(({ kind, value }) => ({ kind, value })),
  count: hunt.values.length,
  ...(hunt.pattern === undefined ? {} : { pattern: hunt.pattern }),
  ...(hunt.organisation === undefined ? {} : { organisation: organisationName(desk, hunt.organisation, language) }),
  ...{ from: printInstant(hunt.from), to: printInstant(hunt.to), at: printInstant(hunt.at) },
  ...(hunt.ended === undefined ? {} : { ended: printInstant(hunt.ended) }),
  ...{ ...lookedAt(hunt), found: hunt.found, cut: hunt.cut },
  ...(hunt.rule === undefined ? {} : { rule: hunt.rule.title }),
  ...(hunt.ruled === undefined ? {} : ruledShown(hunt.ruled)),
  ...(hunt.patterned === undefined ? {} : patternShown(hunt.patterned)),
  ...(hunt.problem === undefined
    ? {}
    : { problem: { code: hunt.problem.code, says: sayProblem(language, hunt.problem) } }),
});

const ruleShown = ({ first, ...rule }: RuleSighting): NonNullable<HuntSighting["rule"]> => ({
  ...rule,
  ...(rule.group === undefined ? {} : { group: { ...rule.group } }),
  ...(first === undefined ? {} : { first: printInstant(first) }),
});

const ruledShown = ({ counts, unseen, unread, blind }: RuledProgress): Partial<HuntShown> => ({
  rules: counts.map(({ rule, title, severity, count, first, last }) => ({
    ...{ id: rule, title, severity, count, first: printInstant(first), last: printInstant(last) },
  })),
  unseen: [...unseen],
  unread: sumOf(unread),
  blind,
});

const patternShown = ({ matches, unread, undecided, letGo }: PatternProgress): Partial<HuntShown> => ({
  ...{ matches, letGo, unread: sumOf(unread), undecided: sumOf(undecided) },
});

const sumOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

/** With what each sensor that was asked answered. */
const withSensors = async (desk: Desk, hunt: HuntProgress, ask: Ask): Promise<HuntShown> => {
  const asked = (await desk.views.askedSensors([hunt.id])).get(hunt.id);
  if (asked === undefined) return shown(desk, hunt, ask);
  return { ...shown(desk, hunt, ask), sensors: asked.map((one) => askedShown(desk, one, ask.language)) };
};

const askedShown = (
  desk: Desk,
  { sensor, given, answered, page, count, first, last, days, done, problem, looked }: SensorAsked,
  language: Language,
): NonNullable<HuntShown["sensors"]>[number] => {
  const known = desk.directory.known.sensor(sensor);
  return {
    ...{ title: known?.title ?? sensor, count, days: days.map(({ day, n }) => ({ day, n })) },
    organisation: known === undefined ? "" : organisationName(desk, known.organisation, language),
    state:
      problem !== undefined
        ? ("failed" as const)
        : done
          ? ("done" as const)
          : page > 0
            ? ("answering" as const)
            : given === undefined
              ? ("waiting" as const)
              : ("asked" as const),
    ...(first === undefined ? {} : { first: printInstant(first) }),
    ...(last === undefined ? {} : { last: printInstant(last) }),
    ...(answered === undefined ? {} : { answered: printInstant(answered) }),
    ...(looked === undefined ? {} : { read: looked.read, toRead: looked.toRead }),
    ...(problem === undefined
      ? {}
      : {
          problem: isCode(problem.code)
            ? sayProblem(language, problemWith(problem.code, problem.with ?? {}))
            : problem.message,
        }),
  };
};

const isCode = (code: string): code is ErrorCode => Object.hasOwn(errors, code);

const sighting = (desk: Desk, one: HuntResult, language: Language): HuntSighting => ({
  ...{ hunted: one.hunted, seen: one.seen, where: one.where, direction: one.direction },
  ...(one.own === undefined ? {} : { own: one.own }),
  ...{ weight: one.weight, text: one.text },
  ...(one.rule === undefined ? {} : { rule: ruleShown(one.rule) }),
  ...(one.pattern === undefined ? {} : { pattern: { ...one.pattern } }),
  time: printInstant(one.time),
  organisation: organisationName(desk, one.organisation, language) || one.organisation,
  sensor: desk.directory.known.sensor(one.sensor)?.title ?? one.sensor,
});
