import { BadBody } from "#feeds/bad-body.ts";
import { csvRecords } from "#feeds/csv.ts";
import { parseJson } from "#feeds/json.ts";
import { jsonAt, listAt, textAt } from "#feeds/json-shape.ts";
import { linesOf, overlong } from "#feeds/lines.ts";
import { rowTime } from "#feeds/row-time.ts";

/** A document a provider lists, and what it says stands beside it. */
export interface Listed {
  readonly url: string;
  /** Milliseconds since 1970; absent: the listing has no times. */
  readonly updated?: number;
  readonly sha512?: string;
  readonly sha256?: string;
  readonly signature?: string;
  /** The provider announced the files beside it: one that is not there is a fault. */
  readonly announced: boolean;
}

/** Documents of one listing; CISA's longest has 2,400. */
const listedAtMost = 100_000;

/** Only https, and what is relative is read from the listing's own address. */
export const secureUrl = (text: string, base: string): string | undefined => {
  const url = URL.parse(text, base);
  return url !== null && url.protocol === "https:" && url.username === "" ? url.href : undefined;
};

/** `{ feed: { entry: [ { updated, content: { src }, link: [ { rel: "hash", href } … ] } ] } }` @see CSAF 2.0 §7.1.15 ROLIE feed */
export const rolieListing = (bytes: Uint8Array, at: string): readonly Listed[] => {
  const feed = jsonAt(parseJson(bytes), "feed");
  if (!Array.isArray(jsonAt(feed, "entry"))) throw new BadBody("WGL_BODY_SHAPE", { wanted: "a list at /feed/entry" });
  return listAt(feed, "entry")
    .slice(0, listedAtMost)
    .flatMap((entry): readonly Listed[] => {
      const links = (rel: string): readonly string[] =>
        listAt(entry, "link")
          .filter((link) => textAt(link, "rel") === rel)
          .map((link) => secureUrl(textAt(link, "href"), at))
          .filter((url) => url !== undefined);
      const url = secureUrl(textAt(entry, "content", "src"), at) ?? links("self")[0];
      if (url === undefined) return [];
      const updated = rowTime(textAt(entry, "updated")).seenAt;
      const hashes = links("hash");
      const [sha512, sha256] = ["512", "256"].map((bits) => hashes.find((one) => one.endsWith(`.sha${bits}`)));
      const signature = links("signature")[0];
      return [
        {
          url,
          announced: true,
          ...(updated === undefined ? {} : { updated }),
          ...(sha512 === undefined ? {} : { sha512 }),
          ...(sha256 === undefined || sha512 !== undefined ? {} : { sha256 }),
          ...(signature === undefined ? {} : { signature }),
        },
      ];
    });
};

/** `2024/va-1.json,2024-10-17T06:00:00Z`, newest first. @see CSAF 2.0 §7.1.13 changes.csv */
export const changesListing = (bytes: Uint8Array, at: string): readonly Listed[] => {
  const found: Listed[] = [];
  for (const { cells } of csvRecords(bytes, ",", [])) {
    if (cells === overlong || found.length >= listedAtMost) continue;
    const updated = rowTime(cells[1] ?? "").seenAt;
    const one = beside(cells[0] ?? "", at);
    if (one !== undefined) found.push({ ...one, ...(updated === undefined ? {} : { updated }) });
  }
  return found;
};

/** A path a line. @see CSAF 2.0 §7.1.12 index.txt */
export const indexListing = (bytes: Uint8Array, at: string): readonly Listed[] =>
  [...linesOf(bytes)]
    .slice(0, listedAtMost)
    .filter((line) => line !== overlong)
    .map((line) => beside(line, at))
    .filter((one) => one !== undefined);

/** In a directory the files beside a document have its name and their own ending. */
const beside = (path: string, at: string): Listed | undefined => {
  const url = /\.json$/i.test(path.trim()) ? secureUrl(path.trim(), at) : undefined;
  if (url === undefined) return undefined;
  return { url, sha512: `${url}.sha512`, sha256: `${url}.sha256`, signature: `${url}.asc`, announced: false };
};
