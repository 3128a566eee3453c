import type { Group } from "#community/group.ts";
import type { Instant } from "#core/instant.ts";
import type { Licence, OrganisationId } from "#core/marking.ts";
import type { Problem } from "#core/result.ts";
import { isObject } from "#misp/own.ts";
import type { MispEvent } from "#misp/model.ts";
import { printEvent } from "#misp/print-event.ts";
import { readEvent } from "#misp/read-event.ts";
import { mispIds } from "#share/misp-ids.ts";
import { editEvent, keepEvent, type MispKeeping } from "./keep.ts";
import type { State, Tx } from "#jobs/ports.ts";

export interface KeepingMoved {
  readonly groups: readonly Group[];
  readonly anchor?: OrganisationId;
  /** What the community is called where an event names no author. */
  readonly community: string;
  readonly now: () => Instant;
  readonly uuid: () => string;
  /**
   * The instance moved in from was our own: its TLP and distribution say who may read. What a feed published has terms nobody
   * knows, and stays with the community's own people.
   */
  readonly exported: boolean;
}

/** Ids inside documents that nobody outside reads. */
const ids = mispIds("moved");

/**
 * Puts an event that moved in among those `/misp/` serves, as the community's: with its UUIDs, author, dates, tags and
 * distribution. It comes again as an edit, part by part where it is newer. What was deleted here stays deleted.
 * Where nobody speaks of TLP it is AMBER: who said nothing did not say "publish".
 *
 * @returns what of it was not kept
 */
export const keepMoved = async (tx: Tx, event: MispEvent, keeping: KeepingMoved): Promise<readonly Problem[]> => {
  const { uuid } = event;
  if (uuid === undefined) return [];
  const stamp = Number(event.timestamp ?? 0);
  // What has no time of its own in the document is as old as its event
  const place = { ...placeOf(keeping), ...(Number.isSafeInteger(stamp) && stamp > 0 ? { at: stamp } : {}) };
  await tx.misp.lock(uuid, undefined);
  if (await tx.misp.isGone(uuid, undefined)) return [];
  const held = await tx.misp.mine({ uuid }, undefined);
  const { Orgc } = event;
  const orgc =
    Orgc === undefined || Orgc.name === ""
      ? { name: keeping.community }
      : { name: Orgc.name, ...(Orgc.uuid === undefined ? {} : { uuid: Orgc.uuid }) };
  const kept =
    held === undefined
      ? await keepEvent(tx, event.info.trim() === "" ? { ...event, info: uuid } : event, orgc, place)
      : await editEvent(tx, held, printEvent(event).Event, place, true);
  if (!kept.ok) return [kept.problem];
  const sighted = await tx.misp.sightedOf(kept.value.event);
  await tx.queue.putAll(
    sighted.map((attribute) => ({ kind: "join-misp", key: `sighted ${attribute} `, payload: { sighted: attribute } })),
    keeping.now(),
  );
  return kept.value.problems;
};

/** Events of one transaction. */
const atOnce = 50;

/**
 * Events that moved in before `/misp/` served them are kept now; where they came from is not known any more.
 *
 * @returns how many
 */
export const keepMovedBefore = async (
  state: State,
  keeping: Omit<KeepingMoved, "exported">,
  told: (problem: Problem) => void,
): Promise<number> => {
  let after = "00000000-0000-0000-0000-000000000000";
  let count = 0;
  for (;;) {
    const last = await state.act(async (tx) => {
      const some = await tx.misp.movedUnkept(after, atOnce);
      for (const { uuid, body } of some) {
        const json: unknown = JSON.parse(body);
        const read = readEvent(isObject(json) ? json : {});
        const problems = read.ok
          ? await keepMoved(tx, { ...read.value.value, uuid }, { ...keeping, exported: false })
          : [read.problem];
        for (const one of problems) told({ ...one, at: `${uuid}${one.at ?? ""}` });
        count++;
      }
      return some.at(-1)?.uuid;
    });
    if (last === undefined) return count;
    after = last;
  }
};

const placeOf = ({ groups, anchor, now, uuid, exported }: KeepingMoved): MispKeeping => {
  const licence: Licence = exported ? "own" : "unknown";
  return {
    sender: { groups, partner: false, unsaid: "amber", licence, ...(anchor === undefined ? {} : { anchor }) },
    at: Math.floor(now() / 1000),
    ...{ uuid, ids },
    whole: {
      scope: { all: true, groups: groups.map(({ id }) => id), own: [], clientsOf: [], audience: "staff", red: true },
    },
  };
};
