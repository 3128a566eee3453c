import type { AlertInput } from "#alerts/alert-input.ts";
import { release } from "#community/release.ts";
import type { Instant } from "#core/instant.ts";
import { problemKey } from "#core/rsit.ts";
import type { StoredFinding } from "#incidents/ports.ts";
import type { Known } from "#jobs/community/directory-memory.ts";
import type { Tx } from "#jobs/ports.ts";
import { recipientOf } from "./recipient-of.ts";
import { tellWebhooks, type WebhookNews } from "#jobs/webhooks/tell.ts";

/**
 * The owner's own machines hear of an alert when its people do, in the same transaction: reference, severity and problem as
 * far as TLP lets them go by webhook, else only where to look.
 *
 * @param alert its public id; the same alert is told once
 */
export const tellAlert = async (
  tx: Tx,
  {
    known,
    portal,
    idOf,
  }: { readonly known: Known; readonly portal: string; readonly idOf: (kind: "alert", key: string) => string },
  finding: StoredFinding,
  alert: string,
  input: AlertInput,
  now: Instant,
): Promise<number> => {
  const recipient = recipientOf(known, finding.organisation);
  if (recipient === undefined) return 0;
  const fields: WebhookNews = {
    event: "alert",
    key: alert,
    about: { ids: [finding.id], link: `${portal}/findings/${finding.id}` },
    data: {
      ...{ reference: input.reference, version: input.version, severity: input.severity },
      ...{ problem: problemKey(input.problem), asset: input.asset.observable.value },
      ...(input.reason === undefined ? {} : { reason: input.reason }),
    },
  };
  const news = release({ marking: finding.marking, released: finding.shadow === undefined, fields }, recipient, {
    now,
    purpose: "alerting",
    fields: { event: "must", key: "must", about: "must", data: "must" },
    local: {},
    anonymous: "",
  });
  const message = (_: string, key: string): string => idOf("alert", `webhook ${key}`);
  return news.ok ? tellWebhooks(tx, finding.organisation, news.released, message, now) : 0;
};
