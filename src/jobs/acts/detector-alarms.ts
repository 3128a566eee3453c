import type { Alarm } from "#api/status.ts";
import type { Sensor } from "#community/sensor.ts";
import { type Instant, minute, printInstant } from "#core/instant.ts";
import { skewUpTo } from "#detect/clock-skew.ts";
import type { PartitionStanding, SensorClock } from "#jobs/partitions/port.ts";
import type { Language } from "#words/language.ts";
import { say } from "#words/say.ts";
import { printTime } from "#words/time.ts";
import type { Desk } from "./desk.ts";
import { organisationName } from "./who.ts";

/** Facts that wait for longer are told: usually they are read within a second. */
const waitingMs = 10 * minute;

/** What detectors over time could not look at as they ought to: work that waits, and sensors whose times are off. */
export const detectorAlarms = async (
  desk: Desk,
  sensors: readonly Sensor[],
  staff: boolean,
  now: Instant,
  language: Language,
): Promise<readonly Alarm[]> => {
  const { clocks, standing } = await desk.state.act(async (tx) => ({
    clocks: await tx.partitions.sensorClocks(),
    standing: staff ? await tx.partitions.standing() : [],
  }));
  return [
    ...standing.flatMap((one) => waitingAlarm(desk, one, now, language)),
    ...sensors.flatMap((sensor) => {
      const clock = clocks.get(sensor.id);
      return clock ? clockAlarm(desk, sensor, clock, language) : [];
    }),
  ];
};

const waitingAlarm = (
  desk: Desk,
  { organisation, fresh, freshSince }: PartitionStanding,
  now: Instant,
  language: Language,
): readonly Alarm[] => {
  if (freshSince === undefined || now - freshSince < waitingMs) return [];
  const { zone } = desk.directory.known.directory.community;
  return [
    {
      ...{ about: "detectors", id: organisation, name: organisationName(desk, organisation, language), state: "late" },
      since: printInstant(freshSince),
      says: say(language, "acts.detectors.waiting", { count: fresh, time: printTime(language, freshSince, zone) }),
    },
  ];
};

const clockAlarm = (desk: Desk, sensor: Sensor, clock: SensorClock, language: Language): readonly Alarm[] => {
  const off = Math.abs(clock.behindMs);
  const says =
    clock.correctedMs !== 0
      ? clock.correctedMs < 0
        ? "acts.sensor.ahead"
        : "acts.sensor.behind"
      : clock.behindMs < -skewUpTo
        ? "acts.sensor.off"
        : clock.alone
          ? "acts.sensor.alone"
          : undefined;
  if (says === undefined) return [];
  const organisation = organisationName(desk, sensor.organisation, language);
  return [
    {
      ...{ about: "sensor", id: `${sensor.id} clock`, name: sensor.title, state: "failing" },
      since: printInstant(clock.at),
      says: say(language, says, { organisation, minutes: Math.round(off / minute) }),
    },
  ];
};
