import type { FastifyInstance } from "fastify";
import { assert } from "#core/result.ts";
import type { Route } from "./route.ts";

/** A route that is not in the table stops the program while it starts. HEAD comes with its GET. */
export const onlyDeclared = (app: FastifyInstance, routes: readonly Route[]): void => {
  const declared = new Set(routes.map((route) => `${route.method} ${route.url}`));
  assert(declared.size === routes.length, "a route is declared twice");
  app.addHook("onRoute", ({ method, url }) => {
    for (const one of [method].flat())
      assert(
        declared.has(`${one === "HEAD" ? "GET" : one} ${url}`),
        `the route ${one} ${url} is not in the route table`,
      );
  });
};

/** For a path that is there, but not with this method: the methods it has. */
export const methodsElsewhere = (routes: readonly Route[]): ((method: string, path: string) => readonly string[]) => {
  const patterns = routes
    .filter((route) => route.url !== "/*")
    .map((route) => ({
      method: route.method,
      matches: new RegExp(`^${route.url.replace(/[.]/g, "\\.").replace(/:\w+/g, "[^/]+")}$`),
    }));
  return (method, path) => {
    const found = new Set(
      patterns
        .filter((one) => one.matches.test(path))
        .flatMap((one) => (one.method === "GET" ? ["GET", "HEAD"] : [one.method])),
    );
    return found.has(method) ? [] : [...found];
  };
};
