import { defangText } from "#alerts/defang.ts";
import { saidAs, storyOf } from "#alerts/story.ts";
import { printAbout, rsitTypes, type RsitType } from "#core/rsit.ts";
import type { Hit } from "#detect/hit.ts";
import type { Finding } from "#incidents/finding.ts";
import type { Language } from "#words/language.ts";
import { say } from "#words/say.ts";

/** One line: what it is, and the family it is about. The asset stands beside it, in a column of its own. */
export const titleOf = (finding: Pick<Finding, "detector" | "problem">, language: Language): string => {
  const title = say(language, `acts.title.${saidAs(storyOf[finding.detector], finding.problem.type)}`);
  const { about } = finding.problem;
  return about === "" ? title : say(language, "acts.title.about", { title, about: defangText(printAbout(about)) });
};

/** The kinds of findings whose title holds `text`, in any case of letters. */
export const titledWith = (
  text: string,
  language: Language,
): readonly { readonly detector: Hit["detector"]; readonly type: RsitType }[] => {
  const wanted = text.toLowerCase();
  return (Object.keys(storyOf) as Hit["detector"][]).flatMap((detector) =>
    (Object.keys(rsitTypes) as RsitType[])
      .filter((type) =>
        titleOf({ detector, problem: { type, about: "" } }, language)
          .toLowerCase()
          .includes(wanted),
      )
      .map((type) => ({ detector, type })),
  );
};
