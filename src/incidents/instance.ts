import { hash } from "node:crypto";
import type { Hit } from "#detect/hit.ts";

/** Characters of a key: a database index ends at 2,704 bytes, a URL may have 8,192 characters. */
const keyAtMost = 400;

/**
 * Key of the instance inside a finding: a host behind a shared address, or the path on which the problem shows.
 * "tls-sni bad.example" for contacts; "" never occurs. A long value is cut, and told apart by its digest. Of what others
 * report it is the port of theirs that was seen, "source 203.0.113.24:23": one service, one instance.
 */
export const instanceKey = (hit: Pick<Hit, "where" | "observable">): string =>
  `${hit.where} ${shortValue(hit.observable.value)}`;

/** The value itself, or its beginning with a digest of the whole. */
export const shortValue = (value: string): string =>
  value.length <= keyAtMost ? value : `${value.slice(0, keyAtMost - 33)}…${hash("sha256", value, "hex").slice(0, 32)}`;
