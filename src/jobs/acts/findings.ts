import type { FindingDetail } from "#api/finding.ts";
import { may } from "#community/may.ts";
import type { Permission } from "#community/roles.ts";
import type { Viewer } from "#community/viewer.ts";
import { scopeOf } from "#community/visibility.ts";
import { parseInstant, printInstant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { Ask, FindingActs } from "./port.ts";
import { answer } from "#jobs/alerts/answer.ts";
import { decide } from "#jobs/decide.ts";
import { readFindingsCursor } from "#jobs/findings/findings-cursor.ts";
import type { FindingSeen } from "#jobs/views.ts";
import { actOnce } from "./act-once.ts";
import type { Desk } from "./desk.ts";
import { findingRow, refSought } from "./finding-row.ts";
import { knownTo } from "./known-to.ts";
import { namedLabels } from "./named-labels.ts";
import { titledWith } from "./finding-title.ts";
import { showFinding } from "./show-finding.ts";
import { nameOf, organisationName } from "./who.ts";

/** Findings, for staff and for the organisations concerned. */
export const findingActs = (desk: Desk): FindingActs => ({
  findings: async (viewer, asked, { language }) => {
    if (asked.cursor !== undefined && readFindingsCursor(asked.cursor) === undefined) return no("WGL_CURSOR");
    const scope = scopeOf(viewer, "findings.read");
    const text = asked.search?.replaceAll("\0", "").trim();
    const seen = await desk.views.findings(scope, {
      view: asked.view,
      limit: asked.limit,
      now: desk.now(),
      ...(asked.organisation === undefined ? {} : { organisation: asked.organisation }),
      ...(asked.severity === undefined ? {} : { severity: asked.severity }),
      ...(asked.cursor === undefined ? {} : { cursor: asked.cursor }),
      ...(text ? { text: refSought(text), titled: titledWith(text, language) } : {}),
    });
    return ok({
      findings: seen.findings.map((finding) => findingRow(desk, finding, viewer.kind === "staff", language)),
      ...(seen.next === undefined ? {} : { next: seen.next }),
      counts: { ...seen.counts },
      groups: seen.groups.map((group) => ({
        organisation: { id: group.organisation, name: organisationName(desk, group.organisation, language) },
        findings: group.findings,
        critical: group.critical,
        oldest: printInstant(group.oldest),
      })),
      ...(seen.lastClosed === undefined ? {} : { lastClosed: printInstant(seen.lastClosed) }),
    });
  },

  finding: (viewer, id, ask) => showFound(desk, viewer, id, ask),

  doFinding: async (viewer, id, body, ask) => {
    if (viewer.kind !== "staff" || (await reach(desk, viewer, id, "findings.decide")) === undefined)
      return no("WGL_ABSENT");
    const until = body.until === undefined ? ok(undefined) : parseInstant(body.until);
    if (!until.ok) return until;
    const who = await nameOf(desk, viewer);
    const deciding = {
      finding: id,
      act: body.act,
      who,
      ...(until.value === undefined ? {} : { until: until.value }),
      ...(body.reason === undefined ? {} : { reason: body.reason }),
      maySee: () => true,
    };
    const did = await actOnce(desk, viewer, `finding ${body.act} ${id}`, ask.key, (state) =>
      decide(state, deciding, desk.now()),
    );
    if (!did.ok) return did;
    if (body.act === "release") desk.woke("alert");
    return showFound(desk, viewer, id, ask);
  },

  answerFinding: async (viewer, id, body, ask) => {
    const mayAnswer = (organisation: string): boolean =>
      viewer.kind !== "staff" && may(viewer, "findings.answer", organisation as OrganisationId);
    if ((await reach(desk, viewer, id, "findings.answer")) === undefined) return no("WGL_ABSENT");
    const who = await nameOf(desk, viewer);
    const answering = {
      finding: id,
      ...(viewer.kind === "person" ? { person: viewer.person } : {}),
      who,
      answer: body.answer,
      ...(body.note === undefined || body.note.trim() === "" ? {} : { note: body.note.trim() }),
      mayAnswer,
    };
    const did = await actOnce(desk, viewer, `answer ${body.answer} ${id}`, ask.key, (state) =>
      answer(state, answering, desk.now()),
    );
    return did.ok ? showFound(desk, viewer, id, ask) : did;
  },
});

/** The finding, when this viewer may reach it for this; what is hidden and what is not there look the same. */
const reach = (desk: Desk, viewer: Viewer, id: string, permission: Permission): Promise<FindingSeen | undefined> =>
  may(viewer, permission) ? desk.views.finding(scopeOf(viewer, permission), id) : Promise.resolve(undefined);

/** The finding's page, when this viewer may read it. */
export const showFound = async (desk: Desk, viewer: Viewer, id: string, ask: Ask): Promise<Result<FindingDetail>> => {
  const seen = await reach(desk, viewer, id, "findings.read");
  if (seen === undefined) return no("WGL_ABSENT");
  const known = knownTo(viewer, seen);
  const words = [
    ...[known.finding.problem.about, ...known.hits.flatMap((hit) => hit.attack)],
    ...known.sources.flatMap((source) => source.labels),
  ];
  return ok(showFinding(desk, viewer, seen, await namedLabels(desk, viewer, words), ask.language));
};
