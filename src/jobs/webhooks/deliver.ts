import { audienceOf } from "#alerts/audience.ts";
import { type Mailbox, mailOf, messageIdOf } from "#alerts/mail.ts";
import { noticeMail } from "#alerts/notice-mail.ts";
import { ledgerEntry } from "#community/ledger-entry.ts";
import { after, day, hour, type Instant, minute } from "#core/instant.ts";
import { WaglanError } from "#core/result.ts";
import type { Known } from "#jobs/community/directory-memory.ts";
import type { Webhook, WebhookMessage } from "#jobs/lists/out-port.ts";
import type { State, Tx } from "#jobs/ports.ts";
import { webhookHeaders } from "#share/webhook-signature.ts";
import { nameIn } from "#words/language.ts";
import { say } from "#words/say.ts";

/** One POST to a party's machine; throws a WaglanError where there was no answer. `deliver/webhook.ts` over `net/egress.ts`. */
export type PostWebhook = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
) => Promise<{ readonly status: number; readonly body: string }>;

export interface DeliveringWebhooks {
  readonly state: State;
  readonly post: PostWebhook;
  readonly known: () => Known;
  readonly from: Mailbox;
  readonly idOf: (kind: string, key: string) => string;
  readonly now: () => Instant;
}

/** Milliseconds to wait after the 1st, 2nd … failure; after the last the message has failed (about three days). */
const waits = [5000, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour] as const;
/** Without one success for this long it is switched off, and its owner is told. */
const offAfterDays = 5;
/** Messages of one transaction: a kill in the middle repeats at most these, each under its own id. */
const atOnce = 10;

/**
 * Hands due messages to the machines they are for. At least once: the id is the same each time. A challenge is answered by its
 * text in the body of a 2xx answer; 410 says "no more".
 *
 * @returns how many arrived; undefined when none was due
 */
export const deliverWebhooks = (delivering: DeliveringWebhooks): Promise<number | undefined> =>
  delivering.state.act(async (tx) => {
    const due = await tx.out.dueMessages(delivering.now(), atOnce);
    if (due.length === 0) return undefined;
    let arrived = 0;
    for (const message of due) {
      const { webhook } = message;
      const sentAt = delivering.now();
      const headers = webhookHeaders(message.id, Math.floor(sentAt / 1000), message.body, webhook);
      const answer = await delivering
        .post(webhook.url, headers, message.body)
        .catch((error: unknown): { readonly status: number; readonly body: string; readonly code: string } => {
          if (!(error instanceof WaglanError)) throw error;
          return { status: 0, body: "", code: error.code };
        });
      const now = delivering.now();
      const proven = message.event === "challenge" && answer.body.includes(webhook.challenge);
      if (answer.status >= 200 && answer.status < 300 && (message.event !== "challenge" || proven)) {
        await tx.out.messageSent(message, now, proven);
        await noteSent(tx, message, now);
        arrived++;
        continue;
      }
      const why =
        "code" in answer ? answer.code : answer.status < 300 ? "challenge not answered" : `HTTP ${answer.status}`;
      const failingSince = webhook.failingSince ?? now;
      if (answer.status === 410 || now - failingSince >= offAfterDays * day) {
        await tx.out.disableWebhook(webhook.id, now, why);
        await tellOff(tx, delivering, webhook, why, now);
        continue;
      }
      const wait = waits[message.attempts];
      await tx.out.messageFailed(message, now, wait === undefined ? undefined : after(now, wait), why);
    }
    return arrived;
  });

/** What arrived has left: ledger and evidence know it, challenge and test (which say nothing) apart. */
const noteSent = async (tx: Tx, message: WebhookMessage, at: Instant): Promise<void> => {
  const { webhook, event, objects } = message;
  if (event === "test") return;
  if (event === "challenge") {
    await tx.evidence.leaf({
      ...{ kind: "policy" as const, subject: `webhook ${webhook.id}`, at },
      data: { act: "proven", party: webhook.party, url: webhook.url },
    });
    return;
  }
  const entry = ledgerEntry({
    ...{ party: webhook.party, query: `webhook ${event}`, after: "0", upTo: String(at), count: objects, at },
    body: Buffer.from(message.body),
  });
  await tx.ledger.write(entry);
  await tx.evidence.leaf({
    ...{ kind: "release" as const, subject: `webhook ${webhook.id}`, at },
    data: { party: webhook.party, event, message: message.id, count: objects, contentHash: entry.contentHash },
  });
};

const tellOff = async (
  tx: Tx,
  delivering: DeliveringWebhooks,
  webhook: Webhook,
  why: string,
  now: Instant,
): Promise<void> => {
  const known = delivering.known();
  const organisation = known.organisation(webhook.party);
  await tx.evidence.leaf({
    ...{ kind: "policy" as const, subject: `webhook ${webhook.id}`, at: now },
    data: { act: "switched off", party: webhook.party, url: webhook.url, why },
  });
  if (!organisation) return;
  for (const { person, address, languages } of audienceOf(organisation, known.directory.people, "high").recipients) {
    const [language] = languages;
    const says = say(language, "sharing.webhook.says", {
      ...{ community: nameIn(known.directory.community.names, language), url: webhook.url, days: offAfterDays, why },
    });
    const headline = say(language, "sharing.webhook.subject");
    const messageId = messageIdOf(
      [`webhook-${webhook.id}`, String(now), person.key],
      delivering.from.address.split("@")[1] ?? "waglan.invalid",
    );
    await tx.outbox.post(
      mailOf(noticeMail([{ language, headline, says: [says] }], { subject: headline, tlp: "amber" }), {
        id: messageId,
        from: delivering.from,
        to: { name: person.name, address },
        messageId,
      }),
      now,
    );
  }
};
