import { no, ok, type Result } from "#core/result.ts";

/** Every answer says exactly this, byte for byte: clients compare it as text. @see TAXII 2.1 §1.6.8.1 Media Types */
export const taxiiType = "application/taxii+json;version=2.1";

/** What may be posted, without its parameters. */
export const taxiiBody = "application/taxii+json";

/** Bytes of a body we take, unpacked; the api root tells clients. */
export const taxiiBodyAtMost: number = 16 * 1024 * 1024;

/** STIX as collections and manifests name it: "application/stix+json;version=2.1". */
export const stixType = (spec: string): string => `application/stix+json;version=${spec}`;

/**
 * May we answer this `Accept`? Ranges and q-values as RFC 9110 §12.5.1 has them; without a version our newest is meant
 * (TAXII 2.1 §1.6.8.1), and without the header anything is.
 *
 * @returns WGL_TAXII_ACCEPT (406)
 */
export const acceptsTaxii = (accept: string | undefined): Result<void> => {
  if (accept === undefined || accept.trim() === "") return ok(undefined);
  const fits = accept
    .split(",")
    .map(readRange)
    .filter((range) => range.specific > 0)
    .toSorted((a, b) => b.specific - a.specific);
  const [best] = fits;
  return best !== undefined && best.q > 0
    ? ok(undefined)
    : no("WGL_TAXII_ACCEPT", { accept: accept, wanted: taxiiType });
};

/** How closely a range names our type (0: not at all), and how much it is wanted. The closest decides. */
const readRange = (text: string): { readonly specific: number; readonly q: number } => {
  const { type, parameters } = readMedia(text);
  const q = Number(parameters.get("q") ?? "1");
  const version = parameters.get("version");
  const specific =
    type === "*/*"
      ? 1
      : type === "application/*"
        ? 2
        : type !== taxiiBody || (version !== undefined && version !== "2.1")
          ? 0
          : version === undefined
            ? 3
            : 4;
  return { specific, q: q >= 0 && q <= 1 ? q : 0 };
};

/** Is the body what we read? `application/taxii+json`, of version 2.1 where it says one. @returns WGL_HTTP_MEDIA (415) */
export const takesTaxii = (contentType: string | undefined): Result<void> => {
  const { type, parameters } = readMedia(contentType ?? "");
  const version = parameters.get("version");
  return type === taxiiBody && (version === undefined || version === "2.1")
    ? ok(undefined)
    : no("WGL_HTTP_MEDIA", { wanted: taxiiType });
};

const readMedia = (text: string): { readonly type: string; readonly parameters: ReadonlyMap<string, string> } => {
  const [type = "", ...rest] = text.split(";");
  const parameters = rest.map((one): [string, string] => {
    const [name = "", ...value] = one.split("=");
    return [
      name.trim().toLowerCase(),
      value
        .join("=")
        .trim()
        .replace(/^"(.*)"$/, "$1"),
    ];
  });
  return { type: type.trim().toLowerCase(), parameters: new Map(parameters) };
};
