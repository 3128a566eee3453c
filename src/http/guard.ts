import { may } from "#community/may.ts";
import type { Permission } from "#community/roles.ts";
import type { Viewer } from "#community/viewer.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { Acts, Session } from "#jobs/acts/port.ts";
import type { Credential } from "./credential.ts";
import type { Who } from "./route.ts";

export interface Caller {
  readonly viewer: Viewer;
  readonly session?: Session;
}

/**
 * Lets in whom the route's `who` names. Everything unknown is refused: an empty lookup, a wrong kind, a permission
 * that is not there.
 *
 * @param local the request comes from a process of this machine itself, not through a proxy
 * @returns WGL_HTTP_SIGNED_OUT, WGL_HTTP_TOKEN (401) | WGL_HTTP_FORBIDDEN (403)
 */
export const admit = async (who: Who, credential: Credential, local: boolean, acts: Acts): Promise<Result<Caller>> => {
  if (who === "public" || (who === "operator" && local && credential.kind === "none"))
    return ok({ viewer: { kind: "public" } });
  const caller = await look(credential, acts);
  if (!caller) return no(wantsToken(who) ? "WGL_HTTP_TOKEN" : "WGL_HTTP_SIGNED_OUT");
  return allowed(who, caller) ? ok(caller) : no("WGL_HTTP_FORBIDDEN");
};

const look = async (credential: Credential, acts: Acts): Promise<Caller | undefined> => {
  if (credential.kind === "session") {
    const session = await acts.session(credential.hash);
    return session && { viewer: session.viewer, session };
  }
  if (credential.kind === "token") {
    const viewer = await acts.bearer(credential);
    return viewer && { viewer };
  }
  return undefined;
};

const allowed = (who: Exclude<Who, "public">, { viewer, session }: Caller): boolean => {
  if (typeof who !== "string") return who.some((permission) => may(viewer, permission));
  switch (who) {
    case "session":
      return session !== undefined;
    case "sensor":
      return viewer.kind === "sensor" && may(viewer, "telemetry.write");
    case "partner-token":
      return viewer.kind === "party" && may(viewer, "lists.read");
    case "operator":
      return may(viewer, "system.read");
    default:
      return may(viewer, who satisfies Permission);
  }
};

export const wantsToken = (who: Who): boolean => who === "sensor" || who === "partner-token";
