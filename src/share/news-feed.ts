import type { Released } from "#community/release.ts";
import { safeUrl } from "#core/html.ts";
import type { Instant } from "#core/instant.ts";
import { type Xml, xml } from "#core/xml.ts";
import type { Language } from "#words/language.ts";

/** One notice, as `release` let it go. */
export interface NewsItem {
  /** Opaque and the same for ever. */
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  /** The publisher's own page, or ours. */
  readonly url: string;
  readonly updated: Instant;
  /** CVEs, and how soon to act, in words. */
  readonly labels: readonly string[];
}

export interface NewsAbout {
  readonly title: string;
  readonly author: string;
  /** Names the feed: a URI. */
  readonly id: string;
  /** Where it is read, and the portal. */
  readonly self: string;
  readonly portal: string;
  readonly language: Language;
}

export const newsFormats = ["atom", "rss"] as const;
export type NewsFormat = (typeof newsFormats)[number];

export const newsTypes: Readonly<Record<NewsFormat, string>> = {
  atom: "application/atom+xml; charset=utf-8",
  rss: "application/rss+xml; charset=utf-8",
};

/** Newest first; `updated` of the whole is the newest's, so that the same content is the same bytes. */
export const newsFeed = (format: NewsFormat, about: NewsAbout, items: readonly Released<NewsItem>[]): Xml =>
  format === "atom" ? atom(about, items) : rss(about, items);

const iso = (time: Instant): string => new Date(time).toISOString();

/** @see RFC 4287 §4.1.1, §4.1.2 */
const atom = (about: NewsAbout, items: readonly Released<NewsItem>[]): Xml => xml`<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="${about.language}">
<id>${about.id}</id>
<title>${about.title}</title>
<updated>${items[0] === undefined ? "1970-01-01T00:00:00Z" : iso(items[0].value.updated)}</updated>
<author><name>${about.author}</name></author>
<link rel="self" href="${about.self}"/>
<link href="${about.portal}"/>
${items.map(
  ({ value, note }) => xml`<entry>
<id>urn:uuid:${value.id}</id>
<title>${value.title}</title>
<updated>${iso(value.updated)}</updated>
<link href="${safeUrl(value.url)}"/>
<summary>${value.summary}</summary>
<category term="TLP:${note.tlp.toUpperCase()}"/>
${value.labels.map((label) => xml`<category term="${label}"/>\n`)}</entry>
`,
)}</feed>
`;

/** @see RSS 2.0 Specification (RSS Advisory Board), channel and item elements */
const rss = (about: NewsAbout, items: readonly Released<NewsItem>[]): Xml => xml`<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel>
<title>${about.title}</title>
<link>${about.portal}</link>
<description>${about.author}</description>
<language>${about.language}</language>
${items.map(
  ({ value, note }) => xml`<item>
<title>${value.title}</title>
<link>${safeUrl(value.url)}</link>
<guid isPermaLink="false">urn:uuid:${value.id}</guid>
<pubDate>${new Date(value.updated).toUTCString()}</pubDate>
<description>${value.summary}</description>
<category>TLP:${note.tlp.toUpperCase()}</category>
${value.labels.map((label) => xml`<category>${label}</category>\n`)}</item>
`,
)}</channel></rss>
`;
