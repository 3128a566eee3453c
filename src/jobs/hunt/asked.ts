import type { Scope } from "#community/visibility.ts";
import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import { no, ok, type Problem, type Result, WaglanError } from "#core/result.ts";
import type { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import { recordsAtOnce } from "./hunt.ts";
import { type Ground, huntPage, type Quarry, quarryBeside, seenOf } from "#jobs/hunt-past.ts";
import type { Hunt, HuntProgress, HuntResult } from "./port.ts";
import { isOver, resultsAtMost, textAtMost } from "./state.ts";
import { type PatternHuntPage, PatternHunts } from "./pattern-asked.ts";
import { RuleHunts, type RulePage } from "./rule-asked.ts";
import type { Past, SeenValues } from "./past.ts";
import type { PastRecords } from "./past-records.ts";
import type { State, Tx } from "#jobs/ports.ts";

/**
 * A person hunts: kept with its purpose, and in the evidence, before anything is read.
 *
 * @param also done in the same transaction
 */
export const askHunt = async (state: State, hunt: Hunt, also?: (tx: Tx) => Promise<void>): Promise<Result<Hunt>> => {
  if (hunt.purpose.trim() === "") return no("WGL_HUNT_PURPOSE");
  if (hunt.values.length === 0 && hunt.rule === undefined && hunt.patterned === undefined) return no("WGL_HUNT_WHAT");
  if (hunt.from >= hunt.to) return no("WGL_HUNT_PERIOD");
  return state.act(async (tx) => {
    await tx.hunts.ask(hunt);
    await also?.(tx);
    await tx.evidence.leaf({
      ...{ kind: "privilege", subject: hunt.id, at: hunt.at },
      data: {
        ...{ act: "hunt", who: hunt.who, purpose: hunt.purpose, from: hunt.from, to: hunt.to },
        values: hunt.values.slice(0, valuesInEvidence).map(({ kind, value }) => `${kind}:${value}`),
        count: hunt.values.length,
        ...(hunt.pattern === undefined ? {} : { pattern: hunt.pattern }),
        ...(hunt.rule === undefined ? {} : { rule: hunt.rule.title, rules: hunt.rule.wanted }),
        organisation: hunt.organisation ?? "all",
      },
    });
    return ok(hunt);
  });
};

/** A leaf names so many values of a hunt, and counts the rest; the hunt itself has them all. */
const valuesInEvidence = 100;

/** Ends a hunt; what it found so far stays. @returns WGL_ABSENT, WGL_HUNT_OVER */
export const cancelHunt = (
  state: State,
  id: string,
  scope: Scope,
  who: string,
  now: Instant,
): Promise<Result<HuntProgress>> =>
  state.act(async (tx) => {
    const hunt = await tx.hunts.hunt(id, scope);
    if (hunt === undefined) return no("WGL_ABSENT");
    if (isOver(hunt)) return no("WGL_HUNT_OVER", { state: hunt.state });
    const cancelled: HuntProgress = { ...hunt, state: "cancelled", ended: now };
    await tx.hunts.save(cancelled);
    await tx.evidence.leaf({
      ...{ kind: "privilege", subject: id, at: now },
      data: { act: "cancel hunt", who, read: hunt.read, found: hunt.found },
    });
    return ok(cancelled);
  });

export interface AskedHunting {
  readonly state: State;
  readonly past: Past & PastRecords;
  readonly directory: Pick<DirectoryMemory, "known">;
  /** Of the deployment, in hexadecimal digits. */
  readonly secret: string;
  readonly now: () => Instant;
}

/** The hunt this process is at, so that a hundred thousand values are read once and not for every page. */
interface Underway {
  readonly id: string;
  readonly quarry: Quarry;
  readonly seen: SeenValues;
}

/** What a turn gave, whatever was hunted by. */
type AnyPage = Omit<RulePage, "ruled"> & Partial<Pick<RulePage, "ruled"> & Pick<PatternHuntPage, "patterned">>;

/** Does what people asked for, one page a turn, the oldest first; one process at a time. */
export class AskedHunts {
  readonly #hunting: AskedHunting;
  readonly #byRule: RuleHunts;
  readonly #byPattern: PatternHunts;
  #underway: Underway | undefined;

  constructor(hunting: AskedHunting) {
    this.#hunting = hunting;
    this.#byRule = new RuleHunts(hunting.past, hunting.directory);
    this.#byPattern = new PatternHunts(hunting.past, hunting.directory, hunting.secret);
  }

  /** @returns the hunt that was worked on; undefined when nobody waits for one, or another process is at it */
  turn(): Promise<HuntProgress | undefined> {
    return this.#hunting.state.alone("hunts", () => this.#page());
  }

  async #page(): Promise<HuntProgress | undefined> {
    const { state, now } = this.#hunting;
    const hunt = await state.act(async (tx) => {
      const next = await tx.hunts.next(this.#underway?.id);
      if (next?.state !== "waiting") return next;
      // whoever waits is told that somebody is at it
      const begun: HuntProgress = { ...next, state: "running" };
      await tx.hunts.save(begun);
      return begun;
    });
    if (hunt === undefined) return undefined;
    try {
      return await this.#read(hunt);
    } catch (error) {
      if (!(error instanceof WaglanError) || !refusals.has(error.code)) throw error;
      const why: Problem = { code: error.code, message: error.message, with: error.with };
      return state.act(async (tx) => {
        const current = await tx.hunts.hunt(hunt.id);
        if (current === undefined || isOver(current)) return current;
        const failed: HuntProgress = { ...current, state: "failed", ended: now(), problem: why };
        await tx.hunts.save(failed);
        return failed;
      });
    }
  }

  async #read(hunt: HuntProgress): Promise<HuntProgress | undefined> {
    if (hunt.rule !== undefined) return this.#save(hunt, await this.#byRule.page(hunt, hunt.rule));
    if (hunt.patterned !== undefined && hunt.pattern !== undefined)
      return this.#save(hunt, await this.#byPattern.page(hunt, hunt.pattern, hunt.patterned));
    const { past, directory, secret } = this.#hunting;
    const { from, to, organisation } = hunt;
    const ground: Ground = { scope: organisation === undefined ? "all" : [organisation], from, to };
    if (this.#underway?.id !== hunt.id) {
      const quarry = await quarryBeside(hunt.values, secret);
      this.#underway = { id: hunt.id, quarry, seen: await seenOf(past, quarry, ground) };
    }
    const { quarry, seen } = this.#underway;
    const ownOf = (sensor: string): readonly string[] => directory.known.sensor(sensor)?.networks ?? [];
    const page = await huntPage(past, quarry, seen, ground, hunt.place, recordsAtOnce, ownOf);
    const found = page.records.flatMap(({ organisation: of, sensor, matches }) =>
      matches.map(
        (match): HuntResult => ({
          ...{
            organisation: of as OrganisationId,
            sensor,
            time: match.time,
            hunted: match.indicator,
            seen: match.seen,
          },
          ...{ where: match.where, direction: match.direction, weight: match.weight },
          ...(match.own === undefined ? {} : { own: match.own }),
          text: match.text.slice(0, textAtMost),
        }),
      ),
    );
    const toRead = seen.days.reduce((sum, one) => sum + one.count, 0);
    const { read, place } = page;
    return this.#save(hunt, { found, read, toRead, ...(place === undefined ? {} : { place }) });
  }

  async #save(
    hunt: HuntProgress,
    { found, read, toRead, ruled, patterned, place }: AnyPage,
  ): Promise<HuntProgress | undefined> {
    const { state, now } = this.#hunting;
    const saved = await state.act(async (tx) => {
      const current = await tx.hunts.standing(hunt.id);
      // cancelled meanwhile: what this page found is nobody's any more
      if (current === undefined || isOver(current)) return current;
      const { place: _, ...before } = current;
      const room = Math.max(0, resultsAtMost - current.found);
      const after: HuntProgress = {
        ...before,
        ...(place === undefined ? { state: "done" as const, ended: now() } : { state: "running" as const, place }),
        ...{ toRead, read: current.read + read, found: current.found + found.length },
        ...(ruled === undefined ? {} : { ruled }),
        ...(patterned === undefined ? {} : { patterned }),
        cut: current.cut || found.length > room,
      };
      await tx.hunts.addResults(hunt.id, current.found + 1, found.slice(0, room));
      await tx.hunts.save(after);
      return after;
    });
    if (saved === undefined || isOver(saved)) {
      this.#underway = undefined;
      await this.#byRule.left();
      await this.#byPattern.left();
    }
    return saved;
  }
}

/** What does not pass by waiting. */
const refusals: ReadonlySet<string> = new Set(["WGL_HISTORY_OFF", "WGL_HISTORY_QUERY"]);
