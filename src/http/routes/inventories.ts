import Type from "typebox";
import {
  AffectedList,
  InventoryDetail,
  InventoryList,
  InventoryReceipt,
  ProductMatchPage,
  ProductPage,
  WeaknessPage,
} from "#api/inventory.ts";
import { inventoryUploadAtMost } from "#api/file-limits.ts";
import { problem } from "#core/result.ts";
import { answered, type Route, route } from "#http/route.ts";
import { priorities } from "#intel/priority.ts";
import { directoryInventory } from "#intel/inventory/item.ts";
import { Cursor, IdPath } from "./path.ts";

const InventoryPath = Type.Object({
  ...IdPath.properties,
  name: Type.String({ minLength: 1, maxLength: 64, pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]*$" }),
});
/** Also what the directory names, which is read like an inventory and brought by nobody. */
const ReadPath = Type.Object({
  ...IdPath.properties,
  name: Type.String({ minLength: 1, maxLength: 64, pattern: `^(?:[A-Za-z0-9][A-Za-z0-9_.-]*|${directoryInventory})$` }),
});

const PutAsked = Type.Object(
  { file: Type.Optional(Type.String({ maxLength: 200, description: "The file's own name, for whoever looks later" })) },
  { additionalProperties: false },
);
const ComponentsAsked = Type.Object(
  {
    past: Type.Optional(Type.Boolean({ description: "Also components that ended" })),
    cursor: Type.Optional(Cursor),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  },
  { additionalProperties: false },
);
const ProductsAsked = Type.Object(
  { cursor: Type.Optional(Cursor), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })) },
  { additionalProperties: false },
);
const MatchesAsked = Type.Object(
  {
    product: Type.Optional(Type.String({ minLength: 1, maxLength: 1000, description: "Of the list of products" })),
    asset: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
    cursor: Type.Optional(Cursor),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
  },
  { additionalProperties: false },
);

const Weakness = Type.String({
  ...{ minLength: 1, maxLength: 200 },
  description: "A CVE id; an advisory's own id where it names none",
});
const WeaknessesAsked = Type.Object(
  {
    search: Type.Optional(
      Type.String({ maxLength: 200, description: "Words of id, title, product and asset, in any script" }),
    ),
    weakness: Type.Optional(Weakness),
    priority: Type.Optional(Type.Enum([...priorities])),
    exposed: Type.Optional(Type.Boolean({ description: "On what strangers reach" })),
    exploited: Type.Optional(Type.Boolean()),
    cursor: Type.Optional(Cursor),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  },
  { additionalProperties: false },
);
const WeaknessMatchesAsked = Type.Object(
  {
    weakness: Weakness,
    cursor: Type.Optional(Cursor),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
  },
  { additionalProperties: false },
);

/** Staff and an organisation's own people; of whom, the act decides. */
const reads = ["community.read", "own.read"] as const;
const writes = ["community.write", "own.write"] as const;

/** Inventories read at once: one of 64 MiB takes half a gigabyte while it is read. */
const readAtOnce = 2;
const waitSeconds = 5;

/** What organisations run, and what of it is known to be weak. */
export const inventoryRoutes = (): readonly Route[] => {
  let inHand = 0;
  return [
    route({
      method: "GET",
      url: "/api/v1/organisations/:id/inventories",
      who: reads,
      does: "Inventories of what an organisation runs",
      params: IdPath,
      gives: InventoryList,
      handle: async ({ acts, viewer, ask, params }) => answered(await acts.inventories(viewer, params.id, ask)),
    }),
    route({
      method: "GET",
      url: "/api/v1/organisations/:id/inventories/:name",
      who: reads,
      does: "An inventory with its components, versions and what could not be read",
      params: ReadPath,
      query: ComponentsAsked,
      gives: InventoryDetail,
      handle: async ({ acts, viewer, ask, params, query: { past = false, limit = 200, ...rest } }) =>
        answered(await acts.inventory(viewer, params.id, params.name, { ...rest, past, limit }, ask)),
    }),
    route({
      method: "PUT",
      url: "/api/v1/organisations/:id/inventories/:name",
      who: writes,
      does: "Bring the whole of an inventory: CycloneDX, SPDX, a table, CPE names or package URLs; plain or gzip",
      params: InventoryPath,
      query: PutAsked,
      takes: [
        ...["application/octet-stream", "application/gzip", "text/csv", "text/plain", "application/xml", "text/xml"],
        ...["application/vnd.cyclonedx+json", "application/vnd.cyclonedx+xml", "application/spdx+json"],
      ],
      bodyLimit: inventoryUploadAtMost,
      enter: () => {
        if (inHand >= readAtOnce)
          return {
            problem: problem("WGL_HTTP_BUSY", { seconds: waitSeconds }),
            headers: { "retry-after": String(waitSeconds) },
          };
        inHand++;
        return () => {
          inHand--;
        };
      },
      gives: InventoryReceipt,
      handle: async ({ acts, viewer, ask, params, query: { file = "" }, body }) =>
        answered(await acts.putInventory(viewer, params.id, { name: params.name, file, body: body as Buffer }, ask)),
    }),
    route({
      method: "DELETE",
      url: "/api/v1/organisations/:id/inventories/:name",
      who: writes,
      does: "End an inventory: nothing in it runs any more; its history stays",
      params: InventoryPath,
      gives: undefined,
      handle: async ({ acts, viewer, ask, params }) =>
        answered(await acts.endInventory(viewer, params.id, params.name, ask)),
    }),
    route({
      method: "GET",
      url: "/api/v1/organisations/:id/products",
      who: "findings.read",
      does: "Products an organisation runs that have known weaknesses, exposed and exploited first",
      params: IdPath,
      query: ProductsAsked,
      gives: ProductPage,
      handle: async ({ acts, viewer, ask, params, query: { limit = 50, ...rest } }) =>
        answered(await acts.products(viewer, params.id, { ...rest, limit }, ask)),
    }),
    route({
      method: "GET",
      url: "/api/v1/organisations/:id/products/matches",
      who: "findings.read",
      does: "Weaknesses of an organisation's products one by one, with the reasons, exposed and exploited first",
      params: IdPath,
      query: MatchesAsked,
      gives: ProductMatchPage,
      handle: async ({ acts, viewer, ask, params, query: { limit = 100, ...rest } }) =>
        answered(await acts.productMatches(viewer, params.id, { ...rest, limit }, ask)),
    }),
    route({
      method: "GET",
      url: "/api/v1/products/weaknesses",
      who: "findings.read",
      does: "Weaknesses of what organisations run, each with how many it touches; exposed and exploited first, then by EPSS and CVSS: staff read all, a member itself",
      query: WeaknessesAsked,
      gives: WeaknessPage,
      handle: async ({ acts, viewer, ask, query: { limit = 50, ...rest } }) =>
        answered(await acts.weaknesses(viewer, { ...rest, limit }, ask)),
    }),
    route({
      method: "GET",
      url: "/api/v1/products/matches",
      who: "findings.read",
      does: "One weakness of what organisations run, asset by asset, with the reasons, exposed and exploited first",
      query: WeaknessMatchesAsked,
      gives: ProductMatchPage,
      handle: async ({ acts, viewer, ask, query: { limit = 100, ...rest } }) =>
        answered(await acts.weaknessMatches(viewer, { ...rest, limit }, ask)),
    }),
    route({
      method: "GET",
      url: "/api/v1/advisories/:id/affected",
      who: "indicators.read",
      does: "Who runs what an advisory is about: staff read all, a member itself",
      params: IdPath,
      gives: AffectedList,
      handle: async ({ acts, viewer, ask, params }) => answered(await acts.affected(viewer, params.id, ask)),
    }),
  ];
};
