import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { intakeFileAtMost } from "@api/file-limits.ts";
import type { IntakeNew, IntakeReceipt } from "@api/intake.ts";
import { printTlp, type Tlp, tlps } from "#core/marking.ts";
import { call } from "@web/api/call.ts";
import { Failed } from "@web/parts/failed.tsx";
import { FileDrop, type TakenFile } from "@web/parts/file-drop.tsx";
import { ListPage } from "@web/parts/list-page.tsx";
import { ResultPart, useResult } from "@web/parts/result.tsx";
import { IndicatorTabs } from "@web/indicators/indicator-tabs.tsx";
import { Grade, gradeWords } from "@web/signs/grade.tsx";
import { useReader } from "@web/words/reader.tsx";
import { FoundSection } from "./found-section.tsx";
import { TakenSection } from "./taken-section.tsx";

const letters = ["A", "B", "C", "D", "E", "F"] as const;
const figures = ["1", "2", "3", "4", "5", "6"] as const;
/** A PDF of many pages is read before it is answered. */
const patience = 120_000;

type Draft = Omit<IntakeNew, "without" | "also" | "dryRun">;

/** What came by hand: put in, looked at, and only then taken, value by value as the reader keeps them. */
export const IntakePage = (): ReactNode => {
  const { language, say } = useReader();
  const client = useQueryClient();
  const id = useId();
  const result = useResult();
  const [text, setText] = useState("");
  const [file, setFile] = useState<TakenFile>();
  const [tlp, setTlp] = useState<Tlp>("amber");
  const [letter, setLetter] = useState<(typeof letters)[number]>("C");
  const [figure, setFigure] = useState<(typeof figures)[number]>("3");
  const [labels, setLabels] = useState("");
  const [origin, setOrigin] = useState("");
  const [problem, setProblem] = useState(false);
  const [seen, setSeen] = useState<{ readonly draft: Draft; readonly receipt: IntakeReceipt }>();
  const [taken, setTaken] = useState<IntakeReceipt>();
  const submit = (body: IntakeNew): Promise<IntakeReceipt> =>
    call<IntakeReceipt>(language, "/intake", { method: "POST", body, patience });
  const look = useMutation({
    onMutate: result.asked,
    mutationFn: async (draft: Draft) => ({ draft, receipt: await submit({ ...draft, dryRun: true }) }),
    onSuccess: (found) => {
      setSeen(found);
      setTaken(undefined);
      result.came();
    },
  });
  const take = useMutation({
    onMutate: result.asked,
    mutationFn: ({ without, also }: { readonly without: string[]; readonly also: string[] }) =>
      submit({
        ...(seen?.draft ?? draftOf()),
        ...(without.length === 0 ? {} : { without }),
        ...(also.length === 0 ? {} : { also }),
      }),
    onSuccess: async (receipt) => {
      setTaken(receipt);
      setSeen(undefined);
      setText("");
      setFile(undefined);
      await client.invalidateQueries({ queryKey: ["indicators"] });
      result.came();
    },
  });
  const draftOf = (): Draft => ({
    ...(file === undefined ? { text } : { file: { name: file.name, base64: file.base64 } }),
    ...{ tlp, grade: `${letter}${figure}` },
    ...(labels.trim() === ""
      ? {}
      : {
          labels: labels
            .split(/[,，、;；]/)
            .map((one) => one.trim())
            .filter((one) => one !== "")
            .slice(0, 16),
        }),
    ...(origin.trim() === "" ? {} : { origin: origin.trim() }),
  });
  const ask = (event: FormEvent): void => {
    event.preventDefault();
    const nothing = (text.trim() === "") === (file === undefined);
    setProblem(nothing);
    if (!nothing) look.mutate(draftOf());
  };
  /** What was looked at is no longer what stands in the form. */
  const edited = (): void => {
    setSeen(undefined);
    setProblem(false);
  };
  return (
    <ListPage title={say("intake.title")} tlp={tlp} says={say("intake.says")} tabs={<IndicatorTabs />}>
      <form className="form intake" onSubmit={ask} noValidate onChange={edited}>
        <div className="intake-what">
          <div className="field">
            <label htmlFor={`${id}-text`}>{say("intake.text")}</label>
            <textarea
              id={`${id}-text`}
              className="identifier"
              rows={9}
              maxLength={2_000_000}
              spellCheck={false}
              aria-invalid={problem}
              aria-describedby={`${id}-what`}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          </div>
          <FileDrop
            label={say("intake.file")}
            says={say("intake.file-says")}
            accept=".eml,.csv,.txt,.pdf,.json,.html,.zip,.gz"
            atMost={intakeFileAtMost}
            file={file}
            onFile={(given) => {
              setFile(given);
              edited();
            }}
          />
          <p id={`${id}-what`} className={problem ? "field-problem" : "quiet"}>
            {say(problem ? "intake.one" : "intake.hint")}
          </p>
        </div>
        <fieldset className="intake-how">
          <legend>{say("intake.marking")}</legend>
          <div className="filters">
            <label className="filter">
              <span>TLP</span>
              <select
                value={tlp}
                onChange={(event) => setTlp(tlps.find((one) => one === event.target.value) ?? "amber")}
              >
                {tlps.map((one) => (
                  <option key={one} value={one}>
                    {printTlp(one)}
                  </option>
                ))}
              </select>
            </label>
            <label className="filter">
              <span>{say("intake.source")}</span>
              <select
                value={letter}
                onChange={(event) => setLetter(letters.find((one) => one === event.target.value) ?? "C")}
              >
                {letters.map((one) => (
                  <option key={one} value={one}>
                    {one} · {say(`glossary.gradeSource.${one}`)}
                  </option>
                ))}
              </select>
            </label>
            <label className="filter">
              <span>{say("intake.statement")}</span>
              <select
                value={figure}
                onChange={(event) => setFigure(figures.find((one) => one === event.target.value) ?? "3")}
              >
                {figures.map((one) => (
                  <option key={one} value={one}>
                    {one} · {say(`glossary.gradeStatement.${one}`)}
                  </option>
                ))}
              </select>
            </label>
          </div>
          <p className="quiet">
            <Grade grade={`${letter}${figure}`} spoken /> {gradeWords(say, `${letter}${figure}`)}
          </p>
          <div className="field">
            <label htmlFor={`${id}-labels`}>{say("intake.labels")}</label>
            <input
              id={`${id}-labels`}
              type="text"
              maxLength={1000}
              value={labels}
              onChange={(event) => setLabels(event.target.value)}
            />
          </div>
          <div className="field">
            <label htmlFor={`${id}-origin`}>{say("intake.origin")}</label>
            <input
              id={`${id}-origin`}
              type="text"
              maxLength={500}
              value={origin}
              onChange={(event) => setOrigin(event.target.value)}
            />
          </div>
        </fieldset>
        {look.error ? <Failed error={look.error} says={say("failed.title")} /> : null}
        <p className="form-acts">
          <button
            type="submit"
            className={seen === undefined ? "button filled" : "button"}
            disabled={look.isPending || take.isPending}
          >
            {say(look.isPending ? "intake.reading" : "intake.look")}
          </button>
        </p>
      </form>
      <ResultPart of={result}>
        {seen === undefined ? null : (
          <FoundSection
            receipt={seen.receipt}
            written={seen.draft.text}
            pending={take.isPending}
            error={take.error}
            onTake={(without, also) => take.mutate({ without, also })}
          />
        )}
        {taken === undefined ? null : <TakenSection receipt={taken} />}
      </ResultPart>
    </ListPage>
  );
};
