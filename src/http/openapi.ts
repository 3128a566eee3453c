import type { FastifyDynamicSwaggerOptions } from "@fastify/swagger";
import type { FastifySchema } from "fastify";
import type { TSchema } from "typebox";
import { permissions } from "#community/roles.ts";
import type { Route, Who } from "./route.ts";

/** OpenAPI 3.1 from the route table; components keep the names of their schemas. */
export const openapi = (version: string): FastifyDynamicSwaggerOptions => ({
  openapi: {
    openapi: "3.1.0",
    info: {
      title: "waglan",
      version,
      description:
        "Errors are RFC 9457 problem documents in the language of Accept-Language. What is hidden from you and what does not exist answer alike.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" } as { name: string },
    },
    components: {
      securitySchemes: {
        session: {
          type: "apiKey",
          in: "cookie",
          name: "__Host-waglan",
          description: "Send x-waglan: 1 with all but GET",
        },
        token: { type: "http", scheme: "bearer", description: "wgl_<prefix>_<secret>" },
      },
    },
  },
  // Bodies too by their names; Fastify itself needs them whole, to validate.
  transform: ({ schema, url, route: { config } }) => {
    const route = config?.route;
    const named = route?.body && nameOf(route.body);
    const body = named ? { $ref: `${named}#` } : route?.takes && !route.body ? bytes : undefined;
    // Problems are said here alone: Fastify would build two serialisers a route for what is always sent as text.
    const response = { ...(schema.response as object), "4xx": problems, "5xx": problems };
    return { schema: { ...schema, response, ...(body ? { body } : {}) }, url };
  },
  refResolver: { buildLocalReference: (json, _base, _fragment, n) => String(json["$id"] ?? `schema-${n}`) },
});

/** What Fastify is told of a route: it validates with the schemas themselves, and drops what an answer does not declare. */
export const fastifySchema = (route: Route): FastifySchema => ({
  ...(route.params ? { params: route.params } : {}),
  ...(route.query ? { querystring: route.query } : {}),
  ...(route.body ? { body: route.body } : {}),
  response: { [route.status ?? 200]: goodAnswer(route) },
  ...({
    summary: route.does,
    tags: [topic(route.url)],
    operationId: `${route.method.toLowerCase()}${route.url.replace(/[^a-z0-9]+(.)?/gi, (_, letter: string | undefined) => (letter ?? "").toUpperCase())}`,
    security: security(route.who),
    "x-waglan-who": route.who,
    ...(route.takes ? { consumes: route.takes } : {}),
  } as object),
});

const goodAnswer = (route: Route): object => {
  if (route.gives === undefined) return { type: "null", description: "Done" };
  if (isMedia(route.gives))
    return {
      description: route.does,
      content: Object.fromEntries(route.gives.map((type) => [type, { schema: { type: "string" } }])),
    };
  return { description: route.does, content: { "application/json": { schema: refer(route.gives) } } };
};

export const isMedia = (gives: NonNullable<Route["gives"]>): gives is readonly string[] => Array.isArray(gives);

/** A schema with an $id by its name. */
const refer = (schema: TSchema): object => {
  const id = nameOf(schema);
  return id === undefined ? schema : { $ref: `${id}#` };
};

export const nameOf = (schema: TSchema): string | undefined =>
  "$id" in schema && typeof schema["$id"] === "string" ? schema["$id"] : undefined;

/** A body that is no JSON: `consumes` says which type. */
const bytes = { type: "string", format: "binary" } as const;

const problems = {
  description: "An RFC 9457 problem document",
  content: { "application/problem+json": { schema: { $ref: "ProblemDocument#" } } },
} as const;

const security = (who: Who): readonly Record<string, readonly string[]>[] => {
  if (who === "public") return [];
  if (who === "sensor" || who === "partner-token") return [{ token: [] }];
  if (who === "session") return [{ session: [] }];
  return [{ session: [] }, { token: [] }];
};

/** "/api/v1/findings/:id" → "findings"; outside the API, the face itself. */
const topic = (url: string): string => /^\/api\/v1\/([a-z]+)/.exec(url)?.[1] ?? "faces";

/** How a person reads who may come in. */
export const sayWho = (who: Who): string =>
  typeof who !== "string"
    ? who.join(" or ")
    : (permissions as readonly string[]).includes(who)
      ? who
      : {
          public: "anybody",
          session: "signed in",
          sensor: "sensor token",
          "partner-token": "partner token",
          operator: "system.read, or this machine",
        }[who as "public" | "session" | "sensor" | "partner-token" | "operator"];
