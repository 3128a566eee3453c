import Type from "typebox";
import { Hunt, HuntNew, HuntPage, HuntResults } from "#api/hunt.ts";
import { HuntCause, HuntCauseCancel, HuntCausePage } from "#api/hunt-cause.ts";
import { answered, type Route, route } from "#http/route.ts";
import { Cursor, IdPath } from "./path.ts";

const PageAsked = Type.Object(
  { cursor: Type.Optional(Cursor), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })) },
  { additionalProperties: false },
);

/** Staff hunts for all; people of a member in what their own sensors saw. */
const hunters = ["findings.decide", "findings.answer"] as const;

/** 100,000 values of 80 bytes each, with room. */
const bodyLimit = 16 * 1024 * 1024;

/** Looking for values in what is kept of the past. */
export const huntRoutes: readonly Route[] = [
  route({
    method: "POST",
    url: "/api/v1/hunts",
    who: hunters,
    does: "Hunt for values, or those of a STIX pattern, in kept telemetry; the purpose stands in the evidence",
    body: HuntNew,
    bodyLimit,
    gives: Hunt,
    status: 202,
    handle: async ({ acts, viewer, ask, body }) => answered(await acts.hunt(viewer, body, ask)),
  }),
  route({
    method: "GET",
    url: "/api/v1/hunts",
    who: hunters,
    does: "Hunts, newest first",
    query: PageAsked,
    gives: HuntPage,
    handle: async ({ acts, viewer, ask, query: { limit = 50, ...rest } }) =>
      answered(await acts.hunts(viewer, { ...rest, limit }, ask)),
  }),
  route({
    method: "GET",
    url: "/api/v1/hunts/automatic",
    who: "findings.decide",
    does: "Hunts that something set off: a feed that speaks, an exclusion that ended, an asset, a rule …, newest first",
    query: PageAsked,
    gives: HuntCausePage,
    handle: async ({ acts, viewer, ask, query: { limit = 50, ...rest } }) =>
      answered(await acts.huntCauses(viewer, { ...rest, limit }, ask)),
  }),
  route({
    method: "POST",
    url: "/api/v1/hunts/automatic/:id/cancel",
    who: "findings.decide",
    does: "Cancel a hunt that something set off; what it found stands",
    params: IdPath,
    body: HuntCauseCancel,
    gives: HuntCause,
    handle: async ({ acts, viewer, ask, params, body }) =>
      answered(await acts.cancelHuntCause(viewer, params.id, body, ask)),
  }),
  route({
    method: "GET",
    url: "/api/v1/hunts/:id",
    who: hunters,
    does: "A hunt and how far it is",
    params: IdPath,
    gives: Hunt,
    handle: async ({ acts, viewer, ask, params }) => answered(await acts.huntNamed(viewer, params.id, ask)),
  }),
  route({
    method: "GET",
    url: "/api/v1/hunts/:id/results",
    who: hunters,
    does: "What a hunt found so far, in the order of time",
    params: IdPath,
    query: PageAsked,
    gives: HuntResults,
    handle: async ({ acts, viewer, ask, params, query: { limit = 200, ...rest } }) =>
      answered(await acts.huntResults(viewer, params.id, { ...rest, limit }, ask)),
  }),
  route({
    method: "DELETE",
    url: "/api/v1/hunts/:id",
    who: hunters,
    does: "Cancel a hunt; what it found so far stays",
    params: IdPath,
    gives: Hunt,
    handle: async ({ acts, viewer, ask, params }) => answered(await acts.cancelHunt(viewer, params.id, ask)),
  }),
];
