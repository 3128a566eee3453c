import { domainToASCII, domainToUnicode } from "node:url";
import { no, ok, type Result } from "#core/result.ts";
import type { Observable } from "./observable.ts";

/**
 * A DNS name of at least two labels as a-labels, lower case, without the final dot. Underscores may stand anywhere
 * (SRV, DMARC); hyphens not at the ends of a label; the last label is no number (it would be an address to a browser).
 * @see RFC 1035 §2.3.1, RFC 2181 §11, RFC 5890 §2.3.2.1, WHATWG URL §3.5 (ends in a number)
 */
export const parseDomain = (text: string): Result<Observable> => {
  const name = domainName(text);
  return name === undefined ? no("WGL_DOMAIN", { value: text }) : ok({ kind: "domain", value: name });
};

/** As `parseDomain`; `undefined` when it is none. ASCII names in lower case cost one walk and no allocation. */
export const domainName = (text: string): string | undefined => {
  const end = text.endsWith(".") ? text.length - 1 : text.length;
  if (end > 253 || end < 3) return internationalName(text);
  let upper = false;
  let labelStart = 0;
  let lastHasLetter = false;
  let dots = 0;
  for (let at = 0; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code >= 97 && code <= 122) lastHasLetter = true;
    else if (code === 46) {
      if (!labelFits(text, labelStart, at)) return undefined;
      labelStart = at + 1;
      lastHasLetter = false;
      dots++;
    } else if (code >= 65 && code <= 90) {
      upper = true;
      lastHasLetter = true;
    } else if ((code < 48 || code > 57) && code !== 45 && code !== 95) {
      return code > 127 ? internationalName(text) : undefined;
    }
    if (at === labelStart + 3 && code === 45 && isXn(text, labelStart)) return internationalName(text);
  }
  if (dots === 0 || !lastHasLetter || !labelFits(text, labelStart, end)) return undefined;
  if (hexNumber.test(text.slice(labelStart, end))) return undefined;
  const name = end === text.length ? text : text.slice(0, end);
  return upper ? name.toLowerCase() : name;
};

/** What a person reads: u-labels where they decode. For display and for looking at scripts, never for equality. */
export const unicodeName = (name: string): string => domainToUnicode(name) || name;

const hexNumber = /^0x[0-9a-f]*$/i;

const labelFits = (text: string, start: number, end: number): boolean =>
  end > start && end - start <= 63 && text.charCodeAt(start) !== 45 && text.charCodeAt(end - 1) !== 45;

const isXn = (text: string, at: number): boolean =>
  text.charCodeAt(at + 2) === 45 && (text.charCodeAt(at) | 32) === 120 && (text.charCodeAt(at + 1) | 32) === 110;

const asciiName =
  /^(?=.{3,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
const aLabel = /(?:^|\.)xn--[^.]*/g;

/** UTS 46 through the platform, then the plain rules, then each a-label must decode (an undecodable one is nobody's name). */
const internationalName = (text: string): string | undefined => {
  if (text.length > 1024) return undefined;
  const ascii = domainToASCII(text.endsWith(".") ? text.slice(0, -1) : text).toLowerCase();
  if (!asciiName.test(ascii)) return undefined;
  const last = ascii.slice(ascii.lastIndexOf(".") + 1);
  if (/^\d+$/.test(last) || hexNumber.test(last)) return undefined;
  for (const [label] of ascii.matchAll(aLabel)) {
    const bare = label.startsWith(".") ? label.slice(1) : label;
    if (bare === "xn--" || domainToUnicode(bare) === bare || domainToUnicode(bare) === "") return undefined;
  }
  return ascii;
};
