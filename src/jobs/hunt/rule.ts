import { createHash } from "node:crypto";
import type { Sensor } from "#community/sensor.ts";
import { after, day, type Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import { type Pack, type PackDecision, setOf } from "#detect/sigma/packs.ts";
import type { SigmaFilter, SigmaRule } from "#detect/sigma/rule.ts";
import { claimRuled } from "#jobs/findings/ruled.ts";
import type { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import type { CausePage, CauseStep } from "./cause.ts";
import type { HuntCause } from "./cause-port.ts";
import type { KeptRuled } from "#jobs/rules/kept-rules.ts";
import type { RecordPlace } from "./past.ts";
import type { PastRecords } from "./past-records.ts";
import type { State, Tx } from "#jobs/ports.ts";
import { type Community, recordHits, veiledId } from "#jobs/findings/record-hits.ts";
import { RuleRun } from "#jobs/rules/run.ts";
import type { HuntedRule } from "#jobs/rules/port.ts";
import type { RuleMemory } from "#jobs/rules/memory.ts";
import type { Batch } from "#telemetry/ports.ts";

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

/** Every process has read the folders by then, and asks live telemetry by the rule. */
const settledMs = 15_000;
/** Rules of one hunt, in one walk through the past. */
const rulesOfHunt = 5_000;

/**
 * Notes which rules in force the past was not hunted for as they stand, and sets their hunts off once history has
 * everything that was matched before they were known. Doing it twice, or in two processes, is doing it once.
 *
 * @param kept history is on; else there is no past, and every rule counts as hunted
 * @returns rules whose hunt was set off now
 */
export const wantRuleHunts = async (
  { state, rules }: Pick<RuleHunting, "state" | "rules">,
  kept: boolean,
  now: Instant,
): Promise<number> => {
  const said = saidOf(rules.packs, rules.texts.decisions);
  return (
    (await state.alone("rule-hunts", () =>
      state.act(async (tx) => {
        const known = new Map((await tx.rules.hunted()).map((one) => [one.rule, one]));
        await tx.rules.forgetHunted([...known.keys()].filter((rule) => !said.has(rule)));
        const fresh = [...said].filter(([rule, words]) => known.get(rule)?.said !== words);
        await tx.rules.keepHunted(
          fresh.map(([rule, words]): HuntedRule => ({ rule, said: words, at: now, hunted: !kept })),
        );
        const open = [...known.values()].filter(({ rule, said: words, hunted }) => !hunted && said.get(rule) === words);
        const settled = open.filter((one) => one.upTo === undefined && now - one.at >= settledMs);
        if (settled.length > 0) {
          const upTo = await tx.hunts.newestBatch();
          await tx.rules.keepHunted(settled.map((one): HuntedRule => ({ ...one, upTo })));
        }
        return setOff(tx, open, now);
      }),
    )) ?? 0
  );
};

const setOff = async (tx: Tx, open: readonly HuntedRule[], now: Instant): Promise<number> => {
  const due: HuntedRule[] = [];
  const kept = new Map<number, boolean>();
  for (const one of open) {
    if (one.upTo === undefined) continue;
    if (!kept.has(one.upTo)) kept.set(one.upTo, await tx.hunts.keptTo(one.upTo));
    if (kept.get(one.upTo) === true) due.push(one);
  }
  for (let at = 0; at < due.length; at += rulesOfHunt) {
    const ids = due.slice(at, at + rulesOfHunt).map(({ rule }) => rule);
    const [first = ""] = ids;
    // many at once are told apart by what they are, or one lot would take the place of another
    const subject = ids.length === 1 ? first : `${ids.length} rules ${digestOf(ids.join("\n")).slice(0, 8)}`;
    await tx.hunts.want({ kind: "rule", subject, payload: { rules: ids }, who: "waglan" }, now);
  }
  await tx.rules.keepHunted(due.map((one): HuntedRule => ({ ...one, hunted: true })));
  return due.length;
};

/**
 * Correlations are not among them: what they say live rests on the order in which records could be known, which what is
 * kept does not tell (ADR 0011, 0019). People hunt by them, and a rule that only feeds one tells nothing here either.
 *
 * @returns digest of what each rule in force says, by its id or title: its file, and filters that are laid over it
 */
const saidOf = (packs: readonly Pack[], decisions: readonly PackDecision[]): ReadonlyMap<string, string> => {
  const set = setOf(packs, { decisions });
  const textOf = new Map(packs.flatMap(({ files }) => files).map(({ path, text }) => [path, text]));
  const filters = new Map<SigmaFilter, string>(set.filters.map((one) => [one, textOf.get(one.place.file) ?? ""]));
  const over = ({ id, name }: SigmaRule): string =>
    [...filters]
      .filter(([{ rules }]) => rules === "any" || rules.some((one) => one === name || one.toLowerCase() === id))
      .map(([, text]) => text)
      .join("\0");
  return new Map(
    set.rules.map((rule) => [rule.id ?? rule.title, digestOf(`${textOf.get(rule.place.file) ?? ""}\0${over(rule)}`)]),
  );
};

const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32);

interface RulePlace {
  readonly after?: RecordPlace;
}

/** Where a walk through the past stands, in one process. */
interface Underway {
  readonly cause: number;
  readonly run: RuleRun;
  after: string;
}

/** A day ahead for clocks that are wrong. */
const aheadMs = day;

/**
 * Rules over all that is kept, as live telemetry meets them: the same hits under the same ids, with the time they were seen,
 * in shadow as the rules are. A rule that was changed or turned off meanwhile is asked as it is now, or not at all.
 */
export const huntRules = (hunting: RuleHunting): CauseStep => {
  let underway: Underway | undefined;
  return async (cause: HuntCause, now: Instant): Promise<CausePage> => {
    const place = (cause.place ?? {}) as RulePlace;
    const at = JSON.stringify(place.after ?? "");
    if (underway !== undefined && (underway.cause !== cause.n || underway.after !== at)) {
      await underway.run.close();
      underway = undefined;
    }
    underway ??= { cause: cause.n, run: runOf(hunting, cause, now), after: at };
    const page = await underway.run.page(place.after);
    const recorded = await hunting.state.act((tx) => recordRuled(tx, hunting, page.ruled, now));
    const next = page.place;
    if (next === undefined) {
      await underway.run.close();
      underway = undefined;
    } else underway.after = JSON.stringify(next);
    return {
      ...{ read: page.read, found: page.ruled.length, opened: recorded.opened },
      ...(next === undefined ? {} : { place: { after: next } }),
    };
  };
};

const runOf = ({ past, rules, directory }: RuleHunting, cause: HuntCause, now: Instant): RuleRun => {
  const wanted = (cause.payload?.["rules"] ?? []) as readonly string[];
  return new RuleRun(
    past,
    {
      ...{ texts: rules.texts.packs, decisions: rules.texts.decisions, wanted },
      networks: networksOf(directory),
    },
    { scope: "all", from: 0, to: now + aheadMs, pace: "behind" },
  );
};

export const networksOf = ({
  known,
}: Pick<DirectoryMemory, "known">): readonly (readonly [string, readonly string[]])[] =>
  known.directory.sensors.map(({ id, networks }) => [id, networks]);

/** What rules said of kept records becomes hits as of live ones; what was told live is not told again. */
const recordRuled = async (
  tx: Tx,
  hunting: RuleHunting,
  ruled: readonly KeptRuled[],
  now: Instant,
): Promise<{ readonly fresh: number; readonly opened: number }> => {
  const { known } = hunting.directory;
  const numberOf = (batch: string): number => Number(batch.slice(batch.lastIndexOf("/") + 1));
  const keys = await tx.hunts.batchKeys([...new Set(ruled.map((one) => numberOf(one.batch)))]);
  const claimed: Awaited<ReturnType<typeof claimRuled>>[number][] = [];
  for (const [batch, some] of Map.groupBy(ruled, (one) => one.batch)) {
    const [first] = some;
    const organisation = first?.organisation as OrganisationId;
    // what was seen belongs to whom it was seen for; who is no member any more is told nothing
    if (first === undefined || known.organisation(organisation) === undefined) continue;
    const sensor = {
      ...{ id: first.sensor, key: known.sensor(first.sensor)?.key ?? first.sensor, organisation },
    } as Sensor;
    const key = keys.get(numberOf(batch)) ?? batch;
    const ruling = { community: hunting.community };
    claimed.push(...(await claimRuled(tx, ruling, { sensor, batch: { key } as Batch }, some)));
  }
  if (claimed.length === 0) return { fresh: 0, opened: 0 };
  const ids = claimed.flatMap(({ hit }) => [hit.id, veiledId(hit)]);
  const before = await tx.incidents.known(ids);
  const recorded = await recordHits(tx, claimed, undefined, hunting.community, now);
  await tx.hunts.foundBackwards(
    ids.filter((id) => !before.has(id)),
    now,
  );
  const earliest = Math.min(...claimed.map(({ hit }) => hit.time));
  const since = recorded.touched.filter((one) => one.firstSeen >= earliest && one.firstSeen <= after(now, -day));
  await tx.incidents.events(
    since.map((one) => ({
      ...{ finding: one.n, at: now, what: "found-back" as const },
      detail: { days: Math.floor((now - one.firstSeen) / day) },
    })),
  );
  return { fresh: recorded.fresh, opened: recorded.opened.length };
};
