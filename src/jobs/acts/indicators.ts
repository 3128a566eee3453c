import type { IndicatorRow } from "#api/indicator.ts";
import { may } from "#community/may.ts";
import { scopeOf } from "#community/visibility.ts";
import { parseInstant, printInstant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import { no, ok } from "#core/result.ts";
import { alikeness } from "#intel/search-alike.ts";
import { understand } from "#intel/search-ask.ts";
import { urlSpellings } from "#intel/search-covering.ts";
import { searchSteps } from "#intel/search-steps.ts";
import { wordsOf } from "#intel/search-words.ts";
import { lookUpInSteps } from "#jobs/search/look-up.ts";
import { readSearchCursor, writeSearchCursor } from "#jobs/search/port.ts";
import type { Desk } from "./desk.ts";
import { decayOf, indicatorRow } from "./indicator-row.ts";
import type { IndicatorActs } from "./port.ts";
import { showIndicator } from "./show-indicator.ts";

/** What is listed: searched, looked up, shown. Every answer is of the claims its reader may know of, and of no others. */
export const indicatorActs = (desk: Desk): IndicatorActs => ({
  indicators: async (viewer, asked) => {
    const from = asked.cursor === undefined ? undefined : readSearchCursor(asked.cursor);
    if (asked.cursor !== undefined && from === undefined) return no("WGL_CURSOR");
    const since = asked.since === undefined ? undefined : parseInstant(asked.since);
    if (since !== undefined && !since.ok) return since;
    const scope = scopeOf(viewer, "indicators.read");
    const text = asked.search ?? "";
    const steps = searchSteps(text, spellings(desk), (words) => feedsSaying(desk, words), alikeness);
    const now = desk.now();
    const seen = await desk.views.search(scope, {
      steps,
      limit: asked.limit,
      now,
      filter: {
        alive: asked.alive,
        ...(asked.kind === undefined ? {} : { kind: asked.kind }),
        ...(asked.feed === undefined ? {} : { feed: asked.feed }),
        ...(asked.tlp === undefined ? {} : { tlp: asked.tlp }),
        ...(since === undefined ? {} : { since: since.value }),
      },
      ...(from === undefined ? {} : { after: from }),
    });
    const shown = new Map(
      (
        await desk.views.indicatorsSeen(
          scope,
          seen.found.map((one) => one.id),
          now,
        )
      ).map((one) => [one.id, one]),
    );
    const rows = seen.found.flatMap(({ id, way }): IndicatorRow[] => {
      const one = shown.get(id);
      return one === undefined ? [] : [indicatorRow(desk, one, way)];
    });
    const { value } = understand(text);
    const lag = viewer.kind === "staff" && from === undefined ? await desk.views.searchLag() : undefined;
    return ok({
      // all there is stands on one page: it may stand in the order people want
      indicators:
        seen.next === undefined && from === undefined && steps[0]?.way === "listed" ? rows.sort(newestFirst) : rows,
      ...(seen.next === undefined ? {} : { next: writeSearchCursor(seen.next) }),
      ...(value === undefined ? {} : { understood: value }),
      ...(lag === undefined || (lag.batches === 0 && !lag.filling)
        ? {}
        : {
            behind: {
              batches: lag.batches,
              filling: lag.filling,
              ...(lag.since === undefined ? {} : { since: printInstant(lag.since) }),
            },
          }),
    });
  },

  indicator: (viewer, id, { language }) => showIndicator(desk, viewer, id, language),

  lookUp: async (viewer, values) => {
    if (!may(viewer, "indicators.read")) return no("WGL_ABSENT");
    const { indicatorId, index } = desk.listed;
    return ok(
      lookUpInSteps(
        { index, indicatorId, exclusions: desk.exclusions, views: desk.views, decay: decayOf(desk) },
        scopeOf(viewer, "indicators.read"),
        values,
        desk.now(),
      ),
    );
  },
});

const newestFirst = (a: IndicatorRow, b: IndicatorRow): number =>
  a.firstSeen === b.firstSeen ? (a.id < b.id ? -1 : 1) : a.firstSeen < b.firstSeen ? 1 : -1;

/** Ids of a value in every spelling that means the same. */
const spellings =
  (desk: Desk) =>
  (value: Observable): readonly string[] =>
    (value.kind === "url" ? [value, ...urlSpellings(value.value)] : [value]).map(desk.listed.indicatorId);

/** Sources whose title or publisher has all the words, of those the program knows; what they list is another question. */
const feedsSaying = (desk: Desk, words: readonly string[]): readonly string[] =>
  desk
    .sources()
    .filter(({ feed }) => {
      const its = new Set(wordsOf(`${feed.title} ${feed.publisher} ${feed.id}`));
      return words.every((word) => its.has(word));
    })
    .map(({ feed }) => feed.id);
