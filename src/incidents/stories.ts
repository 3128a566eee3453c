import type { Instant } from "#core/instant.ts";
import { type Severity, worse } from "#core/severity.ts";
import { hull, type IncidentState, near, type PotentialIncident, type Tie } from "./correlate.ts";
import type { Finding } from "./finding.ts";

/** The finding a story is named by: the earliest of its findings; of two at one moment the one with the lower id. */
export interface Anchor {
  readonly finding: string;
  readonly at: Instant;
}

/** A story as the store has it. */
export interface KnownStory extends PotentialIncident {
  /** Inside the store only; never leaves. */
  readonly n: number;
  readonly anchor: Anchor;
}

/** With those of its ties that were asked for. */
export interface OpenStory extends KnownStory {
  readonly ties: readonly Tie[];
}

/** A finding that joins: what it is, the story it is in, and what ties it. */
export interface Joining {
  readonly finding: Pick<Finding, "id" | "organisation" | "problem" | "severity" | "firstSeen" | "lastSeen" | "opened">;
  /** Number of the open story it is in already. */
  readonly story?: number;
  /** The story it was in is over: what it begins now has a name of its own. */
  readonly renewed?: boolean;
  readonly ties: readonly Tie[];
}

/** A story as it has to be written. */
export interface ToldStory extends PotentialIncident {
  /** Absent: it is new. */
  readonly n?: number;
  readonly anchor: Anchor;
  /** Open stories that turned out to be this one; their findings and ties move here. */
  readonly absorbed: readonly number[];
  /** Ids by which it, or one of those, was called before. */
  readonly formerly: readonly string[];
  /** New, or reaching further than before. */
  readonly ties: readonly Tie[];
  /** Ids of findings that joined now. */
  readonly findings: readonly string[];
}

interface Group {
  stories: KnownStory[];
  joined: Joining[];
  ties: Map<string, Tie>;
  /** Keys whose tie grew or is new. */
  grown: Set<string>;
}

const further: readonly IncidentState[] = ["suspected", "confirmed", "contained"];

/**
 * Open stories, as findings join them. Stories that share a tie, near in time, are one: closed under that, so that the
 * same findings make the same stories in whatever order and batches they came. Pure: the caller loads what `wanted` asks
 * for and gives it to `know`, until nothing is wanted; then `told` says what to write.
 */
export class Stories {
  readonly #groups = new Map<number, Group>();
  readonly #ofStory = new Map<number, number>();
  readonly #byKey = new Map<string, Set<number>>();
  /** Keys as far as they were asked for. */
  readonly #asked = new Map<string, Tie>();
  /** Groups that several known stories came to be one in: what else those share may reach further now. */
  readonly #merged = new Set<number>();
  #next = 0;
  readonly parts: boolean;

  /** @param parts each organisation's own; else the whole */
  constructor({ parts }: { readonly parts: boolean }) {
    this.parts = parts;
  }

  /** A finding in an open story of these must have been given that story before (`know`). */
  join(joining: Joining): void {
    const known = joining.story === undefined ? undefined : this.#ofStory.get(joining.story);
    const at = known ?? this.#open();
    this.#group(at).joined.push(joining);
    this.#settle(at, joining.ties, true);
  }

  know(stories: readonly OpenStory[]): void {
    for (const { ties, ...story } of stories) {
      let at = this.#ofStory.get(story.n);
      if (at === undefined) {
        at = this.#open();
        this.#group(at).stories.push(story);
        this.#ofStory.set(story.n, at);
      }
      this.#settle(at, ties, false);
    }
  }

  /** What stories that were joined to known ones have in common, to be told by `reach`. Numbers of stories by group. */
  joinedStories(): readonly (readonly number[])[] {
    const found = [...this.#merged].flatMap((at) => {
      const group = this.#groups.get(at);
      return group !== undefined && group.stories.length > 1 ? [group.stories.map(({ n }) => n)] : [];
    });
    this.#merged.clear();
    return found;
  }

  /** Ties that stories which are one now have together. @param story number of any of them */
  reach(story: number, ties: readonly Tie[]): void {
    const at = this.#ofStory.get(story);
    if (at !== undefined) this.#settle(at, ties, true);
  }

  /** Numbers of the stories that are known: all that they reach by what is asked for must be told, near or not. */
  known(): readonly number[] {
    return [...this.#ofStory.keys()];
  }

  /** Ties whose stories were not asked for yet, or not as far as they reach now. */
  wanted(): readonly Tie[] {
    const ties: Tie[] = [];
    // of what is in no story that changes nobody needs to know more
    for (const group of this.#groups.values())
      if (group.joined.length > 0)
        for (const tie of group.ties.values()) {
          const asked = this.#asked.get(tie.key);
          if (asked !== undefined && asked.first <= tie.first && asked.last >= tie.last) continue;
          ties.push(tie);
          this.#asked.set(tie.key, asked === undefined ? tie : hull(asked, tie));
        }
    return ties;
  }

  /** @param idOf of the story that this finding names; with when it was opened, where one of that name is over */
  told(idOf: (anchor: string, opened?: Instant) => string): readonly ToldStory[] {
    return [...this.#groups.values()]
      .filter(({ joined }) => joined.length > 0)
      .map((group) => told(group, this.parts, idOf))
      .sort((a, b) => a.anchor.at - b.anchor.at || (a.id < b.id ? -1 : 1));
  }

  #open(): number {
    const at = this.#next++;
    this.#groups.set(at, { stories: [], joined: [], ties: new Map(), grown: new Set() });
    return at;
  }

  #group(at: number): Group {
    const group = this.#groups.get(at);
    if (group === undefined) throw new Error("waglan is wrong: no such group of stories");
    return group;
  }

  /** The group's tie of this key reaches this far too. @returns whether that was news */
  #tie(group: Group, at: number, tie: Tie, isNew: boolean): boolean {
    const before = group.ties.get(tie.key);
    if (before !== undefined && before.first <= tie.first && before.last >= tie.last) return false;
    group.ties.set(tie.key, before === undefined ? tie : hull(before, tie));
    if (isNew) group.grown.add(tie.key);
    const holders = this.#byKey.get(tie.key);
    if (holders) holders.add(at);
    else this.#byKey.set(tie.key, new Set([at]));
    return true;
  }

  /** Gives ties to a group, and takes together what is near by them, until nothing is any more. */
  #settle(start: number, ties: readonly Tie[], isNew: boolean): void {
    let at = start;
    const keys = ties.filter((tie) => this.#tie(this.#group(at), at, tie, isNew)).map(({ key }) => key);
    for (let key = keys.pop(); key !== undefined; key = keys.pop()) {
      const tie = this.#group(at).ties.get(key);
      if (tie === undefined) continue;
      for (const other of this.#byKey.get(key) ?? []) {
        if (other === at) continue;
        const theirs = this.#groups.get(other)?.ties.get(key);
        if (theirs === undefined || !near(tie, theirs)) continue;
        const merged = this.#absorb(at, other);
        at = merged.at;
        // once more with what it reaches now
        keys.push(key, ...merged.further);
        break;
      }
    }
  }

  /** The smaller goes into the larger. @returns which that is, and the keys by which the whole reaches further than it did */
  #absorb(a: number, b: number): { readonly at: number; readonly further: readonly string[] } {
    const [at, other] = this.#group(a).ties.size >= this.#group(b).ties.size ? [a, b] : [b, a];
    const [into, gone] = [this.#group(at), this.#group(other)];
    const both = into.stories.length > 0 && gone.stories.length > 0;
    this.#groups.delete(other);
    if (this.#merged.delete(other) || both) this.#merged.add(at);
    for (const story of gone.stories) this.#ofStory.set(story.n, at);
    into.stories.push(...gone.stories);
    into.joined.push(...gone.joined);
    const reached: string[] = [];
    for (const [key, tie] of gone.ties) {
      this.#byKey.get(key)?.delete(other);
      const had = into.ties.get(key);
      // what either of them is near to was settled before; only what grew by the two together is new
      if (this.#tie(into, at, tie, gone.grown.has(key)) && had !== undefined) reached.push(key);
    }
    for (const key of gone.grown) into.grown.add(key);
    return { at, further: reached };
  }
}

const earlier = (a: Anchor, b: Anchor): Anchor => (b.at < a.at || (b.at === a.at && b.finding < a.finding) ? b : a);

const told = (
  { stories, joined, ties, grown }: Group,
  parts: boolean,
  idOf: (anchor: string, opened?: Instant) => string,
): ToldStory => {
  const anchors = [
    ...stories.map(({ anchor }) => anchor),
    ...joined.map(({ finding }): Anchor => ({ finding: finding.id, at: finding.firstSeen })),
  ];
  const anchor = anchors.reduce(earlier);
  const bySeniority = stories.toSorted((a, b) => (earlier(a.anchor, b.anchor) === a.anchor ? -1 : 1));
  const [kept, ...others] = bySeniority;
  const naming = joined.find(({ finding }) => finding.id === anchor.finding);
  const named = naming?.finding;
  const id =
    kept !== undefined && kept.anchor.finding === anchor.finding
      ? kept.id
      : idOf(anchor.finding, naming?.renewed === true ? named?.opened : undefined);
  const findings = joined.map(({ finding }) => finding);
  const all: readonly { readonly severity: Severity; readonly firstSeen: Instant; readonly lastSeen: Instant }[] = [
    ...stories,
    ...findings,
  ];
  const first = named ?? kept ?? findings[0];
  if (first === undefined) throw new Error("waglan is wrong: a story of nothing");
  return {
    ...(kept === undefined ? {} : { n: kept.n }),
    ...(parts && joined[0] !== undefined ? { organisation: joined[0].finding.organisation } : {}),
    ...{ id, anchor },
    state: stories.map(({ state }) => state).reduce(furthest, "suspected"),
    problem: first.problem,
    severity: all.map(({ severity }) => severity).reduce(worse),
    firstSeen: Math.min(...all.map(({ firstSeen }) => firstSeen)) as Instant,
    lastSeen: Math.max(...all.map(({ lastSeen }) => lastSeen)) as Instant,
    absorbed: others.map(({ n }) => n),
    formerly: bySeniority.map((one) => one.id).filter((one) => one !== id),
    ties: [...grown].flatMap((key) => ties.get(key) ?? []),
    findings: findings.map((one) => one.id),
  };
};

const furthest = (a: IncidentState, b: IncidentState): IncidentState =>
  further.indexOf(b) > further.indexOf(a) ? b : a;
