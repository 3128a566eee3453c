import type { IncidentDetail, IncidentRow } from "#api/incident.ts";
import { may } from "#community/may.ts";
import type { Viewer } from "#community/viewer.ts";
import { scopeOf } from "#community/visibility.ts";
import { type Instant, printInstant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import { incidentRisk } from "#incidents/risk.ts";
import { chainOf } from "#incidents/tactics.ts";
import { organisationsAtLeast } from "#intel/scorecard.ts";
import { decideIncident, incidentActsOn } from "#jobs/incidents/decide.ts";
import type { IncidentPlace, SeenIncident, SeenIncidentDetail } from "#jobs/incidents/views.ts";
import { refuteStep } from "#jobs/findings/refute-step.ts";
import type { Language } from "#words/language.ts";
import { actOnce } from "./act-once.ts";
import { attackActs } from "./attack.ts";
import { becauseOf } from "./because.ts";
import type { Desk } from "./desk.ts";
import { feedTitle } from "./feed-named.ts";
import { findingRef, findingRow, incidentRef } from "./finding-row.ts";
import { titleOf } from "./finding-title.ts";
import { showFound } from "./findings.ts";
import { knownTo } from "./known-to.ts";
import type { Ask, IncidentActs } from "./port.ts";
import { silenceActs } from "./silences.ts";
import { nameOf, organisationName } from "./who.ts";

/** Findings whose reasons stand on an incident's page. */
const toldFully = 8;

/** Potential incidents: staff's wholes, and what an organisation may know of its own. */
export const incidentActs = (desk: Desk): IncidentActs => ({
  ...silenceActs(desk),
  ...attackActs(desk),

  incidents: async (viewer, { view, organisation, cursor, limit }, { language }) => {
    if (!may(viewer, "incidents.read")) return no("WGL_ABSENT");
    const after = cursor === undefined ? undefined : readPlace(cursor);
    if (cursor !== undefined && after === undefined) return no("WGL_CURSOR");
    const seen = await desk.views.incidents(scopeOf(viewer, "incidents.read"), {
      ...{ view, limit: limit + 1 },
      ...(organisation === undefined ? {} : { organisation }),
      ...(after === undefined ? {} : { after }),
    });
    const last = seen.incidents.length > limit ? seen.incidents[limit - 1] : undefined;
    return ok({
      incidents: seen.incidents.slice(0, limit).map((one) => rowOf(desk, one, language)),
      ...(last === undefined ? {} : { next: writePlace(last.place) }),
      counts: { ...seen.counts },
    });
  },

  incident: (viewer, id, ask) => show(desk, viewer, id, ask),

  doIncident: async (viewer, id, { act, reason }, ask) => {
    if (viewer.kind !== "staff" || !may(viewer, "incidents.decide")) return no("WGL_ABSENT");
    // by the id it has now, so that the same act under either name is one
    const seen = await desk.views.incident(scopeOf(viewer, "incidents.decide"), id);
    if (seen === undefined) return no("WGL_ABSENT");
    const deciding = {
      ...{ incident: seen.incident.id, act, who: await nameOf(desk, viewer) },
      ...(reason === undefined ? {} : { reason }),
    };
    const did = await actOnce(desk, viewer, `incident ${act} ${seen.incident.id}`, ask.key, (state) =>
      decideIncident(state, deciding, desk.now()),
    );
    return did.ok ? show(desk, viewer, id, ask) : did;
  },

  takeStepBack: async (viewer, id, { kind, id: step, stands, reason = "" }, ask) => {
    if (viewer.kind !== "staff" || !may(viewer, "findings.decide")) return no("WGL_ABSENT");
    if ((await desk.views.finding(scopeOf(viewer, "findings.decide"), id)) === undefined) return no("WGL_ABSENT");
    const refuting = {
      ...{ finding: id, step: kind === "hit" ? { hit: step } : { source: step } },
      ...{ stands, reason, who: await nameOf(desk, viewer) },
    };
    const excluded = desk.exclusions();
    const did = await actOnce(desk, viewer, `step ${stands} ${kind} ${step} ${id}`, ask.key, (state) =>
      refuteStep(state, refuting, (value) => excluded.excluded(value) !== undefined, desk.now()),
    );
    if (!did.ok) return did;
    desk.woke("alert");
    return showFound(desk, viewer, id, ask);
  },
});

const show = async (desk: Desk, viewer: Viewer, id: string, { language }: Ask): Promise<Result<IncidentDetail>> => {
  if (!may(viewer, "incidents.read")) return no("WGL_ABSENT");
  const scope = scopeOf(viewer, "incidents.read");
  const seen = await desk.views.incident(scope, id);
  if (seen === undefined) return no("WGL_ABSENT");
  const staff = viewer.kind === "staff";
  const state = seen.incident.state;
  return ok({
    incident: rowOf(desk, seen.incident, language),
    findings: seen.findings.map((finding) => findingRow(desk, finding, staff, language)),
    because: await becauseOfAll(desk, viewer, seen, language),
    entities: seen.entities.map(({ risks, first, last, ...entity }) => ({
      ...{ ...entity, risk: incidentRisk(risks, 1), first: printInstant(first), last: printInstant(last) },
    })),
    quiet: seen.quiet.map(({ feed, asset, severity, hits, last }) => ({
      ...{ source: feed, title: feedTitle(desk, feed), asset, severity, hits, last: printInstant(last) },
    })),
    ...(staff || seen.others < organisationsAtLeast
      ? {}
      : { others: Math.floor(seen.others / organisationsAtLeast) * organisationsAtLeast }),
    acts: state !== undefined && may(viewer, "incidents.decide") ? [...incidentActsOn(state)] : [],
  });
};

const becauseOfAll = async (
  desk: Desk,
  viewer: Viewer,
  { findings }: SeenIncidentDetail,
  language: Language,
): Promise<IncidentDetail["because"]> => {
  const scope = scopeOf(viewer, "incidents.read");
  const told: IncidentDetail["because"][number][] = [];
  for (const one of findings.slice(0, toldFully)) {
    const seen = await desk.views.finding(scope, one.id);
    if (seen === undefined) continue;
    const steps = becauseOf(desk, knownTo(viewer, seen), language).filter(({ step }) => step !== "also");
    told.push({ finding: one.id, ref: findingRef(one.id), title: titleOf(one, language), steps });
  }
  return told;
};

const rowOf = (desk: Desk, seen: SeenIncident, language: Language): IncidentRow => ({
  ...{ id: seen.id, ref: incidentRef(seen.id), title: titleOf(seen.worst, language), problem: { ...seen.problem } },
  ...(seen.state === undefined ? {} : { state: seen.state }),
  ...{ risk: seen.risk, severity: seen.severity },
  organisations: seen.organisations.map((id) => ({ id, name: organisationName(desk, id, language) })),
  chain: chainOf(seen.shown).map(({ name, first, last, hits }) => ({
    ...{ tactic: name, first: printInstant(first), last: printInstant(last), hits },
  })),
  ...{ findings: seen.findings, open: seen.open, muted: seen.muted, hits: seen.hits },
  ...{ firstSeen: printInstant(seen.firstSeen), lastSeen: printInstant(seen.lastSeen) },
});

const writePlace = ({ risk, last, id }: IncidentPlace): string => `${risk}.${last}.${id}`;

const readPlace = (text: string): IncidentPlace | undefined => {
  const [, risk, last, id] = /^(\d{1,3})\.(\d{1,15})\.([0-9a-f-]{36})$/.exec(text) ?? [];
  return risk === undefined || last === undefined || id === undefined
    ? undefined
    : { risk: Number(risk), last: Number(last) as Instant, id };
};
