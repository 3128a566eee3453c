import { day, type Instant, second } from "#core/instant.ts";
import type { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import { homeOf } from "#jobs/community/home-networks.ts";
import type { Community } from "#jobs/findings/record-hits.ts";
import type { State } from "#jobs/ports.ts";
import type { KeptThreadData } from "#jobs/rules/kept-rules-messages.ts";
import type { TogetherBounds } from "#jobs/rules/kept-together.ts";
import type { RuleMemory } from "#jobs/rules/memory.ts";
import { RuleRun } from "#jobs/rules/run.ts";
import { groupsUsually } from "#detect/sigma/correlator.ts";
import type { CausePage, CauseStep } from "./cause.ts";
import type { CauseCheckpoint, HuntCause } from "./cause-port.ts";
import type { RecordPlace } from "./past.ts";
import type { PastRecords } from "./past-records.ts";
import { recordRuled } from "./rule-record.ts";
import { lateMs, type RuleHuntPayload } from "./rule-wanted.ts";
import { digestOf, rulesInForce, textsFor } from "./rules-in-force.ts";

/**
 * What telemetry is asked by may be younger than what is kept: a rule that is new, changed or enabled again is asked of the
 * past too, by itself. `wantRuleHunts` tells which (a turn of the loop that reads the folders), `huntRules` does it, as a
 * kind of `hunt-cause.ts`.
 */
export interface RuleHunting {
  readonly state: State;
  readonly past: PastRecords;
  readonly rules: Pick<RuleMemory, "packs" | "texts">;
  readonly directory: Pick<DirectoryMemory, "known">;
  readonly community: Community;
}

interface Place {
  readonly after?: RecordPlace;
}

/** Where a walk through the past stands, in one process. */
interface Underway {
  readonly cause: number;
  readonly run: RuleRun;
  readonly rules: ReadonlySet<string>;
  /** Of the rules as they are asked. */
  readonly said: string;
  /** Behind it the next page begins. */
  place: RecordPlace | undefined;
  /** Records and hits of pages that are read again, since what correlations knew is of an earlier place. */
  again: { readonly read: number; readonly found: number };
  /** What was counted until `place`. */
  counted: { readonly read: number; readonly found: number };
  /** When what correlations know is taken down next; absent: there are none. */
  nextSave?: number;
}

/** A day ahead for clocks that are wrong. */
const aheadMs = day;
/** What correlations know is taken down so often, and no more bytes a second: a process that dies reads so much again. */
const saveEveryMs = 5 * second;
const savedAtMost = 4_194_304;

/** As live correlations, which remember as many groups and records. */
const bounds: TogetherBounds = { groups: groupsUsually, records: 50_000, texts: 2_000 };

/**
 * Rules over all that is kept, as live telemetry meets them: the same hits under the same ids, with the time they were seen,
 * in shadow as the rules are. A rule that was changed or turned off meanwhile is asked as it is now, or not at all.
 * Correlations among them see the matches of each organisation in the order of their time (ADR 0027).
 */
export const huntRules = (hunting: RuleHunting): CauseStep => {
  let underway: Underway | undefined;
  const leave = async (): Promise<void> => {
    const left = underway;
    underway = undefined;
    await left?.run.close();
  };
  return async (cause: HuntCause, now: Instant): Promise<CausePage> => {
    const { after } = (cause.place ?? {}) as Place;
    if (underway !== undefined && (underway.cause !== cause.n || !isSame(underway.place, after))) await leave();
    underway ??= await open(hunting, cause, after, now);
    if (underway === undefined) return { read: 0, found: 0, opened: 0 };
    const { run, rules, again } = underway;
    const saves = underway.nextSave !== undefined && now >= underway.nextSave;
    run.saves(saves ? "bytes" : "not");
    try {
      const page = await run.page(underway.place);
      const inForce = rulesInForce(hunting.rules);
      const speaks = (rule: string): boolean => rules.has(rule) && inForce.has(rule);
      const found = {
        ruled: page.ruled.filter(({ rule }) => speaks(rule.rule)),
        correlated: page.correlated.filter((one) => speaks(one.words.rule) && isNews(cause, one)),
      };
      const counted = {
        read: underway.counted.read + page.read,
        found: underway.counted.found + found.ruled.length + found.correlated.length,
      };
      const next = page.place;
      const opened = await hunting.state.act(async (tx) => {
        const recorded = await recordRuled(tx, hunting, found, now);
        if (page.packed !== undefined && next !== undefined && underway !== undefined)
          await tx.hunts.keepCheckpoint(cause.n, {
            about: { said: underway.said, after: next, ...counted },
            body: page.packed,
          });
        return recorded.opened;
      });
      if (page.packed !== undefined)
        underway.nextSave = now + Math.max(saveEveryMs, (page.packed.length / savedAtMost) * second);
      const before = underway.counted;
      Object.assign(underway, { place: next, counted, again: { read: 0, found: 0 } });
      if (next === undefined) await leave();
      return {
        read: counted.read - before.read - again.read,
        found: counted.found - before.found - again.found,
        opened,
        ...(next === undefined ? {} : { place: { after: next } }),
      };
    } catch (error) {
      // correlations have read the page: what they know is of a place that nobody noted
      await leave();
      throw error;
    }
  };
};

/** @returns undefined when none of the rules is in force any more */
const open = async (
  hunting: RuleHunting,
  cause: HuntCause,
  after: RecordPlace | undefined,
  now: Instant,
): Promise<Underway | undefined> => {
  const payload = payloadOf(cause);
  const inForce = rulesInForce(hunting.rules);
  const rules = new Set(payload.rules.filter((rule) => inForce.has(rule)));
  if (rules.size === 0) return undefined;
  const said = digestOf([...rules].map((rule) => `${rule} ${inForce.get(rule)?.said ?? ""}`).join("\n"));
  const zero = { read: 0, found: 0 };
  if (payload.met === undefined) {
    const run = runOf(hunting, payload, rules, undefined, now);
    return { ...{ cause: cause.n, run, rules, said, place: after, again: zero, counted: zero } };
  }
  const kept = await hunting.state.act((tx) => tx.hunts.checkpointOf(cause.n));
  const checkpoint = kept?.about.said === said ? kept : undefined;
  const { read, found } = checkpoint?.about ?? zero;
  return {
    ...{ cause: cause.n, run: runOf(hunting, payload, rules, checkpoint, now), rules, said },
    ...{ place: checkpoint?.about.after, counted: { read, found } },
    again: { read: cause.read - read, found: cause.found - found },
    nextSave: now + saveEveryMs,
  };
};

const runOf = (
  { past, rules: memory, directory }: RuleHunting,
  { met, from = 0, until }: RuleHuntPayload,
  rules: ReadonlySet<string>,
  checkpoint: CauseCheckpoint | undefined,
  now: Instant,
): RuleRun => {
  const data: KeptThreadData = {
    ...{ texts: textsFor(memory, rules), decisions: memory.texts.decisions, wanted: [...rules] },
    networks: networksOf(directory),
    homes: directory.known.directory.organisations.map(
      ({ id }) => [id, homeOf(directory.known.directory, id, now)] as const,
    ),
    ...(met === undefined ? {} : { bounds: { ...bounds, until: until ?? met - lateMs } }),
    ...(checkpoint === undefined ? {} : { packed: checkpoint.body }),
  };
  return new RuleRun(past, data, {
    ...{ scope: "all", from, to: until === undefined ? now + aheadMs : until + 1, pace: "behind" },
  });
};

/** What a hunt on the seam reads to begin with was hunted for, or said live. */
const isNews = (cause: HuntCause, { time }: { readonly time: Instant }): boolean => {
  const { met, until } = payloadOf(cause);
  return met === undefined || until === undefined || time > met - lateMs;
};

const payloadOf = ({ payload }: HuntCause): RuleHuntPayload => ({ rules: [], ...payload });

const isSame = (a: RecordPlace | undefined, b: RecordPlace | undefined): boolean =>
  a === undefined || b === undefined
    ? a === b
    : a.time === b.time && a.organisation === b.organisation && a.batch === b.batch && a.line === b.line;

export const networksOf = ({
  known,
}: Pick<DirectoryMemory, "known">): readonly (readonly [string, readonly string[]])[] =>
  known.directory.sensors.map(({ id, networks }) => [id, networks]);
