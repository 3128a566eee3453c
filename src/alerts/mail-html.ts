import { css, html, type Html } from "#core/html.ts";
import type { Language } from "#words/language.ts";
import { say } from "#words/say.ts";
import type { AlertInput } from "./alert-input.ts";
import { joint, type Block, type Part } from "./block.ts";
import { frameOf, toneOf } from "./frame.ts";
import { buff, first, linked, list, mailPage, other, panel, paragraph, quiet, row, strip } from "./mail-look.ts";
import type { Said } from "./said.ts";
import { subjectOf } from "./subject.ts";
import { light, severityInk } from "./tokens.ts";

/** The alert as HTML, in the look of all our mail (mail-look.ts). */
export const mailHtml = (input: AlertInput, said: readonly Said[]): Html => {
  const first = said[0]?.language ?? "en";
  const sections = said.map((one, n) => section(input, one, n === 0 ? said.slice(1) : []));
  return mailPage(first, subjectOf(input, first), toneOf(input), sections);
};

const section = (input: AlertInput, { language, blocks }: Said, below: readonly Said[]): Html => {
  const frame = frameOf(input, language);
  return panel(
    language,
    html`${strip(frame.tlp, input.tlp, frame.tlpSays)}
<tr><td colspan="2" class="w-line" style="${css`padding:22px 24px 16px;border-bottom:1px solid ${light.line2}`}">
<div style="${css`font-size:15px`}"><span class="w-sev" style="${css`color:${severityInk[toneOf(input)].light};font-weight:600`}">${frame.sign} ${frame.severity}</span> &nbsp;<span class="w-ink2" style="${quiet}">${frame.alert}</span></div>
<h1 style="${css`margin:4px 0 8px;font-size:22px;line-height:1.35;font-weight:600`}">${frame.headline}</h1>
<div class="w-ink2" style="${quiet}">${frame.fromTo}</div>
<div style="${css`font-weight:600`}">${frame.due}</div>
${below.map((one) => html`<div lang="${one.language}" class="w-ink3" style="${css`color:${light.ink3};font-size:13px`}">${say(one.language, "mail.below")}</div>`)}
</td></tr>
${blocks.map((block) => row(html`${block.title}`, drawnBlock(block, language)))}
${frame.real ? row(html`${frame.real.title}`, html`<p style="${paragraph}">${frame.real.says[0]}</p><p style="${paragraph}">${frame.real.says[1]}</p>`) : undefined}
<tr><td colspan="2" class="w-ink3" style="${css`padding:16px 24px;font-size:13px;color:${light.ink3}`}">${frame.foot.map(
      ({ text, url }) => html`<div>${url === undefined ? text : linked(text, url)}</div>`,
    )}</td></tr>
${strip(frame.tlp, input.tlp)}`,
  );
};

const drawnBlock = (block: Block, language: Language): Html =>
  html`${block.parts.map((part) => drawn(part, language))}`;

const drawn = (part: Part, language: Language): Html => {
  switch (part.kind) {
    case "paragraph":
      return html`<p style="${paragraph}">${part.lead === undefined ? undefined : html`<b>${part.lead}</b>${joint(part.lead)}`}${part.text}</p>`;
    case "aside":
      return html`<p class="w-ink3" style="${css`margin:8px 0 0;font-size:13px;color:${light.ink3}`}">${part.text}</p>`;
    case "link":
      return html`<p style="${css`margin:8px 0 0;font-size:13px`}">${linked(part.text, part.url)}</p>`;
    case "lines":
      return html`<div class="w-ink2" style="${css`margin:8px 0 4px;font-size:13px;color:${light.ink2}`}">${part.caption}</div><div dir="ltr" class="w-buff" style="${buff}">${part.lines.map((line) => html`<div style="${css`margin:0 0 4px;white-space:pre-wrap`}">${line}</div>`)}</div>`;
    case "scale":
      return html``;
    case "list":
      return html`<ul style="${list}">${part.items.map((item) => html`<li>${item}</li>`)}</ul>`;
    case "steps":
      return html`<ol style="${list}">${part.steps.map(
        (step) =>
          html`<li style="${css`margin:0 0 10px`}">${step.what}<br><span class="w-ink2" style="${css`font-size:13px;color:${light.ink2}`}"><b class="${step.by === "now" ? "w-now" : "w-ink1"}" style="${step.by === "now" ? css`color:${severityInk.critical.light}` : css`color:${light.ink1}`}">${step.byWhen}</b> · ${step.who}<br>${step.why}</span></li>`,
      )}</ol>`;
    case "answers":
      return html`<div>${part.answers.map(({ answer, label, url }, n) =>
        url === undefined
          ? undefined
          : html`<a href="${url}" class="${n === 0 ? "w-act" : "w-other"}" title="${say(language, `answers.means.${answer}`)}" style="${n === 0 ? first : other}">${label}</a> `,
      )}</div>`;
  }
};
