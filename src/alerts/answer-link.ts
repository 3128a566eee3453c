import { createHmac, timingSafeEqual } from "node:crypto";
import { instant, type Instant } from "#core/instant.ts";
import { assert, no, ok, type Result } from "#core/result.ts";
import type { Answer } from "#incidents/answer.ts";

/** Who may answer what, until when. */
export interface AnswerClaim {
  /** Public id of the alert. */
  readonly alert: string;
  /** Public id of the person written to. */
  readonly person: string;
  readonly version: number;
  /** First moment at which the link is no longer good; kept in whole seconds. */
  readonly expires: Instant;
}

/**
 * A token that lets one person answer one version of one alert, for a URL: base64url, no padding.
 *
 *   byte 0      1, the form                     byte 7        length of alert, then alert, UTF-8
 *   bytes 1–4   expires, seconds, big-endian    then          person, UTF-8
 *   bytes 5–6   version, big-endian             last 32       HMAC-SHA256 over "waglan answer" 0x00 and all before
 *
 * It carries no answer: opening the link shows a page, and only the page's POST answers, so that mail scanners that
 * open every link change nothing. It may be used again; every answer is kept and the last one counts.
 *
 * @param key at least 32 bytes, secret, for this purpose alone
 */
export const makeAnswerToken = (claim: AnswerClaim, key: Uint8Array): string => {
  assert(key.length >= keyBytes, `an answer key has at least ${keyBytes} bytes`);
  const alert = Buffer.from(claim.alert, "utf8");
  const person = Buffer.from(claim.person, "utf8");
  const seconds = Math.floor(claim.expires / 1000);
  assert(alert.length <= 255 && person.length <= 255, "an id is at most 255 bytes");
  assert(seconds <= 0xffff_ffff && claim.version >= 1 && claim.version <= 0xffff, "a claim fits its fields");
  const head = Buffer.alloc(8);
  head.writeUInt8(form, 0);
  head.writeUInt32BE(seconds, 1);
  head.writeUInt16BE(claim.version, 5);
  head.writeUInt8(alert.length, 7);
  const body = Buffer.concat([head, alert, person]);
  return Buffer.concat([body, sign(body, key)]).toString("base64url");
};

/**
 * @returns problems WGL_ANSWER_LINK (broken, forged, or made with another key) and WGL_ANSWER_EXPIRED; nothing of a
 *   token is believed before its signature is checked
 */
export const readAnswerToken = (token: string, key: Uint8Array, now: Instant): Result<AnswerClaim> => {
  assert(key.length >= keyBytes, `an answer key has at least ${keyBytes} bytes`);
  if (token.length > longestToken || !/^[A-Za-z0-9_-]+$/.test(token)) return no("WGL_ANSWER_LINK");
  const bytes = Buffer.from(token, "base64url");
  if (bytes.length < 8 + macBytes || bytes.toString("base64url") !== token) return no("WGL_ANSWER_LINK");
  const body = bytes.subarray(0, -macBytes);
  if (!timingSafeEqual(sign(body, key), bytes.subarray(-macBytes))) return no("WGL_ANSWER_LINK");
  const end = 8 + body.readUInt8(7);
  if (body.readUInt8(0) !== form || end > body.length) return no("WGL_ANSWER_LINK");
  const claim: AnswerClaim = {
    alert: body.toString("utf8", 8, end),
    person: body.toString("utf8", end),
    version: body.readUInt16BE(5),
    expires: instant(body.readUInt32BE(1) * 1000),
  };
  return now < claim.expires ? ok(claim) : no("WGL_ANSWER_EXPIRED");
};

/** Where each of the five buttons of a mail leads: "https://portal.example/a/TOKEN?answer=fixed". */
export const answerUrls = (portal: string, token: string): Readonly<Record<Answer, string>> => {
  const base = portal.replace(/\/+$/, "");
  const url = (answer: Answer): string => `${base}${answerPath(token)}?answer=${answer}`;
  return {
    acknowledged: url("acknowledged"),
    "need-help": url("need-help"),
    "not-ours": url("not-ours"),
    false: url("false"),
    fixed: url("fixed"),
  };
};

/** Both the page (GET) and the answer (POST). */
export const answerPath = (token: string): string => `/a/${token}`;

const form = 1;
const keyBytes = 32;
const macBytes = 32;
/** 8 + 255 + 255 + 32 bytes in base64url, rounded up. */
const longestToken = 740;

const sign = (body: Uint8Array, key: Uint8Array): Buffer =>
  createHmac("sha256", key).update("waglan answer\0").update(body).digest();
