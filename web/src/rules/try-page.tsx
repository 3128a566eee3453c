import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import type { RuleTried, RuleTry } from "@api/rule.ts";
import { printNumber } from "@words/number.ts";
import { call } from "@web/api/call.ts";
import { Failed } from "@web/parts/failed.tsx";
import { ListPage } from "@web/parts/list-page.tsx";
import { Heads, Table } from "@web/parts/table.tsx";
import { Severity } from "@web/signs/severity.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { ProblemTable } from "./problem-table.tsx";
import { RuleTabs } from "./rule-tabs.tsx";

/** A rule and some lines of a log: what it matches, and why. Nothing of it is kept. */
export const TryPage = (): ReactNode => {
  const { language, say } = useReader();
  const [rule, lines] = [useId(), useId()];
  const [words, setWords] = useState({ rule: "", lines: "" });
  const trying = useMutation({
    mutationFn: (body: RuleTry) => call<RuleTried>(language, "/rules/try", { method: "POST", body }),
  });
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (words.rule.trim() !== "") trying.mutate(words.lines === "" ? { rule: words.rule } : words);
  };
  return (
    <ListPage title={say("rules.try")} tlp="amber" tabs={<RuleTabs />} says={say("try.says")}>
      <form className="form try" onSubmit={send} noValidate>
        <div className="field">
          <label htmlFor={rule}>{say("try.rule")}</label>
          <textarea
            id={rule}
            rows={18}
            maxLength={262_144}
            spellCheck={false}
            value={words.rule}
            onChange={(event) => setWords({ ...words, rule: event.target.value })}
          />
        </div>
        <div className="field">
          <label htmlFor={lines}>{say("try.lines")}</label>
          <textarea
            id={lines}
            rows={18}
            maxLength={1_048_576}
            spellCheck={false}
            value={words.lines}
            onChange={(event) => setWords({ ...words, lines: event.target.value })}
          />
        </div>
        <p className="form-acts">
          <button type="submit" className="button filled" disabled={trying.isPending || words.rule.trim() === ""}>
            {say("try.go")}
          </button>
        </p>
      </form>
      {trying.error ? <Failed error={trying.error} says={say("failed.title")} /> : null}
      {trying.data === undefined ? null : <Tried tried={trying.data} />}
    </ListPage>
  );
};

const Tried = ({ tried }: { readonly tried: RuleTried }): ReactNode => {
  const { language, say } = useReader();
  const count = (value: number): string => printNumber(language, value);
  return (
    <section aria-live="polite">
      <h2>{say("try.result")}</h2>
      <p>
        {tried.format === undefined
          ? say("try.read", { records: count(tried.records), matches: count(tried.matches.length) })
          : say("try.read-as", {
              ...{ records: count(tried.records), matches: count(tried.matches.length), format: tried.format },
            })}
        {tried.cut ? ` ${say("try.cut")}` : ""}
      </p>
      {tried.problems.length === 0 ? null : <ProblemTable problems={tried.problems} />}
      {tried.rejected.length === 0 ? null : (
        <ul className="rule-rejected">
          {tried.rejected.map(({ line, says }) => (
            <li key={`${line} ${says}`}>
              {say("try.line", { line: count(line) })}: {visible(says)}
            </li>
          ))}
        </ul>
      )}
      {tried.matches.length === 0 ? null : (
        <Table
          label={say("try.result")}
          of="tried"
          head={
            <Heads
              names={[{ figure: say("try.line-head") }, say("rule.title"), say("rule.level"), say("try.because")]}
            />
          }
        >
          {tried.matches.map((one) => (
            <tr key={`${one.line} ${one.rule}`}>
              <td className="figure" data-label={say("try.line-head")}>
                {count(one.line)}
              </td>
              <th scope="row">{visible(one.title)}</th>
              <td data-label={say("rule.level")}>
                <Severity level={one.severity} />
              </td>
              <td data-label={say("try.because")}>
                {one.because.map(({ field, wanted, value }) => (
                  <p key={`${field ?? ""} ${wanted}`} className="identifier">
                    {visible(field ?? say("try.anywhere"))} = {visible(wanted)}
                    {value === undefined ? null : <span className="quiet"> ← {visible(value)}</span>}
                  </p>
                ))}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
};
