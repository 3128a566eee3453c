import { createHash } from "node:crypto";
import { instant } from "#core/instant.ts";
import { no, ok, problem, type Result } from "#core/result.ts";
import { refused } from "#feeds/advisory-row.ts";
import { BadBody } from "#feeds/bad-body.ts";
import { csafRow } from "#feeds/csaf.ts";
import type { Row } from "#feeds/feed.ts";
import { parseJson } from "#feeds/json.ts";
import { numberAt, textAt, textsAt } from "#feeds/json-shape.ts";
import { readCertificates } from "#feeds/openpgp-certificate.ts";
import { verifyDetached } from "#feeds/openpgp.ts";

/**
 * A document as it was taken, with all that proves it, so that the archived body can be checked again by anybody:
 *
 *   { "csafFrom": "https://…/va-1.json", "takenAt": 1795312800000, "status": 200, "document": "eyJkb2N1…",
 *     "sha512": "7a42…  va-1.json", "signature": "-----BEGIN PGP SIGNATURE-----…", "keys": ["-----BEGIN PGP PUBLIC…"] }
 *
 * `document` is base64 of the bytes. `keys` holds those the provider names; with any, a signature is wanted.
 */
export interface Envelope {
  readonly csafFrom: string;
  readonly takenAt: number;
  /** What the server answered for the document, or for the first thing beside it that is announced and not there. */
  readonly status: number;
  readonly missing?: string;
  readonly document?: string;
  readonly sha512?: string;
  readonly sha256?: string;
  readonly signature?: string;
  readonly keys: readonly string[];
}

/** The document's row when its hash and signature are good; else the row says what is not. */
export const envelopeRow = (row: number, envelope: unknown): Row => {
  const url = textAt(envelope, "csafFrom");
  if (url === "") return refused(row, problem("WGL_ROW_FIELD", { field: "csafFrom" }));
  const proved = documentIn(envelope);
  if (!proved.ok) return refused(row, proved.problem);
  try {
    return csafRow(row, parseJson(proved.value), url);
  } catch (error) {
    if (error instanceof BadBody) return refused(row, error.problem);
    throw error;
  }
};

/** The bytes of a document that is what its provider published. @returns WGL_CSAF_FETCH | _HASH | _UNSIGNED | _SIGNATURE */
export const documentIn = (envelope: unknown): Result<Buffer> => {
  const url = textAt(envelope, "csafFrom");
  const status = numberAt(envelope, "status") ?? 0;
  if (status !== 200) return no("WGL_CSAF_FETCH", { url: textAt(envelope, "missing") || url, status });
  const bytes = Buffer.from(textAt(envelope, "document"), "base64");
  for (const algorithm of ["sha512", "sha256"] as const) {
    const published = textAt(envelope, algorithm);
    if (published === "") continue;
    // "7a42…  va-1.json", as sha512sum writes it
    const [digest = ""] = published.toLowerCase().split(/\s+/);
    if (digest !== createHash(algorithm).update(bytes).digest("hex")) return no("WGL_CSAF_HASH", { url, algorithm });
  }
  const keys = textsAt(envelope, "keys");
  if (keys.length === 0) return ok(bytes);
  const signature = textAt(envelope, "signature");
  if (signature === "") return no("WGL_CSAF_UNSIGNED", { url });
  const certificates = keys.flatMap((key) => {
    const read = readCertificates(Buffer.from(key, "latin1"));
    return read.ok ? read.value : [];
  });
  const takenAt = instant(Math.max(0, Math.min(numberAt(envelope, "takenAt") ?? 0, 253_402_300_799_999)));
  const signed = verifyDetached(bytes, Buffer.from(signature, "latin1"), certificates, takenAt);
  return signed.ok ? ok(bytes) : no("WGL_CSAF_SIGNATURE", { url, reason: reasonOf(signed.problem.message) });
};

const reasonOf = (message: string): string => message.charAt(0).toLowerCase() + message.slice(1);
