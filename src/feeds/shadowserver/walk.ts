import { day, type Instant, instant, printInstant } from "#core/instant.ts";
import { BadBody } from "#feeds/bad-body.ts";
import type { Walk, WalkAnswer, WalkStart } from "#feeds/feed.ts";
import { jsonField, parseJson } from "#feeds/json.ts";
import { jsonAt, numberAt, textAt } from "#feeds/json-shape.ts";

/** Days asked for at the first turn, and again each turn: a report may be made a day late. */
const backDays = 3;
/** After a longer silence of ours: the API keeps more, but reports of last month are nobody's surprise. */
const backDaysAtMost = 30;
/** Reports of one day that are asked for; there are 170 types, and a national CERT has few lists of each. */
const reportsADay = 1000;

interface Cursor {
  /** Days before it were listed to their end. */
  readonly until: Instant;
  /** Reports that were taken, by id, with their day: those of days that are not listed any more are forgotten. */
  readonly taken: Readonly<Record<string, string>>;
}

/**
 * Shadowserver's reports API: what there is for each of the last days, and every report that was not taken before. Each
 * request is signed (`auth.by.signed`): the API key in the document, its HMAC in the header HMAC2.
 *
 * @see https://github.com/The-Shadowserver-Foundation/api_utils/wiki (API: Reports Query; reports/list, reports/download)
 */
export function* shadowserverWalk({ url, cursor, now }: WalkStart): Walk {
  const past = readCursor(cursor, now);
  const first = Math.max(Math.min(past.until, now - backDays * day), now - backDaysAtMost * day);
  const taken = new Map(Object.entries(past.taken));
  const base = url.endsWith("/") ? url : `${url}/`;
  for (let at = first; dayOf(at) <= dayOf(now); at += day) {
    const date = dayOf(at);
    const listed = reportsIn(yield { ask: new URL("reports/list", base).href, post: { date, limit: reportsADay } });
    for (const { id, file } of listed) {
      if (taken.has(id)) continue;
      const report = yield { ask: new URL("reports/download", base).href, post: { id } };
      if (report === undefined) throw new BadBody("WGL_BODY_EMPTY");
      refuseError(report);
      yield { take: report.body, name: file };
      taken.set(id, date);
      yield { reached: cursorOf(past.until, taken, first) };
    }
  }
  return cursorOf(now, taken, now - backDays * day);
}

const cursorOf = (until: Instant, taken: ReadonlyMap<string, string>, from: number): Cursor => ({
  until,
  taken: Object.fromEntries([...taken].filter(([, date]) => date >= dayOf(from))),
});

const dayOf = (at: number): string => printInstant(instant(at)).slice(0, 10);

/** What the list names: `[{ id, file, timestamp, type, report, url }]`. */
const reportsIn = (answer: WalkAnswer | undefined): readonly { readonly id: string; readonly file: string }[] => {
  if (answer === undefined) throw new BadBody("WGL_BODY_EMPTY");
  refuseError(answer);
  const list = parseJson(answer.body);
  if (!Array.isArray(list)) throw new BadBody("WGL_BODY_SHAPE", { wanted: "a list of reports" });
  return list.map((one: unknown) => {
    const [id, file] = [textAt(one, "id"), textAt(one, "file")];
    if (!/^[\w-]{1,200}$/.test(id) || !/^[\w.@-]{1,300}$/.test(file))
      throw new BadBody("WGL_BODY_SHAPE", { wanted: "an id and a file of each report" });
    return { id, file };
  });
};

/** The API says what it does not like in a document, with status 200. */
const refuseError = ({ body }: WalkAnswer): void => {
  if (body.byteLength > 4096 || body[0] !== 0x7b) return;
  const error = jsonField(parseJson(body), "error");
  if (error !== undefined)
    throw new BadBody("WGL_BODY_SHAPE", { wanted: `reports, not ${JSON.stringify(error).slice(0, 200)}` });
};

/** Whatever another version of us remembered, or lies ahead of the clock, begins anew. */
const readCursor = (cursor: unknown, now: Instant): Cursor => {
  const until = numberAt(cursor, "until");
  const taken = jsonAt(cursor, "taken");
  return {
    until: until !== undefined && until >= 0 && until <= now ? instant(until) : now,
    taken:
      typeof taken === "object" && taken !== null
        ? Object.fromEntries(Object.entries(taken).filter((one): one is [string, string] => typeof one[1] === "string"))
        : {},
  };
};
