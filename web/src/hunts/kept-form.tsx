import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useId, useState } from "react";
import { type Kept, type KeptLimit, type KeptRow, keptKinds, type LegalHoldNew } from "@api/kept.ts";
import { call } from "@web/api/call.ts";
import { Failed } from "@web/parts/failed.tsx";
import { ReasonField, useReason } from "@web/parts/reason-field.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";

type Wanted =
  | { readonly path: string; readonly body: KeptLimit }
  | { readonly path: string; readonly body: LegalHoldNew };

/** How long, or how much, is kept of one organisation; or that nothing since a day may go. */
export const KeptForm = ({ kept }: { readonly kept: readonly KeptRow[] }): ReactNode => {
  const { language, say } = useReader();
  const client = useQueryClient();
  const id = useId();
  const reason = useReason();
  const organisations = [...new Map(kept.map(({ organisation }) => [organisation.id, organisation.name]))];
  const [organisation, setOrganisation] = useState(organisations[0]?.[0] ?? "");
  const [what, setWhat] = useState<KeptLimit["what"] | "hold">("record");
  const [days, setDays] = useState("");
  const [megabytes, setMegabytes] = useState("");
  const [since, setSince] = useState("");
  const [missing, setMissing] = useState(false);
  const put = useMutation({
    mutationFn: ({ path, body }: Wanted) => call<Kept>(language, path, { method: "POST", body }),
    onSuccess: async () => {
      reason.write("");
      await client.invalidateQueries({ queryKey: ["kept"] });
    },
  });
  if (organisations.length === 0) return null;
  const path = `/kept/${encodeURIComponent(organisation)}`;
  const submit = reason.submit((text) => {
    const noDay = what === "hold" && !/^\d{4}-\d\d-\d\d$/.test(since);
    setMissing(noDay);
    if (noDay) return;
    if (what === "hold") {
      put.mutate({ path: `${path}/holds`, body: { since: `${since}T00:00:00Z`, reason: text } });
      return;
    }
    const bounds = {
      ...(Number(days) > 0 ? { days: Number(days) } : {}),
      ...(Number(megabytes) > 0 ? { bytes: Number(megabytes) * 1_000_000 } : {}),
    };
    put.mutate({ path, body: { what, ...bounds, reason: text } });
  });
  return (
    <section>
      <h2>{say("kept.change")}</h2>
      <form className="form" onSubmit={submit} noValidate>
        <div className="form-acts">
          <label className="filter">
            <span>{say("hunt.organisation")}</span>
            <select value={organisation} onChange={(event) => setOrganisation(event.target.value)}>
              {organisations.map(([key, name]) => (
                <option key={key} value={key}>
                  {visible(name)}
                </option>
              ))}
            </select>
          </label>
          <label className="filter">
            <span>{say("kept.what")}</span>
            <select value={what} onChange={(event) => setWhat(event.target.value as typeof what)}>
              {keptKinds.map((one) => (
                <option key={one} value={one}>
                  {say(`kept.what.${one}`)}
                </option>
              ))}
              <option value="hold">{say("kept.hold")}</option>
            </select>
          </label>
          {what === "hold" ? (
            <label className="filter">
              <span>{say("kept.hold-since")}</span>
              <input
                type="date"
                aria-invalid={missing}
                aria-describedby={`${id}-says`}
                value={since}
                onChange={(event) => setSince(event.target.value)}
              />
            </label>
          ) : (
            <>
              <label className="filter">
                <span>{say("kept.days")}</span>
                <input
                  type="number"
                  min={1}
                  max={36_500}
                  value={days}
                  onChange={(event) => setDays(event.target.value)}
                />
              </label>
              <label className="filter">
                <span>{say("kept.megabytes")}</span>
                <input type="number" min={1} value={megabytes} onChange={(event) => setMegabytes(event.target.value)} />
              </label>
            </>
          )}
        </div>
        <p id={`${id}-says`} className={missing ? "field-problem" : "quiet"}>
          {say(what === "hold" ? "kept.hold-says" : "kept.change-says")}
        </p>
        <ReasonField reason={reason} rows={2} />
        {put.error ? <Failed error={put.error} says={say("failed.title")} /> : null}
        <p className="form-acts">
          <button type="submit" className="button filled" disabled={put.isPending}>
            {say(what === "hold" ? "kept.put-hold" : "kept.put")}
          </button>
          <span role="status" className="quiet">
            {put.data === undefined ? "" : say("kept.done")}
          </span>
        </p>
      </form>
    </section>
  );
};
