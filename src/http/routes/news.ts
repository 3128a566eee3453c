import Type from "typebox";
import { instant } from "#core/instant.ts";
import { problem } from "#core/result.ts";
import { type Answer, type Asked, type Route, route } from "#http/route.ts";
import { newsFormats, newsTypes } from "#share/news-feed.ts";
import { languages } from "#words/language.ts";

const NewsPath = Type.Object({ file: Type.String({ maxLength: 40, pattern: "^[A-Za-z-]+\\.[a-z]+$" }) });

/** Notices for feed readers, in three languages: CLEAR for everybody, up to GREEN for parties. */
export const newsRoutes: readonly Route[] = [
  route({
    method: "GET",
    url: "/news/:file",
    who: "public",
    does: "Notices that everybody may read: en.atom, en.rss, zh-Hant-HK.atom …; answers 304 to the ETag it gave",
    params: NewsPath,
    gives: Object.values(newsTypes),
    handle: (asked) => answer(asked, asked.params.file),
  }),
  route({
    method: "GET",
    url: "/lists/news/:file",
    who: "partner-token",
    does: "Notices up to GREEN, for this party: en.atom, en.rss …",
    params: NewsPath,
    gives: Object.values(newsTypes),
    handle: (asked) => answer(asked, asked.params.file),
  }),
];

const answer = async (
  { acts, viewer, ask, headers }: Pick<Asked, "acts" | "ask" | "headers" | "viewer">,
  file: string,
): Promise<Answer> => {
  const [name, suffix] = file.split(".");
  const language = languages.find((one) => one === name);
  const format = newsFormats.find((one) => one === suffix);
  if (language === undefined || format === undefined) return { problem: problem("WGL_ABSENT") };
  const etags = headers["if-none-match"]?.split(",").map((one) =>
    one
      .trim()
      .replace(/^W\//, "")
      .replace(/^"(.*)"$/, "$1"),
  );
  const since = Date.parse(headers["if-modified-since"] ?? "");
  const has = {
    ...(etags === undefined ? {} : { etags }),
    ...(Number.isFinite(since) && since >= 0 ? { since: instant(since) } : {}),
  };
  const result = await acts.news(viewer, { format, language, has }, ask);
  if (!result.ok) return { problem: result.problem };
  const { body, type, etag, changed } = result.value;
  const caching = {
    ...{ etag: `"${etag}"`, "last-modified": new Date(changed).toUTCString() },
    ...{ "cache-control": viewer.kind === "public" ? "public, no-cache" : "private, no-cache", vary: "authorization" },
  };
  return body === undefined ? { status: 304, headers: caching } : { body, type, headers: caching };
};
