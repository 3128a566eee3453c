import { no, ok, type Result } from "#core/result.ts";

/**
 * One line of a Zeek JSON log as an object. Keys stay as the writer spelt them ("id.orig_h", or "id_orig_h" where a
 * shipper flattened them).
 *
 * @returns WGL_ZEEK_JSON for text that is no JSON object (a line cut off in the middle), WGL_ZEEK_KEY for a key that
 *   could reach an object's prototype
 */
export const readJson = (line: string): Result<Record<string, unknown>> => {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return no("WGL_ZEEK_JSON", { value: line });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return no("WGL_ZEEK_JSON", { value: line });
  // The cheap look first: the name may stand in a URL, where it is only text.
  if ((line.includes("__proto__") || line.includes("\\u00")) && reachesPrototype(value))
    return no("WGL_ZEEK_KEY", { key: "__proto__" });
  return ok(value as Record<string, unknown>);
};

const reachesPrototype = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  (Object.hasOwn(value, "__proto__") || Object.values(value).some(reachesPrototype));
