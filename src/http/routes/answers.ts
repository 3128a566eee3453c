import Type from "typebox";
import { answerCss } from "#alerts/answer-css.ts";
import { readAnswerForm } from "#alerts/answer-form.ts";
import type { Ask } from "#jobs/acts/port.ts";
import { type Route, route } from "#http/route.ts";
import { answers } from "#incidents/answer.ts";
import { languages } from "#words/language.ts";

/** A signed link's token; base64url with dots, whatever was signed. */
const LinkPath = Type.Object({ token: Type.String({ minLength: 1, maxLength: 512, pattern: "^[A-Za-z0-9_.~-]+$" }) });

/** Not strict: mail systems add their own parameters to links, and the reader must arrive all the same. */
const Fields = Type.Record(Type.String({ pattern: "^[^]{0,64}$" }), Type.String({ maxLength: 8192 }));
type Fields = Readonly<Record<string, string>>;

const page = ["text/html; charset=utf-8"];

/** What the links in an alert open, without an account: whoever holds the link may answer for whom it was made. */
export const answerRoutes: readonly Route[] = [
  route({
    method: "GET",
    url: "/a/:token",
    who: "public",
    does: "The page behind an alert's link; looking at it changes nothing",
    params: LinkPath,
    query: Type.Unsafe<Fields>(Type.Object({})),
    gives: page,
    forPeople: true,
    handle: async ({ acts, ask, params, query }) => {
      const chosen = answers.find((one) => one === query["answer"]);
      const { status, page: shown } = await acts.answerPage(params.token, chosen, inLanguage(ask, query["lang"]));
      return { status, body: shown.text };
    },
  }),
  route({
    method: "POST",
    url: "/a/:token",
    who: "public",
    does: "The answer given on that page",
    params: LinkPath,
    body: Fields,
    takes: ["application/x-www-form-urlencoded"],
    gives: page,
    forPeople: true,
    handle: async ({ acts, ask, params, body }) => {
      const form = readAnswerForm(body);
      if (!form.ok) return { problem: form.problem };
      const { status, page: shown } = await acts.answerLink(params.token, form.value, inLanguage(ask, body["lang"]));
      return { status, body: shown.text };
    },
  }),
  route({
    method: "GET",
    url: "/answer.css",
    who: "public",
    does: "How that page looks",
    gives: ["text/css; charset=utf-8"],
    handle: async () => ({ body: answerCss, headers: { "cache-control": "public, max-age=300" } }),
  }),
];

/** The reader's choice on the page is stronger than what the browser asks for. */
const inLanguage = (ask: Ask, chosen: string | undefined): Ask => {
  const language = languages.find((one) => one === chosen);
  return language === undefined ? ask : { ...ask, language };
};
