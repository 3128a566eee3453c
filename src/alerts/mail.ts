import type { Composed } from "./compose.ts";

/** One mail to one person, as it waits in the outbox: plain data. */
export interface Mail {
  /** Ours: what the outbox and the delivery record call it. */
  readonly id: string;
  readonly from: Mailbox;
  readonly to: Mailbox;
  readonly subject: string;
  readonly text: string;
  /** What `html` made, printed; nothing else is put here. */
  readonly html: string;
  /** "<…@…>", chosen when the mail is written: delivering it twice is the same mail twice. */
  readonly messageId: string;
  /** Further headers; names of letters, digits and hyphens. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Mailbox {
  /** As shown; "" when there is none. */
  readonly name: string;
  readonly address: string;
}

/** Puts a composed alert into its envelope. */
export const mailOf = (
  composed: Pick<Composed, "subject" | "text" | "html">,
  envelope: Pick<Mail, "id" | "from" | "to" | "messageId" | "headers">,
): Mail => ({ ...envelope, subject: composed.subject, text: composed.text, html: composed.html.text });

/** "<alert-7K2Q9D.1.p4@cert.example>": the same for every attempt, different for every version and person. */
export const messageIdOf = (parts: readonly string[], domain: string): string =>
  `<${parts.map((part) => part.replace(/[^A-Za-z0-9-]/g, "-")).join(".")}@${domain}>`;
