import { after, type Instant } from "#core/instant.ts";
import { type Observable } from "#core/observable.ts";
import { no, ok, type Result } from "#core/result.ts";
import { readWarninglist } from "#feeds/warninglist.ts";
import type { ManagedList } from "#intel/care-ports.ts";
import { buildExclusions } from "#intel/exclusions.ts";
import { wantExcluded } from "#jobs/hunt/exclusion.ts";
import type { State, Tx } from "#jobs/ports.ts";
import { again } from "#jobs/findings/reweigh-queued.ts";

/** Who excludes or lets in again, and why. */
export interface Deciding {
  readonly who: string;
  readonly reason: string;
  /** Ends by itself then. */
  readonly until?: Instant;
}

/** Entries of one list kept here: MISP's largest has a million. */
const entriesAtMost = 2_000_000;

/** A value put aside by itself: "value domain:shop.example". */
export const exclusionOfValue = ({ kind, value }: Observable, deciding: Deciding, now: Instant): ManagedList => ({
  ...{ id: `value ${kind}:${value}`, name: deciding.reason.trim(), version: 0, type: "string", values: [value] },
  kinds: new Set([kind]),
  ...decided(deciding, now),
});

/**
 * A MISP warning list as it is published.
 *
 * @param name what it is called here: its file's name, whose list's reach it has (intel/list-reach.ts)
 * @returns problems WGL_BODY_… (no such list), WGL_EXCLUSION_ENTRIES
 */
export const exclusionOfList = (
  body: Uint8Array,
  name: string,
  deciding: Deciding,
  now: Instant,
): Result<ManagedList> => {
  const read = readWarninglist(body, name);
  if (!read.ok) return read;
  if (read.value.values.length > entriesAtMost)
    return no("WGL_EXCLUSION_ENTRIES", { entries: read.value.values.length, limit: entriesAtMost });
  // of a list without one entry that we can read nothing would be in force, and nobody would know
  if (buildExclusions([read.value]).size === 0 && read.value.id !== "sinkholes")
    return no("WGL_EXCLUSION_EMPTY", { name: read.value.name });
  return ok({ ...read.value, ...decided(deciding, now) });
};

const decided = ({ who, reason, until }: Deciding, now: Instant) => ({
  ...{ who, reason: reason.trim(), at: now },
  ...(until === undefined ? {} : { until }),
});

/**
 * Puts an exclusion up, in one transaction: it is in force in every process within a second, and what was found by
 * telemetry alone on what it names is weighed again. Members' own assets are not touched by any exclusion.
 *
 * @returns problems WGL_ACT_REASON, WGL_EXCLUSION_UNTIL
 */
export const exclude = (state: State, list: ManagedList, now: Instant): Promise<Result<void>> =>
  state.act(async (tx) => {
    if (list.reason === "") return no("WGL_ACT_REASON", { act: "exclude" });
    if (list.until !== undefined && list.until <= now) return no("WGL_EXCLUSION_UNTIL");
    const replaced = (await tx.care.exclusionLists()).find((one) => one.id === list.id);
    await tx.care.putExclusion(list);
    const { id, name, values, who, reason, until } = list;
    // entries that it has no more were kept out until now
    if (replaced !== undefined) await wantExcluded(tx, replaced, who, now);
    const data = {
      act: "exclude",
      name,
      entries: values.length,
      who,
      reason,
      ...(until === undefined ? {} : { until }),
    };
    await changed(tx, id, data, now);
    return ok(undefined);
  });

/**
 * Takes an exclusion down: what it had taken back stands again.
 *
 * @returns problems WGL_ABSENT, WGL_ACT_REASON
 */
export const include = (state: State, id: string, { who, reason }: Deciding, now: Instant): Promise<Result<void>> =>
  state.act(async (tx) => {
    if (reason.trim() === "") return no("WGL_ACT_REASON", { act: "include" });
    const ended = (await tx.care.exclusionLists()).find((one) => one.id === id);
    if (ended === undefined || !(await tx.care.dropExclusion(id))) return no("WGL_ABSENT");
    await wantExcluded(tx, ended, who, now);
    await changed(tx, id, { act: "include", who, reason }, now);
    return ok(undefined);
  });

/** Exclusions whose end has come. @returns how many */
export const endExclusions = (state: State, now: Instant): Promise<number> =>
  state.act(async (tx) => {
    const names = await tx.care.exclusionNames();
    if (!names.some(({ until }) => until !== undefined && until <= now)) return 0;
    const lists = await tx.care.exclusionLists();
    const ended = await tx.care.endExclusions(now);
    for (const list of lists.filter(({ id }) => ended.includes(id))) await wantExcluded(tx, list, "waglan", now);
    for (const id of ended) await changed(tx, id, { act: "include", reason: "its end came" }, now);
    return ended.length;
  });

const changed = async (tx: Tx, id: string, data: Readonly<Record<string, unknown>>, now: Instant): Promise<void> => {
  await tx.evidence.leaf({ kind: "policy", subject: `exclusion ${id}`, at: now, data });
  await tx.queue.put("reweigh", "exclusions", {}, now);
  // what a process recorded that had not heard of it yet
  await tx.queue.put("reweigh", "exclusions again", {}, after(now, again));
};
