import { Light, Me, SignIn } from "#api/session.ts";
import type { Lockout } from "#http/lockout.ts";
import { type Route, route } from "#http/route.ts";
import { problem } from "#core/result.ts";

/** Coming in and going out. */
export const sessionRoutes = (lockout: Lockout): readonly Route[] => [
  route({
    method: "GET",
    url: "/api/v1/light",
    who: "public",
    does: "Is the light lit, and whose is it",
    gives: Light,
    handle: async ({ acts }) => ({ body: await acts.light() }),
  }),
  route({
    method: "GET",
    url: "/api/v1/session",
    who: "session",
    does: "Who is signed in, for whom they act, what they may do",
    gives: Me,
    handle: async ({ acts, session, ask }) => ({ body: await acts.me(session, ask) }),
  }),
  route({
    method: "POST",
    url: "/api/v1/session",
    who: "public",
    does: "Sign in; the answer sets the session's cookie",
    body: SignIn,
    gives: Me,
    handle: async ({ acts, ask, body, peer, server }) => {
      const wait = lockout.begin(body.name, peer, server.monotonic());
      if (wait > 0)
        return { problem: problem("WGL_SIGN_IN_TRIES", { seconds: wait }), headers: { "retry-after": String(wait) } };
      const result = await acts.signIn(body.name, body.password, peer, ask);
      if (!result.ok) return { problem: result.problem };
      lockout.succeeded(body.name, peer);
      const { secret, session } = result.value;
      return { body: await acts.me(session, ask), headers: { "set-cookie": server.carry(secret, session.until) } };
    },
  }),
  route({
    method: "DELETE",
    url: "/api/v1/session",
    who: "session",
    does: "Sign out",
    gives: undefined,
    status: 204,
    handle: async ({ acts, session, ask, server }) => {
      await acts.signOut(session, ask);
      // Nothing of the session is in the browser's cache: every answer of the API was no-store.
      return { headers: { "set-cookie": server.drop() } };
    },
  }),
];
