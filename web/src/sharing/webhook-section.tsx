import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { DeliveryList, WebhookAct, WebhookRow } from "@api/sharing.ts";
import { call } from "@web/api/call.ts";
import { deliveriesQuery, partyPath } from "@web/api/sharing-queries.ts";
import { ConfirmDialog } from "@web/parts/confirm-dialog.tsx";
import { Failed } from "@web/parts/failed.tsx";
import { Identifier } from "@web/parts/identifier.tsx";
import { Heads, Table } from "@web/parts/table.tsx";
import { Mark } from "@web/signs/mark.tsx";
import { Moment } from "@web/time/moment.tsx";
import { printNumber } from "@words/number.ts";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";

/** Deliveries shown before somebody asks for all that are kept. */
const few = 5;

type HookState = "unproven" | "active" | "failing" | "paused" | "off";

/** Why the server says that a person paused it. */
const stateOf = ({ disabled, why, failing, proven }: WebhookRow): HookState =>
  disabled !== undefined
    ? why === "paused"
      ? "paused"
      : "off"
    : proven === undefined
      ? "unproven"
      : failing === undefined
        ? "active"
        : "failing";

const markOf = {
  unproven: "waiting",
  active: "good",
  failing: "bad",
  paused: "paused",
  off: "bad",
} as const satisfies Record<HookState, string>;

interface Props {
  readonly party: string;
  readonly webhook: WebhookRow;
  readonly writes: boolean;
}

/** One webhook: its state first, then what it hears, what may be done, and its last deliveries. */
export const WebhookSection = ({ party, webhook, writes }: Props): ReactNode => {
  const { language, say } = useReader();
  const client = useQueryClient();
  const [removing, setRemoving] = useState(false);
  const [said, setSaid] = useState("");
  const path = `${partyPath(party)}/webhooks/${encodeURIComponent(webhook.id)}`;
  const again = async (): Promise<void> => {
    await client.invalidateQueries({ queryKey: ["sharing-setup"] });
    await client.invalidateQueries({ queryKey: ["deliveries"] });
  };
  const act = useMutation({
    mutationFn: (body: WebhookAct) => call<WebhookRow>(language, `${path}/acts`, { method: "POST", body }),
    onSuccess: async (_row, body) => {
      setSaid(say(`webhook.did.${body.act}`));
      await again();
    },
  });
  const remove = useMutation({
    mutationFn: () => call(language, path, { method: "DELETE" }),
    onSuccess: async () => {
      setRemoving(false);
      await again();
    },
  });
  const state = stateOf(webhook);
  return (
    <section className="webhook" aria-label={webhook.url}>
      <h2>
        <Identifier text={webhook.url} />
      </h2>
      <p className="webhook-state">
        <Mark sign={markOf[state]}>{say(`webhook.state.${state}`)}</Mark>{" "}
        <span className="quiet">
          {say(`webhook.state-says.${state}`)}
          {state === "failing" || state === "off" ? ` ${say("webhook.why", { why: webhook.why ?? "–" })}` : ""}
        </span>
      </p>
      <dl className="band">
        <div>
          <dt>{say("webhook.events")}</dt>
          <dd>{webhook.events.map((one) => say(`webhook.event.${one}`)).join(" · ")}</dd>
        </div>
        <div>
          <dt>{say("webhook.algorithm")}</dt>
          <dd>{say(`webhook.algorithm.${webhook.algorithm}`)}</dd>
        </div>
        <div>
          <dt>{say("webhook.made")}</dt>
          <dd>
            <Moment at={webhook.made} />
            {webhook.proven === undefined ? null : (
              <span className="quiet">
                {" · "}
                {say("webhook.proven")} <Moment at={webhook.proven} />
              </span>
            )}
          </dd>
        </div>
        <div>
          <dt>{say("webhook.waiting")}</dt>
          <dd>{printNumber(language, webhook.waiting ?? 0)}</dd>
        </div>
      </dl>
      {writes ? (
        <div className="act-buttons row" role="group" aria-label={say("finding.acts")}>
          {webhook.disabled === undefined ? (
            <>
              <button
                type="button"
                className="button"
                disabled={act.isPending}
                onClick={() => act.mutate({ act: "test" })}
              >
                {say(webhook.proven === undefined ? "webhook.challenge-again" : "webhook.test")}
              </button>
              <button
                type="button"
                className="button"
                disabled={act.isPending}
                onClick={() => act.mutate({ act: "pause" })}
              >
                {say("webhook.pause")}
              </button>
            </>
          ) : (
            <button
              type="button"
              className="button"
              disabled={act.isPending}
              onClick={() => act.mutate({ act: "resume" })}
            >
              {say("webhook.resume")}
            </button>
          )}
          <button type="button" className="button destructive" onClick={() => setRemoving(true)}>
            {say("webhook.remove")}
          </button>
        </div>
      ) : null}
      <p className="outcome" role="status">
        {said}
      </p>
      {act.error ? <Failed error={act.error} says={say("failed.title")} /> : null}
      <Deliveries party={party} webhook={webhook} />
      {removing ? (
        <ConfirmDialog
          does={say("webhook.remove")}
          subject={webhook.url}
          says={say("webhook.remove-says")}
          destructive
          pending={remove.isPending}
          error={remove.error}
          onClose={() => setRemoving(false)}
          onDo={() => remove.mutate()}
        />
      ) : null}
    </section>
  );
};

const Deliveries = ({ party, webhook }: { readonly party: string; readonly webhook: WebhookRow }): ReactNode => {
  const { language, say } = useReader();
  const { data, error, refetch } = useQuery(deliveriesQuery(language, party, webhook.id));
  const [all, setAll] = useState(false);
  const rows = data?.deliveries ?? [];
  if (error) return <Failed error={error} says={say("failed.title")} retry={() => void refetch()} />;
  if (rows.length === 0) return <p className="quiet">{data ? say("webhook.no-deliveries") : ""}</p>;
  return (
    <>
      <h3>{say("webhook.deliveries")}</h3>
      <Table
        label={say("webhook.deliveries-to", { url: webhook.url })}
        of="deliveries"
        head={
          <Heads
            names={[
              say("source.at"),
              say("webhook.event"),
              say("webhook.result"),
              { figure: say("webhook.attempts") },
              { figure: say("sharing.objects") },
            ]}
          />
        }
      >
        {(all ? rows : rows.slice(0, few)).map((one) => (
          <tr key={one.id}>
            <th scope="row">
              <Moment at={one.at} />
            </th>
            <td data-label={say("webhook.event")}>{say(`webhook.event.${one.event}`)}</td>
            <td data-label={say("webhook.result")}>
              <Result one={one} />
            </td>
            <td className="figure" data-label={say("webhook.attempts")}>
              {printNumber(language, one.attempts)}
            </td>
            <td className="figure" data-label={say("sharing.objects")}>
              {printNumber(language, one.objects)}
            </td>
          </tr>
        ))}
      </Table>
      {rows.length > few && !all ? (
        <p className="more">
          <button type="button" className="button" onClick={() => setAll(true)}>
            {say("preview.more")}
          </button>
        </p>
      ) : null}
    </>
  );
};

const Result = ({ one }: { readonly one: DeliveryList["deliveries"][number] }): ReactNode => {
  const { say } = useReader();
  const sign = one.state === "sent" ? "good" : one.state === "failed" ? "bad" : "waiting";
  return (
    <span className="delivery">
      <Mark sign={sign}>{say(`delivery.${one.state}`)}</Mark>
      {one.last === undefined ? null : <Moment at={one.last} />}
      {one.problem === undefined ? null : <span className="quiet">{visible(one.problem)}</span>}
      {one.next === undefined ? null : (
        <span className="quiet">
          {say("webhook.next")} <Moment at={one.next} />
        </span>
      )}
    </span>
  );
};
