import type { InjectOptions, LightMyRequestResponse } from "fastify";
import { type HttpOptions, type HttpServer, openHttp } from "#http/server.ts";
import { openSmallWorld, type SmallWorld } from "./http-acts.ts";

export interface Running {
  readonly world: SmallWorld;
  readonly server: HttpServer;
  /** A request from a script of this machine, not from a page. */
  readonly ask: (request: InjectOptions) => Promise<LightMyRequestResponse>;
}

/** The real server over the small world; close `server` when done. */
export const run = async (options: Partial<HttpOptions> = {}): Promise<Running> => {
  const world = await openSmallWorld();
  const server = await openHttp({
    acts: world.acts,
    portal: new URL("no-portal-here/", import.meta.url).pathname,
    policy: { styles: [], trustedTypes: [] },
    security: { contacts: ["mailto:security@cert.example"], languages: ["en", "zh"] },
    version: "0.0.0",
    ...options,
  });
  return { world, server, ask: (request) => server.app.inject(request) };
};

export const cookie = (secret: string): { cookie: string } => ({ cookie: `waglan=${secret}` });
export const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` });
export const ours = { "x-waglan": "1" } as const;
