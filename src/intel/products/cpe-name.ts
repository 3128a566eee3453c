import { no, ok, type Result } from "#core/result.ts";

/** Attributes of a well-formed name, in the order of the formatted string. @see NIST IR 7695 §5.2 */
export const cpeAttributes = [
  ...["part", "vendor", "product", "version", "update", "edition"],
  ...["language", "sw_edition", "target_sw", "target_hw", "other"],
] as const;
export type CpeAttribute =
  | ("part" | "vendor" | "product" | "version" | "update" | "edition")
  | ("language" | "sw_edition" | "target_sw" | "target_hw" | "other");

/**
 * One CPE name. Values as a formatted string writes them, lower case: "*" is ANY, "-" is NA, else text with "\" before
 * everything but letters, digits, "_", "." and "-"; unquoted "*" and "?" at its ends are wildcards. A "-" by itself that
 * is meant as text is "\-".
 */
export type CpeName = Readonly<Record<CpeAttribute, string>>;

/** A CPE 2.3 formatted string or a CPE 2.2 URI. @returns WGL_PRODUCT_CPE */
export const parseCpe = (text: string): Result<CpeName> => {
  const trimmed = text.trim();
  const values =
    trimmed.length > 1000
      ? undefined
      : /^cpe:2\.3:/i.test(trimmed)
        ? fromFormatted(trimmed.slice(8))
        : /^cpe:\//i.test(trimmed)
          ? fromUri(trimmed.slice(5))
          : undefined;
  if (values === undefined || !/^(?:[aho*]|-)$/.test(values[0] ?? "")) return no("WGL_PRODUCT_CPE", { value: text });
  return ok(nameOf(values));
};

const nameOf = (values: readonly string[]): CpeName => {
  const at = (place: number): string => values[place] ?? "*";
  return {
    ...{ part: at(0), vendor: at(1), product: at(2), version: at(3), update: at(4), edition: at(5) },
    ...{ language: at(6), sw_edition: at(7), target_sw: at(8), target_hw: at(9), other: at(10) },
  };
};

/** @see NIST IR 7695 §6.2.3 (unbinding a formatted string) */
const fromFormatted = (text: string): readonly string[] | undefined => {
  const fields = text.toLowerCase().match(/(?:\\.|[^:\\])+/g) ?? [];
  if (fields.length !== 11 || fields.join(":").length !== text.length) return undefined;
  const values = fields.map(canonical);
  return values.every((value) => value !== undefined) ? values : undefined;
};

/** The one text of a value: quoted where it must be and nowhere else. `undefined`: a wildcard stands inside. */
const canonical = (field: string): string | undefined => {
  if (field === "*" || field === "-") return field;
  const quoted = field.replace(/\\(.)|([^\\])/gsu, (_whole, escaped: string | undefined, bare: string | undefined) => {
    const character = escaped ?? bare ?? "";
    if (/[a-z0-9_.-]/.test(character)) return character;
    return escaped === undefined && /[*?]/.test(character) ? character : `\\${character}`;
  });
  const value = quoted === "-" ? "\\-" : quoted;
  return wellFormed.test(value) ? value : undefined;
};

/** Wildcards at the ends only: one "*" or some "?". @see NIST IR 7695 §5.3.2 */
const wellFormed = /^(?:\*|\?+)?(?:[a-z0-9_.-]|\\[^a-z0-9_\s])+(?:\*|\?+)?$|^\?+$/u;

/** @see NIST IR 7695 §6.1.3 (unbinding a URI) */
const fromUri = (text: string): readonly string[] | undefined => {
  const parts = text.toLowerCase().split(":");
  if (parts.length > 7 || text === "") return undefined;
  const [part = "", vendor = "", product = "", version = "", update = "", edition = "", language = ""] = parts;
  const packed = edition.startsWith("~") ? edition.split("~").slice(1) : [edition, "", "", "", ""];
  if (packed.length !== 5) return undefined;
  const [legacy = "", softwareEdition = "", software = "", hardware = "", other = ""] = packed;
  const all = [part, vendor, product, version, update, legacy, language, softwareEdition, software, hardware, other];
  const values = all.map(fromUriPart);
  return values.every((value) => value !== undefined) ? values : undefined;
};

const fromUriPart = (text: string): string | undefined => {
  if (text === "") return "*";
  if (text === "-") return "-";
  if (/%(?![0-9a-f]{2})/.test(text)) return undefined;
  const quoted = text.replace(/%([0-9a-f]{2})|[^a-z0-9_%]/gu, (whole, hex: string | undefined) => {
    if (hex === "01") return "?";
    if (hex === "02") return "*";
    const character = hex === undefined ? whole : String.fromCharCode(Number.parseInt(hex, 16));
    return /[a-z0-9_.-]/i.test(character) ? character.toLowerCase() : `\\${character}`;
  });
  return wellFormed.test(quoted) ? quoted : undefined;
};

/** "cpe:2.3:a:example:gateway:4.2:*:*:*:*:*:*:*". @see NIST IR 7695 §6.2.2 */
export const printCpe = (name: CpeName): string => `cpe:2.3:${cpeAttributes.map((one) => name[one]).join(":")}`;

/** "cpe:/a:example:gateway:4.2". @see NIST IR 7695 §6.1.2 */
export const printCpeUri = (name: CpeName): string => {
  const of = (attribute: CpeAttribute): string => uriPart(name[attribute]);
  const extended = [of("sw_edition"), of("target_sw"), of("target_hw"), of("other")];
  const edition = extended.every((one) => one === "") ? of("edition") : `~${of("edition")}~${extended.join("~")}`;
  const parts = [of("part"), of("vendor"), of("product"), of("version"), of("update"), edition, of("language")];
  return `cpe:/${parts.join(":").replace(/:+$/, "")}`;
};

const uriPart = (value: string): string => {
  if (value === "*") return "";
  if (value === "-") return "-";
  return value.replace(/\\(.)|[*?]/gsu, (whole, escaped: string | undefined) => {
    if (escaped === undefined) return whole === "?" ? "%01" : "%02";
    return /[.-]/.test(escaped) ? escaped : `%${escaped.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
};

/** The text of a value without its quoting; "" for ANY and NA, and where it has wildcards. */
export const cpeText = (value: string): string =>
  value === "*" || value === "-" || hasWildcard(value) ? "" : value.replace(/\\(.)/gsu, "$1");

export const hasWildcard = (value: string): boolean =>
  (value.includes("*") || value.includes("?")) && /(?<!\\)(?:\\\\)*[*?]/.test(value);
