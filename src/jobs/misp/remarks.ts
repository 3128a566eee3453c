import type { MispAttribute, MispEvent, MispObject, MispOpinion } from "#misp/model.ts";
import { isObject, listIn } from "#misp/own.ts";
import { printEvent } from "#misp/print-event.ts";
import { truth } from "#misp/scalar.ts";
import { readUuid } from "#misp/uuid.ts";
import { type MispSender, groupNumber, groupOf, mispMarking } from "./marking.ts";
import type { MispEventNew, MispRemarkKind, MispRemarkNew, MispRemarkRow } from "./port.ts";
import type { MispPlace } from "./rows.ts";
import type { MispIds } from "#share/misp-ids.ts";

type Json = Readonly<Record<string, unknown>>;

/** MISP's analyst data, by name and number. */
export const analystKinds = ["Note", "Opinion", "Relationship"] as const satisfies readonly MispRemarkKind[];
export type AnalystKind = (typeof analystKinds)[number];

/** What a remark is about, and within what. */
export interface RemarkPlace {
  readonly event: MispEvent;
  readonly n: number;
  readonly target: string;
  readonly saidOf: string;
  readonly object?: MispObject;
  readonly attribute?: MispAttribute;
}

/**
 * A remark as a row. Its event, object and attribute bind it as they bind what stands in them, and so do its own
 * distribution and its author: what is said "to this community" on an event for one's own organisation stays there.
 */
export const remarkRowOf = (kind: MispRemarkKind, json: Json, about: RemarkPlace, place: MispPlace): MispRemarkNew => {
  const { event, object, attribute, n, target, saidOf } = about;
  const said = distributed(json, place.sender);
  const marking = mispMarking(event, object, { ...(attribute ?? nothing), ...levelOf(json) }, place.sender);
  return {
    uuid: readUuid(json["uuid"]) ?? place.uuid(),
    event: n,
    ...{ kind, target, saidOf, marking },
    ...(place.sender.party === undefined ? {} : { sender: place.sender.party }),
    ...(place.sender.shadow === undefined ? {} : { shadow: place.sender.shadow }),
    changed: secondsOf(json) ?? place.at,
    deleted: truth(json["deleted"]) === true,
    ...said,
    body: Object.fromEntries(Object.entries(json).filter(([name]) => !columns.has(name))),
  };
};

/**
 * A proposal is for whoever it is made to: it is the event owner's alone, whatever TLP the event has.
 *
 * @param to the event's sender; absent: the community
 */
export const forOwner = (row: MispRemarkNew, to: MispEventNew["sender"], { anchor }: MispSender): MispRemarkNew => {
  const owner = to ?? anchor;
  const { pap, licence } = row.marking;
  return { ...row, marking: { ...(owner === undefined ? {} : { owner }), tlp: "amber+strict", pap, licence } };
};

const nothing: MispAttribute = { type: "", value: "", Tag: [], Galaxy: [], Sighting: [], Note: [], Opinion: [] };
const columns: ReadonlySet<string> = new Set([
  ...["id", "uuid", "event_id", "timestamp", "deleted", "distribution", "sharing_group_id", "SharingGroup"],
  ...["object_uuid", "object_type", "Org", "Orgc", "org_uuid", "orgc_uuid", "Note", "Opinion", "Relationship"],
  ...["note_type", "note_type_name", "_canEdit", "locked", "event_uuid", "event_org_id", "org_id", "old_id"],
]);

const levelOf = (json: Json) => {
  const level = json["distribution"];
  const group = json["SharingGroup"];
  const id = json["sharing_group_id"];
  return {
    distribution: typeof level === "string" || typeof level === "number" ? String(level) : "5",
    ...(typeof id === "string" || typeof id === "number" ? { sharing_group_id: String(id) } : {}),
    ...(isObject(group) ? { SharingGroup: group } : {}),
  };
};

const distributed = (json: Json, sender: MispSender): Pick<MispRemarkNew, "distribution" | "sharingGroup"> => {
  const level = levelOf(json);
  const distribution = /^[0-5]$/.test(level.distribution) ? Number(level.distribution) : 0;
  if (distribution !== 4) return { distribution };
  const uuid = level.SharingGroup?.["uuid"];
  const group = groupOf(level, sender)?.id ?? (typeof uuid === "string" ? uuid : level.sharing_group_id);
  return { distribution, ...(group === undefined ? {} : { sharingGroup: group }) };
};

/** `timestamp` in seconds, or analyst data's `modified`, "2024-06-12 12:49:45" in UTC. */
const secondsOf = (json: Json): number | undefined => {
  const stamp = Number(json["timestamp"] ?? 0);
  if (Number.isSafeInteger(stamp) && stamp > 0 && stamp < 1e11) return stamp;
  const modified = json["modified"];
  const read = typeof modified === "string" ? Date.parse(`${modified.slice(0, 19).replace(" ", "T")}Z`) : Number.NaN;
  return Number.isFinite(read) && read > 0 ? Math.floor(read / 1000) : undefined;
};

/** Everything an event says beside its attributes and objects, and what it says of them. */
export const remarksIn = (
  event: MispEvent,
  n: number,
  uuid: string,
  parts: readonly {
    readonly uuid: string;
    readonly saidOf: "Attribute" | "Object";
    readonly of: MispAttribute | MispObject;
    readonly object?: MispObject;
  }[],
  place: MispPlace,
): readonly MispRemarkNew[] => {
  const rows: MispRemarkNew[] = [];
  const bare: MispEvent = { ...event, EventReport: [], Note: [], Opinion: [], Attribute: [], Object: [] };
  const add = (kind: MispRemarkKind, json: Json, about: Omit<RemarkPlace, "event" | "n">): MispRemarkNew => {
    const row = remarkRowOf(kind, json, { event: bare, n, ...about }, place);
    rows.push(kind === "ShadowAttribute" ? forOwner(row, place.sender.party, place.sender) : row);
    return row;
  };
  const analyst = (of: WithNotes, about: Omit<RemarkPlace, "event" | "n">): void => {
    for (const one of of.Note) add("Note", plain(one), about);
    for (const one of of.Opinion) add("Opinion", plain(one), about);
    for (const one of listIn(of.more ?? {}, "Relationship")) if (isObject(one)) add("Relationship", one, about);
    for (const one of listIn(of.more ?? {}, "ShadowAttribute")) if (isObject(one)) add("ShadowAttribute", one, about);
  };
  const ofEvent = { target: uuid, saidOf: "Event" };
  analyst(event, ofEvent);
  const printed = printEvent({ ...bare, EventReport: event.EventReport }).Event["EventReport"];
  for (const [index, one] of (Array.isArray(printed) ? printed.filter(isObject) : []).entries()) {
    const report = add("EventReport", one, ofEvent);
    const read = event.EventReport[index];
    if (read !== undefined) analyst(read, { target: report.uuid, saidOf: "EventReport" });
  }
  for (const { uuid: target, saidOf, of, object } of parts)
    analyst(of, {
      ...{ target, saidOf },
      ...(object === undefined ? {} : { object }),
      ...("type" in of ? { attribute: of } : {}),
    });
  return rows;
};

interface WithNotes {
  readonly Note: readonly MispOpinion[];
  readonly Opinion: readonly MispOpinion[];
  readonly more?: Json;
}

const plain = ({ more, ...one }: MispOpinion): Json => ({ ...more, ...one });

/** A remark in MISP's words. @param own of the reader, or staff: it may change it */
export const remarkJson = (row: MispRemarkRow, ids: MispIds, own: boolean): Json => {
  const shared = {
    ...row.body,
    id: ids.of(row.n),
    uuid: row.uuid,
    ...(row.kind === "ShadowAttribute" ? {} : { distribution: String(row.distribution) }),
    sharing_group_id:
      row.distribution === 4 && row.sharingGroup !== undefined
        ? /^\d+$/.test(row.sharingGroup)
          ? row.sharingGroup
          : groupNumber(row.sharingGroup)
        : "0",
  };
  if (row.kind === "EventReport")
    return { ...shared, event_id: ids.of(row.event), timestamp: String(row.changed), deleted: row.deleted };
  if (row.kind === "ShadowAttribute")
    return {
      ...{ old_id: "0", comment: "", to_ids: false, proposal_to_delete: false, first_seen: null, last_seen: null },
      ...shared,
      event_id: ids.of(row.event),
      timestamp: String(row.changed),
      deleted: row.deleted,
    };
  return {
    ...shared,
    ...{ object_uuid: row.target, object_type: row.saidOf, locked: false, _canEdit: own },
    ...{ note_type: analystKinds.indexOf(row.kind), note_type_name: row.kind },
  };
};
