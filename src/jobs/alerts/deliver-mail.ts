import type { Deliver } from "#alerts/ports.ts";
import { after, type Instant, minute } from "#core/instant.ts";
import type { State } from "#jobs/ports.ts";

export interface Delivering {
  readonly state: State;
  readonly deliver: Deliver;
  readonly now: () => Instant;
}

/** Minutes to wait after the 1st, 2nd … failure; after the last the mail has failed and a person is told (about two days). */
const waits = [1, 5, 15, 60, 240, 720, 1440] as const;

/** Mails held in one transaction: a kill in the middle repeats at most these, each under its one Message-ID. */
const atOnce = 10;

/**
 * Hands due mails to whoever carries them on. At least once: a mail is marked sent in the transaction that held it, after
 * the next hop took it.
 *
 * @returns how many were handed over; undefined when none was due
 */
export const deliverMail = (delivering: Delivering): Promise<number | undefined> =>
  delivering.state.act(async (tx) => {
    const waiting = await tx.outbox.due(delivering.now(), atOnce);
    if (waiting.length === 0) return undefined;
    let sent = 0;
    for (const { n, mail, attempts } of waiting) {
      const outcome = await delivering.deliver.send(mail);
      const now = delivering.now();
      if (outcome.kind === "accepted") {
        await tx.outbox.sent(n, now);
        sent++;
        continue;
      }
      const why = `${outcome.stage} ${outcome.code} ${outcome.reply}`.slice(0, 500);
      const wait = waits[attempts];
      if (outcome.retry === "never" || wait === undefined) await tx.outbox.gaveUp(n, now, why);
      else await tx.outbox.retry(n, after(now, wait * minute), why);
    }
    return sent;
  });
