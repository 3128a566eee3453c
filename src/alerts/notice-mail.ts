import { css, html, type Html } from "#core/html.ts";
import { printTlp, type Tlp } from "#core/marking.ts";
import type { Language } from "#words/language.ts";
import { buff, mailPage, panel, paragraph, strip } from "./mail-look.ts";
import { light } from "./tokens.ts";

/** A mail that is no alert: what happened, what to do, and nothing to answer. In one language. */
export interface Notice {
  readonly language: Language;
  readonly headline: string;
  readonly says: readonly string[];
  /** Values, defanged: to be read, not followed. */
  readonly lines?: readonly string[];
  /** Small, at the end. */
  readonly foot?: readonly string[];
}

/** The mail, once for each language of its reader, the first one's subject; text and HTML say the same. */
export const noticeMail = (
  notices: readonly [Notice, ...Notice[]],
  { subject, tlp }: { readonly subject: string; readonly tlp: Tlp },
): { readonly subject: string; readonly text: string; readonly html: Html } => ({
  subject,
  text: notices
    .map((notice) => textOf(notice, tlp))
    .join(`\n\n${"=".repeat(60)}\n\n`)
    .concat("\n"),
  html: mailPage(
    notices[0].language,
    subject,
    "info",
    notices.map((notice) => panelOf(notice, tlp)),
  ),
});

const textOf = ({ headline, says, lines = [], foot = [] }: Notice, tlp: Tlp): string =>
  [
    ...[printTlp(tlp), "", headline, "", ...says],
    ...(lines.length === 0 ? [] : ["", ...lines.map((line) => `  ${line}`)]),
    ...(foot.length === 0 ? [] : ["", ...foot]),
  ].join("\n");

const panelOf = ({ language, headline, says, lines = [], foot = [] }: Notice, tlp: Tlp): Html =>
  panel(
    language,
    html`${strip(printTlp(tlp), tlp)}
<tr><td colspan="2" class="w-line" style="${css`padding:22px 24px 16px;border-bottom:1px solid ${light.line2}`}">
<h1 style="${css`margin:0 0 12px;font-size:22px;line-height:1.35;font-weight:600`}">${headline}</h1>
${says.map((one) => html`<p style="${paragraph}">${one}</p>`)}
${lines.length === 0 ? undefined : html`<div dir="ltr" class="w-buff" style="${buff}">${lines.map((line) => html`<div style="${css`margin:0 0 4px;white-space:pre-wrap`}">${line}</div>`)}</div>`}
</td></tr>
<tr><td colspan="2" class="w-ink3" style="${css`padding:16px 24px;font-size:13px;color:${light.ink3}`}">${foot.map((one) => html`<div>${one}</div>`)}</td></tr>
${strip(printTlp(tlp), tlp)}`,
  );
