import Type from "typebox";
import { exclusionFileAtMost } from "#api/file-limits.ts";
import {
  CareHistory,
  ExclusionCheck,
  ExclusionEnd,
  ExclusionList,
  ExclusionNew,
  ExclusionRow,
  Judged,
  Verdict,
  VerdictPage,
} from "#api/indicator-care.ts";
import { answered, type Route, route } from "#http/route.ts";
import { Cursor, IdPath } from "./path.ts";

const PageAsked = Type.Object(
  { cursor: Type.Optional(Cursor), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })) },
  { additionalProperties: false },
);

/** What staff judges false, and what it puts aside for everybody. */
export const careRoutes: readonly Route[] = [
  route({
    method: "POST",
    url: "/api/v1/indicators/:id/verdict",
    who: "sources.decide",
    does: "Judge an indicator, or one source's claim of it, a false positive, or take that back",
    params: IdPath,
    body: Verdict,
    gives: Judged,
    handle: async ({ acts, viewer, ask, params, body }) =>
      answered(await acts.judgeIndicator(viewer, params.id, body, ask)),
  }),
  route({
    method: "GET",
    url: "/api/v1/verdicts",
    who: "sources.decide",
    does: "Verdicts in force, newest first, with what each of them took back",
    query: PageAsked,
    gives: VerdictPage,
    handle: async ({ acts, viewer, ask, query: { limit = 50, ...rest } }) =>
      answered(await acts.verdicts(viewer, { ...rest, limit }, ask)),
  }),
  route({
    method: "GET",
    url: "/api/v1/verdicts/history",
    who: "sources.decide",
    does: "What was judged, restored, excluded and let in again, newest first",
    query: PageAsked,
    gives: CareHistory,
    handle: async ({ acts, viewer, ask, query: { limit = 50, ...rest } }) =>
      answered(await acts.careHistory(viewer, { ...rest, limit }, ask)),
  }),
  route({
    method: "GET",
    url: "/api/v1/exclusions/check",
    who: "sources.read",
    does: "Whether a value would be kept out, and by which list",
    query: Type.Object({ value: Type.String({ minLength: 1, maxLength: 8192 }) }, { additionalProperties: false }),
    gives: ExclusionCheck,
    handle: async ({ acts, viewer, ask, query }) => answered(await acts.checkExclusion(viewer, query.value, ask)),
  }),
  route({
    method: "GET",
    url: "/api/v1/exclusions",
    who: "sources.read",
    does: "What is kept out of block-lists and of the match with telemetry, and why",
    gives: ExclusionList,
    handle: async ({ acts, viewer, ask }) => answered(await acts.exclusions(viewer, ask)),
  }),
  route({
    method: "POST",
    url: "/api/v1/exclusions",
    who: "sources.decide",
    does: "Exclude a value or a MISP warning list, for the past too",
    body: ExclusionNew,
    bodyLimit: Math.ceil(exclusionFileAtMost / 3) * 4 + 64 * 1024,
    gives: ExclusionRow,
    status: 201,
    handle: async ({ acts, viewer, ask, body }) => answered(await acts.exclude(viewer, body, ask)),
  }),
  route({
    method: "POST",
    url: "/api/v1/exclusions/:id/end",
    who: "sources.decide",
    does: "End an exclusion: what it took back stands again",
    params: IdPath,
    body: ExclusionEnd,
    gives: undefined,
    status: 204,
    handle: async ({ acts, viewer, ask, params, body }) =>
      answered(await acts.endExclusion(viewer, params.id, body, ask)),
  }),
];
