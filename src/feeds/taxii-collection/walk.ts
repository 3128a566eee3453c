import { BadBody } from "#feeds/bad-body.ts";
import type { Walk, WalkAnswer, WalkStart, WalkStep } from "#feeds/feed.ts";
import { jsonField } from "#feeds/json.ts";
import {
  acceptOf,
  justBefore,
  laterDate,
  type Page,
  type Protocol,
  readAnswer,
  readPage,
  shown,
  speaks20,
  stepBefore,
} from "./page.ts";
import { Seen } from "./seen.ts";

/** Where the next turn goes on. */
export interface TaxiiCursor {
  /** The last date added, every digit as the server wrote it. */
  readonly since?: string;
  /** Objects that were added at that moment, or may have been: they come again and are passed over. */
  readonly at: readonly string[];
  /** Markings that objects of later turns refer to. */
  readonly markings: readonly unknown[];
}

/** Objects asked for at a time. Servers give fewer; none is believed to give more. */
const pageObjects = 1000;
/** When all objects of a page were added in one moment and the server has no `next`, a wider page gets past it. */
const widestPage = 16_000;
/** Pages in a row that bring nothing new. Two may be a server that counts its pages oddly. */
const emptyPages = 3;
const markingsAtMost = 200;

/**
 * A conversation with a TAXII 2.1 server, or one of 2.0, about one collection: everything that was added since the last
 * turn. It keeps to no more than servers really do: `next` is followed with or without `more`; without it the date of the
 * last object leads on; a page that brings nothing new three times is a circle; ties of one moment are asked for again.
 *
 * @see TAXII 2.1 §5.4 Get Objects, §3.4 Pagination, §3.5 Filtering; TAXII 2.0 §5.3, §3.5
 */
export function* walkCollection({ url, cursor }: WalkStart): Walk {
  const past = readCursor(cursor);
  let protocol: Protocol = "2.1";
  const place = yield* objectsUrl(url, (spoken) => {
    protocol = spoken;
  });
  const seen = new Seen(past.at);
  const markings = new Map<string, unknown>();
  for (const one of past.markings) keepMarking(markings, one);
  let since = past.since;
  let pages = 0;
  let idle = 0;
  let limit = pageObjects;
  let fullest = 0;
  let passed: string | undefined;
  let position: Position = { after: since === undefined ? undefined : justBefore(since) };
  for (;;) {
    const answer: WalkAnswer = yield* askPage(place, position, limit, protocol);
    if (
      protocol === "2.1" &&
      pages === 0 &&
      position.next === undefined &&
      (answer.status === 406 || answer.status === 415 || speaks20(answer))
    ) {
      protocol = "2.0";
      if (answer.status !== 200) continue;
    }
    if (answer.status === 416 || answer.status === 404) {
      // a range past the end, or a `next` that the server forgot: it can still be asked by date
      if (position.next === undefined) break;
      position = { after: since === undefined ? undefined : justBefore(since) };
      continue;
    }
    const page = readPage(answer, place);
    pages++;
    fullest = Math.max(fullest, page.objects.length);
    const fresh = page.objects.filter((object) => seen.isNew(object));
    for (const object of fresh) keepMarking(markings, object);
    if (fresh.length > 0) {
      yield { take: bundleOf(fresh, markings), name: `page-${String(pages).padStart(6, "0")}` };
      idle = 0;
      limit = pageObjects;
    } else idle++;
    const last =
      page.last ??
      (page.objects.length > 0 && !hasNext(page, protocol) ? yield* dateOfLast(place, page, protocol) : undefined);
    const before = since;
    since = laterDate(since, last);
    seen.reach(before !== since);
    if (since !== undefined) yield { reached: cursorOf(since, seen, markings) };
    const next = nextPosition(page, protocol, position, since, fresh.length > 0);
    if (next === "end") break;
    if (next === "lost")
      throw new BadBody("WGL_TAXII_ANSWER", {
        url: shown(place),
        wanted: "next or X-TAXII-Date-Added-Last where there is more",
      });
    if (next === "stuck") {
      // all of this page in one moment: a wider one first, and then past the moment
      if (limit < widestPage) limit *= 4;
      else if (position.after !== since) {
        if (page.objects.length >= fullest) passed ??= since;
        position = { after: since };
      } else throw new BadBody("WGL_TAXII_ENDLESS", { url: shown(place), pages: idle });
      continue;
    }
    if (idle >= emptyPages) throw new BadBody("WGL_TAXII_ENDLESS", { url: shown(place), pages: idle });
    position = next;
  }
  // All objects of a full page were added in one moment, and the server cannot be asked for the rest of them.
  if (passed !== undefined) throw new BadBody("WGL_TAXII_TIES", { url: shown(place), time: passed });
  return cursorOf(since, seen, markings);
}

/** Where a page begins: after a date, or where the server's `next` or the range of items says. */
interface Position {
  readonly after: string | undefined;
  readonly next?: string;
  /** Items to pass over (2.0). */
  readonly item?: number;
}

const hasNext = (page: Page, protocol: Protocol): boolean =>
  protocol === "2.0"
    ? page.range?.of !== undefined && page.range.to + 1 < page.range.of
    : page.next !== undefined && page.more !== false;

const nextPosition = (
  page: Page,
  protocol: Protocol,
  position: Position,
  since: string | undefined,
  brought: boolean,
): Position | "end" | "lost" | "stuck" => {
  if (protocol === "2.0") {
    if (page.range === undefined || page.objects.length === 0) return "end";
    if (page.range.of !== undefined && page.range.to + 1 >= page.range.of) return "end";
    return { after: position.after, item: page.range.to + 1 };
  }
  if (page.next !== undefined && page.more !== false) return { after: position.after, next: page.next };
  if (page.more !== true) return "end";
  if (since === undefined) return "lost";
  return brought ? { after: stepBefore(since) } : "stuck";
};

function* askPage(
  place: string,
  position: Position,
  limit: number,
  protocol: Protocol,
): Generator<WalkStep, WalkAnswer, WalkAnswer | undefined> {
  const query: [string, string][] = [];
  if (position.after !== undefined) query.push(["added_after", position.after]);
  const accept = acceptOf(protocol, "objects");
  if (protocol === "2.0") {
    const item = position.item ?? 0;
    const range = `items ${item}-${item + limit - 1}`;
    return yield* asked(withQuery(place, query), { accept, range }, [206, 416, 404]);
  }
  query.push(["limit", String(limit)]);
  if (position.next === undefined) return yield* asked(withQuery(place, query), { accept }, [404, 406, 415]);
  // The same filters with every page, as the specification has it; some servers want `next` alone.
  const answer = yield* asked(withQuery(place, [...query, ["next", position.next]]), { accept }, [400, 404, 422, 500]);
  if (answer.status === 200 || answer.status === 404) return answer;
  return yield* asked(withQuery(place, [["next", position.next]]), { accept }, [404]);
}

function* asked(
  ask: string,
  headers: Readonly<Record<string, string>>,
  expects: readonly number[],
): Generator<WalkStep, WalkAnswer, WalkAnswer | undefined> {
  const answer = yield { ask, headers, expects };
  if (answer === undefined) throw new Error("waglan is wrong: a walk's question was sent no answer");
  return answer;
}

/** A server that dates no pages may still date single objects. */
function* dateOfLast(
  place: string,
  page: Page,
  protocol: Protocol,
): Generator<WalkStep, string | undefined, WalkAnswer | undefined> {
  const id = jsonField(page.objects.at(-1), "id");
  if (typeof id !== "string" || id.length > 128) return undefined;
  const manifest = place.replace(/objects\/$/, "manifest/");
  const answer = yield* asked(
    withQuery(manifest, [["match[id]", id]]),
    { accept: acceptOf(protocol, "other") },
    [400, 403, 404, 405, 406, 500, 501],
  );
  if (answer.status !== 200) return undefined;
  const objects = jsonField(readAnswer(answer, manifest), "objects");
  const dates = (Array.isArray(objects) ? objects : []).map((one: unknown) => jsonField(one, "date_added"));
  return dates.reduce<string | undefined>(
    (latest, date) =>
      typeof date === "string" && /^\d{4}-\d\d-\d\dT[\d:.]{8,21}Z$/.test(date) ? laterDate(latest, date) : latest,
    undefined,
  );
}

/**
 * Where the collection's objects are: the address itself, or, for "https://taxii.example/api1/#Title", the collection of
 * that title, alias or id below the API root.
 */
function* objectsUrl(
  url: string,
  speaks: (protocol: Protocol) => void,
): Generator<WalkStep, string, WalkAnswer | undefined> {
  const [address = "", fragment] = url.split("#");
  const base = address.endsWith("/") ? address : `${address}/`;
  if (fragment === undefined || fragment === "") return base.endsWith("/objects/") ? base : `${base}objects/`;
  const title = decoded(fragment);
  const place = `${base}collections/`;
  let answer = yield* asked(place, { accept: acceptOf("2.1", "other") }, [406, 415]);
  if (answer.status !== 200 || speaks20(answer)) {
    speaks("2.0");
    if (answer.status !== 200) answer = yield* asked(place, { accept: acceptOf("2.0", "other") }, []);
  }
  const list = jsonField(readAnswer(answer, place), "collections");
  const collections = Array.isArray(list) ? (list as readonly unknown[]) : [];
  const found = collections.find((one) => ["title", "alias", "id"].some((key) => jsonField(one, key) === title));
  const id = jsonField(found, "id");
  if (typeof id === "string" && /^[\w.-]{1,128}$/.test(id)) return `${place}${id}/objects/`;
  const known = collections.map((one) => jsonField(one, "title")).filter((one) => typeof one === "string");
  throw new BadBody("WGL_TAXII_COLLECTION", { title, url: shown(place), known: known.join(", ") });
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const withQuery = (place: string, query: readonly (readonly [string, string])[]): string =>
  query.length === 0
    ? place
    : `${place}?${query.map(([name, value]) => `${encodeURIComponent(name).replace("%5B", "[").replace("%5D", "]")}=${encodeURIComponent(value)}`).join("&")}`;

/** The page's objects first, so that rows count as the page does; then the markings of other pages they may refer to. */
const bundleOf = (objects: readonly unknown[], markings: ReadonlyMap<string, unknown>): Uint8Array => {
  const here = new Set(objects.map((object) => jsonField(object, "id")));
  const others = [...markings].filter(([id]) => !here.has(id)).map(([, marking]) => marking);
  return Buffer.from(JSON.stringify({ type: "bundle", objects: [...objects, ...others] }), "utf8");
};

const keepMarking = (markings: Map<string, unknown>, object: unknown): void => {
  const id = jsonField(object, "id");
  if (jsonField(object, "type") !== "marking-definition" || typeof id !== "string") return;
  if (JSON.stringify(object).length > 4096) return;
  markings.delete(id);
  markings.set(id, object);
  for (const [oldest] of markings) if (markings.size > markingsAtMost) markings.delete(oldest);
};

const cursorOf = (since: string | undefined, seen: Seen, markings: ReadonlyMap<string, unknown>): TaxiiCursor => ({
  ...(since === undefined ? {} : { since }),
  at: since === undefined ? [] : seen.latest(),
  markings: [...markings.values()],
});

const readCursor = (cursor: unknown): TaxiiCursor => {
  const [since, at, markings] = ["since", "at", "markings"].map((key) => jsonField(cursor, key));
  return {
    ...(typeof since === "string" ? { since } : {}),
    at: Array.isArray(at) ? at.filter((one): one is string => typeof one === "string") : [],
    markings: Array.isArray(markings) ? markings : [],
  };
};
