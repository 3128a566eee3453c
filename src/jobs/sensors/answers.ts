import type { Sensor } from "#community/sensor.ts";
import type { Instant } from "#core/instant.ts";
import { type Observable, observableKey } from "#core/observable.ts";
import { type Problem, problem } from "#core/result.ts";
import type { End } from "#detect/hit.ts";
import { directionOf, networks, ownEnd } from "#detect/networks.ts";
import { observableOfAsset } from "#jobs/findings/finding-asset.ts";
import type { BatchMatch } from "#jobs/batches/read.ts";
import { parcelChecks } from "./check-parcel.ts";
import { isOver, resultsAtMost, textAtMost } from "#jobs/hunt/state.ts";
import type { PatternProgress } from "#jobs/hunt/pattern-port.ts";
import type { HuntProgress, HuntResult } from "#jobs/hunt/port.ts";
import { counted, ruledResult, unseenAtMost } from "#jobs/hunt/rule-asked.ts";
import type { HuntedByRule, RuledProgress, RuleSaid } from "#jobs/hunt/rule-port.ts";
import type { ParcelAnswer, ParcelLooked } from "./parcel.ts";
import type { Tx } from "#jobs/ports.ts";
import type { SensorAsked } from "./port.ts";

/**
 * A page of an answer: its sightings stand beside those of the server's own hunts. A page that came before changes nothing;
 * what came after the hunt was called off is not kept.
 *
 * @returns problems WGL_PARCEL_ASK, WGL_PARCEL_ORDER, and of sightings that are refused WGL_PARCEL_MEETS as well
 */
export const takeAnswer = async (
  tx: Tx,
  sensor: Sensor,
  answer: ParcelAnswer,
  secret: string,
  now: Instant,
): Promise<readonly Problem[]> => {
  const asked = await tx.sensors.asked(answer.ask, sensor.id);
  const hunt = asked && (await tx.hunts.hunt(answer.ask));
  if (asked === undefined || hunt === undefined) return [problem("WGL_PARCEL_ASK", { ask: answer.ask })];
  if (isOver(hunt) || asked.done || answer.page <= asked.page) return [];
  if (answer.page > asked.page + 1 || answer.count < asked.count + sightingsOf(answer))
    return [problem("WGL_PARCEL_ORDER", { ask: answer.ask, page: answer.page, had: asked.page })];
  const { good, refused } =
    hunt.rule !== undefined
      ? checkedRules(hunt.rule, hunt, sensor, answer)
      : hunt.patterned !== undefined
        ? checkedPattern(hunt, sensor, answer, await tx.sensors.allAsked(hunt.id))
        : checkedValues(hunt, sensor, answer, secret);
  const results = good.slice(0, Math.max(0, resultsAtMost - hunt.read));
  await tx.hunts.addResults(hunt.id, hunt.read + 1, results);
  const { problem: why, first, last, looked = asked.looked } = answer;
  const after: SensorAsked = {
    ...asked,
    ...{
      page: answer.page,
      count: answer.count,
      days: answer.days,
      done: answer.done || why !== undefined,
      answered: now,
    },
    ...(first === undefined ? {} : { first }),
    ...(last === undefined ? {} : { last }),
    ...(why === undefined ? {} : { problem: why }),
    ...(looked === undefined ? {} : { looked }),
  };
  await tx.sensors.saveAsked(hunt.id, after);
  const ruled = hunt.rule && { ...(hunt.ruled ?? nothingRuled), counts: counted(hunt.ruled?.counts ?? [], good) };
  const read = hunt.read + results.length;
  await settle(tx, { ...hunt, read, ...(ruled === undefined ? {} : { ruled }) }, now);
  return refused;
};

const sightingsOf = ({ matches, ruled = [], together = [], patterned = [] }: ParcelAnswer): number =>
  matches.length + ruled.length + together.length + patterned.length;

/** What of an answer may stand beside the server's own results, and why the rest may not. */
interface Checked {
  readonly good: readonly HuntResult[];
  readonly refused: readonly Problem[];
}

/** Of an ask for values, sightings of these values within the time that was asked for. */
const checkedValues = (hunt: HuntProgress, sensor: Sensor, answer: ParcelAnswer, secret: string): Checked => {
  const { matches } = answer;
  const wanted = new Set(hunt.values.map((one: Observable) => observableKey(one)));
  const checks = parcelChecks(
    sensor,
    matches.map(({ indicator }) => indicator),
    secret,
    () => undefined,
  );
  const refused: Problem[] = unasked({ ...answer, matches: [] });
  const good = matches.flatMap((match) => {
    const read = checks.match(match);
    const asked = wanted.has(observableKey(match.indicator)) && isIn(hunt, match.time);
    if (read.ok && asked) return [resultOf(sensor, read.value)];
    refused.push(
      read.ok ? problem("WGL_PARCEL_ASK", { ask: `${match.indicator.kind}:${match.indicator.value}` }) : read.problem,
    );
    return [];
  });
  return { good, refused };
};

const isIn = ({ from, to }: Pick<HuntProgress, "from" | "to">, time: Instant): boolean => time >= from && time < to;

const resultOf = (sensor: Sensor, match: BatchMatch): HuntResult => ({
  ...{ organisation: sensor.organisation, sensor: sensor.id, time: match.time, hunted: match.indicator },
  ...{ seen: match.seen, where: match.where, direction: match.direction, weight: match.weight },
  ...(match.own === undefined ? {} : { own: match.own }),
  text: match.text.slice(0, textAtMost),
});

/** Of an ask by rules, what these rules say; what is said of them is taken from the hunt, and direction from the two ends. */
const checkedRules = (
  { says = [] }: HuntedByRule,
  hunt: HuntProgress,
  sensor: Sensor,
  answer: ParcelAnswer,
): Checked => {
  const { ruled = [], together = [] } = answer;
  const words = new Map(says.map((one) => [one.rule, one]));
  const refused: Problem[] = unasked({ ...answer, ruled: [], together: [] });
  const knownOf = (rule: string, time: Instant): RuleSaid | undefined => {
    const known = words.get(rule);
    if (known !== undefined && isIn(hunt, time)) return known;
    refused.push(problem("WGL_PARCEL_ASK", { ask: rule }));
    return undefined;
  };
  const own = networks(sensor.networks);
  const alone = ruled.flatMap(({ rule, time, source, destination, asset, text }): readonly HuntResult[] => {
    const known = knownOf(rule.rule, time);
    if (known === undefined) return [];
    const ends = endsOf({ source, destination });
    return [
      ruledResult({ id: sensor.id, organisation: sensor.organisation }, known, {
        ...{ time, about: asset ?? ownEnd(ends, own) ?? sensor.key, direction: directionOf(ends, own), text },
        ...(asset === undefined ? {} : { own: asset }),
      }),
    ];
  });
  const joined = together.flatMap(({ rule, time, first, group, value, text }): readonly HuntResult[] => {
    const known = knownOf(rule, time);
    if (known === undefined) return [];
    const of = { id: sensor.id, organisation: sensor.organisation };
    return [
      ruledResult(of, known, {
        ...{ time, about: group[0]?.value ?? sensor.key, direction: "unknown", text },
        together: { first, count: value, group: Object.fromEntries(group.map((one) => [one.name, one.value])) },
      }),
    ];
  });
  return { good: [...alone, ...joined], refused };
};

/**
 * Of an ask by a pattern records within the time that was asked for; direction and whose end it is from the two ends. Each sensor
 * counts its matches from 1: here they are told apart by who else was asked.
 */
const checkedPattern = (
  hunt: HuntProgress,
  sensor: Sensor,
  answer: ParcelAnswer,
  all: readonly SensorAsked[],
): Checked => {
  const { patterned = [] } = answer;
  const refused: Problem[] = unasked({ ...answer, patterned: [] });
  const own = networks(sensor.networks);
  const nth = all.findIndex((one) => one.sensor === sensor.id);
  const good = patterned.flatMap((one): readonly HuntResult[] => {
    const { time, match, records, source, destination, asset, text } = one;
    if (!isIn(hunt, time)) {
      refused.push(problem("WGL_PARCEL_ASK", { ask: hunt.pattern ?? "" }));
      return [];
    }
    const ends = endsOf({ source, destination });
    const machine = asset ?? ownEnd(ends, own);
    const concerned = observableOfAsset(machine ?? sensor.key);
    return [
      {
        ...{ organisation: sensor.organisation, sensor: sensor.id, time, hunted: concerned, seen: concerned },
        ...{ where: "record", direction: directionOf(ends, own), weight: "finding", text: text.slice(0, textAtMost) },
        ...(machine === undefined ? {} : { own: machine }),
        pattern: { match: (match - 1) * all.length + nth + 1, records },
      },
    ];
  });
  return { good, refused };
};

/** What of an answer was not asked for. */
const unasked = ({ matches, ruled = [], together = [], patterned = [] }: ParcelAnswer): Problem[] =>
  [
    ...matches.map(({ indicator: { kind, value } }) => `${kind}:${value}`),
    ...ruled.map(({ rule }) => rule.rule),
    ...together.map(({ rule }) => rule),
    ...patterned.map(() => "pattern"),
  ].map((ask) => problem("WGL_PARCEL_ASK", { ask }));

const endsOf = ({
  source,
  destination,
}: {
  readonly source?: End | undefined;
  readonly destination?: End | undefined;
}): { readonly source?: string; readonly destination?: string } => ({
  ...(source ? { source: source.address } : {}),
  ...(destination ? { destination: destination.address } : {}),
});

const nothingRuled: RuledProgress = { counts: [], unseen: [], unread: {}, blind: 0 };

/** What all sensors that were asked looked at so far. */
const lookedAtAll = (all: readonly SensorAsked[]): Omit<RuledProgress, "counts" | "saved"> => {
  const looked = all.flatMap((one) => one.looked ?? []);
  const unseen = new Map(
    looked.flatMap((one) => one.unseen).map((one) => [`${one.rule} ${one.format} ${one.field}`, one]),
  );
  const sum = (of: (one: ParcelLooked) => number): number => looked.reduce((total, one) => total + of(one), 0);
  return {
    unread: summed(looked.flatMap((one) => one.unread)),
    ...{ unseen: [...unseen.values()].slice(0, unseenAtMost), blind: sum((one) => one.blind) },
    looked: { read: sum((one) => one.read), toRead: sum((one) => one.toRead) },
  };
};

/** The same of a pattern. */
const patternedOf = (all: readonly SensorAsked[], { anchored }: PatternProgress): PatternProgress => {
  const looked = all.flatMap((one) => one.looked ?? []);
  const patterns = looked.flatMap((one) => one.pattern ?? []);
  const sum = <T>(some: readonly T[], of: (one: T) => number): number =>
    some.reduce((total, one) => total + of(one), 0);
  return {
    anchored,
    ...{ matches: sum(patterns, (one) => one.matches), letGo: sum(patterns, (one) => one.letGo) },
    unread: summed(looked.flatMap((one) => one.unread)),
    undecided: summed(patterns.flatMap((one) => one.undecided)),
    looked: { read: sum(looked, (one) => one.read), toRead: sum(looked, (one) => one.toRead) },
  };
};

const summed = (counts: ParcelLooked["unread"]): Readonly<Record<string, number>> => {
  const sums: Record<string, number> = {};
  for (const { code, n } of counts) sums[code] = (sums[code] ?? 0) + n;
  return sums;
};

/** How far the hunt is, all its sensors together. */
export const settle = async (tx: Tx, hunt: HuntProgress, now: Instant): Promise<void> => {
  const all = await tx.sensors.allAsked(hunt.id);
  const found = all.reduce((sum, { count }) => sum + count, 0);
  const done = all.every((one) => one.done);
  const failed = done && all.every((one) => one.problem !== undefined);
  await tx.hunts.save({
    ...{ ...hunt, found, cut: found > hunt.read },
    ...(hunt.rule === undefined ? {} : { ruled: { ...(hunt.ruled ?? nothingRuled), ...lookedAtAll(all) } }),
    ...(hunt.patterned === undefined ? {} : { patterned: patternedOf(all, hunt.patterned) }),
    ...(done ? { state: failed ? ("failed" as const) : ("done" as const), ended: now } : { state: "running" as const }),
    ...(failed ? { problem: problem("WGL_HUNT_UNANSWERED") } : {}),
  });
};
