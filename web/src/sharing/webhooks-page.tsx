import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { WebhookRow } from "@api/sharing.ts";
import { setupQuery } from "@web/api/sharing-queries.ts";
import { mayWriteSharing, useMe } from "@web/frame/session.ts";
import { Secret } from "@web/parts/secret.tsx";
import { useReader } from "@web/words/reader.tsx";
import { PartyPage } from "./party-page.tsx";
import { WebhookForm } from "./webhook-form.tsx";
import { WebhookSection } from "./webhook-section.tsx";

/** Where a party's machines are told of alerts, changed lists and recalls, and how the telling goes. */
export const WebhooksPage = (): ReactNode => {
  const { party } = useParams({ from: "/sharing/$party/webhooks" });
  const { language, say } = useReader();
  const client = useQueryClient();
  const me = useMe();
  const setup = useQuery(setupQuery(language, party));
  const [made, setMade] = useState<WebhookRow>();
  const changed = useMutation({
    mutationFn: () => client.invalidateQueries({ queryKey: ["sharing-setup"] }),
  });
  const webhooks = setup.data?.webhooks ?? [];
  return (
    <PartyPage party={party} says={say("webhooks.says")} error={setup.error} retry={() => void setup.refetch()}>
      {made?.key === undefined ? null : (
        <Secret
          label={say(made.algorithm === "v1a" ? "webhook.key.v1a" : "webhook.key.v1")}
          text={made.key}
          says={say(made.algorithm === "v1a" ? "webhook.key-says.v1a" : "webhook.key-says.v1")}
          onKept={() => setMade(undefined)}
        />
      )}
      {setup.data && webhooks.length === 0 ? <p className="empty">{say("webhooks.empty")}</p> : null}
      {webhooks.map((one) => (
        <WebhookSection key={one.id} party={party} webhook={one} writes={mayWriteSharing(me)} />
      ))}
      {mayWriteSharing(me) ? (
        <WebhookForm
          party={party}
          onMade={(row) => {
            setMade(row);
            changed.mutate();
          }}
        />
      ) : null}
    </PartyPage>
  );
};
