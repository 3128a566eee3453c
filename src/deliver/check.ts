import type { Mail } from "#alerts/mail.ts";
import type { Delivered } from "#alerts/ports.ts";

/**
 * Why a mail can't be put on the wire as it is; absent: it can. Checked before either adapter touches it, so that no
 * value that came from outside can add a header, a recipient or a file name.
 */
export const refusal = (mail: Mail): Extract<Delivered, { kind: "refused" }> | undefined => {
  const wrong = !messageId.test(mail.messageId)
    ? "message-id"
    : !address.test(mail.from.address)
      ? "from"
      : !address.test(mail.to.address)
        ? "to"
        : Object.keys(mail.headers ?? {}).find((name) => !headerName.test(name) || reserved.has(name.toLowerCase()));
  return wrong === undefined
    ? undefined
    : {
        kind: "refused",
        retry: "never",
        stage: "check",
        code: 0,
        reply: `Cannot send, "${oneLine(wrong)}" is not usable`,
      };
};

/** RFC 5322 §3.6.4, without the quoted and bracketed forms nobody makes; at most 200 characters, so that a file name holds it. */
const messageId = /^<(?=.{3,198}>$)[A-Za-z0-9][A-Za-z0-9._+=-]*@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?>$/;
/** One mailbox: no spaces, separators, quotes or angle brackets; RFC 5321 §4.5.3.1 allows 254 octets. Non-ASCII local parts pass (SMTPUTF8). */
const address = /^(?=.{3,254}$)[^\s@<>()[\]\\,;:"\p{Cc}\p{Cf}]+@[^\s@<>()[\]\\,;:"\p{Cc}\p{Cf}]+$/u;
const headerName = /^[A-Za-z][A-Za-z0-9-]{0,75}$/;
/** Set by us or by the fields of `Mail`. An alert is no mailing list: there is nothing to unsubscribe from by a click. */
const reserved = new Set([
  "from",
  "to",
  "cc",
  "bcc",
  "sender",
  "reply-to",
  "return-path",
  "subject",
  "date",
  "message-id",
  "mime-version",
  "auto-submitted",
  "list-unsubscribe",
]);

/** Control, format and line-separating characters become spaces: names, subjects and header values stay on their line. */
export const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, " ").trim();
