import type { ExclusionRow } from "#api/indicator-care.ts";
import { may } from "#community/may.ts";
import { parseInstant, printInstant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import { readValue } from "#core/recognise.ts";
import type { ManagedList } from "#intel/care-ports.ts";
import { exclude, exclusionOfList, exclusionOfValue, include } from "#jobs/exclude.ts";
import { judgeIndicator } from "#jobs/judge-indicator.ts";
import type { Reweighed } from "#jobs/reweigh.ts";
import { sayProblem } from "#words/say.ts";
import { actOnce } from "./act-once.ts";
import type { Desk } from "./desk.ts";
import type { CareActs } from "./port.ts";
import { nameOf } from "./who.ts";

/** What staff judges false or puts aside, and lets in again. */
export const careActs = (desk: Desk): CareActs => ({
  judgeIndicator: async (viewer, id, { verdict, source, reason }, ask) => {
    if (viewer.kind !== "staff" || !may(viewer, "sources.decide")) return no("WGL_ABSENT");
    const who = await nameOf(desk, viewer);
    const judging = { indicator: id, verdict, who, reason, ...(source === undefined ? {} : { feed: source }) };
    const known = desk.exclusions();
    let weighed: Reweighed = { weighed: 0, takenBack: 0, restored: 0 };
    const did = await actOnce(desk, viewer, `judge ${verdict} ${source ?? ""} ${id}`, ask.key, async (state) => {
      const judged = await judgeIndicator(state, judging, (value) => known.excluded(value) !== undefined, desk.now());
      if (judged.ok) weighed = judged.value;
      return judged;
    });
    if (!did.ok) return did;
    desk.woke("alert");
    return ok({ weighed: weighed.weighed, takenBack: weighed.takenBack, restored: weighed.restored });
  },

  exclusions: async (viewer, { language }) => {
    if (!may(viewer, "sources.read")) return no("WGL_ABSENT");
    const kept = await desk.state.act((tx) => tx.care.exclusionNames());
    const { size, problems } = desk.exclusions();
    return ok({
      exclusions: kept.map((one) => rowOf(desk, one)),
      inForce: size,
      refused: problems.map(({ list, count, first }) => ({
        ...{ list, count, code: first.code, says: sayProblem(language, first) },
      })),
    });
  },

  exclude: async (viewer, body, ask) => {
    if (viewer.kind !== "staff" || !may(viewer, "sources.decide")) return no("WGL_ABSENT");
    const { value, list, reason } = body;
    const now = desk.now();
    const until = body.until === undefined ? undefined : parseInstant(body.until);
    if (until?.ok === false) return until;
    const deciding = {
      who: await nameOf(desk, viewer),
      reason,
      ...(until === undefined ? {} : { until: until.value }),
    };
    let wanted: Result<ManagedList>;
    if (value !== undefined && list === undefined) {
      const read = readValue(value);
      wanted = read.ok ? ok(exclusionOfValue(read.value.observable, deciding, now)) : read;
    } else if (value === undefined && list !== undefined)
      wanted = exclusionOfList(Buffer.from(list.base64, "base64"), list.name, deciding, now);
    else return no("WGL_EXCLUSION_WHAT");
    if (!wanted.ok) return wanted;
    const put = wanted.value;
    const did = await actOnce(desk, viewer, `exclude ${put.id}`, ask.key, (state) => exclude(state, put, now));
    if (!did.ok) return did;
    desk.woke("exclusions");
    desk.woke("reweigh");
    return ok(rowOf(desk, { ...put, entries: put.values.length }));
  },

  endExclusion: async (viewer, id, { reason }, ask) => {
    if (viewer.kind !== "staff" || !may(viewer, "sources.decide")) return no("WGL_ABSENT");
    const who = await nameOf(desk, viewer);
    const kept = await desk.state.act((tx) => tx.care.exclusionNames());
    const found = kept.find((one) => idOf(desk, one) === id);
    if (!found) return no("WGL_ABSENT");
    const did = await actOnce(desk, viewer, `include ${id}`, ask.key, (state) =>
      include(state, found.id, { who, reason }, desk.now()),
    );
    if (!did.ok) return did;
    desk.woke("exclusions");
    desk.woke("reweigh");
    return ok(undefined);
  },
});

const idOf = (desk: Desk, { id }: { readonly id: string }): string => desk.idOf("exclusion", id);

const rowOf = (desk: Desk, one: Omit<ManagedList, "values"> & { readonly entries: number }): ExclusionRow => ({
  id: idOf(desk, one),
  ...{ name: one.name, type: one.type, entries: one.entries, who: one.who, reason: one.reason },
  at: printInstant(one.at),
  ...(one.id.startsWith("value ") ? { value: one.id.slice(one.id.indexOf(":") + 1) } : {}),
  ...(one.until === undefined ? {} : { until: printInstant(one.until) }),
});
