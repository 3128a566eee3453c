import type { IncomingHttpHeaders } from "node:http";
import Type from "typebox";
import { problem } from "#core/result.ts";
import type { PortalFiles } from "#http/portal-files.ts";
import { type Answer, type Route, route } from "#http/route.ts";

/** Not `Type.Object`: typebox makes expressions of property names, and "*" is none. */
const FilePath = Type.Unsafe<{ readonly "*": string }>({ type: "object" });

/** The portal's files, and its one page for every path of its own router. */
export const portalRoutes = (files: PortalFiles): readonly Route[] => {
  const serve = (path: string, asked: IncomingHttpHeaders): Answer => {
    const file = files.find(path) ?? (isPage(path, asked.accept) ? files.find("index.html") : undefined);
    if (!file) return { problem: problem("WGL_ABSENT") };
    const headers = {
      etag: file.etag,
      "cache-control": file.immutable ? "public, max-age=31536000, immutable" : "no-cache",
      vary: "accept, accept-encoding",
    };
    if (asked["if-none-match"] === file.etag) return { status: 304, headers };
    // Nothing secret is in these files, so packing them tells nobody anything (BREACH).
    return file.packed && /\bgzip\b/.test(asked["accept-encoding"] ?? "")
      ? { body: file.packed, type: file.type, headers: { ...headers, "content-encoding": "gzip" } }
      : { body: file.bytes, type: file.type, headers };
  };
  // The portal that was not built has no files, but its routes still say what they would give.
  const gives = files.types.length === 0 ? ["text/html; charset=utf-8"] : files.types;
  return [
    route({
      method: "GET",
      url: "/",
      who: "public",
      does: "The portal",
      gives,
      handle: async ({ headers }) => serve("index.html", headers),
    }),
    route({
      method: "GET",
      url: "/*",
      who: "public",
      does: "The portal's files and pages",
      params: FilePath,
      gives,
      handle: async ({ params, headers }) => serve(params["*"], headers),
    }),
  ];
};

/** A path a person typed or reloaded: no file's name, not below what belongs to machines, by something that reads pages. */
const isPage = (path: string, accept: string | undefined): boolean =>
  !/\.[a-z0-9]{1,8}$/i.test(path) &&
  !/^(?:api|a|lists|assets|taxii2|misp|\.well-known)(?:\/|$)/.test(path) &&
  (accept ?? "").includes("text/html");
