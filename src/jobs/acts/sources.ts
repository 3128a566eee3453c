import type { SourceAct, SourceDetail, SourceRow, sourceActs as sourceActNames } from "#api/source.ts";
import { may } from "#community/may.ts";
import type { Viewer } from "#community/viewer.ts";
import { printGrade } from "#core/grade.ts";
import { printInstant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { Ask, SourceActs } from "./port.ts";
import type { FeedState, Turn } from "#intel/ports.ts";
import { nextTurn, type Source } from "#jobs/collect/feed.ts";
import { queueHushed } from "#jobs/recall/queue.ts";
import type { Language } from "#words/language.ts";
import { sayProblem } from "#words/say.ts";
import { actOnce } from "./act-once.ts";
import type { Desk } from "./desk.ts";
import { sourceMet } from "./feed-named.ts";
import { reasonOf } from "./source-reason.ts";
import { comesByItself, stateOfSource } from "./source-state.ts";
import { recordOf } from "./detector-record.ts";
import { scorecardOf } from "./scorecard.ts";
import { statusOf } from "./status.ts";
import { nameOf } from "./who.ts";

type Act = (typeof sourceActNames)[number];

export const sourceActs = (desk: Desk): SourceActs => ({
  sources: async (viewer, { language }) => {
    if (!may(viewer, "sources.read")) return no("WGL_ABSENT");
    const known = new Map((await desk.views.sources()).map((one) => [one.state.feed, one]));
    const ids = new Set([...desk.sources().map((one) => one.feed.id), ...known.keys()]);
    return ok({
      sources: [...ids].sort().flatMap((id) => {
        const source = sourceMet(desk, id, known.get(id)?.state);
        return source ? [rowOf(desk, source, known.get(id)?.state, known.get(id)?.last, language)] : [];
      }),
    });
  },

  source: (viewer, id, ask) => show(desk, viewer, id, ask),

  doSource: async (viewer, id, body, ask) => {
    if (viewer.kind !== "staff" || !may(viewer, "sources.decide")) return no("WGL_ABSENT");
    const found = await desk.views.source(id);
    const source = sourceMet(desk, id, found?.state);
    if (!source || !(found || isConfigured(desk, id))) return no("WGL_ABSENT");
    const who = await nameOf(desk, viewer);
    let collects: { readonly acceptHeld?: boolean } | undefined;
    const did = await actOnce(desk, viewer, `source ${body.act} ${id}`, ask.key, async (state) =>
      state.act(async (tx) => {
        const now = desk.now();
        const past = await tx.intel.feed(source.feed, !source.trusted);
        const mayNow = actsOf(desk, source, past);
        if (!mayNow.includes(body.act)) return no("WGL_SOURCE_ACT", { act: body.act, state: past.state });
        if (body.act === "speak" || body.act === "hush") await tx.intel.setShadow(id, body.act === "hush");
        if (body.act === "hush") await queueHushed(tx, now);
        if (body.act === "speak") await tx.hunts.want({ kind: "feed", subject: id, who }, now);
        if (body.act === "discard-held") await tx.intel.discardHeld(id, nextTurn(source.feed, 0, now, 0));
        if (body.act === "accept-held") collects = { acceptHeld: true };
        if (body.act === "collect") collects = {};
        if (body.act !== "collect")
          await tx.evidence.leaf({ kind: "policy", subject: `feed ${id}`, at: now, data: decided(body, who) });
        return ok(undefined);
      }),
    );
    if (!did.ok) return did;
    if (collects) await desk.collectNow(id, collects);
    return show(desk, viewer, id, ask);
  },

  status: async (viewer, { language }) => ok(await statusOf(desk, viewer, language)),
});

const decided = (body: SourceAct, who: string): Readonly<Record<string, unknown>> => ({
  act: body.act,
  who,
  ...(body.reason === undefined ? {} : { reason: body.reason }),
});

const isConfigured = (desk: Desk, id: string): boolean => desk.sources().some((one) => one.feed.id === id);

const actsOf = (desk: Desk, source: Source, state: FeedState | undefined): readonly Act[] => {
  const acts: Act[] = [(state?.shadow ?? !source.trusted) ? "speak" : "hush"];
  const comes = isConfigured(desk, source.feed.id) && comesByItself(source);
  if (state?.state === "held") acts.push(...(comes ? (["accept-held"] as const) : []), "discard-held");
  if (comes) acts.push("collect");
  return acts;
};

const show = async (desk: Desk, viewer: Viewer, id: string, { language }: Ask): Promise<Result<SourceDetail>> => {
  const found = may(viewer, "sources.read") ? await desk.views.source(id) : undefined;
  const source = sourceMet(desk, id, found?.state);
  if (!source || !may(viewer, "sources.read") || !(found || isConfigured(desk, id))) return no("WGL_ABSENT");
  const scorecard = found && (await scorecardOf(desk, found.state, found.turns));
  const record = await recordOf(desk, id);
  return ok({
    source: rowOf(desk, source, found?.state, found?.turns[0], language),
    ...(record === undefined ? {} : { record }),
    turns: (found?.turns ?? []).map((turn) => ({
      at: printInstant(turn.at),
      state: turn.state,
      ...(turn.reason === undefined ? {} : { reason: sayProblem(language, turn.reason) }),
      bytes: turn.bytes,
      ...countsOf(turn),
      tookMs: turn.tookMs,
    })),
    rejected: (found?.rejected ?? []).map(({ at, part, row, problem }) => ({
      at: printInstant(at),
      ...{ part, row },
      code: problem.code,
      says: sayProblem(language, problem),
    })),
    ...(scorecard === undefined ? {} : { scorecard }),
    acts: may(viewer, "sources.decide") ? [...actsOf(desk, source, found?.state)] : [],
  });
};

const countsOf = (turn: Turn): NonNullable<SourceRow["last"]> => ({
  rows: turn.rows,
  accepted: turn.accepted,
  rejected: Object.values(turn.rejected).reduce((sum, count) => sum + count, 0),
  added: turn.added,
  changed: turn.changed,
  delisted: turn.delisted,
  ...(turn.expired === undefined || turn.expired === 0 ? {} : { expired: turn.expired }),
});

const rowOf = (
  desk: Desk,
  source: Source,
  state: FeedState | undefined,
  last: Turn | undefined,
  language: Language,
): SourceRow => {
  const { feed } = source;
  const shown = stateOfSource(source, state, desk.now());
  const reason = reasonOf(desk, source, shown, state, language);
  return {
    id: feed.id,
    title: feed.title,
    publisher: feed.publisher,
    voice: feed.voice,
    licence: feed.licence,
    tlp: feed.tlp,
    grade: printGrade(feed.grade),
    shadow: state?.shadow ?? !source.trusted,
    state: shown,
    ...(reason === undefined ? {} : { reason }),
    everyMinutes: feed.everyMinutes,
    ...(state?.lastTurn === undefined ? {} : { lastTurn: printInstant(state.lastTurn) }),
    ...(state?.lastGood === undefined ? {} : { lastGood: printInstant(state.lastGood) }),
    ...(state?.nextTurn === undefined ? {} : { nextTurn: printInstant(state.nextTurn) }),
    indicators: state?.claims ?? 0,
    reports: state?.reports ?? 0,
    advisories: state?.advisories ?? 0,
    ...(state?.names === undefined ? {} : { names: state.names }),
    ...(last === undefined ? {} : { last: countsOf(last) }),
  };
};
