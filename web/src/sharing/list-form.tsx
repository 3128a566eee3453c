import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import type { SavedListNew } from "@api/sharing.ts";
import { printTlp, tlps } from "#core/marking.ts";
import { call } from "@web/api/call.ts";
import { partyPath } from "@web/api/sharing-queries.ts";
import { Failed } from "@web/parts/failed.tsx";
import { useReader } from "@web/words/reader.tsx";
import { CountOf } from "./list-row.tsx";
import { bases, type Format, formats, type ListWords, printWords, splitQuery } from "./list-words.ts";

const name = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
/** What may be asked for; the agreement's ceiling stands above it all the same. */
const ceilings = tlps.filter((one) => one !== "red");
const letters = ["A1", "B2", "B3", "C3", "D4"] as const;

/** A query under a name, with what it would hold now beside it before it is saved. */
export const ListForm = ({ party }: { readonly party: string }): ReactNode => {
  const { language, say } = useReader();
  const client = useQueryClient();
  const id = useId();
  const [called, setCalled] = useState("");
  const [words, setWords] = useState<ListWords>({ base: "addresses" });
  const [format, setFormat] = useState<Format>("txt");
  const [counted, setCounted] = useState<{ readonly query: string; readonly format: Format }>();
  const [missing, setMissing] = useState(false);
  const query = printWords(words);
  const save = useMutation({
    mutationFn: (body: SavedListNew) => call(language, `${partyPath(party)}/lists`, { method: "POST", body }),
    onSuccess: async () => {
      setCalled("");
      await client.invalidateQueries({ queryKey: ["sharing-setup"] });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const bad = !name.test(called.trim());
    setMissing(bad);
    if (!bad) save.mutate({ name: called.trim(), query });
  };
  const set = (more: Partial<ListWords>): void => setWords({ ...words, ...more });
  const [list, rest] = splitQuery(counted?.query ?? "");
  return (
    <section>
      <h2>{say("lists.add")}</h2>
      <form className="form" onSubmit={submit} noValidate>
        <div className="field short">
          <label htmlFor={`${id}-name`}>{say("lists.name")}</label>
          <input
            id={`${id}-name`}
            type="text"
            maxLength={64}
            autoComplete="off"
            spellCheck={false}
            aria-required
            aria-invalid={missing}
            aria-describedby={`${id}-says`}
            value={called}
            onChange={(event) => {
              setCalled(event.target.value);
              setMissing(false);
            }}
          />
          <p id={`${id}-says`} className={missing ? "field-problem" : "quiet"}>
            {say("lists.name-says")}
          </p>
        </div>
        <div className="filters" role="group" aria-label={say("lists.query")}>
          <Choice
            label={say("lists.of")}
            value={words.base}
            choices={bases.map((one) => [one, say(`lists.base.${one}`)])}
            onChoose={(value) => set({ base: bases.find((one) => one === value) ?? "all" })}
          />
          <Choice
            label={say("lists.tlp")}
            value={words.tlp ?? ""}
            choices={[["", say("lists.tlp-any")], ...ceilings.map((one): [string, string] => [one, printTlp(one)])]}
            onChoose={(tlp) => set({ tlp })}
          />
          <Choice
            label={say("lists.grade")}
            value={words.grade ?? ""}
            choices={[["", say("queue.any")], ...letters.map((one): [string, string] => [one, one])]}
            onChoose={(grade) => set({ grade })}
          />
          <div className="filter search">
            <label htmlFor={`${id}-label`}>{say("lists.label")}</label>
            <input
              id={`${id}-label`}
              type="text"
              maxLength={200}
              value={words.label ?? ""}
              onChange={(event) => set({ label: event.target.value.trim() })}
            />
          </div>
          <div className="filter search">
            <label htmlFor={`${id}-score`}>{say("lists.score")}</label>
            <input
              id={`${id}-score`}
              type="number"
              min={0}
              max={100}
              value={words.score ?? ""}
              onChange={(event) => set({ score: event.target.value })}
            />
          </div>
          <Choice
            label={say("lists.format")}
            value={format}
            choices={formats.map((one) => [one, one])}
            onChoose={(value) => setFormat(formats.find((one) => one === value) ?? "txt")}
          />
        </div>
        <p className="form-says">
          <code className="identifier">{query}</code>{" "}
          <span role="status">
            {counted === undefined ? null : <CountOf party={party} list={list} words={rest} format={counted.format} />}
          </span>
        </p>
        {save.error ? <Failed error={save.error} says={say("failed.title")} /> : null}
        <p className="form-acts">
          <button type="submit" className="button filled" disabled={save.isPending}>
            {say("lists.save")}
          </button>
          <button type="button" className="button" onClick={() => setCounted({ query, format })}>
            {say("lists.count")}
          </button>
        </p>
      </form>
    </section>
  );
};

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly choices: readonly (readonly [value: string, says: string])[];
  readonly onChoose: (value: string) => void;
}

const Choice = ({ label, value, choices, onChoose }: ChoiceProps): ReactNode => (
  <label className="filter">
    <span>{label}</span>
    <select value={value} onChange={(event) => onChoose(event.target.value)}>
      {choices.map(([one, says]) => (
        <option key={one} value={one}>
          {says}
        </option>
      ))}
    </select>
  </label>
);
