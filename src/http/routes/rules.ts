import Type from "typebox";
import {
  RuleAct,
  RuleDecisionNew,
  RuleDetail,
  ruleLevels,
  RulePage,
  RuleProblems,
  ruleStandings,
  RuleTried,
  RuleTry,
} from "#api/rule.ts";
import { answered, type Route, route } from "#http/route.ts";
import { Cursor, IdPath } from "./path.ts";

const RulesAsked = Type.Object(
  {
    search: Type.Optional(Type.String({ maxLength: 256, description: "Words of title, id, file, author or tags" })),
    folder: Type.Optional(Type.String({ maxLength: 512 })),
    level: Type.Optional(Type.Enum([...ruleLevels])),
    attack: Type.Optional(Type.String({ maxLength: 64, description: "Technique or tactic of ATT&CK" })),
    standing: Type.Optional(Type.Enum([...ruleStandings])),
    cursor: Type.Optional(Cursor),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
  },
  { additionalProperties: false },
);

/** A rule, and a mebibyte of log, written as JSON. */
const tryLimit = 4 * 1_048_576;

/** Rules that telemetry is asked by: which there are, how they stand, what is wrong with them, and what one would match. */
export const ruleRoutes: readonly Route[] = [
  route({
    method: "GET",
    url: "/api/v1/rules",
    who: "sources.read",
    does: "Rules that telemetry is asked by, and how each stands",
    query: RulesAsked,
    gives: RulePage,
    handle: async ({ acts, viewer, ask, query: { limit = 100, ...rest } }) =>
      answered(await acts.rules(viewer, { ...rest, limit }, ask)),
  }),
  route({
    method: "GET",
    url: "/api/v1/rules/problems",
    who: "sources.read",
    does: "All that is wrong with files of rules, each with its place",
    gives: RuleProblems,
    handle: async ({ acts, viewer, ask }) => answered(await acts.ruleProblems(viewer, ask)),
  }),
  route({
    method: "POST",
    url: "/api/v1/rules/try",
    who: "sources.read",
    does: "What a rule would match in lines of a log, and why; nothing is kept",
    body: RuleTry,
    bodyLimit: tryLimit,
    gives: RuleTried,
    handle: async ({ acts, viewer, ask, body }) => answered(await acts.tryRule(viewer, body, ask)),
  }),
  route({
    method: "POST",
    url: "/api/v1/rules/decisions",
    who: "sources.decide",
    does: "Turn a folder of rules, or all of them, off or on",
    body: RuleDecisionNew,
    gives: RulePage,
    handle: async ({ acts, viewer, ask, body }) => answered(await acts.decideRules(viewer, body, ask)),
  }),
  route({
    method: "GET",
    url: "/api/v1/rules/:id",
    who: "sources.read",
    does: "A rule with its text, tests, hits and record",
    params: IdPath,
    gives: RuleDetail,
    handle: async ({ acts, viewer, ask, params }) => answered(await acts.rule(viewer, params.id, ask)),
  }),
  route({
    method: "POST",
    url: "/api/v1/rules/:id/acts",
    who: "sources.decide",
    does: "Turn a rule off or on, let it speak or hush it",
    params: IdPath,
    body: RuleAct,
    gives: RuleDetail,
    handle: async ({ acts, viewer, ask, params, body }) => answered(await acts.doRule(viewer, params.id, body, ask)),
  }),
];
