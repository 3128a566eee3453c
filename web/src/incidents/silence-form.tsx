import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { type ReactNode, useId, useState } from "react";
import { detectors, type SilenceNew, type SilenceRow } from "@api/silence.ts";
import { rsitTypes } from "#core/rsit.ts";
import { call } from "@web/api/call.ts";
import { Failed } from "@web/parts/failed.tsx";
import { ReasonField, useReason } from "@web/parts/reason-field.tsx";
import { serverNow } from "@web/time/clock.ts";
import { useReader } from "@web/words/reader.tsx";

const dayMs = 86_400_000;
const ends = [1, 3, 7, 30, 90] as const;
const texts = ["organisation", "asset", "source"] as const;

/** Silences findings: by what is filled in, with a reason and an end. Opened from a finding it is filled in with it. */
export const SilenceForm = (): ReactNode => {
  const { language, say } = useReader();
  const client = useQueryClient();
  const id = useId();
  const reason = useReason();
  const from = useSearch({ from: "/silences" });
  const [wanted, setWanted] = useState<Readonly<Record<string, string>>>({
    ...{ organisation: from.organisation ?? "", asset: from.asset ?? "", source: from.source ?? "" },
    ...{ problem: from.problem ?? "", detector: "" },
  });
  const [days, setDays] = useState<number>(7);
  const put = useMutation({
    mutationFn: (body: SilenceNew) => call<SilenceRow>(language, "/silences", { method: "POST", body }),
    onSuccess: async () => {
      reason.write("");
      setWanted({});
      for (const key of ["silences", "findings", "incidents"]) await client.invalidateQueries({ queryKey: [key] });
    },
  });
  const set = (name: string, value: string): void => setWanted({ ...wanted, [name]: value });
  const send = reason.submit((text) => {
    const filled = Object.fromEntries(
      Object.entries(wanted).flatMap(([name, value]) => (value.trim() === "" ? [] : [[name, value.trim()]])),
    );
    put.mutate({ ...filled, reason: text, until: new Date(serverNow() + days * dayMs).toISOString() });
  });
  return (
    <section>
      <h2>{say("silences.add")}</h2>
      <p className="quiet">{say("silences.add-says")}</p>
      <form className="form" onSubmit={send} noValidate>
        <div className="silence-what">
          {texts.map((name) => (
            <div key={name} className="field">
              <label htmlFor={`${id}-${name}`}>{say(`silences.${name}`)}</label>
              <input
                id={`${id}-${name}`}
                type="text"
                maxLength={400}
                autoComplete="off"
                spellCheck={false}
                value={wanted[name] ?? ""}
                onChange={(event) => set(name, event.target.value)}
              />
            </div>
          ))}
          <div className="field">
            <label htmlFor={`${id}-problem`}>{say("silences.problem")}</label>
            <select
              id={`${id}-problem`}
              value={wanted["problem"] ?? ""}
              onChange={(event) => set("problem", event.target.value)}
            >
              <option value="">{say("silences.any")}</option>
              {(Object.keys(rsitTypes) as (keyof typeof rsitTypes)[]).map((type) => (
                <option key={type} value={type}>
                  {say(`glossary.problem.${type}`)}
                </option>
              ))}
            </select>
          </div>
          <div className="field">
            <label htmlFor={`${id}-detector`}>{say("silences.detector")}</label>
            <select
              id={`${id}-detector`}
              value={wanted["detector"] ?? ""}
              onChange={(event) => set("detector", event.target.value)}
            >
              <option value="">{say("silences.any")}</option>
              {detectors.map((one) => (
                <option key={one} value={one}>
                  {say(`detector.${one}`)}
                </option>
              ))}
            </select>
          </div>
          <div className="field">
            <label htmlFor={`${id}-days`}>{say("silences.until")}</label>
            <select id={`${id}-days`} value={days} onChange={(event) => setDays(Number(event.target.value))}>
              {ends.map((one) => (
                <option key={one} value={one}>
                  {say("silences.days", { count: one })}
                </option>
              ))}
            </select>
          </div>
        </div>
        <ReasonField reason={reason} rows={2} />
        {put.error ? <Failed error={put.error} says={say("failed.title")} /> : null}
        <p className="form-acts">
          <button type="submit" className="button filled" disabled={put.isPending}>
            {say("silences.put")}
          </button>
          <span role="status" className="quiet">
            {put.data === undefined ? "" : say("silences.done", { count: put.data.holds })}
          </span>
        </p>
      </form>
    </section>
  );
};
