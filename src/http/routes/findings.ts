import Type from "typebox";
import { FindingAct, FindingAnswer, FindingDetail, FindingPage, findingViews } from "#api/finding.ts";
import { severities } from "#core/severity.ts";
import { answered, type Route, route } from "#http/route.ts";
import { Cursor, IdPath } from "./path.ts";

const Asked = Type.Object(
  {
    view: Type.Optional(Type.Enum([...findingViews])),
    organisation: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    severity: Type.Optional(Type.Enum([...severities])),
    search: Type.Optional(Type.String({ maxLength: 200, description: "A reference, an asset, words of the title" })),
    cursor: Type.Optional(Cursor),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
  },
  { additionalProperties: false },
);

export const findingRoutes: readonly Route[] = [
  route({
    method: "GET",
    url: "/api/v1/findings",
    who: "findings.read",
    does: "Findings of one view, worst and newest first, with the counts of all views",
    query: Asked,
    gives: FindingPage,
    handle: async ({ acts, viewer, ask, query: { view = "open", limit = 100, ...rest } }) =>
      answered(await acts.findings(viewer, { ...rest, view, limit }, ask)),
  }),
  route({
    method: "GET",
    url: "/api/v1/findings/:id",
    who: "findings.read",
    does: "A finding with its because, evidence, history and answers",
    params: IdPath,
    gives: FindingDetail,
    handle: async ({ acts, viewer, ask, params }) => answered(await acts.finding(viewer, params.id, ask)),
  }),
  route({
    method: "POST",
    url: "/api/v1/findings/:id/acts",
    who: "findings.decide",
    does: "What staff do with a finding: release, acknowledge, snooze, suppress, note …",
    params: IdPath,
    body: FindingAct,
    gives: FindingDetail,
    handle: async ({ acts, viewer, ask, params, body }) => answered(await acts.doFinding(viewer, params.id, body, ask)),
  }),
  route({
    method: "POST",
    url: "/api/v1/findings/:id/answers",
    who: "findings.answer",
    does: "The answer of the organisation concerned",
    params: IdPath,
    body: FindingAnswer,
    gives: FindingDetail,
    handle: async ({ acts, viewer, ask, params, body }) =>
      answered(await acts.answerFinding(viewer, params.id, body, ask)),
  }),
];
