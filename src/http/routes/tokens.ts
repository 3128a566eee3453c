import { TokenList, TokenMade, TokenNew } from "#api/token.ts";
import { answered, type Route, route } from "#http/route.ts";
import { IdPath } from "./path.ts";

/** Administrators make tokens for anybody, a security contact for the organisation's own machines. */
const writes = ["users.write", "own.write"] as const;

export const tokenRoutes: readonly Route[] = [
  route({
    method: "GET",
    url: "/api/v1/tokens",
    who: writes,
    does: "Tokens of machines, without their secrets",
    gives: TokenList,
    handle: async ({ acts, viewer, ask }) => answered(await acts.tokens(viewer, ask)),
  }),
  route({
    method: "POST",
    url: "/api/v1/tokens",
    who: writes,
    does: "Make a token; its secret is shown in this answer alone",
    body: TokenNew,
    gives: TokenMade,
    status: 201,
    handle: async ({ acts, viewer, ask, body }) => answered(await acts.makeToken(viewer, body, ask)),
  }),
  route({
    method: "DELETE",
    url: "/api/v1/tokens/:id",
    who: writes,
    does: "Revoke a token; it is refused within a second",
    params: IdPath,
    gives: undefined,
    status: 204,
    handle: async ({ acts, viewer, ask, params }) => answered(await acts.revokeToken(viewer, params.id, ask)),
  }),
];
