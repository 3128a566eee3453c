import { createHash } from "node:crypto";
import { canonicalJson } from "#core/canonical-json.ts";
import { no, ok, type Result } from "#core/result.ts";
import { timeKey } from "./time-key.ts";

/**
 * Which version of its object a STIX object is.
 *
 * - `modified`: objects with versions; their order is the order of `key`.
 * - `created`: marking definitions (STIX 2.1 §7.2.1: never versioned), and objects whose `modified` is absent.
 * - `none`: cyber-observable objects (§2.9); TAXII 2.1 §3.4 takes the moment of arrival in its place.
 */
export interface Version {
  readonly by: "modified" | "created" | "none";
  /** Sorts as text by instant, full precision (`timeKey`); "" for `none`. */
  readonly key: string;
  /** As its author wrote it; "" for `none`. What goes out is this, never `key`. */
  readonly written: string;
  /** Permanent: no later version brings the object back (STIX 2.1 §3.6). */
  readonly revoked: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * The version of one object.
 *
 * @returns WGL_STIX_TIMESTAMP for a `modified` or `created` that is no timestamp
 * @see STIX 2.1 §3.6 Versioning; TAXII 2.1 §3.4 Filtering by version
 */
export const versionOf = (object: Fields): Result<Version> => {
  const revoked = object["revoked"] === true;
  for (const by of ["modified", "created"] as const) {
    if (!Object.hasOwn(object, by)) continue;
    const written = object[by];
    const key = timeKey(written);
    if (key === undefined || typeof written !== "string") return no("WGL_STIX_TIMESTAMP", { property: by }, `/${by}`);
    return ok({ by, key, written, revoked });
  }
  return ok({ by: "none", key: "", written: "", revoked });
};

/** One version that is held, or that comes: of one id, always. */
export interface HeldVersion {
  readonly key: string;
  readonly revoked: boolean;
  /** `contentOf` the object. */
  readonly content: string;
}

/**
 * What an arriving version is to those held of the same id, in any order:
 *
 * - `first`, `newer`: becomes the latest
 * - `older`: a version we did not have, behind the latest; keep it, change nothing
 * - `same`: held already
 * - `conflict`: this version is held with other content; report it, overwrite nothing (only its creator may make a version)
 * - `revoked`: a version that follows a revocation; the object stays revoked
 */
export type Arrival = "first" | "newer" | "older" | "same" | "conflict" | "revoked";

export const arrivalOf = (held: readonly HeldVersion[], comes: HeldVersion): Arrival => {
  const same = held.find(({ key }) => key === comes.key);
  if (same !== undefined) return same.content === comes.content ? "same" : "conflict";
  if (held.some(({ revoked, key }) => revoked && key < comes.key)) return "revoked";
  if (held.length === 0) return "first";
  return held.every(({ key }) => key < comes.key) ? "newer" : "older";
};

/**
 * The version in force: the latest by instant, except that nothing after a revocation counts. `undefined` of nothing.
 */
export const latestOf = <T extends Pick<HeldVersion, "key" | "revoked">>(held: readonly T[]): T | undefined => {
  const sorted = held.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return sorted.find(({ revoked }) => revoked) ?? sorted.at(-1);
};

/**
 * A hash of what the object says, whoever wrote it down: order of keys, blanks and escapes, digits that end a timestamp's
 * fraction, and `revoked` and `defanged` that say their default make no difference. Hex SHA-256.
 */
export const contentOf = (object: Fields): string => {
  const said = Object.fromEntries(
    Object.entries(object).filter(([key, value]) => !(value === false && (key === "revoked" || key === "defanged"))),
  );
  return createHash("sha256")
    .update(canonicalJson(sameInstants(said)))
    .digest("hex");
};

const sameInstants = (value: unknown): unknown => {
  if (typeof value === "string") return timeKey(value) ?? value;
  if (Array.isArray(value)) return value.map(sameInstants);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, sameInstants(item)]));
};
