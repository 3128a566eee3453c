import { cidrRange } from "#core/cidr.ts";
import { parseEmail } from "#core/email.ts";

/** How one kind of setting is read from text and written back; `read` answers undefined for what is no such value. */
export interface Reading<T> {
  /** Completes "wanted …". */
  readonly wanted: string;
  readonly read: (text: string) => T | undefined;
}

/** Longest setting in UTF-16 units: a URL with a long password stays far below. */
const longest = 2048;

const plain = (text: string): string | undefined =>
  text.length > longest || /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(text) ? undefined : text;

export const words: Reading<string> = { wanted: "a text", read: plain };

export const path: Reading<string> = { wanted: "a path", read: plain };

export const flag: Reading<boolean> = {
  wanted: "true or false",
  read: (text) => (text === "true" ? true : text === "false" ? false : undefined),
};

export const whole = (from: number, to: number): Reading<number> => ({
  wanted: `a whole number from ${from} to ${to}`,
  read: (text) => {
    const value = /^(?:0|[1-9]\d{0,8})$/.test(text) ? Number(text) : Number.NaN;
    return value >= from && value <= to ? value : undefined;
  },
});

export const oneOf = <const T extends string>(allowed: readonly T[]): Reading<T> => ({
  wanted: `one of ${allowed.join(", ")}`,
  read: (text) => allowed.find((one) => one === text),
});

/** An absolute URL of one of these schemes, as it was written. */
export const url = (...schemes: readonly string[]): Reading<string> => ({
  wanted: `a URL that begins with ${schemes.map((scheme) => `${scheme}:`).join(" or ")}`,
  read: (text) => {
    const parsed = plain(text) === undefined || /\s/.test(text) ? null : URL.parse(text);
    return parsed !== null && schemes.includes(parsed.protocol.slice(0, -1)) ? text : undefined;
  },
});

/** Where readers reach us: http or https, without path, query or credentials, no final slash. */
export const origin: Reading<string> = {
  wanted: "an http or https URL of a host alone",
  read: (text) => {
    const parsed = URL.parse(text);
    if (parsed === null || !/^https?:$/.test(parsed.protocol)) return undefined;
    return parsed.origin === text.replace(/\/$/, "").toLowerCase() ? parsed.origin : undefined;
  },
};

/** A name or an address to listen on: "127.0.0.1", "::", "localhost". */
export const host: Reading<string> = {
  wanted: "an address or a host name",
  read: (text) =>
    /^[0-9a-f:.]{2,45}$/i.test(text) || /^(?!-)[a-z0-9.-]{1,253}$/i.test(text) ? text.toLowerCase() : undefined,
};

/** A network or an address, canonical or not. */
export const network: Reading<string> = {
  wanted: "a network such as 10.20.0.0/16, or an address",
  read: (text) => (cidrRange(text).ok ? text : undefined),
};

/** "cert@harbour.example" or "Harbour City CERT <cert@harbour.example>". */
export const mailbox: Reading<string> = {
  wanted: "an e-mail address, or Name <address>",
  read: (text) => {
    const address = /^[^<>"]*<([^<>]+)>$/.exec(text)?.[1] ?? text;
    return plain(text) !== undefined && (parseEmail(address).ok || address === "waglan@localhost") ? text : undefined;
  },
};

/** ITU-T E.164 with a plus; blanks, dots, hyphens and brackets may stand between. */
export const telephone: Reading<string> = {
  wanted: "+ and 5 to 15 digits",
  read: (text) => (/^\+\d{5,15}$/.test(text.replace(/[\s().-]/g, "")) ? text : undefined),
};

/** A feed's id: kebab-case, at most 64 characters. */
export const feedId: Reading<string> = {
  wanted: "at most 64 lower-case letters, digits and single hyphens",
  read: (text) => (text.length <= 64 && /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text) ? text : undefined),
};

/**
 * A URL without what may be secret: password, query values and fragment. What stands in a path cannot be told apart.
 *
 *   "postgres://waglan:hunter2@db.example/waglan?sslmode=require" → "postgres://waglan:redacted@db.example/waglan?sslmode=redacted"
 */
export const redacted = (text: string): string => {
  const parsed = URL.parse(text);
  if (parsed === null) return "redacted";
  if (parsed.password !== "") parsed.password = "redacted";
  else if (parsed.username !== "" && /^https?:$/.test(parsed.protocol)) parsed.username = "redacted";
  for (const name of [...new Set(parsed.searchParams.keys())]) parsed.searchParams.set(name, "redacted");
  if (parsed.hash !== "") parsed.hash = "redacted";
  return parsed.href;
};
