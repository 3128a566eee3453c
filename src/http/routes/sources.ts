import { SourceAct, SourceDetail, SourceList } from "#api/source.ts";
import { Status } from "#api/status.ts";
import { answered, type Route, route } from "#http/route.ts";
import { IdPath } from "./path.ts";

/** How the sources do, and the platform. */
export const sourceRoutes: readonly Route[] = [
  route({
    method: "GET",
    url: "/api/v1/sources",
    who: "sources.read",
    does: "All sources and their health",
    gives: SourceList,
    handle: async ({ acts, viewer, ask }) => answered(await acts.sources(viewer, ask)),
  }),
  route({
    method: "GET",
    url: "/api/v1/sources/:id",
    who: "sources.read",
    does: "A source with its turns and the rows it was refused",
    params: IdPath,
    gives: SourceDetail,
    handle: async ({ acts, viewer, ask, params }) => answered(await acts.source(viewer, params.id, ask)),
  }),
  route({
    method: "POST",
    url: "/api/v1/sources/:id/acts",
    who: "sources.decide",
    does: "Let a source speak or hush it, take or refuse a held turn, collect now",
    params: IdPath,
    body: SourceAct,
    gives: SourceDetail,
    handle: async ({ acts, viewer, ask, params, body }) => answered(await acts.doSource(viewer, params.id, body, ask)),
  }),
  route({
    method: "GET",
    url: "/api/v1/status",
    who: "session",
    does: "How the platform does, in a line",
    gives: Status,
    handle: async ({ acts, viewer, ask }) => answered(await acts.status(viewer, ask)),
  }),
];
