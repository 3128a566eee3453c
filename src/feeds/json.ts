import { BadBody } from "./bad-body.ts";
import { limits } from "./limits.ts";

/**
 * A JSON document from UTF-8 bytes. Depth is counted by a scan before parsing, so nesting cannot exhaust a stack; keys
 * are data ("__proto__" becomes an own property, `jsonField` reads only own ones); of equal keys the last wins; whole
 * numbers a double cannot hold, and numbers beyond its range, are kept as their text.
 * @see RFC 8259
 */
export const parseJson = (bytes: Uint8Array): unknown => {
  if (deeperThan(bytes, limits.jsonDepth)) throw new BadBody("WGL_BODY_DEPTH", { limit: limits.jsonDepth });
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  try {
    return longNumber.test(text) ? JSON.parse(text, exactly) : JSON.parse(text);
  } catch (error) {
    throw new BadBody("WGL_BODY_SYNTAX", { reason: error instanceof Error ? error.message : "" });
  }
};

/** Own property of an object from outside; `undefined` for anything else. */
export const jsonField = (object: unknown, key: string): unknown =>
  typeof object === "object" && object !== null && Object.hasOwn(object, key)
    ? (object as Readonly<Record<string, unknown>>)[key]
    : undefined;

const longNumber = /[:[,]\s*-?(?:\d{16,}|\d[\d.]*e\+?\d{3,})/i;

const exactly = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => {
  if (typeof value !== "number" || context?.source === undefined) return value;
  const whole = /^-?\d+$/.test(context.source);
  return Number.isFinite(value) && (!whole || Number.isSafeInteger(value)) ? value : context.source;
};

/** Whether brackets outside strings nest deeper than `most`. Walks bytes: no recursion, no allocation. */
const deeperThan = (bytes: Uint8Array, most: number): boolean => {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (inString) {
      if (byte === 0x5c) at++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > most) return true;
    } else if (byte === 0x5d || byte === 0x7d) depth--;
  }
  return false;
};
