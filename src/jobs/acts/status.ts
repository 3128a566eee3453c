import type { Status } from "#api/status.ts";
import { may } from "#community/may.ts";
import type { Viewer } from "#community/viewer.ts";
import { scopeOf, visible } from "#community/visibility.ts";
import { day, type Instant, printInstant } from "#core/instant.ts";
import type { Language } from "#words/language.ts";
import type { Desk } from "./desk.ts";
import { sourceNamed } from "./feed-named.ts";
import { stateOfSource } from "./source-state.ts";

/** A sensor that spoke within this time is heard: quiet networks send a batch an hour, and nights are long. */
const heardMs = day;

/**
 * How the platform does, in a line. Staff are given the whole. Others get what concerns them: their own sensors, and
 * the sources that speak openly; how much mail goes to other organisations is nothing of theirs.
 */
export const statusOf = async (desk: Desk, viewer: Viewer, language: Language): Promise<Status> => {
  const now = desk.now();
  const [sources, sensors] = await Promise.all([desk.views.sources(), desk.views.sensors()]);
  const staff = viewer.kind === "staff";
  const scope = scopeOf(viewer);
  const states = new Map(sources.map((one) => [one.state.feed, one.state]));
  const shown = [...new Set([...desk.sources().map((one) => one.feed.id), ...states.keys()])].flatMap((id) => {
    const source = sourceNamed(desk, id);
    const state = states.get(id);
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
  };
};

export const isHeard = (at: Instant, now: Instant): boolean => now - at < heardMs;
