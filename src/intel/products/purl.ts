import { no, ok, type Result } from "#core/result.ts";

/** A package URL, normalised by the rules of its type. Absent parts are "". */
export interface Purl {
  readonly type: string;
  /** Segments joined by "/". */
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  /** By key, sorted. */
  readonly qualifiers: ReadonlyMap<string, string>;
  readonly subpath: string;
}

/** Types whose names are compared without case. @see purl-spec, PURL-TYPES */
const lowered = new Set([
  ...[
    "alpm",
    "apk",
    "bitbucket",
    "bitnami",
    "composer",
    "deb",
    "github",
    "gitlab",
    "golang",
    "hex",
    "npm",
    "oci",
    "pypi",
  ],
  ...["luarocks", "qpkg"],
]);
/** Types whose namespace alone is. */
const loweredNamespace = new Set(["rpm"]);

/** @returns WGL_PRODUCT_PURL  @see purl-spec, "How to parse a purl string in its components" */
export const parsePurl = (text: string): Result<Purl> => {
  const bad = no("WGL_PRODUCT_PURL", { value: text });
  if (text.length > 2000) return bad;
  const [beforeHash, subpath] = halves(text.trim(), text.trim().lastIndexOf("#"));
  const [beforeQuery, query] = halves(beforeHash, beforeHash.lastIndexOf("?"));
  const [, rawType = "", path = ""] = /^pkg:\/*([^/]+)\/(.*)$/i.exec(beforeQuery) ?? [];
  const type = rawType.toLowerCase();
  if (!/^[a-z][a-z0-9.+-]*$/.test(type)) return bad;
  const trimmed = path.replace(/^\/+|\/+$/g, "");
  const at = trimmed.lastIndexOf("@");
  // an "@" before the last "/" belongs to a namespace that somebody did not encode: "@scope/name"
  const [named, version] = at > trimmed.lastIndexOf("/") && at > 0 ? halves(trimmed, at) : [trimmed, ""];
  try {
    const segments = named
      .split("/")
      .filter((one) => one !== "")
      .map(decodeURIComponent);
    const name = segments.pop() ?? "";
    if (name === "" || segments.some((one) => one.includes("/"))) return bad;
    const qualifiers = qualifiersOf(query);
    return qualifiers === undefined
      ? bad
      : ok(
          normalised({
            ...{ type, namespace: segments.join("/"), name, version: decodeURIComponent(version), qualifiers },
            subpath: subpathOf(subpath),
          }),
        );
  } catch {
    // decodeURIComponent refused a broken escape
    return bad;
  }
};

const halves = (text: string, at: number): readonly [string, string] =>
  at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];

const qualifiersOf = (query: string): ReadonlyMap<string, string> | undefined => {
  const found: [string, string][] = [];
  for (const pair of query.split("&").filter((one) => one !== "")) {
    const [key, value] = halves(pair, pair.indexOf("="));
    const name = key.toLowerCase();
    if (!/^[a-z][a-z0-9._-]*$/.test(name) || found.some(([before]) => before === name)) return undefined;
    if (value !== "") found.push([name, decodeURIComponent(value)]);
  }
  return new Map(found.sort(([a], [b]) => (a < b ? -1 : 1)));
};

const subpathOf = (text: string): string =>
  text
    .split("/")
    .filter((one) => one !== "" && one !== "." && one !== "..")
    .map(decodeURIComponent)
    .join("/");

const normalised = (purl: Purl): Purl => {
  const lower = lowered.has(purl.type);
  const name = lower ? purl.name.toLowerCase() : purl.name;
  return {
    ...purl,
    namespace: lower || loweredNamespace.has(purl.type) ? purl.namespace.toLowerCase() : purl.namespace,
    name: purl.type === "pypi" ? name.replaceAll("_", "-") : name,
  };
};

/** The canonical text. @see purl-spec, "How to build purl string from its components" */
export const printPurl = ({ type, namespace, name, version, qualifiers, subpath }: Purl): string => {
  const path = (text: string): string => text.split("/").map(encoded).join("/");
  const query = [...qualifiers].map(([key, value]) => `${key}=${encoded(value)}`).join("&");
  return [
    `pkg:${type}/${namespace === "" ? "" : `${path(namespace)}/`}${encoded(name)}`,
    version === "" ? "" : `@${encoded(version)}`,
    query === "" ? "" : `?${query}`,
    subpath === "" ? "" : `#${path(subpath)}`,
  ].join("");
};

/** Colons stay; everything else but letters, digits, ".", "-", "_" and "~" is escaped. */
const encoded = (text: string): string =>
  encodeURIComponent(text)
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%3A", ":");

/** What is compared: type, namespace and name without case, for people write names of every type as they like. */
export const purlKey = ({ type, namespace, name }: Purl): string => `${type}/${namespace}/${name}`.toLowerCase();
