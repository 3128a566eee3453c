import type { FastifyInstance } from "fastify";
import { no, ok, type Result } from "#core/result.ts";

/** Deepest body of ours is 4; 32 leaves room for every API to come and keeps recursive code behind us from its stack's end. */
const deepest = 32;

/**
 * JSON from outside: UTF-8, not too deep, no key that names a prototype (`__proto__`, `constructor.prototype`).
 *
 * @param parse secure-json-parse as Fastify carries it
 * @returns WGL_HTTP_JSON, WGL_HTTP_KEY, WGL_HTTP_DEEP
 */
export const readJson = (bytes: Buffer, parse: JsonParser): Result<unknown> => {
  if (depth(bytes) > deepest) return no("WGL_HTTP_DEEP", { limit: deepest });
  let text: string;
  try {
    text = strict.decode(bytes);
  } catch {
    return no("WGL_HTTP_JSON");
  }
  try {
    JSON.parse(text);
  } catch {
    return no("WGL_HTTP_JSON");
  }
  // It is JSON, so whatever the careful parser minds now is a key.
  try {
    return ok(parse(text));
  } catch {
    return no("WGL_HTTP_KEY");
  }
};

export type JsonParser = (text: string) => unknown;

/** Fastify's own secure parser, made synchronous: it calls back at once. */
export const secureParser = (app: FastifyInstance): JsonParser => {
  const parser = app.getDefaultJsonParser("error", "error");
  return (text) => {
    let outcome: Result<unknown, Error> | undefined;
    void parser({} as never, text, (error, body) => {
      outcome = error ? { ok: false, problem: error } : { ok: true, value: body };
    });
    if (!outcome?.ok) throw outcome?.problem ?? new Error("the JSON parser did not call back");
    return outcome.value;
  };
};

const strict = new TextDecoder("utf-8", { fatal: true });

/** Brackets open at once, strings aside; one pass, no stack. */
const depth = (bytes: Uint8Array): number => {
  let open = 0;
  let most = 0;
  let inString = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (inString) {
      if (byte === 0x5c) i++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x7b || byte === 0x5b) most = Math.max(most, ++open);
    else if (byte === 0x7d || byte === 0x5d) open--;
  }
  return most;
};
