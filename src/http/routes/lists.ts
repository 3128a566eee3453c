import Type from "typebox";
import { problem } from "#core/result.ts";
import { type ListFormat, listFormats } from "#jobs/acts/port.ts";
import { type Route, route } from "#http/route.ts";

const ListPath = Type.Object({ file: Type.String({ maxLength: 80, pattern: "^[a-z0-9][a-z0-9-]*(?:\\.[a-z]{3})?$" }) });

const types = { txt: "text/plain; charset=utf-8", csv: "text/csv; charset=utf-8" } as const satisfies Record<
  ListFormat,
  string
>;

/** Block-lists for firewalls and resolvers: what this party may have, under its agreement, as one file. */
export const listRoutes: readonly Route[] = [
  route({
    method: "GET",
    url: "/lists/:file",
    who: "partner-token",
    does: "A block-list as .txt (one value a line) or .csv; answers 304 to the ETag it gave",
    params: ListPath,
    gives: [types.txt, types.csv],
    handle: async ({ acts, viewer, ask, params, headers }) => {
      const [id = "", suffix = "txt"] = params.file.split(".");
      const format = listFormats.find((one) => one === suffix);
      if (!format) return { problem: problem("WGL_ABSENT") };
      const result = await acts.blockList(viewer, id, format, ask);
      if (!result.ok) return { problem: result.problem };
      const etag = `"${result.value.etag}"`;
      const caching = { etag, "cache-control": "private, no-cache", vary: "authorization" };
      if (names(headers["if-none-match"], etag)) return { status: 304, headers: caching };
      const text = result.value.lines.map((line) => `${line}\n`).join("");
      return {
        body: text,
        type: types[format],
        headers: { ...caching, "content-disposition": `attachment; filename="${id}.${format}"` },
      };
    },
  }),
];

/** If-None-Match: weak comparison (RFC 9110 §13.1.2). */
const names = (header: string | undefined, etag: string): boolean =>
  header !== undefined &&
  header.split(",").some((one) => one.trim() === "*" || one.trim().replace(/^W\//, "") === etag);
