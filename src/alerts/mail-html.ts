import { css, html, type Css, type Html } from "#core/html.ts";
import type { Tlp } from "#core/marking.ts";
import type { Severity } from "#core/severity.ts";
import type { Language } from "#words/language.ts";
import { say } from "#words/say.ts";
import type { AlertInput } from "./alert-input.ts";
import { joint, type Block, type Part } from "./block.ts";
import { frameOf, type Frame, toneOf } from "./frame.ts";
import type { Said } from "./said.ts";
import { subjectOf } from "./subject.ts";
import { dark, light, mono, sans, severityInk, tlpGround, tlpInk } from "./tokens.ts";

/**
 * The mail: 600 px, tables for layout, colours by value, one dark block, nothing fetched and nobody tracked (VISUAL §9).
 * Classes are there for the dark block alone; programs that drop it show the light mail.
 */
export const mailHtml = (input: AlertInput, said: readonly Said[]): Html => {
  const first = said[0]?.language ?? "en";
  return html`<!DOCTYPE html>
<html lang="${first}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no">
<title>${subjectOf(input, first)}</title>
<style>${atNight(toneOf(input))}</style>
</head>
<body class="w-page" style="${css`margin:0;padding:0;background:${light.page}`}">
<div role="main"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" class="w-page" style="${css`background:${light.page}`}"><tr><td align="center">
${said.map((one, n) => html`${n === 0 ? undefined : html`<div style="${css`height:24px;line-height:24px`}">&nbsp;</div>`}${section(input, one, n === 0 ? said.slice(1) : [])}`)}
</td></tr></table></div>
</body>
</html>
`;
};

const section = (input: AlertInput, { language, blocks }: Said, below: readonly Said[]): Html => {
  const frame = frameOf(input, language);
  return html`<table role="presentation" lang="${language}" width="600" cellpadding="0" cellspacing="0" border="0" class="w-panel" style="${css`width:100%;max-width:600px;background:${light.panel};color:${light.ink1};font-family:${sans[language]};font-size:15px;line-height:${language === "en" ? 1.5 : 1.7};text-align:left`}">
${strip(frame, input.tlp, frame.tlpSays)}
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
${strip(frame, input.tlp, undefined)}
</table>
`;
};

const strip = (frame: Frame, tlp: Tlp, says: string | undefined): Html =>
  html`<tr><td colspan="2" style="${css`padding:8px 24px;background:${tlpGround};color:#ffffff;font-size:13px`}"><b style="${css`color:${tlpInk[tlp]}`}">${frame.tlp}</b>${says === undefined ? undefined : html` &nbsp;<span>${says}</span>`}</td></tr>`;

/** One row: title on the left, on small screens above. */
const row = (title: Html, content: Html): Html =>
  html`<tr><td valign="top" width="132" class="w-line w-label" style="${css`width:132px;padding:14px 8px 14px 24px;border-bottom:1px solid ${light.line2};font-weight:600;vertical-align:top`}"><h2 style="${css`margin:0;font-size:15px;line-height:inherit;font-weight:600`}">${title}</h2></td><td valign="top" class="w-line w-text" style="${css`padding:14px 24px 14px 8px;border-bottom:1px solid ${light.line2};vertical-align:top`}">${content}</td></tr>
`;

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

/** Prints the address it leads to, and links nothing else: the whole text ends in the URL. */
const linked = (text: string, url: string): Html =>
  text.endsWith(url)
    ? html`${text.slice(0, -url.length)}<a href="${url}" class="w-link" style="${css`color:${light.link};word-break:break-all`}">${url}</a>`
    : html`<a href="${url}" class="w-link" style="${css`color:${light.link}`}">${text}</a>`;

const quiet = css`color:${light.ink2}`;
const paragraph = css`margin:0 0 8px`;
const list = css`margin:4px 0 0;padding-left:22px`;
const buff = css`padding:8px 10px;background:${light.buff};border:1px solid ${light.buffLine};border-radius:4px;color:${light.onBuff};font-family:${mono};font-size:12px;line-height:1.6;word-break:break-word;overflow-wrap:anywhere`;
const button = css`display:inline-block;margin:0 6px 8px 0;padding:9px 16px;border-radius:4px;font-weight:600;text-decoration:none`;
const first = css`${button};background:${light.act};color:${light.onAct};border:1px solid ${light.act}`;
const other = css`${button};background:transparent;color:${light.ink1};border:1px solid ${light.line3}`;

/** Two rules beyond night: on narrow screens the label stands above its text. */
const atNight = (severity: Severity): Css => css`
@media (max-width:480px){.w-label,.w-text{display:block!important;width:auto!important;padding-left:16px!important;padding-right:16px!important}.w-label{border-bottom:0!important;padding-bottom:0!important}.w-text{padding-top:6px!important}}
@media (prefers-color-scheme:dark){
.w-page{background:${dark.page}!important}
.w-panel{background:${dark.panel}!important;color:${dark.ink1}!important}
.w-line{border-color:${dark.line2}!important}
.w-ink1{color:${dark.ink1}!important}
.w-ink2{color:${dark.ink2}!important}
.w-ink3{color:${dark.ink3}!important}
.w-link{color:${dark.link}!important}
.w-sev{color:${severityInk[severity].dark}!important}
.w-now{color:${severityInk.critical.dark}!important}
.w-buff{background:${dark.buff}!important;border-color:${dark.buffLine}!important;color:${dark.onBuff}!important}
.w-act{background:${dark.act}!important;border-color:${dark.act}!important;color:${dark.onAct}!important}
.w-other{color:${dark.ink1}!important;border-color:${dark.line3}!important}
}
`;
