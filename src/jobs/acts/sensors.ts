import type { Parcel, ParcelContent, SensorInside } from "#api/sensor.ts";
import { may } from "#community/may.ts";
import type { Sensor } from "#community/sensor.ts";
import type { SensorViewer, Viewer } from "#community/viewer.ts";
import { errors, type ErrorCode } from "#core/errors.ts";
import { after, day, instant, type Instant, printInstant } from "#core/instant.ts";
import { no, ok, problem } from "#core/result.ts";
import { giveAsks } from "#jobs/sensors/asks.ts";
import { giveKnowledge, type Giving } from "#jobs/sensors/knowledge.ts";
import { linesOf } from "#jobs/sensors/parcel-lines.ts";
import type { SensorDay, SensorStanding, TakenParcel } from "#jobs/sensors/port.ts";
import { giveRules, noRules, type RulesToGive } from "#jobs/sensors/rules.ts";
import type { Language } from "#words/language.ts";
import { sayProblem } from "#words/say.ts";
import type { Desk } from "./desk.ts";
import type { SensorActs } from "./port.ts";
import { conditionsOf, missingOf } from "./sensor-conditions.ts";
import { organisationName } from "./who.ts";

/** What sensors inside organisations are given, and what their organisations see of it. */
export const sensorActs = (desk: Desk): SensorActs => ({
  sensorKnowledge: async (viewer, since) => {
    const [sensor, giving] = [sensorOf(desk, viewer), givingOf(desk)];
    const given = sensor && giving && (await giveKnowledge(giving, sensor, since, desk.now()));
    return given === undefined ? no("WGL_ABSENT") : ok(given);
  },

  sensorRules: async (viewer, has) => {
    const sensor = sensorOf(desk, viewer);
    const rules = rulesOf(desk);
    const given = sensor && (await giveRules(desk.state, desk.directory.known, rules, sensor, has, desk.now()));
    return given === undefined ? no("WGL_ABSENT") : ok(given);
  },

  sensorAsks: async (viewer) => {
    const sensor = sensorOf(desk, viewer);
    return sensor === undefined
      ? no("WGL_ABSENT")
      : ok(await giveAsks(desk.state, desk.directory.known, rulesOf(desk), sensor, desk.now()));
  },

  sensorsInside: async (viewer, { language }) => {
    const sensors = readable(desk, viewer);
    const now = desk.now();
    const [standings, heard] = await Promise.all([
      desk.views.sensorStandings(
        sensors.map(({ id }) => id),
        after(now, -daysShown * day),
      ),
      desk.views.sensors(),
    ]);
    return ok({
      sensors: sensors.flatMap((sensor) => {
        const standing = standings.get(sensor.id);
        return standing === undefined
          ? []
          : [insideOf(desk, sensor, standing, heard.get(sensor.id)?.at, language, now)];
      }),
    });
  },

  parcels: async (viewer, { sensor, cursor, limit }) => {
    const sensors = readable(desk, viewer).filter(({ id }) => sensor === undefined || id === sensor);
    if (sensor !== undefined && sensors.length === 0) return no("WGL_ABSENT");
    const before = cursor === undefined ? undefined : readPlace(cursor);
    if (cursor !== undefined && before === undefined) return no("WGL_CURSOR");
    const found = await desk.views.parcels(
      sensors.map(({ id }) => id),
      before,
      limit + 1,
    );
    const last = found.length > limit ? found[limit - 1] : undefined;
    return ok({
      parcels: found.slice(0, limit).map((one) => shown(desk, one)),
      ...(last === undefined ? {} : { next: `${last.received}.${last.id}` }),
    });
  },

  parcel: async (viewer, id, { from, limit }, { language }) => {
    const found = await desk.views.parcel(
      readable(desk, viewer).map((one) => one.id),
      id,
    );
    if (found === undefined) return no("WGL_ABSENT");
    const { body, problems } = found;
    const why = new Map(problems.map((one) => [one.line, sayProblem(language, one.problem)]));
    const read = body === undefined ? { lines: [] } : await linesOf(body, from, limit);
    return ok({
      ...{ parcel: shown(desk, found), kept: body !== undefined },
      lines: read.lines.map(({ line, kind, text }): ParcelContent["lines"][number] => {
        const refused = why.get(line);
        return { line, kind, text, ...(refused === undefined ? {} : { refused }) };
      }),
      ...(read.next === undefined ? {} : { next: read.next }),
    });
  },

  parcelBody: async (viewer, id) => {
    const found = await desk.views.parcel(
      readable(desk, viewer).map((one) => one.id),
      id,
    );
    if (found?.body === undefined) return no("WGL_ABSENT");
    return ok({ packed: found.body, name: `${found.number ?? id}` });
  },
});

const rulesOf = (desk: Desk): RulesToGive => desk.sensors?.rules() ?? noRules;

const daysShown = 7;

const sensorOf = (desk: Desk, { sensor }: SensorViewer): Sensor | undefined => desk.directory.known.sensor(sensor);

/** Undefined: this process gives nothing to sensors. */
const givingOf = (desk: Desk): Giving | undefined =>
  desk.sensors && {
    ...{ state: desk.state, views: desk.views, idOf: desk.idOf, ...desk.sensors },
    known: () => desk.directory.known,
  };

/** Their own organisations' sensors; staff all, where they may read what is found. */
const readable = (desk: Desk, viewer: Viewer): readonly Sensor[] =>
  desk.directory.known.directory.sensors.filter(({ organisation }) =>
    viewer.kind === "staff" ? may(viewer, "findings.decide") : may(viewer, "own.read", organisation),
  );

/** "1763712000000.7c1f…": time and id of the last one read. */
const readPlace = (cursor: string): { readonly received: Instant; readonly id: string } | undefined => {
  const [, received, id] = /^(\d{1,15})\.([0-9a-f]{32})$/.exec(cursor) ?? [];
  return received === undefined || id === undefined ? undefined : { received: instant(Number(received)), id };
};

const shown = (desk: Desk, { id, sensor, number, made, received, ...rest }: TakenParcel): Parcel => ({
  ...{ id, sensor: { id: sensor, name: desk.directory.known.sensor(sensor)?.title ?? sensor } },
  ...(number === undefined ? {} : { number }),
  ...(made === undefined ? {} : { made: printInstant(made) }),
  received: printInstant(received),
  ...{ bytes: rest.bytes, counts: { ...rest.counts }, refused: { ...rest.refused } },
  ...{ hits: rest.hits, whole: rest.whole },
});

const insideOf = (
  desk: Desk,
  sensor: Sensor,
  standing: SensorStanding,
  heardAt: Instant | undefined,
  language: Language,
  now: Instant,
): SensorInside => {
  const { state, pulled, cursor, days, parcels } = standing;
  return {
    ...{ id: sensor.id, key: sensor.key, title: sensor.title },
    organisation: { id: sensor.organisation, name: organisationName(desk, sensor.organisation, language) },
    conditions: [...conditionsOf(standing, heardAt, desk.sensors?.version ?? state?.program ?? "", now)],
    ...(pulled === undefined ? {} : { fetched: printInstant(pulled) }),
    ...(state === undefined
      ? {}
      : {
          ...{ program: state.program, said: printInstant(state.at), lagMs: state.lagMs, waiting: state.waiting },
          ...{ memory: state.memory, diskUsed: state.disk.used, diskFree: state.disk.free },
          knowledge: state.cursor !== undefined && state.cursor === cursor ? ("current" as const) : ("behind" as const),
        }),
    ...{ parcels, missing: missingOf(standing) },
    days: days.map(({ reasons: _reasons, ...one }) => one),
    reasons: reasonsOf(days, language),
  };
};

/** Reasons shown of a sensor. */
const reasonsShown = 10;

const reasonsOf = (days: readonly SensorDay[], language: Language): SensorInside["reasons"] => {
  const sums = new Map<string, number>();
  for (const { reasons } of days)
    for (const [name, n] of Object.entries(reasons)) sums.set(name, (sums.get(name) ?? 0) + n);
  return [...sums]
    .toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .slice(0, reasonsShown)
    .map(([name, n]) => {
      const [format = "", reason = ""] = name.split(/ (.*)/s);
      return { format, reason, says: isCode(reason) ? inGeneral(language, reason) : reason, n };
    });
};

/** A sentence of the table of errors without what it was about: a sensor counts reasons and keeps no values. */
const inGeneral = (language: Language, code: ErrorCode): string =>
  sayProblem(language, problem(code)).replaceAll(/\{\w+\}/g, "…");

const isCode = (reason: string): reason is ErrorCode => Object.hasOwn(errors, reason);
