import type { FastifyReply, FastifyRequest } from "fastify";
import { type ErrorCode, errors } from "#core/errors.ts";
import { type Problem, problem, WaglanError } from "#core/result.ts";
import { problemDocument, problemType } from "./problem-document.ts";
import { problemPage } from "./problem-page.ts";
import { readerLanguage } from "./reader-language.ts";
import { dialectOf } from "./error-dialects.ts";
import type { Refusal, Route } from "./route.ts";
import { type Complaint, wrongPlaces } from "./validation.ts";

/** Thrown inside the server to refuse; never leaves it. */
export class Refused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.problem.code);
    this.refusal = refusal;
  }
}

/** Answers with the problem, as a document or, where people look, as a page. `single` problems stand inside it. */
export const refuse = (
  request: FastifyRequest,
  reply: FastifyReply,
  { problem: why, headers }: Refusal,
  single?: readonly Problem[],
): FastifyReply => {
  const language = readerLanguage(request.headers["accept-language"]);
  const document = problemDocument(why, language, request.id, single);
  reply.code(document.status).headers({ ...headers, "content-language": language, "cache-control": "no-store" });
  const dialect = dialectOf(request.url);
  if (dialect !== undefined)
    return reply
      .type(dialect.type)
      .send(Buffer.from(JSON.stringify(dialect.write(document, request.url.split("?", 1)[0] ?? ""))));
  return request.routeOptions.config.route?.forPeople === true
    ? reply.type("text/html; charset=utf-8").send(problemPage(document, language).text)
    : reply.type(problemType).send(JSON.stringify(document));
};

/**
 * What an error of the framework, of the world or of ours says to a stranger: a code and a sentence of the table, never
 * the error's own text, which may hold a path, a query, a row.
 */
export const refusalOf = (
  error: unknown,
  route: Route | undefined,
  bodyLimit: number,
): Refusal & { readonly single?: readonly Problem[] } => {
  if (error instanceof Refused) return error.refusal;
  if (error instanceof WaglanError) {
    const http: number = errors[error.code].http;
    return http === 502 || http === 503 || http === 504 || http === 507
      ? { problem: problem("WGL_HTTP_DOWN"), headers: { "retry-after": "5" } }
      : { problem: problem("WGL_HTTP_OURS") };
  }
  if (!(error instanceof Error)) return { problem: problem("WGL_HTTP_OURS") };
  if ("validation" in error && Array.isArray(error.validation)) {
    const part = "validationContext" in error ? String(error.validationContext) : "body";
    // An id that no row could have is the id of no row.
    if (part === "params") return { problem: problem("WGL_ABSENT") };
    const single = wrongPlaces(part, error.validation as Complaint[]);
    return { problem: problem("WGL_HTTP_INPUT", { count: single.length }), single };
  }
  const code = "code" in error && typeof error.code === "string" ? framework[error.code] : undefined;
  if (code === "WGL_HTTP_LARGE")
    return { problem: problem(code, { limit: bodyLimit }), headers: { connection: "close" } };
  if (code === "WGL_HTTP_MEDIA") return { problem: problem(code, { wanted: mediaOf(route) }) };
  return { problem: problem(code ?? "WGL_HTTP_OURS") };
};

export const mediaOf = (route: Route | undefined): string =>
  (route?.takes ?? (route?.body ? ["application/json"] : [])).join(", ") || "no body";

/** Fastify's codes that a correct server meets in requests; the rest are ours. */
const framework: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "WGL_HTTP_LARGE",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "WGL_HTTP_MEDIA",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "WGL_HTTP_MALFORMED",
  FST_ERR_CTP_EMPTY_JSON_BODY: "WGL_HTTP_JSON",
  FST_ERR_CTP_INVALID_JSON_BODY: "WGL_HTTP_JSON",
  FST_ERR_BAD_URL: "WGL_ABSENT",
  FST_ERR_MAX_PARAM_LENGTH: "WGL_ABSENT",
  ERR_STREAM_PREMATURE_CLOSE: "WGL_HTTP_MALFORMED",
  ECONNRESET: "WGL_HTTP_MALFORMED",
};
