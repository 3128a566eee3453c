import { BadBody } from "#feeds/bad-body.ts";
import type { WalkAnswer } from "#feeds/feed.ts";
import { jsonField, parseJson } from "#feeds/json.ts";

/** TAXII's own types, and the one servers fall back to that do not know better. */
export const accept21 = "application/taxii+json;version=2.1";
export const accept20 = "application/vnd.oasis.stix+json; version=2.0";
const taxii20 = "application/vnd.oasis.taxii+json; version=2.0";

/** Which TAXII a server speaks; 2.0 has bundles for envelopes and pages by ranges of items. */
export type Protocol = "2.1" | "2.0";

export const acceptOf = (protocol: Protocol, of: "objects" | "other"): string =>
  protocol === "2.1" ? accept21 : of === "objects" ? accept20 : taxii20;

/** An envelope or a bundle, as its server sent it. */
export interface Page {
  readonly objects: readonly unknown[];
  /** Absent: the server does not say. */
  readonly more?: boolean;
  readonly next?: string;
  /** X-TAXII-Date-Added-First and -Last as written: every digit of them orders objects. */
  readonly first?: string;
  readonly last?: string;
  /** Of a range of 2.0: the last item in it and how many there are. */
  readonly range?: { readonly to: number; readonly of?: number };
}

/**
 * Reads a page leniently: `{}` holds nothing, `next` may be a number, headers may be missing, JSON may call itself plain.
 * A page that is no JSON by its own word is named, whatever it holds.
 *
 * @throws BadBody WGL_TAXII_MEDIA | WGL_TAXII_ANSWER | WGL_BODY_…
 * @see TAXII 2.1 §3.7 Envelope, §3.4 Pagination, §3.8 Property Names; TAXII 2.0 §3.5 Pagination
 */
export const readPage = (answer: WalkAnswer, url: string): Page => {
  const document = readAnswer(answer, url);
  const objects = jsonField(document, "objects") ?? [];
  if (!Array.isArray(objects))
    throw new BadBody("WGL_TAXII_ANSWER", { url: shown(url), wanted: "an envelope with a list of objects" });
  const [more, next] = [jsonField(document, "more"), jsonField(document, "next")];
  const { "x-taxii-date-added-first": first, "x-taxii-date-added-last": last } = answer.headers;
  const range = /^items (\d+)-(\d+)\/(\d+|\*)$/.exec(answer.headers["content-range"] ?? "");
  return {
    objects,
    ...(typeof more === "boolean" ? { more } : {}),
    ...((typeof next === "string" && next !== "") || typeof next === "number" ? { next: String(next) } : {}),
    ...(isDateAdded(first) ? { first } : {}),
    ...(isDateAdded(last) ? { last } : {}),
    ...(range ? { range: { to: Number(range[2]), ...(range[3] === "*" ? {} : { of: Number(range[3]) }) } } : {}),
  };
};

/** Any answer of a TAXII server as an object. */
export const readAnswer = (answer: WalkAnswer, url: string): object => {
  const type = (answer.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (type !== "" && !/^application\/(?:(?:taxii|stix|vnd\.oasis\.(?:taxii|stix))\+)?json$/.test(type))
    throw new BadBody("WGL_TAXII_MEDIA", { url: shown(url), type });
  if (answer.body.length === 0) return {};
  const document = parseJson(answer.body);
  if (typeof document !== "object" || document === null || Array.isArray(document))
    throw new BadBody("WGL_TAXII_ANSWER", { url: shown(url), wanted: "a JSON object" });
  return document;
};

/** Does it say 2.0, whatever it was asked? */
export const speaks20 = (answer: WalkAnswer): boolean =>
  /version=2\.0|vnd\.oasis\.(?:taxii|stix)\+json(?!.*version=2\.1)/.test(answer.headers["content-type"] ?? "");

export const shown = (url: string): string => url.replace(/[?#].*/s, "");

const isDateAdded = (text: string | undefined): text is string => text !== undefined && dateAdded.test(text);
const dateAdded = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,12})?Z$/;

/**
 * Just before this moment, as a new conversation begins: a millisecond, since servers cut what they store or compare to
 * milliseconds, and `added_after` leaves out its own moment with everything else that was added then.
 */
export const justBefore = (time: string): string =>
  new Date(Date.parse(time.replace(/(\.\d{3})\d+/, "$1")) - 1).toISOString();

/** The moment before this one by its own last digit: within a conversation, where a wider step would lead back. */
export const stepBefore = (time: string): string => {
  const digits = /\.(\d+)Z$/.exec(time)?.[1];
  if (digits === undefined || /^0+$/.test(digits)) return justBefore(time);
  return time.replace(/\.\d+Z$/, `.${String(BigInt(digits) - 1n).padStart(digits.length, "0")}Z`);
};

/** Of two times as written, the later; digits beyond those of the other count. */
export const laterDate = (a: string | undefined, b: string | undefined): string | undefined =>
  a === undefined || b === undefined ? (a ?? b) : padded(a) >= padded(b) ? a : b;

const padded = (time: string): string => {
  const [seconds = "", digits = ""] = time.replace("Z", "").split(".");
  return `${seconds}.${digits.padEnd(12, "0")}`;
};
