import Type from "typebox";
import { AdvisoryDetail, AdvisoryPage } from "#api/advisory.ts";
import { answered, type Route, route } from "#http/route.ts";
import { priorities } from "#intel/priority.ts";
import { Cursor, IdPath } from "./path.ts";

const Asked = Type.Object(
  {
    search: Type.Optional(
      Type.String({ maxLength: 200, description: "Words of id, title, products and summary, in any script" }),
    ),
    cve: Type.Optional(Type.String({ maxLength: 40 })),
    product: Type.Optional(Type.String({ maxLength: 200, description: "A vendor or product, or a part of one" })),
    priority: Type.Optional(Type.Enum([...priorities])),
    feed: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    since: Type.Optional(Type.String({ maxLength: 40, description: "ISO 8601: updated then or later" })),
    cursor: Type.Optional(Cursor),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  },
  { additionalProperties: false },
);

/** What is known about weaknesses and threats, with what all sources together make of it. */
export const advisoryRoutes: readonly Route[] = [
  route({
    method: "GET",
    url: "/api/v1/advisories",
    who: "indicators.read",
    does: "Advisories, newest first, each with its priority and why",
    query: Asked,
    gives: AdvisoryPage,
    handle: async ({ acts, viewer, ask, query: { limit = 50, ...rest } }) =>
      answered(await acts.advisories(viewer, { ...rest, limit }, ask)),
  }),
  route({
    method: "GET",
    url: "/api/v1/advisories/:id",
    who: "indicators.read",
    does: "An advisory with what every source says of its CVEs, and how it changed",
    params: IdPath,
    gives: AdvisoryDetail,
    handle: async ({ acts, viewer, ask, params }) => answered(await acts.advisory(viewer, params.id, ask)),
  }),
];
