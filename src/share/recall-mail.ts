import type { Instant } from "#core/instant.ts";
import { printTlp, type Tlp } from "#core/marking.ts";
import { type ObservableKind, observableKinds } from "#core/observable.ts";
import { defang } from "#alerts/defang.ts";
import { type Notice, noticeMail } from "#alerts/notice-mail.ts";
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

type NoticeMail = ReturnType<typeof noticeMail>;

/** Values in one mail: more are in nobody's interest, the lists say it better. */
const inMail = 200;

/** The mail that asks for removal, once for each language of its reader. Values are defanged: they are to be read, not followed. */
export const recallMail = (
  notice: RecallNotice,
  [first, ...others]: readonly [Language, ...Language[]],
): NoticeMail => {
  const { tlp } = notice;
  const headline = (language: Language, printed: string): string =>
    say(language, "sharing.recall.subject", { tlp: printed, count: notice.values.length }).trim();
  const said = (language: Language): Notice => ({
    language,
    headline: headline(language, ""),
    ...partsOf(notice, language),
  });
  return noticeMail([said(first), ...distinct(first, others).map(said)], {
    subject: headline(first, printTlp(tlp)),
    tlp,
  });
};

const distinct = (first: Language, others: readonly Language[]): readonly Language[] =>
  [...new Set(others)].filter((language) => language !== first);

const partsOf = (notice: RecallNotice, language: Language): Omit<Notice, "language" | "headline"> => {
  const shown = notice.values.slice(0, inMail);
  const more = notice.values.length - shown.length;
  return {
    says: [
      say(language, "sharing.recall.says", {
        community: nameIn(notice.community, language),
        organisation: nameIn(notice.organisation, language),
      }),
    ],
    lines: [
      ...shown.map(({ kind, value, why }) =>
        say(language, "sharing.recall.value", {
          ...{ kind: kindIn(kind, language), value: defang(value), why: say(language, `sharing.why.${why}`) },
        }),
      ),
      ...(more === 0 ? [] : [say(language, "sharing.recall.more", { count: more })]),
    ],
    foot: [
      say(language, "sharing.recall.where", { lists: asked(notice.lists).join(", ") }),
      say(language, "sharing.recall.foot", { time: printStamp(notice.at, notice.zone) }),
    ],
  };
};

/** What they asked, without our own notes of a page's conditions ("…/objects/?[0,0,0]"), each once. */
const asked = (queries: readonly string[]): readonly string[] => [
  ...new Set(queries.map((query) => query.replace(/\?\[.*$/s, ""))),
];

/** Of a value what it is, in words; of an object of STIX or MISP its type as it is written there. */
const kindIn = (kind: string, language: Language): string =>
  (observableKinds as readonly string[]).includes(kind)
    ? say(language, `glossary.kind.${kind as ObservableKind}`)
    : kind;

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
export const endedMail = (notice: EndedNotice, [first, ...others]: readonly [Language, ...Language[]]): NoticeMail => {
  const said = (language: Language): Notice => ({
    language,
    headline: say(language, "sharing.recall.over"),
    says: [
      say(language, "sharing.recall.ended", {
        community: nameIn(notice.community, language),
        organisation: nameIn(notice.organisation, language),
        time: printStamp(notice.at, notice.zone),
      }),
    ],
    foot: [say(language, "sharing.recall.where", { lists: asked(notice.lists).slice(0, queriesInMail).join(", ") })],
  });
  // it names nothing but what they asked themselves
  return noticeMail([said(first), ...distinct(first, others).map(said)], {
    ...{ subject: say(first, "sharing.recall.over"), tlp: "amber" },
  });
};
