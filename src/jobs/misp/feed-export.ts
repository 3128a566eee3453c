import { no, type Result } from "#core/result.ts";
import type { MispAnswer } from "./asked.ts";
import { eventAt, type Json, type MispDo, type MispHere } from "./call.ts";
import type { MispEventRow } from "./port.ts";
import { eventOut, recordRelease } from "./read.ts";
import { eventHead, wholeEvents, usualExtras } from "./whole.ts";
import { mispCache } from "#share/misp-text.ts";

/** `feed/manifest.json`, `feed/<uuid>.json`, `feed/hashes.csv`: published events as a MISP feed. @see MISP core format §3 */
export const feedFile: MispDo = async (here, call) => {
  const [file = ""] = call.params;
  const reader = here.reader();
  const uuid = /^([0-9a-f-]{36})\.json$/i.exec(file)?.[1];
  if (uuid !== undefined) {
    const row = await eventAt(here, uuid);
    if (row === undefined || !row.published) return no("WGL_ABSENT");
    const [whole] = await wholeEvents(here, [row], reader, {
      ...usualExtras,
      attachments: true,
      related: false,
      sightings: false,
    });
    if (whole === undefined) return no("WGL_ABSENT");
    const body = JSON.stringify({ Event: whole.json });
    await recordRelease(here.tx, reader, `/misp/feed/${row.uuid}.json`, [whole, ...whole.pairs], Buffer.from(body));
    return { ok: true, value: { body } };
  }
  const rows = await here.tx.misp.events({ published: true, deleted: "no" }, reader.reach, {
    order: [{ by: "Event.timestamp", down: false }],
    limit: 100_001,
    offset: 0,
  });
  if (rows.length > 100_000) return no("WGL_MISP_PAGES", { count: rows.length, what: "events", limit: 100_000 });
  if (file === "manifest.json") return manifest(here, rows, reader);
  if (file !== "hashes.csv") return no("WGL_ABSENT");
  const whole = await wholeEvents(here, rows, reader, { ...usualExtras, related: false, sightings: false });
  const pairs = whole.flatMap((one) => one.pairs);
  const body = mispCache(pairs.map(({ line }) => line));
  await recordRelease(here.tx, reader, "/misp/feed/hashes.csv", pairs, Buffer.from(body));
  return { ok: true, value: { body, type: "text/csv; charset=utf-8" } };
};

const manifest = async (
  here: MispHere,
  rows: readonly MispEventRow[],
  reader: ReturnType<MispHere["reader"]>,
): Promise<Result<MispAnswer>> => {
  const out: { event: MispEventRow; entry: readonly [string, Json] }[] = [];
  for (const event of rows) {
    const released = eventOut(event, 0, reader);
    if (released === undefined) continue;
    const { Orgc, Tag, info, date, analysis, threat_level_id, timestamp, uuid } = eventHead(here, released);
    const { id: _, ...author } = Orgc as Json;
    const tags = (Array.isArray(Tag) ? Tag : []).map((tag: Json) => ({ name: tag["name"], colour: tag["colour"] }));
    out.push({
      event,
      entry: [String(uuid), { Orgc: author, Tag: tags, info, date, analysis, threat_level_id, timestamp }],
    });
  }
  const body = JSON.stringify(Object.fromEntries(out.map(({ entry }) => entry)));
  await recordRelease(here.tx, reader, "/misp/feed/manifest.json", out, Buffer.from(body));
  return { ok: true, value: { body } };
};
