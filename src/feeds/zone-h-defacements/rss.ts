import { BadBody } from "#feeds/bad-body.ts";
import type { Frame, Row } from "#feeds/feed.ts";
import { evidenceOf, rowsFrom } from "#feeds/report.ts";
import { timeReader } from "#feeds/time-format.ts";
import { childOf, childrenOf, printXml, type XmlElement, wholeText } from "#feeds/xml.ts";
import { defacement } from "./defacement.ts";

const readers = ["ddd, DD MMM YYYY HH:mm:ss Z", "ddd, DD MMM YYYY HH:mm:ss zz", "auto"].flatMap(
  (format) => timeReader(format) ?? [],
);

/** Items of the RSS: the title is the page (and may go on with who notified it), the link is Zone-H's mirror of it. */
export function* itemRows(root: XmlElement): Generator<Row, void, undefined> {
  const channel = childOf(root, "channel");
  if (root.name !== "rss" || channel === undefined) throw new BadBody("WGL_BODY_SHAPE", { wanted: "an RSS channel" });
  for (const [place, item] of childrenOf(channel, "item").entries()) {
    const text = (name: string): string => wholeText(childOf(item, name)).replace(/\s+/g, " ").trim();
    const [title, description, pubDate] = [text("title"), text("description"), text("pubDate")];
    const who = /\bnotified by (.{1,100}?)\s*$/i.exec(description || title)?.[1] ?? "";
    const times = readers.map((read) => read(pubDate));
    const entry = defacement({
      page: title.split(" ", 1)[0] ?? "",
      address: "",
      time: times.find(({ seenAt }) => seenAt !== undefined) ?? times[0] ?? {},
      ...{ who, how: "", isChecked: true },
      evidence: evidenceOf([
        ["title", title],
        ["link", text("link")],
        ["description", description],
        ["pubDate", pubDate],
      ]),
    });
    yield* rowsFrom(place + 1, printXml(item), entry);
  }
}

export const rssFrame: Frame = { before: "<rss><channel>\n", between: "\n", after: "\n</channel></rss>\n" };
