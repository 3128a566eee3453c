import { type ObservableKind, observableKinds } from "#core/observable.ts";
import { no, ok, type Result } from "#core/result.ts";
import { BadBody } from "./bad-body.ts";
import { listsOf } from "./body.ts";
import { jsonField, parseJson } from "./json.ts";

export const warninglistTypes = ["cidr", "string", "hostname", "substring", "regex"] as const;
export type WarninglistType = (typeof warninglistTypes)[number];

/** A MISP warning list: values that are so common or so harmless that a feed naming them is probably wrong. */
export interface Warninglist {
  /** File name without its ends: "public-dns-v4". */
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly type: WarninglistType;
  /** Kinds it speaks of, from `matching_attributes`. */
  readonly kinds: ReadonlySet<ObservableKind>;
  readonly values: readonly string[];
}

/**
 * Reads one list's JSON (plain or gzipped). Unknown types are a problem; entries that are no text are left out.
 * @see MISP warning-list format, https://github.com/MISP/misp-warninglists
 */
export const readWarninglist = (body: Uint8Array, file: string): Result<Warninglist> => {
  try {
    return warninglistIn(parseJson(listsOf(body, file, { json: true })[0]?.bytes ?? body), file);
  } catch (error) {
    if (error instanceof BadBody) return { ok: false, problem: error.problem };
    throw error;
  }
};

const warninglistIn = (document: unknown, file: string): Result<Warninglist> => {
  const [name, list] = [jsonField(document, "name"), jsonField(document, "list")];
  const type = warninglistTypes.find((known) => known === jsonField(document, "type"));
  const attributes = jsonField(document, "matching_attributes");
  if (typeof name !== "string" || type === undefined || !Array.isArray(list))
    return no("WGL_BODY_SHAPE", { wanted: "a MISP warning list" });
  return ok({
    id: file.replace(/^.*[\\/]/, "").replace(/(?:\.json)?(?:\.gz)?$/i, ""),
    name: name.toWellFormed(),
    version: Number(jsonField(document, "version")) || 0,
    type,
    kinds: kindsOf(Array.isArray(attributes) ? attributes : []),
    values: list.filter((value): value is string => typeof value === "string"),
  });
};

const address: readonly ObservableKind[] = ["ipv4", "ipv6", "cidr", "endpoint"];
const host: readonly ObservableKind[] = ["domain", "endpoint"];

/** MISP attribute types and our kinds; a composite ("filename|md5") speaks of each of its halves. */
const kindsOfAttribute: Readonly<Record<string, readonly ObservableKind[]>> = {
  "ip-src": address,
  "ip-dst": address,
  ip: address,
  domain: host,
  hostname: host,
  url: ["url"],
  uri: ["url", "path"],
  "email-src": ["email"],
  "email-dst": ["email"],
  "target-email": ["email"],
  md5: ["md5"],
  sha1: ["sha1"],
  sha256: ["sha256"],
  sha512: ["sha512"],
  AS: ["asn"],
};

/** A list that names no attribute speaks of everything. */
const kindsOf = (attributes: readonly unknown[]): ReadonlySet<ObservableKind> =>
  attributes.length === 0
    ? new Set(observableKinds)
    : new Set(
        attributes
          .flatMap((attribute) => String(attribute).split("|"))
          .flatMap((half) => (Object.hasOwn(kindsOfAttribute, half) ? (kindsOfAttribute[half] ?? []) : [])),
      );
