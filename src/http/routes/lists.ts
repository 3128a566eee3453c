import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import Type from "typebox";
import { instant } from "#core/instant.ts";
import { problem } from "#core/result.ts";
import { type Answer, type Route, route } from "#http/route.ts";
import type { SentList } from "#jobs/lists/release.ts";
import { formats, isFormat } from "#share/formats/list-formats.ts";

const ListPath = Type.Object({
  file: Type.String({ maxLength: 100, pattern: "^[a-z0-9][a-z0-9-]*(?:\\.[a-z]{3,7}){0,2}$" }),
});

const word = Type.String({ minLength: 1, maxLength: 500 });
const ListWordsAsked = Type.Object(
  {
    kind: Type.Optional(word),
    feed: Type.Optional(word),
    label: Type.Optional(word),
    grade: Type.Optional(word),
    score: Type.Optional(word),
    tlp: Type.Optional(word),
    since: Type.Optional(word),
  },
  { additionalProperties: false },
);

/** Block-lists for firewalls, resolvers and sensors: what this party may have, under its agreement, as one file. */
export const listRoutes: readonly Route[] = [
  route({
    method: "GET",
    url: "/lists/:file",
    who: "partner-token",
    does: "A list as .txt, .csv, .json, .rules and .dataset (Suricata), .zeek, .rpz, .edl or .stix.json; answers 304 to the ETag it gave",
    params: ListPath,
    query: ListWordsAsked,
    gives: [...new Set(Object.values(formats).map(({ type }) => type))],
    handle: async ({ acts, viewer, ask, params, query, headers }) => {
      const dot = params.file.indexOf(".");
      const name = dot < 0 ? params.file : params.file.slice(0, dot);
      const format = dot < 0 ? "txt" : params.file.slice(dot + 1);
      if (!isFormat(format)) return { problem: problem("WGL_ABSENT") };
      const etags = etagsOf(headers["if-none-match"]);
      const since = Date.parse(headers["if-modified-since"] ?? "");
      const has = {
        ...(etags === undefined ? {} : { etags }),
        ...(Number.isFinite(since) && since >= 0 ? { since: instant(since) } : {}),
      };
      const result = await acts.blockList(viewer, { name, format, words: query, has }, ask);
      return result.ok
        ? listAnswer(result.value, `${name}.${format}`, gzipWanted(headers["accept-encoding"]))
        : { problem: result.problem };
    },
  }),
];

/** The packed pieces as they are, or unpacked on the way: never the whole text at once. */
const listAnswer = (list: SentList, file: string, gzip: boolean): Answer => {
  const etag = `"${list.etag}${gzip ? "-gzip" : ""}"`;
  const caching = {
    ...{ etag, "last-modified": new Date(list.changed).toUTCString() },
    ...{ "cache-control": "private, no-cache", vary: "authorization, accept-encoding" },
  };
  if (list.packed === undefined) return { status: 304, headers: caching };
  const packed = Readable.from(list.packed, { objectMode: false });
  return {
    body: gzip ? packed : packed.pipe(createGunzip()),
    type: list.type,
    headers: {
      ...caching,
      ...(gzip ? { "content-encoding": "gzip" } : {}),
      "content-disposition": `attachment; filename="${file}"`,
      // What a format cannot say is missing for that reason and no other
      "x-waglan-values": String(list.count),
      ...(list.unsaid === 0 ? {} : { "x-waglan-unsaid": String(list.unsaid) }),
    },
  };
};

/** If-None-Match: weak comparison (RFC 9110 §13.1.2); the packed and the plain body are one list. */
export const etagsOf = (header: string | undefined): readonly string[] | undefined =>
  header?.split(",").map((one) =>
    one
      .trim()
      .replace(/^W\//, "")
      .replace(/^"(.*?)(?:-gzip)?"$/, "$1"),
  );

/** RFC 9110 §12.5.3, as far as one coding needs it. */
export const gzipWanted = (header: string | undefined): boolean =>
  (header ?? "").split(",").some((one) => /^\s*(?:x-)?gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(one));
