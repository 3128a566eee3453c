import type { Feed } from "#feeds/feed.ts";
import { feedById } from "#feeds/index.ts";
import type { FeedState } from "#intel/ports.ts";
import type { Source } from "#jobs/collect/feed.ts";
import { titleOf } from "#words/because.ts";
import type { Language } from "#words/language.ts";
import type { Desk } from "./desk.ts";

/** The source of this id as it is configured, else as it is built in. */
export const sourceNamed = (desk: Desk, id: string): Source | undefined => {
  const configured = desk.sources().find((one) => one.feed.id === id);
  const builtIn = feedById.get(id);
  return configured ?? (builtIn && { feed: builtIn, trusted: false });
};

/**
 * The source of this id as it is configured or built in, else as it called itself when it was last met: a partner who
 * posts by TAXII or MISP, a feed that was taken out of the configuration and has claims in force.
 */
export const sourceMet = (desk: Desk, id: string, state: FeedState | undefined): Source | undefined =>
  sourceNamed(desk, id) ??
  (state?.declared && { feed: { ...state.declared, ...unsaid, id, ...readerOf(id) }, trusted: false });

/** As `sourceMet`, of an id alone. */
export const sourceKnown = async (desk: Desk, id: string): Promise<Source | undefined> =>
  sourceNamed(desk, id) ?? sourceMet(desk, id, (await desk.views.source(id))?.state);

/** What such a source does not say. */
const unsaid: Pick<Feed, "touches" | "means" | "parts"> = {
  touches: "publisher",
  means: { contacted: "other", listed: "other" },
  parts: () => [],
};

/** What partners post is read as these are (jobs/stix/join.ts, jobs/misp/claims.ts). */
const readerOf = (id: string): Partial<Pick<Feed, "parts" | "gives" | "means">> => {
  const base = id.startsWith("taxii-posts-")
    ? feedById.get("stix-bundle")
    : /^misp(?:-|$)/.test(id)
      ? feedById.get("misp-event")
      : undefined;
  return base === undefined ? {} : { parts: base.parts, means: base.means, gives: "news" };
};

export const feedNamed = (desk: Desk, id: string): Feed | undefined => sourceNamed(desk, id)?.feed;

/** The feed's title, or the rule's; a behaviour's in the reader's language; of one nobody knows any more, its id. */
export const feedTitle = (desk: Desk, id: string, language: Language = "en"): string =>
  feedNamed(desk, id)?.title ??
  (id.startsWith("behaviour:") ? titleOf(language, id.slice("behaviour:".length)) : (desk.ruleTitle?.(id) ?? id));
