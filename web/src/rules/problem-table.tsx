import type { ReactNode } from "react";
import type { RuleProblem } from "@api/rule.ts";
import { Heads, Table } from "@web/parts/table.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";

/** All that is wrong at once, each with its place: a file is mended in one go. */
export const ProblemTable = ({ problems }: { readonly problems: readonly RuleProblem[] }): ReactNode => {
  const { say } = useReader();
  return (
    <Table
      label={say("rules.problems")}
      of="rule-problems"
      head={<Heads names={[say("rule.place"), say("rule.problem"), say("rule.effect")]} />}
    >
      {problems.map((one) => (
        <tr key={`${one.folder} ${one.file} ${one.line} ${one.column} ${one.code} ${one.says}`}>
          <th scope="row" className="identifier">
            {visible(one.folder === "" ? "" : `${one.folder}/`)}
            {visible(one.file)}:{one.line}:{one.column}
          </th>
          <td data-label={say("rule.problem")}>{visible(one.says)}</td>
          <td data-label={say("rule.effect")}>{say(one.refuses ? "rule.left-out" : "rule.read-without")}</td>
        </tr>
      ))}
    </Table>
  );
};
