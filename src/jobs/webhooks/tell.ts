import type { Instant } from "#core/instant.ts";
import { type OrganisationId, type Tlp, tlps } from "#core/marking.ts";
import type { Released } from "#community/release.ts";
import type { WebhookEvent } from "#jobs/lists/out-port.ts";
import type { Tx } from "#jobs/ports.ts";

/** What a message is about, as `release` let it go. */
export interface WebhookNews {
  readonly event: WebhookEvent;
  /** The same for the same event: a repeat of the act says it once. */
  readonly key: string;
  /** Ids and where to look: these go at every TLP. */
  readonly about: { readonly ids: readonly string[]; readonly link: string };
  /** Everything else: goes up to GREEN. */
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * Puts a message into the outbox of each webhook of this party that asked for such news and was proven. Above GREEN it is
 * thin: ids and a link, and whoever follows it shows who they are first.
 *
 * @returns how many were put
 */
export const tellWebhooks = async (
  tx: Tx,
  party: OrganisationId,
  news: Released<WebhookNews>,
  idOf: (kind: string, key: string) => string,
  now: Instant,
): Promise<number> => {
  const all = await tx.out.webhooks(party);
  const listening = all.filter(
    (one) => one.proven !== undefined && one.disabled === undefined && one.events.includes(news.value.event),
  );
  const body = webhookBody(news, now);
  for (const webhook of listening) {
    const { event, key, about } = news.value;
    const id = idOf("webhook-message", `${webhook.id} ${event} ${key}`);
    await tx.out.postMessage({ id, webhook: webhook.id, event, body, objects: about.ids.length }, now);
  }
  return listening.length;
};

/** @see Standard Webhooks 1.0, Payload structure */
export const webhookBody = ({ value: { event, about, data }, note }: Released<WebhookNews>, now: Instant): string =>
  JSON.stringify({
    type: event,
    timestamp: new Date(now).toISOString(),
    data: { tlp: note.tlp, ...about, ...(isThin(note.tlp) ? {} : data) },
  });

export const isThin = (tlp: Tlp): boolean => tlps.indexOf(tlp) > tlps.indexOf("green");
