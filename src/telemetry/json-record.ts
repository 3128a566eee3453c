import { no, ok, type Result } from "#core/result.ts";
import { type Fields, isObject } from "./record-fields.ts";

/**
 * One record of a log in JSON.
 *
 * @param format its title, for the problem
 * @returns WGL_LOG_JSON for text that is no JSON object (a line cut off in the middle), WGL_LOG_KEY for a key that could
 *   reach an object's prototype
 */
export const readJsonRecord = (line: string, format: string): Result<Fields> => {
  // Objects as deep as a stack would break whoever prints them; shorter lines cannot be that deep.
  if (line.length > shallow && isDeep(line)) return no("WGL_LOG_JSON", { format, value: line });
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return no("WGL_LOG_JSON", { format, value: line });
  }
  if (!isObject(value)) return no("WGL_LOG_JSON", { format, value: line });
  // The cheap look first: the name may stand in a URL, where it is only text.
  if ((line.includes("__proto__") || line.includes("\\u00")) && reachesPrototype(value))
    return no("WGL_LOG_KEY", { format, key: "__proto__" });
  return ok(value);
};

/** UTF-16 units up to which depth is not looked at: it takes one for each level, and stacks hold more. */
const shallow = 4096;

const isDeep = (line: string): boolean => {
  let depth = 0;
  let inText = false;
  for (let i = 0; i < line.length; i++) {
    const c = line.charCodeAt(i);
    if (inText) {
      if (c === 92) i++;
      else if (c === 34) inText = false;
    } else if (c === 34) inText = true;
    else if (c === 123 || c === 91) {
      if (++depth > deepest) return true;
    } else if (c === 125 || c === 93) depth--;
  }
  return false;
};

/** Deeper than any log goes, and long before our own stack ends: what is below is taken for the worst. */
const deepest = 256;

const reachesPrototype = (value: unknown, depth = 0): boolean =>
  typeof value === "object" &&
  value !== null &&
  (depth > deepest ||
    Object.hasOwn(value, "__proto__") ||
    Object.values(value).some((inner) => reachesPrototype(inner, depth + 1)));
