import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import Type from "typebox";
import { ParcelContent, ParcelPage, SensorAsks, SensorInsideList, SensorRules } from "#api/sensor.ts";
import { problem } from "#core/result.ts";
import { type Answer, answered, type Route, route } from "#http/route.ts";
import { etagsOf, gzipWanted } from "./lists.ts";
import { Cursor } from "./path.ts";

const KnowledgeAsked = Type.Object(
  { since: Type.Optional(Type.String({ pattern: "^[0-9a-f-]{1,64}$" })) },
  { additionalProperties: false },
);
const ParcelsAsked = Type.Object(
  {
    sensor: Type.Optional(Type.String({ maxLength: 64 })),
    cursor: Type.Optional(Cursor),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
  },
  { additionalProperties: false },
);
const ContentAsked = Type.Object(
  {
    from: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
  },
  { additionalProperties: false },
);
const ParcelPath = Type.Object({ id: Type.String({ pattern: "^[0-9a-f]{32}$" }) });

/** Answers of knowledge in memory at once, packed: some 20 MB a million values. */
const answersAtOnce = 4;

const owners = ["own.read", "findings.decide"] as const;

/** Sensors that run inside organisations: what they are given, and what their organisations see of what left. */
export const sensorRoutes = (): readonly Route[] => {
  let inHand = 0;
  return [
    route({
      method: "GET",
      url: "/api/v1/sensor/knowledge",
      who: "sensor",
      does: "What this sensor may look for: NDJSON of what came and went since a cursor, or of all; ends with its count",
      query: KnowledgeAsked,
      gives: ["application/x-ndjson"],
      enter: () => {
        if (inHand >= answersAtOnce)
          return { problem: problem("WGL_HTTP_BUSY", { seconds: 5 }), headers: { "retry-after": "5" } };
        inHand++;
        return () => {
          inHand--;
        };
      },
      handle: async ({ acts, viewer, ask, query, headers }): Promise<Answer> => {
        const given = await acts.sensorKnowledge(viewer, query.since, ask);
        if (!given.ok) return { problem: given.problem };
        const packed = Readable.from(given.value.packed, { objectMode: false });
        const gzip = gzipWanted(headers["accept-encoding"]);
        return {
          body: gzip ? packed : packed.pipe(createGunzip()),
          headers: { ...ownOnly, ...(gzip ? { "content-encoding": "gzip" } : {}) },
        };
      },
    }),
    route({
      method: "GET",
      url: "/api/v1/sensor/rules",
      who: "sensor",
      does: "Sigma rules this sensor may ask of its records; answers 304 to the ETag it gave",
      gives: SensorRules,
      handle: async ({ acts, viewer, ask, headers }): Promise<Answer> => {
        const [has] = etagsOf(headers["if-none-match"]) ?? [];
        const given = await acts.sensorRules(viewer, has, ask);
        if (!given.ok) return { problem: given.problem };
        const { version, rules } = given.value;
        const caching = { ...ownOnly, etag: `"${version}"` };
        return rules === undefined ? { status: 304, headers: caching } : { body: rules, headers: caching };
      },
    }),
    route({
      method: "GET",
      url: "/api/v1/sensor/asks",
      who: "sensor",
      does: "Hunts that wait for this sensor's answer, and those it need not answer any more",
      gives: SensorAsks,
      handle: async ({ acts, viewer, ask }) => answered(await acts.sensorAsks(viewer, ask)),
    }),
    route({
      method: "GET",
      url: "/api/v1/sensor/inside",
      who: owners,
      does: "Sensors that run inside organisations, and how each is",
      gives: SensorInsideList,
      handle: async ({ acts, viewer, ask }) => answered(await acts.sensorsInside(viewer, ask)),
    }),
    route({
      method: "GET",
      url: "/api/v1/sensor/parcels",
      who: owners,
      does: "What left through sensors inside organisations, newest first: size, counts by kind, what was refused",
      query: ParcelsAsked,
      gives: ParcelPage,
      handle: async ({ acts, viewer, ask, query: { limit = 50, ...rest } }) =>
        answered(await acts.parcels(viewer, { ...rest, limit }, ask)),
    }),
    route({
      method: "GET",
      url: "/api/v1/sensor/parcels/:id",
      who: owners,
      does: "A parcel line by line as it was taken in, each refused line with its reason",
      params: ParcelPath,
      query: ContentAsked,
      gives: ParcelContent,
      handle: async ({ acts, viewer, ask, params, query: { from = 1, limit = 100 } }) =>
        answered(await acts.parcel(viewer, params.id, { from, limit }, ask)),
    }),
    route({
      method: "GET",
      url: "/api/v1/sensor/parcels/:id/content",
      who: owners,
      does: "A parcel whole, as it was taken in",
      params: ParcelPath,
      gives: ["application/x-ndjson"],
      handle: async ({ acts, viewer, ask, params }): Promise<Answer> => {
        const found = await acts.parcelBody(viewer, params.id, ask);
        if (!found.ok) return { problem: found.problem };
        const { packed, name } = found.value;
        return {
          body: Readable.from([Buffer.from(packed)], { objectMode: false }).pipe(createGunzip()),
          headers: { ...ownOnly, "content-disposition": `attachment; filename="${name}.parcel.ndjson"` },
        };
      },
    }),
  ];
};

const ownOnly = { "cache-control": "private, no-cache", vary: "authorization, accept-encoding" };
