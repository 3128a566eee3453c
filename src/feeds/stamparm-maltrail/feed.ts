import type { Grade } from "#core/grade.ts";
import { no, type Result } from "#core/result.ts";
import { parseCidr } from "#core/cidr.ts";
import { parseDomain } from "#core/domain.ts";
import { parseEndpoint } from "#core/endpoint.ts";
import { parseIp } from "#core/ip.ts";
import type { Observable } from "#core/observable.ts";
import { parsePath } from "#core/path.ts";
import { parseUrl } from "#core/url.ts";
import { filesOf } from "#feeds/body.ts";
import type { Feed, Row } from "#feeds/feed.ts";
import { limits } from "#feeds/limits.ts";
import { linesOf, overlong } from "#feeds/lines.ts";
import { at } from "#feeds/row.ts";
import { textBody } from "#feeds/text-body.ts";
import { familyOf, type TrailClass, trailClass, trailIn } from "./trail.ts";

/**
 * Static trails of maltrail, a file a malware family; each file is a list with a past of its own. Trails are gathered
 * from public reports and seldom removed, so a claim lives long and its grade is modest; files under `suspicious/` and
 * the scanners' list are graded lower.
 */
export const feed: Feed = {
  id: "stamparm-maltrail",
  title: "maltrail static trails",
  publisher: "stamparm",
  url: "https://codeload.github.com/stamparm/maltrail/tar.gz/refs/heads/master",
  licence: "MIT",
  everyMinutes: 1440,
  tlp: "clear",
  pap: "clear",
  grade: { source: "C", statement: 3 },
  liveDays: 365,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "c2-server" },
  looksLike: (text, file) => text.slice(257, 262) === "ustar" || /trails\/static\/.*\.txt$/.test(file),
  parts: (body, file) =>
    filesOf(body, file).flatMap((entry) => {
      const name = trailFile(entry.name, file);
      return name === undefined || entry.bytes.length === 0 ? [] : [{ name, rows: rows(entry.bytes, name) }];
    }),
};

/** "maltrail-master/trails/static/malware/x.txt" is "malware/x.txt"; other files of the repository are no trails. */
const trailFile = (entry: string, file: string): string | undefined => {
  const inStatic = /(?:^|\/)static\/(.+\.txt)$/.exec(entry)?.[1];
  return inStatic ?? (/\.(?:tar|tgz|tar\.gz)$/i.test(file) || !entry.endsWith(".txt") ? undefined : entry);
};

const doubtful: Grade = Object.freeze({ source: "C", statement: 4 });

function* rows(bytes: Uint8Array, name: string): Generator<Row, void, undefined> {
  const labels: readonly string[] = Object.freeze([familyOf(name)]);
  const said = /^suspicious\/|^mass_scanner/.test(name) ? { labels, grade: doubtful } : { labels };
  let line = 0;
  for (const text of linesOf(textBody(bytes), false)) {
    line++;
    if (text === overlong) {
      yield { row: line, result: no("WGL_ROW_LONG", { limit: limits.rowBytes }, `row ${line}`) };
      continue;
    }
    const trail = trailIn(text);
    if (trail === "") continue;
    const read = readers[trailClass(trail)](trail);
    yield read.ok
      ? { row: line, result: { ok: true, value: { observable: read.value, ...said } } }
      : { row: line, text, result: at(read, line) };
  }
}

const readers = {
  cidr: parseCidr,
  ip: parseIp,
  ipPort: parseEndpoint,
  pathOnly: parsePath,
  url: parseUrl,
  urlPath: (trail) => parseUrl(`//${trail}`),
  domainPort: parseEndpoint,
  domain: parseDomain,
  other: (trail) => no("WGL_ROW_TRAIL", { value: trail }),
} as const satisfies Record<TrailClass, (trail: string) => Result<Observable>>;
