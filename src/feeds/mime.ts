import PostalMime, { type Address, type Attachment, type Email } from "postal-mime";
import { type Problem, problem } from "#core/result.ts";
import { BadBody } from "./bad-body.ts";
import type { Opened } from "./feed.ts";
import { gunzip, isGzip } from "./gunzip.ts";
import { limits } from "./limits.ts";
import { isPdf } from "./pdf-text.ts";
import { htmlText } from "./plain-text.ts";
import { isZip, unzip } from "./unzip.ts";

/** What one mail may hold. A report by mail has an attachment or two, a forwarded one a level more. */
export const mailLimits = {
  bytes: 67_108_864,
  pieces: 64,
  /** Mails in mails, archives in archives, together. */
  depth: 4,
  /** Of all pieces, unpacked. */
  unpackedBytes: limits.unpackedBytes,
  headerBytes: 262_144,
} as const;

/** Name of the piece that is the mail's own text. */
export const mailText = "text.txt";

/**
 * The pieces of a mail (RFC 5322, MIME): its attachments, unpacked, those of mails attached to it too, and its own text,
 * that of HTML if there is no other. The text of a mail that brings lists is a covering letter full of the sender's own
 * links: it is a piece only where it holds something that was defanged. Pictures and signatures are no pieces.
 *
 * @throws BadBody WGL_MAIL | WGL_BODY_LARGE
 * @see RFC 5322 §2.1, RFC 2045 §2.4, RFC 2183 §2
 */
export const openMail = async (body: Uint8Array): Promise<Opened> => {
  const opening = new Opening();
  const mail = await parsed(body);
  await opening.mail(mail, "", 1);
  return { pieces: opening.pieces, problems: opening.problems, said: saidBy(mail) };
};

const parsed = async (body: Uint8Array): Promise<Email> => {
  if (body.length === 0) throw new BadBody("WGL_BODY_EMPTY");
  if (body.length > mailLimits.bytes) throw new BadBody("WGL_BODY_LARGE", { limit: mailLimits.bytes });
  let mail: Email;
  try {
    mail = await new PostalMime({
      forceRfc822Attachments: true,
      maxNestingDepth: 32,
      maxHeadersSize: mailLimits.headerBytes,
    }).parse(body);
  } catch (error) {
    throw new BadBody("WGL_MAIL", { reason: error instanceof Error ? error.message : "" });
  }
  // anything at all parses as a mail: one that nobody sent, without a sender and an id, is some other file
  if (mail.from === undefined && mail.messageId === undefined && mail.date === undefined)
    throw new BadBody("WGL_MAIL", { reason: "no sender, date or message id" });
  return mail;
};

class Opening {
  readonly pieces: { readonly name: string; readonly body: Uint8Array }[] = [];
  readonly problems: Problem[] = [];
  #bytes = 0;

  async mail(mail: Email, within: string, depth: number): Promise<void> {
    const before = this.pieces.length;
    for (const [place, one] of mail.attachments.entries())
      await this.#attachment(one, `${within}${nameOf(one, place)}`, depth);
    const text = mail.text?.trim() ? mail.text : htmlText(mail.html ?? "");
    const bringsLists = this.pieces.length > before;
    if (text.trim() !== "" && (!bringsLists || isDefanged.test(text)))
      this.#keep(`${within}${mailText}`, Buffer.from(text, "utf8"));
  }

  async #attachment(one: Attachment, name: string, depth: number): Promise<void> {
    if (isBesides(one)) return;
    const { content } = one;
    await this.#open(
      name,
      typeof content === "string" ? Buffer.from(content, "utf8") : new Uint8Array(content),
      one.mimeType,
      depth,
    );
  }

  async #open(name: string, bytes: Uint8Array, type: string, depth: number): Promise<void> {
    if (bytes.length === 0) return void this.#refuse(problem("WGL_BODY_EMPTY", {}, name));
    const isMail = type === "message/rfc822" || /\.eml$/i.test(name);
    if ((isMail || isZip(bytes) || isGzip(bytes)) && depth >= mailLimits.depth)
      return void this.#refuse(problem("WGL_MAIL_DEEP", { name, limit: mailLimits.depth }, name));
    try {
      if (isMail) await this.mail(await parsed(bytes), `${name}/`, depth + 1);
      else if (isZip(bytes))
        for (const entry of unzip(bytes)) await this.#open(`${name}/${entry.name}`, entry.bytes, "", depth + 1);
      else if (isGzip(bytes)) await this.#open(name.replace(/\.gz$/i, ""), gunzip(bytes), "", depth + 1);
      else if (isPdf(bytes) || isText(bytes)) this.#keep(name, bytes);
      else this.#refuse(problem("WGL_MAIL_PART", { name, type: type === "" ? "?" : type }, name));
    } catch (error) {
      if (!(error instanceof BadBody)) throw error;
      this.#refuse({ ...error.problem, at: name });
    }
  }

  #keep(name: string, body: Uint8Array): void {
    this.#bytes += body.length;
    if (this.pieces.length >= mailLimits.pieces)
      return void this.#refuse(problem("WGL_MAIL_MANY", { limit: mailLimits.pieces }, name));
    if (this.#bytes > mailLimits.unpackedBytes)
      return void this.#refuse(problem("WGL_BODY_LARGE", { limit: mailLimits.unpackedBytes }, name));
    this.pieces.push({ name, body });
  }

  #refuse(why: Problem): void {
    if (this.problems.length < mailLimits.pieces) this.problems.push(why);
  }
}

/** "hxxp", "[.]", "(dot)": somebody wrote of what is bad. */
const isDefanged = /\bh(?:xx|\*\*)ps?\b|\[(?:\.|dot|:)\]|\((?:\.|dot)\)/i;

/** A picture in a signature, a key, an invitation: nobody sends lists as such. */
const isBesides = ({ mimeType, related }: Attachment): boolean =>
  /^(?:image|audio|video|font)\//.test(mimeType) ||
  /^(?:application\/(?:pgp-|pkcs7-|x-pkcs7-)|text\/calendar)/.test(mimeType) ||
  (related === true && mimeType !== "text/plain" && mimeType !== "text/csv");

/** The last step of the name, without control characters; nameless ones by their place. */
const nameOf = ({ filename, mimeType }: Attachment, place: number): string => {
  const name = (filename ?? "")
    .replace(/^.*[\\/]/, "")
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, "")
    .slice(0, 200);
  return name === "" ? `${place + 1}.${mimeType === "message/rfc822" ? "eml" : "txt"}` : name;
};

/** UTF-8 or UTF-16 with its mark: no more than a few NULs. */
const isText = (bytes: Uint8Array): boolean => {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) return true;
  const head = bytes.subarray(0, 4096);
  let controls = 0;
  for (const byte of head) if (byte < 9 || (byte > 13 && byte < 32)) controls++;
  return controls <= head.length / 100;
};

/** As the sender wrote it, which proves nothing: for people who ask where a value came from. */
const saidBy = (mail: Email): Readonly<Record<string, string>> => {
  const texts = {
    from: addressOf(mail.from),
    "message-id": mail.messageId,
    subject: mail.subject,
    date: mail.date,
  };
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) =>
      text === undefined || text === ""
        ? []
        : [
            [
              name,
              text
                .toWellFormed()
                .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, " ")
                .slice(0, 320),
            ],
          ],
    ),
  );
};

const addressOf = (from: Address | undefined): string | undefined => from?.address ?? from?.group?.[0]?.address;
