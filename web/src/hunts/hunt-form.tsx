import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useId, useState } from "react";
import type { Hunt, HuntNew } from "@api/hunt.ts";
import { call } from "@web/api/call.ts";
import { useMe } from "@web/frame/session.ts";
import { Failed } from "@web/parts/failed.tsx";
import { ReasonField, useReason } from "@web/parts/reason-field.tsx";
import { serverNow } from "@web/time/clock.ts";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";

const dayMs = 86_400_000;
/** Days back; 0: all that is kept. */
const spans = [0, 1, 7, 30, 90, 365] as const;
/** What stands in brackets is a STIX pattern, what names a detection is a Sigma rule, the rest are values. */
const kindOf = (text: string): "values" | "pattern" | "rule" =>
  /^[\s(]*\[/.test(text) ? "pattern" : /^detection\s*:/m.test(text) ? "rule" : "values";

/** What is looked for, in what time and whose records, and why. */
export const HuntForm = (): ReactNode => {
  const { language, say } = useReader();
  const client = useQueryClient();
  const navigate = useNavigate();
  const me = useMe();
  const id = useId();
  const reason = useReason();
  const [text, setText] = useState("");
  const [days, setDays] = useState(0);
  const [organisation, setOrganisation] = useState(me.staff ? "" : (me.organisations[0]?.id ?? ""));
  const [at, setAt] = useState<"server" | "sensors">("server");
  const [missing, setMissing] = useState(false);
  const ask = useMutation({
    mutationFn: (body: HuntNew) => call<Hunt>(language, "/hunts", { method: "POST", body, patience: 60_000 }),
    onSuccess: async (hunt) => {
      await client.invalidateQueries({ queryKey: ["hunts"] });
      await navigate({ to: "/hunts/$id", params: { id: hunt.id } });
    },
  });
  const kind = kindOf(text);
  const send = reason.submit((purpose) => {
    const lines = text
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== "");
    setMissing(lines.length === 0);
    if (lines.length === 0) return;
    ask.mutate({
      ...(kind === "values" ? { values: lines } : kind === "pattern" ? { pattern: text.trim() } : { rule: { text } }),
      ...(days === 0 ? {} : { from: new Date(serverNow() - days * dayMs).toISOString() }),
      ...(organisation === "" ? {} : { organisation }),
      ...(at === "server" ? {} : { at }),
      purpose,
    });
  });
  return (
    <section>
      <h2>{say("hunt.ask")}</h2>
      <form className="form" onSubmit={send} noValidate>
        <div className="field">
          <label htmlFor={id}>{say("hunt.what")}</label>
          <textarea
            id={id}
            rows={4}
            className="identifier"
            maxLength={8_000_000}
            spellCheck={false}
            aria-required
            aria-invalid={missing}
            aria-describedby={`${id}-says`}
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              setMissing(false);
            }}
          />
          <p id={`${id}-says`} className={missing ? "field-problem" : "quiet"}>
            {say(missing ? "hunt.missing" : me.staff ? "hunt.what-says.staff" : "hunt.what-says")}
          </p>
        </div>
        <div className="form-acts">
          <label className="filter">
            <span>{say("hunt.since")}</span>
            <select value={days} onChange={(event) => setDays(Number(event.target.value))}>
              {spans.map((one) => (
                <option key={one} value={one}>
                  {one === 0 ? say("hunt.all-kept") : say("hunt.days", { count: one })}
                </option>
              ))}
            </select>
          </label>
          <label className="filter">
            <span>{say("hunt.at")}</span>
            <select value={at} onChange={(event) => setAt(event.target.value === "sensors" ? "sensors" : "server")}>
              <option value="server">{say("hunt.at.server")}</option>
              <option value="sensors">{say("hunt.at.sensors")}</option>
            </select>
          </label>
          {me.organisations.length > (me.staff ? 0 : 1) ? (
            <label className="filter">
              <span>{say("hunt.organisation")}</span>
              <select value={organisation} onChange={(event) => setOrganisation(event.target.value)}>
                {me.staff ? <option value="">{say("hunt.everybody")}</option> : null}
                {me.organisations.map((one) => (
                  <option key={one.id} value={one.id}>
                    {visible(one.name)}
                  </option>
                ))}
              </select>
            </label>
          ) : null}
        </div>
        <ReasonField reason={reason} rows={2} />
        <p className="quiet">{say("hunt.purpose-says")}</p>
        {ask.error ? <Failed error={ask.error} says={say("failed.title")} /> : null}
        <p className="form-acts">
          <button type="submit" className="button filled" disabled={ask.isPending}>
            {say("hunt.ask")}
          </button>
        </p>
      </form>
    </section>
  );
};
