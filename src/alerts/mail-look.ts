import { css, type Css, html, type Html } from "#core/html.ts";
import type { Tlp } from "#core/marking.ts";
import type { Severity } from "#core/severity.ts";
import type { Language } from "#words/language.ts";
import { dark, light, mono, sans, severityInk, tlpGround, tlpInk } from "./tokens.ts";

/**
 * A mail of ours: 600 px, tables for layout, colours by value, one dark block, nothing fetched and nobody tracked (VISUAL §9).
 * Classes are there for the dark block alone; programs that drop it show the light mail.
 *
 * @param sections a `panel` for each language
 */
export const mailPage = (language: Language, title: string, tone: Severity, sections: readonly Html[]): Html =>
  html`<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no">
<title>${title}</title>
<style>${atNight(tone)}</style>
</head>
<body class="w-page" style="${css`margin:0;padding:0;background:${light.page}`}">
<div role="main"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" class="w-page" style="${css`background:${light.page}`}"><tr><td align="center">
${sections.map((one, n) => html`${n === 0 ? undefined : html`<div style="${css`height:24px;line-height:24px`}">&nbsp;</div>`}${one}`)}
</td></tr></table></div>
</body>
</html>
`;

/** @param rows of a table of two columns: `strip`, `row`, or a cell over both */
export const panel = (language: Language, rows: Html): Html =>
  html`<table role="presentation" lang="${language}" width="600" cellpadding="0" cellspacing="0" border="0" class="w-panel" style="${css`width:100%;max-width:600px;background:${light.panel};color:${light.ink1};font-family:${sans[language]};font-size:15px;line-height:${language === "en" ? 1.5 : 1.7};text-align:left`}">
${rows}
</table>
`;

/** The black line at head and foot that says how far it may be told. */
export const strip = (printed: string, tlp: Tlp, says?: string): Html =>
  html`<tr><td colspan="2" style="${css`padding:8px 24px;background:${tlpGround};color:#ffffff;font-size:13px`}"><b style="${css`color:${tlpInk[tlp]}`}">${printed}</b>${says === undefined ? undefined : html` &nbsp;<span>${says}</span>`}</td></tr>`;

/** One row: title on the left, on small screens above. */
export const row = (title: Html, content: Html): Html =>
  html`<tr><td valign="top" width="132" class="w-line w-label" style="${css`width:132px;padding:14px 8px 14px 24px;border-bottom:1px solid ${light.line2};font-weight:600;vertical-align:top`}"><h2 style="${css`margin:0;font-size:15px;line-height:inherit;font-weight:600`}">${title}</h2></td><td valign="top" class="w-line w-text" style="${css`padding:14px 24px 14px 8px;border-bottom:1px solid ${light.line2};vertical-align:top`}">${content}</td></tr>
`;

/** Prints the address it leads to, and links nothing else: the whole text ends in the URL. */
export const linked = (text: string, url: string): Html =>
  text.endsWith(url)
    ? html`${text.slice(0, -url.length)}<a href="${url}" class="w-link" style="${css`color:${light.link};word-break:break-all`}">${url}</a>`
    : html`<a href="${url}" class="w-link" style="${css`color:${light.link}`}">${text}</a>`;

export const quiet: Css = css`color:${light.ink2}`;
export const paragraph: Css = css`margin:0 0 8px`;
export const list: Css = css`margin:4px 0 0;padding-left:22px`;
export const buff: Css = css`padding:8px 10px;background:${light.buff};border:1px solid ${light.buffLine};border-radius:4px;color:${light.onBuff};font-family:${mono};font-size:12px;line-height:1.6;word-break:break-word;overflow-wrap:anywhere`;
const button = css`display:inline-block;margin:0 6px 8px 0;padding:9px 16px;border-radius:4px;font-weight:600;text-decoration:none`;
export const first: Css = css`${button};background:${light.act};color:${light.onAct};border:1px solid ${light.act}`;
export const other: Css = css`${button};background:transparent;color:${light.ink1};border:1px solid ${light.line3}`;

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
