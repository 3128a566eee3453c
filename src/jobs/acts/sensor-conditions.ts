import type { SensorCondition } from "#api/sensor.ts";
import { day, hour, type Instant } from "#core/instant.ts";
import type { SensorDay, SensorStanding } from "#jobs/sensors/port.ts";

/** A sensor that spoke within this time is heard: quiet networks send a batch an hour, and nights are long. */
const heardMs = day;

export const isHeard = (at: Instant, now: Instant): boolean => now - at < heardMs;

/** Days whose counts make an alarm: today and yesterday, so that one at midnight is not missed. */
const alarmDays = 2;

/** What it fetched is old after this: lists change by the minute, and a link may be carried once a day. */
const oldMs = 26 * hour;

/**
 * What is to be said of a sensor, worst first; one at least.
 *
 * @param heardAt when it last sent anything
 * @param program version of waglan here
 */
export const conditionsOf = (
  standing: SensorStanding,
  heardAt: Instant | undefined,
  program: string,
  now: Instant,
): readonly [SensorCondition, ...SensorCondition[]] => {
  const recent = standing.days.filter(({ day: on }) => Date.parse(`${on}T00:00:00Z`) > now - alarmDays * day);
  const any = (of: (day: SensorDay) => number): boolean => recent.some((one) => of(one) > 0);
  const { state, pulled } = standing;
  const isOld = (pulled !== undefined && now - pulled > oldMs) || (state !== undefined && state.program !== program);
  const [first, ...others]: SensorCondition[] = [
    ...(heardAt !== undefined && !isHeard(heardAt, now) ? (["silent"] as const) : []),
    ...(any(({ lost, forgotten }) => lost + forgotten) || missingOf(standing) > 0 ? (["losing"] as const) : []),
    ...(any(({ lies }) => lies) ? (["lying"] as const) : []),
    ...(isOld ? (["old"] as const) : []),
  ];
  return first === undefined ? [state === undefined ? "new" : "well"] : [first, ...others];
};

/** Numbers between its first parcel and its newest that never came; one that is on its way is not missing yet. */
export const missingOf = ({ newest, parcels }: SensorStanding): number => Math.max(0, newest - parcels);
