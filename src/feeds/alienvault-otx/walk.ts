import { type Instant, parseInstant, printInstant } from "#core/instant.ts";
import { BadBody } from "#feeds/bad-body.ts";
import type { Walk, WalkStart } from "#feeds/feed.ts";
import { jsonField, parseJson } from "#feeds/json.ts";

/**
 * The pages of pulses that changed since the last good turn. `next` is followed on the same server only. The cursor is
 * the newest `modified` seen, so that what changed while we read comes with the next turn.
 *
 * @see https://otx.alienvault.com/api, pulses/subscribed
 */
export function* walkPulses({ url, cursor }: WalkStart): Walk {
  const since = sinceOf(cursor);
  const first = new URL(url);
  if (since !== undefined) first.searchParams.set("modified_since", printInstant(since));
  let newest = since;
  let page = 0;
  for (let ask: URL | undefined = first; ask !== undefined; ) {
    const answer = yield { ask: ask.href };
    if (answer === undefined) throw new BadBody("WGL_BODY_EMPTY");
    const document = parseJson(answer.body);
    const results = jsonField(document, "results");
    if (!Array.isArray(results)) throw new BadBody("WGL_BODY_SHAPE", { wanted: "a page of pulses" });
    for (const pulse of results) newest = later(newest, jsonField(pulse, "modified"));
    page++;
    if (results.length > 0) yield { take: answer.body, name: `page-${page}` };
    ask = nextOf(jsonField(document, "next"), first);
  }
  return newest === undefined ? {} : { modifiedSince: printInstant(newest) };
}

const sinceOf = (cursor: unknown): Instant | undefined => later(undefined, jsonField(cursor, "modifiedSince"));

const later = (newest: Instant | undefined, written: unknown): Instant | undefined => {
  const read = typeof written === "string" ? parseInstant(written) : undefined;
  return read?.ok === true && (newest === undefined || read.value > newest) ? read.value : newest;
};

const nextOf = (next: unknown, first: URL): URL | undefined => {
  if (next === null || next === undefined || next === "") return undefined;
  const url = typeof next === "string" ? URL.parse(next) : null;
  if (url === null || url.origin !== first.origin)
    throw new BadBody("WGL_BODY_SHAPE", { wanted: `a next page at ${first.origin}` });
  return url;
};
