import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useId, useState } from "react";
import { exclusionFileAtMost } from "@api/file-limits.ts";
import type { ExclusionNew, ExclusionRow } from "@api/indicator-care.ts";
import { call } from "@web/api/call.ts";
import { Failed } from "@web/parts/failed.tsx";
import { FileDrop, type TakenFile } from "@web/parts/file-drop.tsx";
import { ReasonField, useReason } from "@web/parts/reason-field.tsx";
import { serverNow } from "@web/time/clock.ts";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";

const dayMs = 86_400_000;
const ends = [0, 7, 30, 90, 365] as const;
/** A list of a million entries is read before it is answered. */
const patience = 120_000;

/** Puts one value or one MISP warning list aside, for the past too, with the reason that everybody will ask for. */
export const ExclusionForm = (): ReactNode => {
  const { language, say } = useReader();
  const client = useQueryClient();
  const id = useId();
  const reason = useReason();
  const [value, setValue] = useState("");
  const [file, setFile] = useState<TakenFile>();
  const [days, setDays] = useState<number>(0);
  const [problem, setProblem] = useState(false);
  const put = useMutation({
    mutationFn: (body: ExclusionNew) => call<ExclusionRow>(language, "/exclusions", { method: "POST", body, patience }),
    onSuccess: async () => {
      setValue("");
      setFile(undefined);
      reason.write("");
      await client.invalidateQueries({ queryKey: ["exclusions"] });
      await client.invalidateQueries({ queryKey: ["exclusion-check"] });
      await client.invalidateQueries({ queryKey: ["care-history"] });
    },
  });
  const send = reason.submit((text) => {
    const nothing = (value.trim() === "") === (file === undefined);
    setProblem(nothing);
    if (nothing) return;
    put.mutate({
      ...(file === undefined ? { value: value.trim() } : { list: { name: fileName(file.name), base64: file.base64 } }),
      ...(days === 0 ? {} : { until: new Date(serverNow() + days * dayMs).toISOString() }),
      reason: text,
    });
  });
  return (
    <section>
      <h2>{say("exclusion.add")}</h2>
      <form className="form" onSubmit={send} noValidate>
        <div className="intake-what">
          <div className="field">
            <label htmlFor={id}>{say("exclusion.value")}</label>
            <input
              id={id}
              type="text"
              maxLength={8192}
              autoComplete="off"
              spellCheck={false}
              aria-invalid={problem}
              aria-describedby={`${id}-what`}
              value={value}
              onChange={(event) => {
                setValue(event.target.value);
                setProblem(false);
              }}
            />
          </div>
          <FileDrop
            label={say("exclusion.file")}
            says={say("exclusion.file-says")}
            accept=".json,.gz"
            atMost={exclusionFileAtMost}
            file={file}
            onFile={(given) => {
              setFile(given);
              setProblem(false);
            }}
          />
          <p id={`${id}-what`} className={problem ? "field-problem" : "quiet"}>
            {say(problem ? "exclusion.one-of" : "exclusion.add-says")}
          </p>
        </div>
        <ReasonField reason={reason} rows={2} />
        <label className="filter">
          <span>{say("exclusion.until")}</span>
          <select value={days} onChange={(event) => setDays(Number(event.target.value))}>
            {ends.map((one) => (
              <option key={one} value={one}>
                {one === 0 ? say("exclusion.no-end") : say("exclusion.days", { count: one })}
              </option>
            ))}
          </select>
        </label>
        {put.error ? <Failed error={put.error} says={say("failed.title")} /> : null}
        <p className="form-acts">
          <button type="submit" className="button filled" disabled={put.isPending}>
            {say("exclusion.put")}
          </button>
          <span role="status" className="quiet">
            {put.data === undefined
              ? ""
              : say("exclusion.done", { name: visible(put.data.value ?? put.data.name), count: put.data.entries })}
          </span>
        </p>
      </form>
    </section>
  );
};

/** As the API names lists: letters, figures, dots, dashes. */
const fileName = (name: string): string =>
  name
    .replace(/^.*[\\/]/, "")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, 120) || "list.json";
