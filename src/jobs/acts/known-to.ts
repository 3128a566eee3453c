import { storyOf } from "#alerts/story.ts";
import type { Viewer } from "#community/viewer.ts";
import type { FindingSeen, SeenHit } from "#jobs/views.ts";

type SeenSource = FindingSeen["sources"][number];

/**
 * A finding as this viewer may know it. Staff know all. The organisation knows of no source above AMBER, of no hit that
 * such a source alone made, and of no word that it said: evidence in lists quotes them, so it is put together anew.
 */
export const knownTo = (viewer: Viewer, seen: FindingSeen): FindingSeen => {
  if (viewer.kind === "staff") return seen;
  const sources = seen.sources.filter(({ tlp }) => tlp === "clear" || tlp === "green" || tlp === "amber");
  const named = new Map(sources.map((source) => [source.feed, source]));
  // a person released what nobody may be named for: the organisation is shown what happened to it
  const hits =
    sources.length === 0 ? seen.hits : seen.hits.filter((hit) => hit.sources.some((feed) => named.has(feed)));
  const keys = new Set(hits.map((hit) => `${hit.where} ${hit.observable}`));
  return {
    ...seen,
    sources,
    hits: storyOf[seen.finding.detector] === "listed" ? hits.map((hit) => requoted(hit, named)) : hits,
    instances: sources.length === 0 ? seen.instances : seen.instances.filter((one) => keys.has(one.key)),
  };
};

/** `join-indicators.ts` writes who lists the value, and as what, into the evidence. */
const requoted = (hit: SeenHit, named: ReadonlyMap<string, SeenSource>): SeenHit => {
  const speaking = hit.sources.flatMap((feed) => named.get(feed) ?? []);
  const said = [...new Set(speaking.flatMap((source) => source.labels))].join(", ");
  return {
    ...hit,
    file: speaking.map((source) => source.feed).join(", "),
    text: said === "" ? hit.observable : `${hit.observable}  # ${said}`,
    sources: speaking.map((source) => source.feed),
  };
};
