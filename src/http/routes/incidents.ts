import Type from "typebox";
import { AttackMatrix } from "#api/attack.ts";
import { FindingDetail, FindingStep } from "#api/finding.ts";
import { IncidentAct, IncidentDetail, IncidentPage, incidentViews } from "#api/incident.ts";
import { SilenceEnd, SilenceList, SilenceNew, SilenceRow } from "#api/silence.ts";
import { answered, type Route, route } from "#http/route.ts";
import { Cursor, IdPath } from "./path.ts";

const Asked = Type.Object(
  {
    view: Type.Optional(Type.Enum([...incidentViews])),
    organisation: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    cursor: Type.Optional(Cursor),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  },
  { additionalProperties: false },
);

/** Potential incidents, what holds findings back, and what is looked for. */
export const incidentRoutes: readonly Route[] = [
  route({
    method: "GET",
    url: "/api/v1/incidents",
    who: "incidents.read",
    does: "Potential incidents of one view, most at stake first; an organisation reads its own part of each",
    query: Asked,
    gives: IncidentPage,
    handle: async ({ acts, viewer, ask, query: { view = "open", limit = 50, ...rest } }) =>
      answered(await acts.incidents(viewer, { ...rest, view, limit }, ask)),
  }),
  route({
    method: "GET",
    url: "/api/v1/incidents/:id",
    who: "incidents.read",
    does: "A potential incident: its findings, what ties them, the chain of tactics, and why",
    params: IdPath,
    gives: IncidentDetail,
    handle: async ({ acts, viewer, ask, params }) => answered(await acts.incident(viewer, params.id, ask)),
  }),
  route({
    method: "POST",
    url: "/api/v1/incidents/:id/acts",
    who: "incidents.decide",
    does: "Confirm, contain, close, dismiss (with a reason) or reopen a potential incident",
    params: IdPath,
    body: IncidentAct,
    gives: IncidentDetail,
    handle: async ({ acts, viewer, ask, params, body }) =>
      answered(await acts.doIncident(viewer, params.id, body, ask)),
  }),
  route({
    method: "POST",
    url: "/api/v1/findings/:id/steps",
    who: "findings.decide",
    does: "Take a step of a finding's because-chain back, or let it stand again; finding and incident are weighed anew",
    params: IdPath,
    body: FindingStep,
    gives: FindingDetail,
    handle: async ({ acts, viewer, ask, params, body }) =>
      answered(await acts.takeStepBack(viewer, params.id, body, ask)),
  }),
  route({
    method: "GET",
    url: "/api/v1/silences",
    who: "findings.decide",
    does: "Silences in force and those that ended lately, with what each holds back",
    gives: SilenceList,
    handle: async ({ acts, viewer, ask }) => answered(await acts.silences(viewer, ask)),
  }),
  route({
    method: "POST",
    url: "/api/v1/silences",
    who: "findings.decide",
    does: "Silence findings for a while: they are recorded and counted, and reappear when it ends",
    body: SilenceNew,
    gives: SilenceRow,
    handle: async ({ acts, viewer, ask, body }) => answered(await acts.silence(viewer, body, ask)),
  }),
  route({
    method: "POST",
    url: "/api/v1/silences/:id/end",
    who: "findings.decide",
    does: "End a silence; what it held back reappears, and who may be told is told",
    params: IdPath,
    body: SilenceEnd,
    gives: SilenceList,
    handle: async ({ acts, viewer, ask, params, body }) =>
      answered(await acts.endSilence(viewer, params.id, body, ask)),
  }),
  route({
    method: "GET",
    url: "/api/v1/attack",
    who: "sources.read",
    does: "ATT&CK techniques: looked for by rules and behaviours in force, seen in the last 30 days, or neither",
    gives: AttackMatrix,
    handle: async ({ acts, viewer, ask }) => answered(await acts.attack(viewer, ask)),
  }),
];
