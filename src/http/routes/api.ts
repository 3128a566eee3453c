import { docsPage } from "#http/docs-page.ts";
import { type Route, route } from "#http/route.ts";

/** The API about itself. @param document the OpenAPI document, once all routes are there */
export const apiRoutes = (document: () => object, all: () => readonly Route[], version: string): readonly Route[] => [
  route({
    method: "GET",
    url: "/api/openapi.json",
    who: "public",
    does: "This API as an OpenAPI 3.1 document",
    gives: ["application/json; charset=utf-8"],
    handle: async () => ({ body: JSON.stringify(document()) }),
  }),
  route({
    method: "GET",
    url: "/api/docs",
    who: "public",
    does: "This API as a page",
    gives: ["text/html; charset=utf-8"],
    forPeople: true,
    handle: async () => ({ body: docsPage(all(), version).text }),
  }),
];
