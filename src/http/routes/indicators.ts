import Type from "typebox";
import { IndicatorDetail, IndicatorPage, lookUpAtMost } from "#api/indicator.ts";
import { tlps } from "#core/marking.ts";
import { observableKinds } from "#core/observable.ts";
import { answered, type Route, route } from "#http/route.ts";
import { readLookUp, writeLookUp } from "#http/look-up-lines.ts";
import { Cursor, IdPath } from "./path.ts";

const Asked = Type.Object(
  {
    search: Type.Optional(
      Type.String({
        maxLength: 8192,
        description: "Anything: a value in any spelling, a network, a name, a part of one, words of what sources say",
      }),
    ),
    kind: Type.Optional(Type.Enum([...observableKinds])),
    feed: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    tlp: Type.Optional(Type.Enum([...tlps])),
    since: Type.Optional(Type.String({ maxLength: 40, description: "ISO 8601: first said then or later" })),
    alive: Type.Optional(Type.Boolean({ description: "Only what is in force now" })),
    cursor: Type.Optional(Cursor),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  },
  { additionalProperties: false },
);

/** Bytes of a look-up: 100,000 values of 80 bytes each, with room. */
const lookUpBytes = 16 * 1024 * 1024;

/** What is listed, for whoever may know of it. */
export const indicatorRoutes: readonly Route[] = [
  route({
    method: "GET",
    url: "/api/v1/indicators",
    who: "indicators.read",
    does: "Search what is listed: the value, what covers it or lies below it, look-alikes, parts, words of sources",
    query: Asked,
    gives: IndicatorPage,
    handle: async ({ acts, viewer, ask, query: { limit = 50, alive = false, ...rest } }) =>
      answered(await acts.indicators(viewer, { ...rest, limit, alive }, ask)),
  }),
  route({
    method: "GET",
    url: "/api/v1/indicators/:id",
    who: "indicators.read",
    does: "A listed value: who says so, how sure over time, where it comes from, where it was seen",
    params: IdPath,
    gives: IndicatorDetail,
    handle: async ({ acts, viewer, ask, params }) => answered(await acts.indicator(viewer, params.id, ask)),
  }),
  route({
    method: "POST",
    url: "/api/v1/indicators/look-up",
    who: "indicators.read",
    does: `Look up at most ${lookUpAtMost.toLocaleString("en")} values, one a line or as a JSON array; an answer a line, in their order`,
    takes: ["application/x-ndjson", "application/ndjson", "text/plain", "application/json"],
    bodyLimit: lookUpBytes,
    gives: ["application/x-ndjson"],
    handle: async ({ acts, viewer, ask, body }) => {
      const values = readLookUp(body);
      if (!values.ok) return { problem: values.problem };
      const found = await acts.lookUp(viewer, values.value, ask);
      if (!found.ok) return { problem: found.problem };
      const lines: Uint8Array[] = [];
      for await (const some of found.value) lines.push(writeLookUp(some, ask.language));
      return { body: Buffer.concat(lines) };
    },
  }),
];
