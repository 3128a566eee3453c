import type { Instant } from "#core/instant.ts";
import { type AcrossRule, ownTies, type SeenEntity, sharedTies } from "#incidents/correlate.ts";
import type { Finding, FindingSource } from "#incidents/finding.ts";
import type { StoredFinding } from "#incidents/ports.ts";
import { type Joining, type KnownStory, Stories } from "#incidents/stories.ts";
import type { Tx } from "#jobs/ports.ts";

/** A finding as its hits leave it, with what of them ties it. */
export interface Touched {
  readonly finding: Finding;
  readonly before?: StoredFinding;
  readonly sources: readonly FindingSource[];
  readonly entities: readonly SeenEntity[];
  /** Opened now, or again. */
  readonly news: boolean;
}

/** Where a finding stands: numbers of the whole story and of its organisation's own part of it. */
export interface Placed {
  readonly incident?: number;
  readonly part?: number;
}

/**
 * Findings join the open stories that they are one with, or begin their own: the whole across organisations, which staff
 * sees, and of what the organisation may see its own part, in which nothing hidden ties anything. Held under one lock.
 *
 * @returns by id of a finding; one whose story is over stays where it is
 */
export const joinStories = async (
  tx: Pick<Tx, "incidents">,
  touched: readonly Touched[],
  idOf: (kind: "incident", key: string) => string,
  across: AcrossRule | undefined,
  now: Instant,
): Promise<ReadonlyMap<string, Placed>> => {
  const known = await tx.incidents.stories(
    touched.flatMap(({ before }) => [before?.incident ?? [], before?.part ?? []].flat()),
  );
  const wholes = await settle(tx, new Stories({ parts: false }), known, touched, (one) => ({
    at: one.before?.incident,
    ties: [...ownTies(one.finding, one.entities), ...sharedTies(one.finding, one.sources, across)],
  }));
  const seen = touched.filter(({ finding }) => !finding.veiled);
  const parts = await settle(tx, new Stories({ parts: true }), known, seen, (one) => ({
    at: one.before?.part,
    ties: ownTies(one.finding, one.entities),
  }));
  const [incidents, own] = [
    await tx.incidents.saveStories(
      wholes.told((anchor, opened) => idOf("incident", named(anchor, opened))),
      now,
    ),
    await tx.incidents.saveStories(
      parts.told((anchor, opened) => idOf("incident", `part ${named(anchor, opened)}`)),
      now,
    ),
  ];
  await tx.incidents.share(
    seen.flatMap(({ finding, sources }) => {
      const part = own.get(finding.id);
      const open = sources.filter((source) => source.mayBeShown);
      return part === undefined ? [] : [{ part, ties: sharedTies(finding, open, across) }];
    }),
  );
  return new Map(
    touched.map(({ finding: { id }, before }) => {
      const [incident, part] = [incidents.get(id) ?? before?.incident, own.get(id) ?? before?.part];
      return [id, { ...(incident === undefined ? {} : { incident }), ...(part === undefined ? {} : { part }) }];
    }),
  );
};

const named = (anchor: string, opened: Instant | undefined): string =>
  opened === undefined ? anchor : `${anchor} ${opened}`;

const settle = async (
  tx: Pick<Tx, "incidents">,
  stories: Stories,
  known: ReadonlyMap<number, KnownStory>,
  touched: readonly Touched[],
  of: (one: Touched) => { readonly at: number | undefined; readonly ties: Joining["ties"] },
): Promise<Stories> => {
  for (const one of touched) {
    const { at, ties } = of(one);
    const story = at === undefined ? undefined : known.get(at);
    const over = story?.state === "closed" || story?.state === "dismissed";
    if (over && !one.news) continue;
    if (story !== undefined && !over) stories.know([{ ...story, ties: [] }]);
    stories.join({
      ...{ finding: one.finding, ties },
      ...(story === undefined || over ? {} : { story: story.n }),
      ...(over ? { renewed: true } : {}),
    });
  }
  for (;;) {
    for (const group of stories.joinedStories()) {
      const [first] = group;
      if (first !== undefined) stories.reach(first, await tx.incidents.commonTies(group));
    }
    const wanted = stories.wanted();
    if (wanted.length === 0) return stories;
    stories.know(await tx.incidents.openStories(stories.parts, wanted, stories.known()));
  }
};
