import { html, type Html } from "#core/html.ts";
import { certainties } from "#core/grade.ts";
import type { Instant } from "#core/instant.ts";
import { printTlp, type Tlp } from "#core/marking.ts";
import type { Answer } from "#incidents/answer.ts";
import { languageNames, languages, type Language } from "#words/language.ts";
import { say } from "#words/say.ts";
import { printTime } from "#words/time.ts";
import type { AlertInput } from "./alert-input.ts";
import { longestNote } from "./answer-form.ts";
import { blocksOf } from "./blocks.ts";
import { joint, type Block, type Part } from "./block.ts";
import { frameOf, tlpSays } from "./frame.ts";
import { wordmark } from "./wordmark.ts";

/** One answer given before, by anybody of the organisation. */
export interface GivenAnswer {
  readonly who: string;
  readonly answer: Answer;
  readonly at: Instant;
  readonly note?: string;
}

/** What the page needs beside the alert. */
export interface AnswerView {
  readonly language: Language;
  /** Path of this page, to which the form posts: `answerPath(token)`. */
  readonly path: string;
  /** The answer whose button was pressed in the mail; its button here is the filled one. */
  readonly chosen?: Answer;
  /** Oldest first. */
  readonly given: readonly GivenAnswer[];
}

/** The page behind an answer link: the five blocks, and five buttons that each post. Opening it answers nothing. */
export const answerPage = (input: AlertInput, view: AnswerView): Html => {
  const { language } = view;
  const frame = frameOf(input, language);
  const here = view.chosen === undefined ? `${view.path}?` : `${view.path}?answer=${view.chosen}&`;
  return page(language, frame.headline, here, strip(input, language), [
    html`<p class="signs"><b class="sev" data-severity="${input.severity}">${frame.sign} ${frame.severity}</b> ${frame.alert}</p>
<h1>${frame.headline}</h1>
<p class="quiet">${frame.fromTo} <b>${frame.due}</b></p>
<p class="skip"><a href="#answer">${say(language, "answers.skip")}</a></p>`,
    blocksOf(input, language).map((block, n) => section(block, n + 1, input, view)),
    frame.real &&
      html`<section class="block"><h2>${frame.real.title}</h2><div>${frame.real.says.map((text) => html`<p>${text}</p>`)}</div></section>`,
  ]);
};

/** After the POST: what was said, what happens next, and how to change it. `view.given` ends with the new answer. */
export const thanksPage = (input: AlertInput, view: AnswerView): Html => {
  const { language } = view;
  const last = view.given.at(-1);
  const due = printTime(language, input.due, input.zone);
  const next = (answer: Answer): string => {
    switch (answer) {
      case "acknowledged":
        return say(language, "answers.next.acknowledged", { due });
      case "need-help":
        return input.verify
          ? say(language, "answers.next.need-help", { phone: input.verify.phone })
          : say(language, "answers.next.need-help.nobody");
      case "not-ours":
      case "false":
      case "fixed":
        return say(language, `answers.next.${answer}`);
    }
  };
  const title = say(language, "answers.title.thanks");
  return page(language, title, `${view.path}?`, strip(input, language), [
    html`<h1>${title}</h1>
${last && html`<p class="said">${said(last, input, language)}</p><p>${next(last.answer)}</p>`}
${before(view.given.slice(0, -1), input, language)}
<p><a href="${view.path}">${say(language, "answers.change")}</a></p>
${input.portal === undefined ? undefined : html`<p><a href="${input.portal}">${say(language, "answers.portal")}</a></p>`}`,
  ]);
};

/** For a token that expired or is not ours. It says nothing about any alert, so it carries TLP:CLEAR. */
export const noAnswerPage = (
  why: "expired" | "unknown",
  view: Pick<AnswerView, "language" | "path"> & { readonly portal?: string; readonly phone?: string },
): Html => {
  const { language } = view;
  const title = say(language, `answers.title.${why}`);
  return page(language, title, `${view.path}?`, strip({ tlp: "clear", organisation: {} }, language), [
    html`<h1>${title}</h1>
<p>${say(language, `answers.${why}.says`)}</p>
${view.portal === undefined ? undefined : html`<p><a href="${view.portal}">${say(language, "answers.portal")}</a></p>`}
${view.phone === undefined ? undefined : html`<p>${say(language, "answers.call", { phone: view.phone })}</p>`}`,
  ]);
};

const page = (
  language: Language,
  title: string,
  /** Where the same page is in another language, up to the language. */
  here: string,
  tlp: Html,
  content: readonly (Html | undefined | readonly Html[])[],
): Html => html`<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex,nofollow">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title} · waglan</title>
<link rel="stylesheet" href="/answer.css">
</head>
<body>
<header>${tlp}<div class="bar">${wordmark}
<nav aria-label="${say(language, "answers.language")}">${languages.map((one) =>
  one === language
    ? html`<b lang="${one}" aria-current="true">${languageNames[one].full}</b> `
    : html`<a href="${`${here}lang=${one}`}" lang="${one}" hreflang="${one}">${languageNames[one].full}</a> `,
)}</nav></div></header>
<main>
${content}
</main>
<footer>${tlp}</footer>
</body>
</html>
`;

const strip = (
  input: { readonly tlp: Tlp; readonly organisation: AlertInput["organisation"] },
  language: Language,
): Html =>
  html`<div class="tlp"><b data-tlp="${input.tlp}">${printTlp(input.tlp)}</b> <span>${tlpSays(input, language)}</span></div>`;

const section = (block: Block, number: number, input: AlertInput, view: AnswerView): Html =>
  html`<section class="block"><h2 id="${block.id}"><span class="number">${number}</span> ${block.title}</h2><div>${
    block.id === "answer" ? form(block, input, view) : block.parts.map((part) => drawn(part, view.language))
  }</div></section>
`;

const form = (block: Block, input: AlertInput, view: AnswerView): Html => {
  const { language } = view;
  const offered = block.parts.flatMap((part) => (part.kind === "answers" ? part.answers : []));
  const filled = view.chosen ?? "acknowledged";
  return html`${before(view.given, input, language)}
<form method="post" action="${view.path}">
<input type="hidden" name="lang" value="${language}">
<p>${say(language, "answers.choose")}</p>
<ul class="answers">${offered.map(
    ({ answer, label, means }) =>
      html`<li><button type="submit" name="answer" value="${answer}" class="${answer === filled ? "filled" : "plain"}" aria-describedby="${`means-${answer}`}">${label}</button> <span id="${`means-${answer}`}">${means}</span></li>`,
  )}</ul>
<label for="note">${say(language, "answers.note")}</label>
<textarea id="note" name="note" rows="3" maxlength="${longestNote}" aria-describedby="note-hint"></textarea>
<p id="note-hint" class="quiet">${say(language, "answers.note.hint")}</p>
</form>`;
};

const before = (given: readonly GivenAnswer[], input: AlertInput, language: Language): Html | undefined =>
  given.length === 0
    ? undefined
    : html`<p>${say(language, "answers.answered.before")}</p><ol class="given">${given.map(
        (one) =>
          html`<li>${said(one, input, language)}${one.note === undefined ? undefined : html`<br><q>${one.note}</q>`}</li>`,
      )}</ol>`;

const said = ({ who, answer, at }: GivenAnswer, input: AlertInput, language: Language): string =>
  say(language, "answers.answered.now", {
    who,
    answer: say(language, `answers.label.${answer}`),
    time: printTime(language, at, input.zone),
  });

const drawn = (part: Part, language: Language): Html => {
  switch (part.kind) {
    case "paragraph":
      return html`<p>${part.lead === undefined ? undefined : html`<b>${part.lead}</b>${joint(part.lead)}`}${part.text}</p>`;
    case "aside":
      return html`<p class="quiet">${part.text}</p>`;
    case "link":
      return html`<p><a href="${part.url}">${part.text}</a></p>`;
    case "lines":
      return html`<p class="quiet">${part.caption}</p><div class="buff" dir="ltr">${part.lines.map((line) => html`<div>${line}</div>`)}</div>`;
    case "scale":
      return html`<ol class="scale">${certainties.map((one) =>
        one === part.at
          ? html`<li aria-current="true"><b>${say(language, `glossary.certainty.${one}`)}</b></li>`
          : html`<li>${say(language, `glossary.certainty.${one}`)}</li>`,
      )}</ol>`;
    case "list":
      return html`<ul>${part.items.map((item) => html`<li>${item}</li>`)}</ul>`;
    case "steps":
      return html`<ol class="steps">${part.steps.map(
        ({ what, who, by, byWhen, why }) =>
          html`<li><div>${what}</div><div class="quiet"><b class="${by === "now" ? "now" : "by"}">${byWhen}</b> · ${who}</div><div class="quiet">${why}</div></li>`,
      )}</ol>`;
    case "answers":
      return html``;
  }
};
