import { type Problem, problem } from "#core/result.ts";

/** A complaint of the validator; JSON Schema's keyword says what was wanted. */
export interface Complaint {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/**
 * Every wrong place of one part of a request, at most 100. Values are not repeated: they may be a password.
 *
 *   body {"act":"jump","x":1} → [ WGL_HTTP_VALUE at body#/act, WGL_HTTP_EXTRA at body#/x ]
 */
export const wrongPlaces = (part: string, complaints: readonly Complaint[]): readonly Problem[] =>
  complaints.flatMap((complaint) => toProblems(part === "querystring" ? "query" : part, complaint)).slice(0, 100);

const toProblems = (part: string, { keyword, instancePath, params }: Complaint): readonly Problem[] => {
  const at = `${part}#${instancePath}`;
  switch (keyword) {
    case "required":
      return names(params["requiredProperties"]).map((name) => problem("WGL_HTTP_MISSING", { name }, at));
    case "additionalProperties":
      return names(params["additionalProperties"]).map((name) => problem("WGL_HTTP_EXTRA", { name }, at));
    case "boolean": // the same place once more, for a property that may not be there
      return [];
    default:
      return [problem("WGL_HTTP_VALUE", { wanted: wanted(keyword, params) }, at)];
  }
};

const names = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

/** In JSON Schema's own words, which need no translation: "one of a, b", "type integer", ">= 1", "maxLength 64". */
const wanted = (keyword: string, params: Readonly<Record<string, unknown>>): string => {
  if (keyword === "enum") return names(params["allowedValues"]).join(" | ");
  if ("comparison" in params) return `${String(params["comparison"])} ${String(params["limit"])}`;
  return [keyword, ...Object.values(params).flat().map(String)].join(" ");
};
