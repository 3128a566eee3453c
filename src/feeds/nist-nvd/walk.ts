import { day, type Instant, instant, printInstant } from "#core/instant.ts";
import { BadBody } from "#feeds/bad-body.ts";
import type { Walk, WalkAnswer, WalkStart } from "#feeds/feed.ts";
import { parseJson } from "#feeds/json.ts";
import { listAt, numberAt } from "#feeds/json-shape.ts";

/** Longest span of `lastModStartDate` to `lastModEndDate` the API answers. @see https://nvd.nist.gov/developers/vulnerabilities */
const windowDays = 120;
/** Most records a page. */
export const pageRows = 2000;
/**
 * At the first turn: records changed in the last 120 days, one window. The whole catalogue is a hundred pages; who wants
 * it reads NVD's yearly files by `collect --from`.
 */
const firstDays = windowDays;
/** The API is eventually consistent: each window begins this much before the last one ended. */
const overlapMs = 3_600_000;
/**
 * Requests of one turn: without a key NVD answers five in half a minute, and so a turn needs no pauses. Ten thousand
 * records are ten days of changes; what is left is taken up by the next turn from where this one stopped.
 */
const pagesATurn = 5;

interface Cursor {
  /** Everything changed before it was taken. */
  readonly until: Instant;
  /** A window whose pages were not all read. */
  readonly open?: { readonly start: Instant; readonly end: Instant; readonly index: number };
}

/**
 * NVD's changes since the last turn: windows of at most 120 days, oldest first, each in pages of 2,000. A body a page.
 */
export function* nvdWalk({ url, cursor, now }: WalkStart): Walk {
  const past = readCursor(cursor, now);
  let from = past?.until ?? instant(Math.max(0, now - firstDays * day));
  let open = past?.open;
  let pages = 0;
  for (;;) {
    const start = open?.start ?? instant(Math.max(0, from - overlapMs));
    const end = open?.end ?? instant(Math.min(now, start + windowDays * day));
    let index = open?.index ?? 0;
    open = undefined;
    for (;;) {
      if (pages++ >= pagesATurn) return { until: from, open: { start, end, index } } satisfies Cursor;
      const answer: WalkAnswer | undefined = yield { ask: pageUrl(url, start, end, index) };
      if (answer === undefined) throw new BadBody("WGL_BODY_EMPTY");
      const page = parseJson(answer.body);
      const total = numberAt(page, "totalResults");
      const rows = listAt(page, "vulnerabilities").length;
      if (total === undefined) throw new BadBody("WGL_BODY_SHAPE", { wanted: "a number at /totalResults" });
      if (rows > 0) yield { take: answer.body, name: `${printInstant(start)} ${index}` };
      index += rows;
      if (rows > 0) yield { reached: { until: from, open: { start, end, index } } satisfies Cursor };
      if (index >= total) break;
      // a page that is empty before the end would be asked for ever
      if (rows === 0) throw new BadBody("WGL_BODY_SHORT", { rows: index, wanted: total });
    }
    if (end >= now) return { until: end } satisfies Cursor;
    from = end;
  }
}

const pageUrl = (url: string, start: Instant, end: Instant, index: number): string => {
  const page = new URL(url);
  // extended ISO 8601 with offset; a bare one would be read as US Eastern by some versions of the API
  const time = (at: Instant): string => printInstant(at).replace("Z", "+00:00");
  page.searchParams.set("lastModStartDate", time(start));
  page.searchParams.set("lastModEndDate", time(end));
  page.searchParams.set("startIndex", String(index));
  page.searchParams.set("resultsPerPage", String(pageRows));
  return page.href;
};

/** Whatever was remembered by another version of us, or lies ahead of the clock, begins anew. */
const readCursor = (cursor: unknown, now: Instant): Cursor | undefined => {
  const time = (...steps: readonly string[]): Instant | undefined => {
    const at = numberAt(cursor, ...steps);
    return at !== undefined && at >= 0 && at <= now ? instant(at) : undefined;
  };
  const until = time("until");
  if (until === undefined) return undefined;
  const [start, end, index] = [time("open", "start"), time("open", "end"), numberAt(cursor, "open", "index")];
  return start === undefined || end === undefined || index === undefined || index < 0
    ? { until }
    : { until, open: { start, end, index } };
};
