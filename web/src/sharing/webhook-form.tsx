import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import type { WebhookNew, WebhookRow } from "@api/sharing.ts";
import { call } from "@web/api/call.ts";
import { partyPath } from "@web/api/sharing-queries.ts";
import { Failed } from "@web/parts/failed.tsx";
import { useReader } from "@web/words/reader.tsx";

const events = ["alert", "list.changed", "recall"] as const satisfies WebhookNew["events"];
const algorithms = ["v1", "v1a"] as const;

interface Props {
  readonly party: string;
  readonly onMade: (webhook: WebhookRow) => void;
}

/** Registers an address: what it wants to hear, and how it checks that it is us who speak. */
export const WebhookForm = ({ party, onMade }: Props): ReactNode => {
  const { language, say } = useReader();
  const id = useId();
  const [url, setUrl] = useState("");
  const [wanted, setWanted] = useState<readonly (typeof events)[number][]>(events);
  const [algorithm, setAlgorithm] = useState<(typeof algorithms)[number]>("v1");
  const [missing, setMissing] = useState(false);
  const make = useMutation({
    mutationFn: (body: WebhookNew) =>
      call<WebhookRow>(language, `${partyPath(party)}/webhooks`, { method: "POST", body }),
    onSuccess: (row) => {
      setUrl("");
      onMade(row);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const bad = url.trim().length < 12 || wanted.length === 0;
    setMissing(bad);
    if (!bad) make.mutate({ url: url.trim(), events: [...wanted], algorithm });
  };
  return (
    <section>
      <h2>{say("webhook.add")}</h2>
      <form className="form" onSubmit={submit} noValidate>
        <div className="field">
          <label htmlFor={`${id}-url`}>{say("webhook.url")}</label>
          <input
            id={`${id}-url`}
            type="url"
            inputMode="url"
            autoComplete="off"
            spellCheck={false}
            maxLength={1000}
            aria-required
            aria-invalid={missing}
            aria-describedby={`${id}-says`}
            value={url}
            onChange={(event) => setUrl(event.target.value)}
          />
          <p id={`${id}-says`} className={missing ? "field-problem" : "quiet"}>
            {say(missing ? "webhook.missing" : "webhook.url-says")}
          </p>
        </div>
        <fieldset className="choices">
          <legend>{say("webhook.events")}</legend>
          {events.map((each) => (
            <label key={each} className="choice">
              <input
                type="checkbox"
                checked={wanted.includes(each)}
                onChange={(event) =>
                  setWanted(events.filter((one) => (one === each ? event.target.checked : wanted.includes(one))))
                }
              />
              <span>
                {say(`webhook.event.${each}`)} <span className="quiet">{say(`webhook.event-says.${each}`)}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <fieldset className="choices">
          <legend>{say("webhook.algorithm")}</legend>
          {algorithms.map((each) => (
            <label key={each} className="choice">
              <input
                type="radio"
                name={`${id}-algorithm`}
                checked={algorithm === each}
                onChange={() => setAlgorithm(each)}
              />
              <span>
                {say(`webhook.algorithm.${each}`)}{" "}
                <span className="quiet">{say(`webhook.algorithm-says.${each}`)}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <p className="quiet">{say("webhook.shape")}</p>
        {make.error ? <Failed error={make.error} says={say("failed.title")} /> : null}
        <p>
          <button type="submit" className="button filled" disabled={make.isPending}>
            {say("webhook.add")}
          </button>
        </p>
      </form>
    </section>
  );
};
