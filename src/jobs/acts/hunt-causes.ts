import type { HuntCause as CauseShown } from "#api/hunt-cause.ts";
import { may } from "#community/may.ts";
import type { Viewer } from "#community/viewer.ts";
import { printInstant } from "#core/instant.ts";
import { no, ok } from "#core/result.ts";
import { cancelCause } from "#jobs/hunt/cause.ts";
import type { HuntCause } from "#jobs/hunt/cause-port.ts";
import type { Language } from "#words/language.ts";
import { sayProblem } from "#words/say.ts";
import type { Desk } from "./desk.ts";
import { sourceMet } from "./feed-named.ts";
import type { HuntCauseActs } from "./port.ts";
import { nameOf, organisationName } from "./who.ts";

/** Hunts that nobody asked for, for staff. */
export const huntCauseActs = (desk: Desk): HuntCauseActs => ({
  huntCauses: async (viewer, { cursor, limit }, { language }) => {
    if (!isHunter(viewer)) return no("WGL_ABSENT");
    if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) return no("WGL_CURSOR");
    const before = cursor === undefined ? undefined : Number(cursor);
    const found = await desk.state.act((tx) => tx.hunts.causes(before, limit + 1));
    const last = found.length > limit ? found[limit - 1] : undefined;
    return ok({
      hunts: found.slice(0, limit).map((one) => shown(desk, one, language)),
      ...(last === undefined ? {} : { next: String(last.n) }),
    });
  },

  cancelHuntCause: async (viewer, id, { reason }, { language }) => {
    if (!isHunter(viewer) || !/^\d{1,15}$/.test(id)) return no("WGL_ABSENT");
    const cancelled = await cancelCause(desk.state, Number(id), await nameOf(desk, viewer), reason, desk.now());
    return cancelled.ok ? ok(shown(desk, cancelled.value, language)) : cancelled;
  },
});

const isHunter = (viewer: Viewer): boolean => viewer.kind === "staff" && may(viewer, "findings.decide");

const shown = (desk: Desk, cause: HuntCause, language: Language): CauseShown => ({
  ...{ id: String(cause.n), kind: cause.kind, about: aboutOf(desk, cause, language), who: cause.who },
  ...{ at: printInstant(cause.at), state: cause.state, read: cause.read, found: cause.found, opened: cause.opened },
  ...(cause.begun === undefined ? {} : { begun: printInstant(cause.begun) }),
  ...(cause.ended === undefined ? {} : { ended: printInstant(cause.ended) }),
  ...(cause.problem === undefined
    ? {}
    : { problem: { code: cause.problem.code, says: sayProblem(language, cause.problem) } }),
});

const aboutOf = (desk: Desk, { kind, subject }: HuntCause, language: Language): string => {
  switch (kind) {
    case "feed":
      return sourceMet(desk, subject, undefined)?.feed.title ?? subject;
    case "rule": {
      // "… @1763712000000": correlations on their seam. "12 rules ef45dc99": many at once
      const rule = subject.replace(/ @\d+$/, "");
      return desk.ruleTitle?.(`rule:${rule}`) ?? rule.replace(/^(\d+) rules [0-9a-f]{8}$/, "Sigma × $1");
    }
    case "agreement":
    case "organisation":
      return organisationName(desk, subject, language) || subject;
    case "asset": {
      const [id = "", ...more] = subject.split(" ");
      const value = desk.directory.known.directory.assets.find((one) => one.id === id)?.value ?? id;
      // "… and 999 more": of an import
      return more.length === 0 ? value : `${value} +${more[1] ?? ""}`;
    }
    case "exclusion":
      // "value domain:shop.example @1763712000000": its id, and when it ended
      return subject.replace(/ @\d+$/, "").replace(/^value /, "");
  }
};
