import { type Alarm, alarmStates, type Status } from "#api/status.ts";
import { may } from "#community/may.ts";
import type { Viewer } from "#community/viewer.ts";
import { scopeOf, visible } from "#community/visibility.ts";
import { after, day, hour, type Instant, printInstant } from "#core/instant.ts";
import type { Language } from "#words/language.ts";
import { say, sayProblem } from "#words/say.ts";
import { printTime } from "#words/time.ts";
import type { Desk } from "./desk.ts";
import type { Sensor } from "#community/sensor.ts";
import type { FeedState } from "#intel/ports.ts";
import type { Source } from "#jobs/collect/feed.ts";
import { isDetector } from "#jobs/findings/detector-source.ts";
import type { RuleTrouble } from "#jobs/rules/memory.ts";
import type { SensorStanding } from "#jobs/sensors/port.ts";
import { detectorAlarms } from "./detector-alarms.ts";
import { sourceMet } from "./feed-named.ts";
import { conditionsOf, isHeard } from "./sensor-conditions.ts";
import { reasonOf } from "./source-reason.ts";
import { stateOfSource } from "./source-state.ts";
import { organisationName } from "./who.ts";

/**
 * How the platform does, in a line. Staff are given the whole. Others get what concerns them: their own sensors, and
 * the sources that speak openly; how much mail goes to other organisations is nothing of theirs.
 */
export const statusOf = async (desk: Desk, viewer: Viewer, language: Language): Promise<Status> => {
  const now = desk.now();
  const [sources, sensors, standings] = await Promise.all([
    desk.views.sources(),
    desk.views.sensors(),
    desk.views.sensorStandings(
      desk.directory.known.directory.sensors.map(({ id }) => id),
      after(now, -standingMs),
    ),
  ]);
  const staff = viewer.kind === "staff";
  const scope = scopeOf(viewer);
  const states = new Map(sources.map((one) => [one.state.feed, one.state]));
  const ids = [...desk.sources().map((one) => one.feed.id), ...states.keys()].filter((id) => !isDetector(id));
  const shown = [...new Set(ids)].flatMap((id) => {
    const state = states.get(id);
    const source = sourceMet(desk, id, state);
    const open =
      source &&
      visible({ tlp: source.feed.tlp, pap: "clear", licence: "own" }, !(state?.shadow ?? !source.trusted), scope);
    return source && (staff || open) ? [{ source, state }] : [];
  });
  const own = desk.directory.known.directory.sensors.filter(
    (one) => staff || may(viewer, "own.read", one.organisation),
  );
  const heard = own.flatMap((one) => sensors.get(one.id) ?? []);
  const last = Math.max(...heard.map((one) => one.at));
  return {
    sources: {
      healthy: shown.filter(({ source, state }) => stateOfSource(source, state, now) === "healthy").length,
      total: shown.length,
    },
    sensors: { heard: heard.filter((one) => isHeard(one.at, now)).length, total: own.length },
    ...(heard.length === 0 ? {} : { lastEvent: printInstant(last as Instant) }),
    // what is open is counted up to AMBER, which is not for partners to know
    ...(staff || scope.audience === "member"
      ? { indicators: shown.reduce((sum, { state }) => sum + ((staff ? state?.claims : state?.claimsOpen) ?? 0), 0) }
      : {}),
    history: { on: desk.history.on(), says: desk.history.says(language) },
    mail: staff ? (await desk.views.totals(now)).mail : { waiting: 0, failed: 0 },
    alarms: [
      ...(may(viewer, "sources.read") ? shown.flatMap((one) => sourceAlarm(desk, one, now, language)) : []),
      ...(may(viewer, "sources.read") ? (desk.ruleTrouble?.() ?? []).map((one) => rulesAlarm(one, language)) : []),
      // who sent what to which address is staff's
      ...(staff ? await inputAlarms(desk, now, language) : []),
      ...own.flatMap((one) => sensorAlarm(desk, one, sensors.get(one.id)?.at, now, language)),
      ...own.flatMap((one) => insideAlarms(desk, one, standings.get(one.id), now, language)),
      ...(await detectorAlarms(desk, own, staff, now, language)),
    ]
      .sort((a, b) => ((a.since ?? "") < (b.since ?? "") ? -1 : 1))
      .slice(0, alarmsAtMost),
  };
};

/** A person reads a dozen; more are one cause. */
const alarmsAtMost = 100;

/** A source that protects nobody for now, or waits for a person. One that never gave anything is not missed. */
const sourceAlarm = (
  desk: Desk,
  { source, state }: { readonly source: Source; readonly state: FeedState | undefined },
  now: Instant,
  language: Language,
): readonly Alarm[] => {
  const shown = stateOfSource(source, state, now);
  const alarming = alarmStates.find((one) => one === shown);
  if (alarming === undefined) return [];
  const { id, title } = source.feed;
  return [
    {
      ...{ about: "source", id, name: title, state: alarming },
      ...(state?.lastGood === undefined ? {} : { since: printInstant(state.lastGood) }),
      says: reasonOf(desk, source, shown, state, language) ?? "",
    },
  ];
};

/** A folder of rules whose files are wrong, or that cannot be read: what it held before goes on. */
const rulesAlarm = ({ folder, since, problem, problems, kept }: RuleTrouble, language: Language): Alarm => ({
  ...{ about: "rules", id: folder, name: folder, state: "quarantined", since: printInstant(since) },
  says: say(language, kept ? "acts.rules.kept" : "acts.rules.partly", {
    problem: `${problem.at === undefined ? "" : `${problem.at}: `}${sayProblem(language, problem)}`,
    count: problems,
  }),
});

/** What reached an input within this time and was not taken is told. */
const droppedMs = hour;

const inputAlarms = async (desk: Desk, now: Instant, language: Language): Promise<readonly Alarm[]> => {
  const { zone } = desk.directory.known.directory.community;
  const drops = await desk.state.act((tx) => tx.inputs.drops(after(now, -droppedMs)));
  return drops.map(({ input, sensor, reason, n, detail, last }) => ({
    ...{ about: "input", id: `${input} ${sensor ?? ""} ${reason}`, state: "failing", since: printInstant(last) },
    name: sensor === undefined ? input : `${sensor} ${input}`,
    says: say(language, "acts.input.dropped", {
      reason: say(language, `acts.input.${reason}`),
      time: printTime(language, last, zone),
      ...{ count: n, detail },
    }),
  }));
};

/** A sensor that spoke and stopped; one that never spoke is being set up. */
const sensorAlarm = (
  desk: Desk,
  sensor: Sensor,
  heardAt: Instant | undefined,
  now: Instant,
  language: Language,
): readonly Alarm[] => {
  if (heardAt === undefined || isHeard(heardAt, now)) return [];
  const { zone } = desk.directory.known.directory.community;
  const organisation = organisationName(desk, sensor.organisation, language);
  return [
    {
      ...{ about: "sensor", id: sensor.id, name: sensor.title, state: "silent", since: printInstant(heardAt) },
      says: say(language, "acts.sensor.silent", { organisation, time: printTime(language, heardAt, zone) }),
    },
  ];
};

/** Days of a sensor inside an organisation whose counts are looked at. */
const standingMs = 2 * day;

const alarmOf = { old: "late", losing: "failing", lying: "quarantined" } as const;

/** A sensor inside an organisation that works with old knowledge, loses records, or said what is not true. */
const insideAlarms = (
  desk: Desk,
  sensor: Sensor,
  standing: SensorStanding | undefined,
  now: Instant,
  language: Language,
): readonly Alarm[] => {
  if (standing === undefined) return [];
  const { zone } = desk.directory.known.directory.community;
  const organisation = organisationName(desk, sensor.organisation, language);
  const { pulled, days } = standing;
  const time = pulled === undefined ? say(language, "inside.never") : printTime(language, pulled, zone);
  const says = {
    old: () => say(language, "inside.alarm.old", { organisation, time }),
    losing: () => say(language, "inside.alarm.losing", { organisation }),
    lying: () =>
      say(language, "inside.alarm.lying", { organisation, count: days.reduce((sum, { lies }) => sum + lies, 0) }),
  };
  return conditionsOf(standing, undefined, desk.sensors?.version ?? standing.state?.program ?? "", now).flatMap(
    (one) =>
      one === "old" || one === "losing" || one === "lying"
        ? [
            {
              ...({ about: "sensor", id: `${sensor.id} ${one}`, name: sensor.title, state: alarmOf[one] } as const),
              ...(pulled === undefined ? {} : { since: printInstant(pulled) }),
              says: says[one](),
            },
          ]
        : [],
  );
};
