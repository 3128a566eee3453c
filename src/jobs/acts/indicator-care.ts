import type { CareHistory, ExclusionRow } from "#api/indicator-care.ts";
import { may } from "#community/may.ts";
import { scopeOf } from "#community/visibility.ts";
import { parseInstant, printInstant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import { readValue } from "#core/recognise.ts";
import type { ManagedList } from "#intel/care-ports.ts";
import type { CareEvent, DecidedValue, SeenVerdict, VerdictPlace } from "#jobs/collect/care-views.ts";
import { exclude, exclusionOfList, exclusionOfValue, include } from "#jobs/indicators/exclude.ts";
import { judgeIndicator } from "#jobs/indicators/judge.ts";
import type { Reweighed } from "#jobs/findings/reweigh.ts";
import { sayProblem } from "#words/say.ts";
import { actOnce } from "./act-once.ts";
import type { Desk } from "./desk.ts";
import { feedTitle } from "./feed-named.ts";
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
    const known = desk.exclusions();
    const { size, problems } = known;
    const aside = new Map<string, Set<number>>();
    for (const one of await desk.views.excludedFindings(scopeOf(viewer, "findings.read"), asideAtMost)) {
      const list = known.excluded(one)?.list ?? "";
      aside.set(list, (aside.get(list) ?? new Set()).add(one.finding));
    }
    return ok({
      exclusions: kept.map((one) => ({ ...rowOf(desk, one), findings: aside.get(one.id)?.size ?? 0 })),
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

  checkExclusion: async (viewer, text) => {
    if (!may(viewer, "sources.read")) return no("WGL_ABSENT");
    const read = readValue(text);
    if (!read.ok) return read;
    const { observable } = read.value;
    const found = desk.exclusions().excluded(observable);
    if (found === undefined) return ok({ ...observable });
    const kept = (await desk.state.act((tx) => tx.care.exclusionNames())).find((one) => one.id === found.list);
    const list = found.reason === "" ? found.list : found.reason;
    return ok({ ...observable, excluded: { list, ...(kept === undefined ? {} : { exclusion: idOf(desk, kept) }) } });
  },

  verdicts: async (viewer, { cursor, limit }) => {
    if (viewer.kind !== "staff" || !may(viewer, "sources.decide")) return no("WGL_ABSENT");
    const place = cursor === undefined ? undefined : readPlace(cursor);
    if (cursor !== undefined && place === undefined) return no("WGL_CURSOR");
    const rows = await desk.views.verdicts(scopeOf(viewer, "indicators.read"), place, limit + 1);
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return ok({
      verdicts: rows.slice(0, limit).map(({ about, feed, who, reason, at, findings, parties }) => ({
        ...{ ...valueOf(about), who, reason, at: printInstant(at), findings, parties },
        ...(feed === undefined ? {} : { source: { id: feed, title: feedTitle(desk, feed) } }),
      })),
      ...(last === undefined ? {} : { next: writePlace(last) }),
    });
  },

  careHistory: async (viewer, { cursor, limit }) => {
    if (viewer.kind !== "staff" || !may(viewer, "sources.decide")) return no("WGL_ABSENT");
    if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) return no("WGL_CURSOR");
    const before = cursor === undefined ? undefined : Number(cursor);
    const rows = await desk.views.careEvents(scopeOf(viewer, "indicators.read"), before, limit + 1);
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return ok({
      events: rows.slice(0, limit).map((one) => eventOf(desk, one)),
      ...(last === undefined ? {} : { next: String(last.n) }),
    });
  },
});

/** Findings that are gone through to say which exclusion keeps them aside. */
const asideAtMost = 5000;

const valueOf = ({ id, kind, value, tlp }: DecidedValue) => ({ indicator: id, kind, value, tlp });

/** Of what was decided in the past only the evidence speaks. */
const eventOf = (desk: Desk, { at, act, about, subject, data }: CareEvent): CareHistory["events"][number] => {
  const text = (name: string): string | undefined =>
    typeof data[name] === "string" && data[name] !== "" ? data[name] : undefined;
  const count = (name: string): number | undefined => (typeof data[name] === "number" ? data[name] : undefined);
  const [who, feed, entries] = [text("who"), text("feed"), count("entries")];
  const [takenBack, restored] = [count("takenBack"), count("restored")];
  const did =
    act === "exclude"
      ? "excluded"
      : act === "include"
        ? "let-in"
        : data["verdict"] === "false"
          ? "judged-false"
          : "restored";
  return {
    ...{ at: printInstant(at), act: did, reason: text("reason") ?? "" },
    ...(about === undefined ? { exclusion: excludedName(subject, text("name")) } : { about: valueOf(about) }),
    ...(entries === undefined ? {} : { entries }),
    ...(feed === undefined ? {} : { source: { id: feed, title: feedTitle(desk, feed) } }),
    ...(who === undefined ? {} : { who }),
    ...(takenBack === undefined ? {} : { takenBack }),
    ...(restored === undefined ? {} : { restored }),
  };
};

/** "exclusion value domain:shop.example" is the value; of a list, its title where the leaf has it. */
const excludedName = (subject: string, title: string | undefined): string =>
  /^exclusion value [a-z0-9]+:(.*)$/s.exec(subject)?.[1] ?? title ?? subject.replace(/^exclusion /, "");

const writePlace = ({ at, about, feed = "" }: SeenVerdict): string => `${at}_${about.id}_${feed}`;

const readPlace = (text: string): VerdictPlace | undefined => {
  const [, at, indicator, feed] = /^(\d{1,15})_([0-9a-f-]{36})_([A-Za-z0-9.:~_-]*)$/.exec(text) ?? [];
  return at === undefined || indicator === undefined || feed === undefined
    ? undefined
    : { at: Number(at) as VerdictPlace["at"], indicator, feed };
};

const idOf = (desk: Desk, { id }: { readonly id: string }): string => desk.idOf("exclusion", id);

const rowOf = (desk: Desk, one: Omit<ManagedList, "values"> & { readonly entries: number }): ExclusionRow => ({
  id: idOf(desk, one),
  ...{ name: one.name, type: one.type, entries: one.entries, who: one.who, reason: one.reason },
  at: printInstant(one.at),
  ...(one.id.startsWith("value ") ? { value: one.id.slice(one.id.indexOf(":") + 1) } : {}),
  ...(one.until === undefined ? {} : { until: printInstant(one.until) }),
});
