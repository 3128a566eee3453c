import { lookUpAtMost } from "#api/indicator.ts";
import type { ObservableKind } from "#core/observable.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { LookedUp } from "#jobs/search/look-up.ts";
import type { Language } from "#words/language.ts";
import { sayProblem } from "#words/say.ts";

/**
 * Values of a look-up: a JSON array of strings, or lines that are JSON strings, objects with a `value`, or the bare values.
 * Empty lines are no values.
 *
 * @param body parsed JSON for application/json, else bytes
 * @returns WGL_LOOK_UP_MANY, WGL_LOOK_UP_VALUE
 */
export const readLookUp = (body: unknown): Result<readonly string[]> => {
  const values: string[] = [];
  const given: readonly unknown[] =
    body instanceof Uint8Array ? linesOf(body) : Array.isArray(body) ? body : [undefined];
  if (given.length > lookUpAtMost) return no("WGL_LOOK_UP_MANY", { count: given.length, limit: lookUpAtMost });
  for (let at = 0; at < given.length; at++) {
    const value = given[at];
    if (typeof value !== "string") return no("WGL_LOOK_UP_VALUE", { line: at + 1 });
    values.push(value);
  }
  return ok(values);
};

const linesOf = (body: Uint8Array): readonly unknown[] => {
  const lines: unknown[] = [];
  for (const line of new TextDecoder().decode(body).split("\n")) {
    const text = line.trim();
    if (text !== "") lines.push(valueOf(text));
    // one more than may be is enough to refuse
    if (lines.length > lookUpAtMost) return lines;
  }
  return lines;
};

const valueOf = (text: string): unknown => {
  if (text.charCodeAt(0) !== 34 && text.charCodeAt(0) !== 123) return text;
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === "object" && read !== null && "value" in read ? read.value : read;
  } catch {
    return undefined;
  }
};

/** An answer a line, in the order of the values, as UTF-8. */
export const writeLookUp = (found: readonly LookedUp[], language: Language): Uint8Array => {
  let lines = "";
  for (const { known, observable, problem, by, score, sources, tlp } of found)
    if (problem !== undefined)
      lines += `${JSON.stringify({ known, code: problem.code, says: sayProblem(language, problem) })}\n`;
    else if (known || observable === undefined)
      lines += `${JSON.stringify({ known, ...observable, score, sources, tlp, ...(by === undefined ? {} : { by }) })}\n`;
    else
      lines += plainKinds.has(observable.kind)
        ? `{"known":false,"kind":"${observable.kind}","value":"${observable.value}"}\n`
        : `{"known":false,"kind":"${observable.kind}","value":${JSON.stringify(observable.value)}}\n`;
  return Buffer.from(lines);
};

/** Kinds whose canonical values have nothing that JSON escapes: letters of DNS, digits, dots, colons. */
const plainKinds: ReadonlySet<ObservableKind> = new Set([
  ...(["ipv4", "ipv6", "cidr", "domain", "md5", "sha1", "sha256", "sha512", "asn"] as const),
]);
