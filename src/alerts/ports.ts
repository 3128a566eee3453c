import type { Mail } from "./mail.ts";

/** Hands one mail to whoever carries it on. Defined by `deliveryContract` in test/deliver.test.ts. */
export interface Deliver {
  /** Never throws for what a server or disk says; one attempt, the outbox repeats. Twice the same mail is one Message-ID. */
  readonly send: (mail: Mail) => Promise<Delivered>;
  readonly close: () => Promise<void>;
}

/**
 * What became of one attempt.
 *   accepted   the next one took responsibility; `reply` is its own word for it, for the record
 *   refused    `retry: "never"`: this mail will not be taken, whatever we do (unknown mailbox, refused content)
 *              `retry: "later"`: the world or our own settings are in the way; the same mail may go through then
 * Told apart by the stage and the SMTP code (RFC 5321 §4.2.1), never by text. `code` is 0 when no server answered.
 */
export type Delivered =
  | { readonly kind: "accepted"; readonly reply: string }
  | {
      readonly kind: "refused";
      readonly retry: "never" | "later";
      readonly stage: "check" | "connect" | "tls" | "login" | "sender" | "recipient" | "message" | "disk";
      readonly code: number;
      readonly reply: string;
    };
