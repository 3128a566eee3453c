import { Kept, KeptLimit, LegalHoldEnd, LegalHoldNew } from "#api/kept.ts";
import { answered, type Route, route } from "#http/route.ts";
import { IdPath } from "./path.ts";

/** How much of telemetry is kept, since when and for how long. */
export const keptRoutes: readonly Route[] = [
  route({
    method: "GET",
    url: "/api/v1/kept",
    who: ["system.read", "own.read"],
    does: "What is kept of each organisation, since when, how large, for how long, and under which legal holds",
    gives: Kept,
    handle: async ({ acts, viewer, ask }) => answered(await acts.kept(viewer, ask)),
  }),
  route({
    method: "POST",
    url: "/api/v1/kept/:id",
    who: "community.write",
    does: "Say how long, or how much, is kept of an organisation; without a bound it is as configured again",
    params: IdPath,
    body: KeptLimit,
    gives: Kept,
    handle: async ({ acts, viewer, ask, params, body }) => answered(await acts.keepFor(viewer, params.id, body, ask)),
  }),
  route({
    method: "POST",
    url: "/api/v1/kept/:id/holds",
    who: "community.write",
    does: "Put a legal hold on what is kept of an organisation: nothing of that time is let go of",
    params: IdPath,
    body: LegalHoldNew,
    gives: Kept,
    handle: async ({ acts, viewer, ask, params, body }) => answered(await acts.hold(viewer, params.id, body, ask)),
  }),
  route({
    method: "POST",
    url: "/api/v1/holds/:id/end",
    who: "community.write",
    does: "End a legal hold",
    params: IdPath,
    body: LegalHoldEnd,
    gives: Kept,
    handle: async ({ acts, viewer, ask, params, body }) => answered(await acts.endHold(viewer, params.id, body, ask)),
  }),
];
