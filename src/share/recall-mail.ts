import { html, type Html } from "#core/html.ts";
import type { Instant } from "#core/instant.ts";
import { printTlp, type Tlp } from "#core/marking.ts";
import { defang } from "#alerts/defang.ts";
import { type Language, type Names, nameIn } from "#words/language.ts";
import { say } from "#words/say.ts";
import { printStamp } from "#words/time.ts";

export const recallReasons = ["false", "withdrawn", "tightened"] as const;
export type RecallReason = (typeof recallReasons)[number];

/** What a party is asked to remove, as `release` let it go. */
export interface RecallNotice {
  readonly tlp: Tlp;
  readonly community: Names;
  readonly organisation: Names;
  readonly values: readonly { readonly kind: string; readonly value: string; readonly why: RecallReason }[];
  /** What they asked when they received them: "/lists/domains.txt". */
  readonly lists: readonly string[];
  readonly at: Instant;
  /** Zone in which its people read times. */
  readonly zone: string;
}

/** Values in one mail: more are in nobody's interest, the lists say it better. */
const inMail = 200;

/** The mail that asks for removal, once for each language of its reader. Values are defanged: they are to be read, not followed. */
export const recallMail = (
  notice: RecallNotice,
  languages: readonly [Language, ...Language[]],
): { readonly subject: string; readonly text: string; readonly html: Html } => {
  const said = [...new Set(languages)].map((language) => ({ language, ...partsOf(notice, language) }));
  return {
    subject: say(languages[0], "sharing.recall.subject", { tlp: printTlp(notice.tlp), count: notice.values.length }),
    text: said
      .map(({ says, where, lines, foot }) =>
        [printTlp(notice.tlp), "", says, "", ...lines.map((line) => `  ${line}`), "", where, foot].join("\n"),
      )
      .join(`\n\n${"=".repeat(60)}\n\n`)
      .concat("\n"),
    html: html`<!DOCTYPE html>
<html lang="${languages[0]}"><head><meta charset="utf-8"><title>${printTlp(notice.tlp)}</title></head>
<body>${said.map(
      ({ language, says, where, lines, foot }) => html`<section lang="${language}"><p><b>${printTlp(notice.tlp)}</b></p>
<p>${says}</p>
<ul>${lines.map((line) => html`<li><code>${line}</code></li>`)}</ul>
<p>${where}</p>
<p>${foot}</p></section>
`,
    )}</body></html>
`,
  };
};

const partsOf = (notice: RecallNotice, language: Language) => {
  const shown = notice.values.slice(0, inMail);
  const more = notice.values.length - shown.length;
  return {
    says: say(language, "sharing.recall.says", {
      community: nameIn(notice.community, language),
      organisation: nameIn(notice.organisation, language),
    }),
    lines: [
      ...shown.map(({ kind, value, why }) => `${kind} ${defang(value)} (${say(language, `sharing.why.${why}`)})`),
      ...(more === 0 ? [] : [say(language, "sharing.recall.more", { count: more })]),
    ],
    where: say(language, "sharing.recall.where", { lists: notice.lists.join(", ") }),
    foot: say(language, "sharing.recall.foot", { time: printStamp(notice.at, notice.zone) }),
  };
};

/** That nothing may be sent any more, and all that was sent is to be removed. It names no value. */
export interface EndedNotice {
  readonly community: Names;
  readonly organisation: Names;
  readonly lists: readonly string[];
  readonly at: Instant;
  readonly zone: string;
}

/** Queries in one mail: a reader of a thousand pages knows which they were. */
const queriesInMail = 20;

/** The mail at the end of an agreement, once for each language of its reader. */
export const endedMail = (
  notice: EndedNotice,
  languages: readonly [Language, ...Language[]],
): { readonly subject: string; readonly text: string; readonly html: Html } => {
  const said = [...new Set(languages)].map((language) => ({
    language,
    says: say(language, "sharing.recall.ended", {
      community: nameIn(notice.community, language),
      organisation: nameIn(notice.organisation, language),
      time: printStamp(notice.at, notice.zone),
    }),
    where: say(language, "sharing.recall.where", { lists: notice.lists.slice(0, queriesInMail).join(", ") }),
  }));
  const subject = say(languages[0], "sharing.recall.over");
  return {
    subject,
    text: said
      .map(({ says, where }) => [says, "", where].join("\n"))
      .join(`\n\n${"=".repeat(60)}\n\n`)
      .concat("\n"),
    html: html`<!DOCTYPE html>
<html lang="${languages[0]}"><head><meta charset="utf-8"><title>${subject}</title></head>
<body>${said.map(
      ({ language, says, where }) => html`<section lang="${language}"><p>${says}</p>
<p>${where}</p></section>
`,
    )}</body></html>
`,
  };
};
