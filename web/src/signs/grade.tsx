import type { ReactNode } from "react";
import { type Say, useReader } from "@web/words/reader.tsx";

type Letter = "A" | "B" | "C" | "D" | "E" | "F";
type Figure = "1" | "2" | "3" | "4" | "5" | "6";

const split = (grade: string): readonly [Letter, Figure] | undefined => {
  const found = /^([A-F])\|?([1-6])$/.exec(grade);
  return found ? [found[1] as Letter, found[2] as Figure] : undefined;
};

/** "usually reliable, probably true": the source's letter, then the statement's figure (Admiralty code). */
export const gradeWords = (say: Say, grade: string): string => {
  const parts = split(grade);
  return parts
    ? say("grade.both", {
        source: say(`glossary.gradeSource.${parts[0]}`),
        statement: say(`glossary.gradeStatement.${parts[1]}`),
      })
    : grade;
};

/** `B|2` in two cells. Alone it carries its words as name; beside the words (`spoken`) it is silent. */
export const Grade = ({ grade, spoken }: { readonly grade: string; readonly spoken?: boolean }): ReactNode => {
  const { say } = useReader();
  const [letter, figure] = split(grade) ?? [grade, ""];
  const words = gradeWords(say, grade);
  return (
    <span
      className="grade"
      {...(spoken ? { "aria-hidden": true } : { role: "img", "aria-label": words, title: words })}
    >
      <span>{letter}</span>
      <span>{figure}</span>
    </span>
  );
};
