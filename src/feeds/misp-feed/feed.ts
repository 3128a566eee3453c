import { problem } from "#core/result.ts";
import { BadBody } from "#feeds/bad-body.ts";
import { listsOf } from "#feeds/body.ts";
import type { Feed, Row, Walk, WalkAnswer, WalkStart } from "#feeds/feed.ts";
import { gunzip, isGzip } from "#feeds/gunzip.ts";
import { parseJson } from "#feeds/json.ts";
import { isManifest, mispParts } from "#feeds/misp-rows.ts";
import { textBody } from "#feeds/text-body.ts";
import { untar } from "#feeds/untar.ts";
import type { Entry } from "#feeds/unzip.ts";
import { numeral, truth } from "#misp/scalar.ts";
import { isObject, own } from "#misp/own.ts";
import { readUuid } from "#misp/uuid.ts";

/** Events of one feed; the largest public one has 8,000. */
const mostEvents = 100_000;

/** Where a walk left off: the events taken, each with its timestamp, and those the manifest names no longer. */
export interface MispFeedCursor {
  readonly seen: Readonly<Record<string, string>>;
  readonly gone: readonly string[];
}

/**
 * A MISP feed: manifest.json names its events, each in a file of its own. Only events that are new, or newer than the one
 * taken before, are asked for; each is a list under its UUID. The manifest is a list too, "manifest": its rows are the
 * events, and those whose file is not there are refused, asked for again next turn, and end nothing. An event that the
 * manifest names no longer is an empty list, so that what it said is delisted.
 * @see draft-dulaunoy-misp-core-format §3 Manifest
 */
export const feed: Feed = {
  id: "misp-feed",
  title: "A MISP feed",
  publisher: "whoever publishes it",
  licence: "unknown",
  everyMinutes: 60,
  tlp: "amber",
  pap: "amber",
  grade: { source: "F", statement: 3 },
  liveDays: 90,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "blacklist" },
  looksLike: (text) =>
    /^(?:\.\/)?manifest\.json\0/.test(text) ||
    (/^\s*\{\s*"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"\s*:\s*\{/i.test(text) &&
      /"(?:timestamp|Orgc)"/.test(text)),
  parts: (body, file) =>
    filesIn(body, file).flatMap(({ name, bytes }) => {
      const document = parseJson(bytes);
      return isManifest(document)
        ? [{ name: name === "" ? "" : "manifest", rows: manifestRows(document) }]
        : mispParts(document).map((part) => ({ ...part, name: name === "" ? part.name : (eventName(name) ?? name) }));
    }),
  gives: "parts",
  walk,
};

/** A feed's folder in an archive: its manifest and events, and not the list of hashes beside them. */
const filesIn = (body: Uint8Array, file: string): readonly Entry[] => {
  const bytes = isGzip(body) ? gunzip(body) : body;
  if (Buffer.from(bytes.subarray(257, 262)).toString("latin1") !== "ustar") return listsOf(body, file, { json: true });
  return untar(bytes)
    .filter(({ name }) => /(?:^|\/)manifest\.json$/.test(name) || eventName(name) !== undefined)
    .map(({ name, bytes: content }) => ({ name, bytes: textBody(content, { json: true }) }));
};

const eventName = (name: string): string | undefined => readUuid(/([^/]+)\.json$/.exec(name)?.[1]);

function* manifestRows(document: unknown): Generator<Row, void, undefined> {
  let row = 0;
  for (const [key, entry] of Object.entries(isObject(document) ? document : {})) {
    const at = `row ${++row}`;
    const uuid = readUuid(key);
    const status = own(entry, missing);
    if (uuid === undefined) {
      const why = problem("WGL_MISP_FIELD", { field: key, what: "manifest", wanted: "a UUID" }, at);
      yield { row, result: { ok: false, problem: why } };
    } else if (typeof status === "number")
      yield { row, result: { ok: false, problem: problem("WGL_MISP_EVENT_MISSING", { uuid, status }, at) } };
    else yield { row, legal: true, result: { ok: false, problem: problem("WGL_MISP_MANIFEST", { uuid }, at) } };
  }
}

/** Member by which the walk says in the manifest it hands on that an event's file was not there. */
const missing = "waglan-status";

interface ManifestEntry {
  readonly uuid: string;
  readonly timestamp: string;
  readonly key: string;
}

function* walk({ url, cursor }: WalkStart): Walk {
  const base = url.replace(/(?:\/manifest\.json|\/)?(?:[?#].*)?$/, "");
  const answer = yield { ask: `${base}/manifest.json` };
  const manifest = manifestIn(answer);
  const before = cursorOf(cursor);
  const seen: Record<string, string> = {};
  const absent: Record<string, number> = {};
  let taken = 0;
  for (const { uuid, timestamp, key } of entriesOf(manifest)) {
    const last = Object.hasOwn(before.seen, uuid) ? before.seen[uuid] : undefined;
    if (last !== undefined && Number(last) >= Number(timestamp)) {
      seen[uuid] = last;
      continue;
    }
    const event = yield { ask: `${base}/${key}.json`, expects: [403, 404, 410] };
    if (event?.status === 200) {
      yield { take: event.body, name: uuid };
      seen[uuid] = timestamp;
      if (++taken % 100 === 0) yield { reached: { seen: { ...before.seen, ...seen }, gone: before.gone } };
    } else {
      absent[key] = event?.status ?? 0;
      // What was taken before stays in force; the next turn asks again.
      if (last !== undefined) seen[uuid] = last;
    }
  }
  yield { take: Buffer.from(JSON.stringify(marked(manifest, absent))), name: "manifest" };
  const listed = new Set(entriesOf(manifest).map(({ uuid }) => uuid));
  const gone = [...before.gone, ...Object.keys(before.seen)].filter((uuid) => !listed.has(uuid));
  for (const uuid of gone) if (!before.gone.includes(uuid)) yield { take: noEvent(uuid), name: uuid };
  return { seen, gone: [...new Set(gone)] } satisfies MispFeedCursor;
}

/** An event the manifest names no longer: the same list, with nothing in it. */
const noEvent = (uuid: string): Uint8Array => Buffer.from(JSON.stringify({ Event: { uuid, info: "", Attribute: [] } }));

const manifestIn = (answer: WalkAnswer | undefined): Readonly<Record<string, unknown>> => {
  const [list] = listsOf(answer?.body ?? new Uint8Array(), "manifest.json", { json: true });
  const document = list === undefined ? undefined : parseJson(list.bytes);
  // PHP writes an empty manifest as a list.
  const manifest = Array.isArray(document) && document.length === 0 ? {} : document;
  if (!isObject(manifest) || !isManifest(manifest)) throw new BadBody("WGL_BODY_SHAPE", { wanted: "a MISP manifest" });
  if (Object.keys(manifest).length > mostEvents)
    throw new BadBody("WGL_MISP_MANY", { what: "events", limit: mostEvents });
  return manifest;
};

/** Readable entries, oldest first, so that a turn that ends early has taken what came first. Unpublished ones wait. */
const entriesOf = (manifest: Readonly<Record<string, unknown>>): readonly ManifestEntry[] =>
  Object.entries(manifest)
    .flatMap(([key, entry]) => {
      const uuid = readUuid(key);
      const timestamp = numeral(own(entry, "timestamp"));
      if (uuid === undefined || timestamp === undefined || truth(own(entry, "published")) === false) return [];
      return [{ uuid, timestamp, key: key.trim() }];
    })
    .toSorted((a, b) => Number(a.timestamp) - Number(b.timestamp));

const marked = (manifest: Readonly<Record<string, unknown>>, absent: Readonly<Record<string, number>>): unknown =>
  Object.fromEntries(
    Object.entries(manifest).map(([key, entry]) => {
      const status = Object.hasOwn(absent, key.trim()) ? absent[key.trim()] : undefined;
      return [key, status !== undefined && isObject(entry) ? { ...entry, [missing]: status } : entry];
    }),
  );

const cursorOf = (cursor: unknown): MispFeedCursor => {
  const seen = own(cursor, "seen");
  const gone = own(cursor, "gone");
  return {
    seen: isObject(seen)
      ? Object.fromEntries(
          Object.entries(seen).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
        )
      : {},
    gone: Array.isArray(gone) ? gone.filter((uuid): uuid is string => typeof uuid === "string") : [],
  };
};
