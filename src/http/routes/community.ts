import Type from "typebox";
import {
  AssetEnd,
  AssetNew,
  AssetPage,
  AssetRow,
  DirectoryReceipt,
  OrganisationDetail,
  OrganisationList,
  PersonList,
  SensorList,
} from "#api/community.ts";
import { assetKinds } from "#community/asset.ts";
import { answered, type Route, route } from "#http/route.ts";
import { Cursor, IdPath } from "./path.ts";

const OfOrganisation = Type.Object(
  { organisation: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })) },
  { additionalProperties: false },
);

const AssetsAsked = Type.Object(
  {
    organisation: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    kind: Type.Optional(Type.Enum([...assetKinds])),
    search: Type.Optional(Type.String({ maxLength: 200, description: "An address or a name: assets that hold it" })),
    past: Type.Optional(Type.Boolean({ description: "Also those that ended" })),
    cursor: Type.Optional(Cursor),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  },
  { additionalProperties: false },
);

const ImportAsked = Type.Object(
  { "dry-run": Type.Optional(Type.Boolean({ description: "Read and compare, write nothing" })) },
  { additionalProperties: false },
);

/** Staff see the community, a member's people their own part of it: which rows, scope decides. */
const reads = ["community.read", "own.read"] as const;
const writes = ["community.write", "own.write"] as const;

const csvTypes = ["text/csv"];
const yamlTypes = ["application/yaml", "application/x-yaml", "text/yaml"];

/** Bytes: ten thousand organisations with fifty assets each are about 30 MB; such a community imports in parts or by CLI. */
const directoryAtMost = 16 * 1024 * 1024;

export const communityRoutes: readonly Route[] = [
  route({
    method: "GET",
    url: "/api/v1/organisations",
    who: reads,
    does: "Organisations",
    gives: OrganisationList,
    handle: async ({ acts, viewer, ask }) => answered(await acts.organisations(viewer, ask)),
  }),
  route({
    method: "GET",
    url: "/api/v1/organisations/:id",
    who: reads,
    does: "An organisation with its people, assets and sensors",
    params: IdPath,
    gives: OrganisationDetail,
    handle: async ({ acts, viewer, ask, params }) => answered(await acts.organisation(viewer, params.id, ask)),
  }),
  route({
    method: "GET",
    url: "/api/v1/people",
    who: reads,
    does: "People, what they are where, how they are reached",
    query: OfOrganisation,
    gives: PersonList,
    handle: async ({ acts, viewer, ask, query }) => answered(await acts.people(viewer, query.organisation, ask)),
  }),
  route({
    method: "GET",
    url: "/api/v1/assets",
    who: reads,
    does: "Assets: what organisations hold, since when, how we know",
    query: AssetsAsked,
    gives: AssetPage,
    handle: async ({ acts, viewer, ask, query: { past = false, limit = 200, ...rest } }) =>
      answered(await acts.assets(viewer, { ...rest, past, limit }, ask)),
  }),
  route({
    method: "POST",
    url: "/api/v1/assets",
    who: writes,
    does: "Say that an organisation holds an asset",
    body: AssetNew,
    gives: AssetRow,
    status: 201,
    handle: async ({ acts, viewer, ask, body }) => answered(await acts.addAsset(viewer, body, ask)),
  }),
  route({
    method: "POST",
    url: "/api/v1/assets/:id/end",
    who: writes,
    does: "Say that an asset is no longer held",
    params: IdPath,
    body: AssetEnd,
    gives: AssetRow,
    handle: async ({ acts, viewer, ask, params, body }) => answered(await acts.endAsset(viewer, params.id, body, ask)),
  }),
  route({
    method: "GET",
    url: "/api/v1/sensors",
    who: reads,
    does: "Sensors, and when each was last heard",
    query: OfOrganisation,
    gives: SensorList,
    handle: async ({ acts, viewer, ask, query }) => answered(await acts.sensors(viewer, query.organisation, ask)),
  }),
  route({
    method: "POST",
    url: "/api/v1/directory",
    who: "community.write",
    does: "Import a directory file, whole or not at all, with every problem at its place",
    query: ImportAsked,
    takes: [...yamlTypes, ...csvTypes],
    bodyLimit: directoryAtMost,
    gives: DirectoryReceipt,
    handle: async ({ acts, viewer, ask, query, body, headers }) => {
      const format = csvTypes.some((type) => headers["content-type"]?.toLowerCase().startsWith(type)) ? "csv" : "yaml";
      // Bytes that are no UTF-8 become U+FFFD, which the reader of the file refuses at its place.
      const text = Buffer.from(body as Uint8Array).toString("utf8");
      return answered(await acts.importDirectory(viewer, { format, text, dryRun: query["dry-run"] ?? false }, ask));
    },
  }),
];
