import { createHash } from "node:crypto";
import type { Instant } from "#core/instant.ts";
import { problem } from "#core/result.ts";
import { advisoryRow, refused, withText } from "#feeds/advisory-row.ts";
import { BadBody } from "#feeds/bad-body.ts";
import { cvesIn, cwesIn, distinct } from "#feeds/cve.ts";
import type { Frame, Row } from "#feeds/feed.ts";
import { htmlText, plainLine } from "#feeds/plain-text.ts";
import { labelsOf } from "#feeds/row.ts";
import { rowTime } from "#feeds/row-time.ts";
import { webLink, webLinks } from "#feeds/web-link.ts";
import { childOf, childrenOf, printXml, wholeText, type XmlElement } from "#feeds/xml.ts";

/** Items of one document read; publishers keep the newest dozens. */
const itemsAtMost = 20_000;

const xmlSpace = "http://www.w3.org/XML/1998/namespace";

/** Which of the three a document is, and its items; anything else that is XML is a bad body. */
export const itemsOf = (root: XmlElement): readonly Row[] => {
  const channel = childOf(root, "channel");
  if (root.name === "rss" && channel !== undefined)
    return rowsOf(childrenOf(channel, "item"), channel, linkOf(channel), rssItem);
  if (root.name === "RDF" && channel !== undefined)
    return rowsOf(childrenOf(root, "item"), channel, linkOf(channel), rssItem);
  if (root.name === "feed")
    return rowsOf(childrenOf(root, "entry"), root, baseOf(root, atomLink(root, undefined)), atomEntry);
  throw new BadBody("WGL_XML", { reason: `its root is ${plainLine(root.name, 60)}, wanted rss, RDF or feed` });
};

/** What makes refused items a document again: its root and what the whole says of itself. */
export const frameOf = (root: XmlElement): Frame => {
  const channel = childOf(root, "channel");
  const said = (channel ?? root).children.filter(({ name }) => /^(?:language|link|title)$/.test(name)).map(printXml);
  if (root.name === "rss")
    return { before: `<rss><channel>${said.join("")}\n`, between: "\n", after: "\n</channel></rss>\n" };
  if (root.name === "RDF")
    return { before: `<RDF><channel>${said.join("")}</channel>\n`, between: "\n", after: "\n</RDF>\n" };
  return { before: `<feed>${said.join("")}\n`, between: "\n", after: "\n</feed>\n" };
};

interface Item {
  readonly id: string;
  readonly title: string;
  readonly markup: string;
  readonly link: string | undefined;
  readonly published: string;
  readonly updated: string;
  readonly labels: readonly string[];
  readonly references: readonly string[];
}

type ReadItem = (item: XmlElement, base: string | undefined) => Item;

const rowsOf = (
  items: readonly XmlElement[],
  channel: XmlElement,
  base: string | undefined,
  read: ReadItem,
): readonly Row[] => {
  const language = wholeText(childOf(channel, "language")).trim() || (channel.attributes.get("lang") ?? "");
  return items
    .slice(0, itemsAtMost)
    .map((item, place) => withText(rowOf(place + 1, read(item, base), language), () => printXml(item)));
};

const rowOf = (row: number, item: Item, language: string): Row => {
  // a title is a line of text whatever it looks like: what stands in angle brackets is kept, and shown as text
  const title = plainLine(htmlText(item.title.replaceAll("<", "&lt;")));
  const summary = htmlText(item.markup);
  if (title === "" && summary === "") return refused(row, problem("WGL_ROW_FIELD", { field: "title" }));
  const [published, updated] = [feedTime(item.published), feedTime(item.updated)];
  const wrong = [
    [item.published, published],
    [item.updated, updated],
  ].find(([text, time]) => text !== "" && time === undefined)?.[0];
  return advisoryRow(
    row,
    {
      id: plainLine(item.id || (item.link ?? ""), 300) || contentId(title, summary),
      kind: "news",
      title: title || plainLine(summary, 120),
      summary,
      language: /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/.test(language) ? language : undefined,
      url: item.link,
      publishedAt: published ?? updated,
      updatedAt: updated ?? published,
      cves: cvesIn(title, summary),
      cwes: cwesIn([summary.match(/\bCWE-\d{1,6}\b/g)?.join(" ") ?? ""]),
      labels: labelsOf(item.labels),
      references: webLinks(item.references, item.link),
    },
    typeof wrong === "string" ? problem("WGL_ROW_TIME", { value: wrong }) : undefined,
  );
};

/** An item that says neither id nor link is the same item as long as it says the same. */
const contentId = (title: string, summary: string): string =>
  `sha256:${createHash("sha256").update(`${title}\0${summary}`).digest("hex").slice(0, 32)}`;

const textOf = (item: XmlElement, name: string): string => wholeText(childOf(item, name)).trim();

/** RSS 2.0 and RSS 1.0 have items of the same names; 1.0 names them by `rdf:about` and dates them by Dublin Core. */
const rssItem: ReadItem = (item, base) => {
  const guid = childOf(item, "guid");
  const id = guid === undefined ? (item.attributes.get("about") ?? "") : wholeText(guid).trim();
  const isLink = guid !== undefined && guid.attributes.get("isPermaLink") !== "false";
  const markup = [textOf(item, "encoded"), textOf(item, "description")].sort((a, b) => b.length - a.length)[0] ?? "";
  return {
    id,
    title: textOf(item, "title"),
    markup,
    link: webLink(textOf(item, "link"), base) ?? (isLink ? webLink(id) : undefined),
    published: textOf(item, "pubDate") || textOf(item, "date"),
    updated: textOf(item, "modified") || textOf(item, "updated"),
    labels: [...childrenOf(item, "category"), ...childrenOf(item, "subject")].map(wholeText),
    references: linksIn(markup),
  };
};

// RFC 4287 §4.1.2 atom:entry
const atomEntry: ReadItem = (entry, base) => {
  const here = baseOf(entry, base);
  const [summary, content] = [atomText(childOf(entry, "summary")), atomText(childOf(entry, "content"))];
  return {
    id: textOf(entry, "id"),
    title: textOf(entry, "title"),
    markup: content.length > summary.length ? content : summary,
    link: atomLink(entry, here),
    published: textOf(entry, "published"),
    updated: textOf(entry, "updated"),
    labels: childrenOf(entry, "category").map((one) => one.attributes.get("label") ?? one.attributes.get("term") ?? ""),
    references: linksIn(`${summary} ${content}`),
  };
};

/** Text, HTML and XHTML constructs as markup. @see RFC 4287 §3.1 */
const atomText = (element: XmlElement | undefined): string => {
  const type = element?.attributes.get("type") ?? "text";
  const text = wholeText(element);
  return type === "html" || type === "text/html" ? text : text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
};

const atomLink = (element: XmlElement, base: string | undefined): string | undefined => {
  const links = childrenOf(element, "link");
  const found = links.find((one) => (one.attributes.get("rel") ?? "alternate") === "alternate") ?? links[0];
  return found && webLink(found.attributes.get("href") ?? "", base ?? baseOf(element, undefined));
};

const baseOf = (element: XmlElement, above: string | undefined): string | undefined =>
  webLink(element.attributes.get("base") ?? "", above) ?? above;

/** The channel's own page, from which relative links are read. */
const linkOf = (channel: XmlElement): string | undefined =>
  childrenOf(channel, "link")
    .filter((one) => one.space !== "http://www.w3.org/2005/Atom" && one.space !== xmlSpace)
    .map((one) => webLink(wholeText(one)))
    .find((link) => link !== undefined);

const linksIn = (markup: string): readonly string[] =>
  distinct(
    [...markup.slice(0, 400_000).matchAll(/https?:\/\/[^\s"'<>()[\]{}|\\^`]{4,500}/gi)].map(([link]) =>
      link.replace(/[.,;:!?]+$/, "").replaceAll("&amp;", "&"),
    ),
  ).slice(0, 50);

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/** RFC 822 §5.1 zones with a name; military letters are read as unknown, as RFC 2822 §4.3 has it. */
const zones: Readonly<Record<string, string>> = {
  ...{ ut: "Z", utc: "Z", gmt: "Z", z: "Z", est: "-05:00", edt: "-04:00", cst: "-06:00", cdt: "-05:00" },
  ...{ mst: "-07:00", mdt: "-06:00", pst: "-08:00", pdt: "-07:00", hkt: "+08:00", jst: "+09:00" },
};

/** RFC 822 as RSS has it ("Thu, 01 Jan 2026 00:00:00 GMT"), or ISO 8601 as Atom and Dublin Core have. */
export const feedTime = (text: string): Instant | undefined => {
  const written = text.trim();
  const found =
    /^(?:[A-Za-z]{3,9},?\s+)?(\d{1,2})\s+([A-Za-z]{3})[a-z]*\.?\s+(\d{4})(?:\s+(\d{1,2}):(\d\d)(?::(\d\d))?)?(?:\s+([A-Za-z]{1,5}|[+-]\d\d:?\d\d))?$/.exec(
      written,
    );
  if (found === null) return rowTime(written).seenAt;
  const [, day = "", name = "", year = "", hour = "0", minute = "00", second = "00", zone = "GMT"] = found;
  const month = months.indexOf(name.toLowerCase()) + 1;
  const offset = /^[+-]/.test(zone) ? zone : zones[zone.toLowerCase()];
  if (month === 0 || offset === undefined) return undefined;
  const two = (part: string | number): string => String(part).padStart(2, "0");
  const read = rowTime(`${year}-${two(month)}-${two(day)}T${two(hour)}:${minute}:${second}${offset}`);
  return read.seenAt;
};
