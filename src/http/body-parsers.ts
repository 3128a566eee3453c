import type { FastifyInstance, FastifyRequest } from "fastify";
import { problem } from "#core/result.ts";
import { readJson, secureParser } from "./json-body.ts";
import { Refused } from "./refusal.ts";
import type { Route } from "./route.ts";

/** JSON carefully, forms flat, everything else as bytes; what a route does not take is refused before (gate.ts). */
export const bodyParsers = (app: FastifyInstance, routes: readonly Route[]): void => {
  const parse = secureParser(app);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    "application/json",
    { parseAs: "buffer" },
    async (request: FastifyRequest, bytes: Buffer) => {
      if (bytes.length === 0 && request.routeOptions.config.route?.bodyMayBeEmpty === true) return undefined;
      const read = readJson(bytes, parse);
      if (!read.ok) throw new Refused({ problem: read.problem });
      return read.value;
    },
  );
  app.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "buffer" },
    async (_request: FastifyRequest, bytes: Buffer) => {
      const fields: Record<string, string> = Object.create(null);
      for (const [name, value] of new URLSearchParams(bytes.toString("utf8"))) {
        if (name in fields) throw new Refused({ problem: problem("WGL_HTTP_EXTRA", { name }) });
        fields[name] = value;
      }
      return { ...fields };
    },
  );
  const others = new Set(routes.flatMap((route) => route.takes ?? []));
  for (const type of others)
    if (!app.hasContentTypeParser(type))
      app.addContentTypeParser(type, { parseAs: "buffer" }, async (_request: FastifyRequest, bytes: Buffer) => bytes);
};
