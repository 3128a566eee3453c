import { printTlp } from "#core/marking.ts";
import { type Language, nameIn } from "#words/language.ts";
import { say } from "#words/say.ts";
import { printTime } from "#words/time.ts";
import type { AlertInput } from "./alert-input.ts";
import { headlineOf } from "./blocks.ts";
import { severitySigns } from "./sign.ts";

/** What stands around the five blocks, in one language: by whom, to whom, until when, how to check it, and the TLP strip. */
export interface Frame {
  readonly tlp: string;
  readonly tlpSays: string;
  readonly sign: string;
  readonly severity: string;
  readonly alert: string;
  readonly headline: string;
  readonly fromTo: string;
  readonly due: string;
  /** Absent: the deployment has no number to call. */
  readonly real?: { readonly title: string; readonly says: readonly string[] };
  readonly foot: readonly { readonly text: string; readonly url?: string }[];
}

export const frameOf = (input: AlertInput, language: Language): Frame => {
  const sender = nameIn(input.sender, language);
  const organisation = nameIn(input.organisation, language);
  const back = input.reason === "withdrawn";
  return {
    tlp: printTlp(input.tlp),
    tlpSays: tlpSays(input, language),
    sign: severitySigns[toneOf(input)],
    severity: back ? say(language, "mail.withdrawn") : say(language, `glossary.severity.${input.severity}`),
    alert: say(language, "mail.alert", { reference: input.reference, version: input.version }),
    headline: back
      ? say(language, "mail.withdrawn.headline", { headline: headlineOf(input, language) })
      : headlineOf(input, language),
    fromTo:
      input.recipient === undefined
        ? say(language, "mail.from-to.nobody", { sender, organisation })
        : say(language, "mail.from-to", { sender, organisation, recipient: input.recipient }),
    due: back
      ? say(language, "mail.withdrawn.due")
      : say(language, "mail.due", { time: printTime(language, input.due, input.zone) }),
    ...(input.verify
      ? {
          real: {
            title: say(language, "mail.real.title"),
            says: [say(language, "mail.real.call", input.verify), say(language, "mail.real.never")],
          },
        }
      : {}),
    foot: [
      { text: say(language, "mail.foot.why", { organisation }) },
      ...(input.contacts === undefined
        ? []
        : [{ text: say(language, "mail.foot.portal", { url: input.contacts }), url: input.contacts }]),
      { text: say(language, "mail.foot.finding", { finding: input.finding }) },
    ],
  };
};

/** The colour and sign it is drawn in: what was taken back shouts at nobody. */
export const toneOf = (input: Pick<AlertInput, "severity" | "reason">): AlertInput["severity"] =>
  input.reason === "withdrawn" ? "info" : input.severity;

/** One plain sentence beside the label; the label itself is never translated. */
export const tlpSays = (input: Pick<AlertInput, "tlp" | "organisation">, language: Language): string => {
  const organisation = nameIn(input.organisation, language);
  switch (input.tlp) {
    case "amber":
      return say(language, "mail.tlp.amber", { organisation });
    case "amber+strict":
      return say(language, "mail.tlp.amber+strict", { organisation });
    case "red":
    case "green":
    case "clear":
      return say(language, `mail.tlp.${input.tlp}`);
  }
};
