import { useQuery } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { exclusionCheckQuery } from "@web/api/care-queries.ts";
import { problemWords } from "@web/parts/failed.tsx";
import { Identifier } from "@web/parts/identifier.tsx";
import { Sentence, slot } from "@web/parts/sentence.tsx";
import { Mark } from "@web/signs/mark.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";

/** "Would this value be kept out?", answered by what decides it. */
export const ExclusionCheckSection = (): ReactNode => {
  const { language, say } = useReader();
  const id = useId();
  const [typed, setTyped] = useState("");
  const [asked, setAsked] = useState("");
  const { data, error } = useQuery(exclusionCheckQuery(language, asked));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setAsked(typed.trim());
  };
  return (
    <form className="check" role="search" aria-label={say("exclusion.check")} onSubmit={submit}>
      <div className="filters">
        <div className="filter search wide">
          <label htmlFor={id}>{say("exclusion.check")}</label>
          <input
            id={id}
            type="search"
            maxLength={8192}
            autoComplete="off"
            spellCheck={false}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </div>
        <button type="submit" className="button">
          {say("exclusion.ask")}
        </button>
      </div>
      <p role="status">
        {asked === "" ? (
          <span className="quiet">{say("exclusion.check-says")}</span>
        ) : error ? (
          <span className="field-problem">{problemWords(say, error)}</span>
        ) : data === undefined ? null : (
          <Mark sign={data.excluded === undefined ? "good" : "paused"}>
            <Sentence
              words={
                data.excluded === undefined
                  ? say("exclusion.free", { value: slot.a })
                  : say("exclusion.kept-out", { value: slot.a, list: slot.b })
              }
              a={
                <>
                  <Identifier text={data.value} /> <span className="quiet">({say(`kind.${data.kind}`)})</span>
                </>
              }
              b={<b>{visible(data.excluded?.list ?? "")}</b>}
            />
          </Mark>
        )}
      </p>
    </form>
  );
};
