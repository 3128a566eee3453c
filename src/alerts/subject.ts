import { printTlp } from "#core/marking.ts";
import type { Language } from "#words/language.ts";
import { say } from "#words/say.ts";
import type { AlertInput } from "./alert-input.ts";
import { headlineOf } from "./blocks.ts";

/** TLP first: FIRST TLP 2.0 wants the label in the subject of mail. */
export const subjectOf = (input: AlertInput, language: Language): string => {
  const params = {
    tlp: printTlp(input.tlp),
    reference: input.reference,
    severity: say(language, `glossary.severity.${input.severity}`),
    headline: headlineOf(input, language),
  };
  if (input.reason === "withdrawn") return say(language, "mail.subject.withdrawn", params);
  return input.version === 1
    ? say(language, "mail.subject", params)
    : say(language, "mail.subject.update", { ...params, version: input.version });
};
