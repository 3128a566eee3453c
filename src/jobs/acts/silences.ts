import type { SilenceNew, SilenceRow } from "#api/silence.ts";
import { may } from "#community/may.ts";
import type { Viewer } from "#community/viewer.ts";
import { parseInstant, printInstant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import { isRsitType } from "#core/rsit.ts";
import { no, ok } from "#core/result.ts";
import type { SilenceMatcher } from "#incidents/silence.ts";
import type { SeenSilence } from "#jobs/incidents/views.ts";
import { endSilence, silenceFindings } from "#jobs/findings/silence-findings.ts";
import type { Language } from "#words/language.ts";
import { actOnce } from "./act-once.ts";
import type { Desk } from "./desk.ts";
import { feedTitle } from "./feed-named.ts";
import type { IncidentActs } from "./port.ts";
import { keyOf, nameOf, organisationName } from "./who.ts";

/** Silences that are listed at once. */
const listedAtMost = 200;

/** Findings that staff wants to hear nothing of for a while. */
export const silenceActs = (desk: Desk): Pick<IncidentActs, "silences" | "silence" | "endSilence"> => ({
  silences: async (viewer, { language }) => (decides(viewer) ? ok(await list(desk, language)) : no("WGL_ABSENT")),

  silence: async (viewer, body, ask) => {
    if (!decides(viewer)) return no("WGL_ABSENT");
    const until = parseInstant(body.until);
    if (!until.ok) return until;
    const { organisation } = body;
    if (organisation !== undefined && desk.directory.known.organisation(organisation as OrganisationId) === undefined)
      return no("WGL_ABSENT");
    const now = desk.now();
    const id = desk.idOf(
      "silence",
      ask.key === undefined ? Buffer.from(desk.random(16)).toString("hex") : `${keyOf(viewer)} ${ask.key}`,
    );
    const silence = {
      ...{ id, matcher: matcherOf(body), reason: body.reason.trim(), who: await nameOf(desk, viewer) },
      ...{ at: now, until: until.value },
    };
    const did = await actOnce(desk, viewer, "silence", ask.key, (state) => silenceFindings(state, silence, now));
    if (!did.ok) return did;
    const made = (await desk.views.silences(now, listedAtMost)).find((one) => one.id === id);
    return made === undefined ? no("WGL_ABSENT") : ok(rowOf(desk, made, ask.language));
  },

  endSilence: async (viewer, id, { reason }, ask) => {
    if (!decides(viewer)) return no("WGL_ABSENT");
    const who = await nameOf(desk, viewer);
    const did = await actOnce(desk, viewer, `end silence ${id}`, ask.key, (state) =>
      endSilence(state, { id, who, reason: reason.trim() }, desk.now()),
    );
    if (!did.ok) return did;
    desk.woke("alert");
    return ok(await list(desk, ask.language));
  },
});

const decides = (viewer: Viewer): boolean => viewer.kind === "staff" && may(viewer, "findings.decide");

const list = async (desk: Desk, language: Language) => ({
  silences: (await desk.views.silences(desk.now(), listedAtMost)).map((one) => rowOf(desk, one, language)),
});

const matcherOf = ({ organisation, asset, problem, detector, source }: SilenceNew): SilenceMatcher => ({
  ...(organisation === undefined ? {} : { organisation }),
  ...(asset === undefined ? {} : { asset: asset.trim().toLowerCase() }),
  ...(problem !== undefined && isRsitType(problem) ? { problem } : {}),
  ...(detector === undefined ? {} : { detector }),
  ...(source === undefined ? {} : { source }),
});

const rowOf = (desk: Desk, one: SeenSilence, language: Language): SilenceRow => ({
  id: one.id,
  ...one.matcher,
  ...(one.matcher.organisation === undefined
    ? {}
    : { organisationName: organisationName(desk, one.matcher.organisation, language) }),
  ...(one.matcher.source === undefined ? {} : { sourceTitle: feedTitle(desk, one.matcher.source) }),
  ...{ reason: one.reason, who: one.who, at: printInstant(one.at), until: printInstant(one.until) },
  ...(one.ended === undefined ? {} : { ended: printInstant(one.ended) }),
  ...(one.endedBy === undefined ? {} : { endedBy: one.endedBy }),
  ...{ holds: one.holds, findings: one.findings, hits: one.hits },
});
