import type { GroupId, Licence, Marking, OrganisationId, Pap, Tlp } from "#core/marking.ts";
import type {
  MispAttributeNew,
  MispAttributeRow,
  MispEventRow,
  MispObjectNew,
  MispObjectRow,
  MispRemarkKind,
  MispRemarkNew,
  MispRemarkRow,
  MispSightingRow,
} from "#jobs/misp/port.ts";

type Row = Record<string, unknown>;

// Rows of migrations 0005 and 0013 and what they mean.

export const bool = (truth: boolean): string => (truth ? "t" : "f");

export const markingCells = ({ owner, tlp, pap, group, licence }: Marking): readonly (string | null)[] => [
  owner ?? null,
  tlp,
  pap,
  group ?? null,
  licence,
];

export const markingValues = ({ marking, shadow }: { readonly marking: Marking; readonly shadow?: string }) => ({
  organisation: marking.owner ?? null,
  tlp: marking.tlp,
  pap: marking.pap,
  grp: marking.group ?? null,
  licence: marking.licence,
  shadow: shadow ?? null,
});

export const eventValues = (event: Omit<MispEventRow, "n">) => ({
  ...markingValues(event),
  uuid: event.uuid,
  sender: event.sender ?? "",
  info: event.info,
  date: event.date,
  changed: event.changed,
  published: event.published,
  published_at: event.publishedAt,
  threat: event.threat,
  analysis: event.analysis,
  distribution: event.distribution,
  sharing_group: event.sharingGroup ?? null,
  orgc: event.orgc.name,
  orgc_uuid: event.orgc.uuid ?? null,
  tags: [...event.tags],
  rest: JSON.stringify(event.rest),
});

export const objectValues = (object: MispObjectNew) => ({
  ...markingValues(object),
  name: object.name,
  meta_category: object.metaCategory,
  changed: object.changed,
  deleted: object.deleted,
  distribution: object.distribution,
  sharing_group: object.sharingGroup ?? null,
  rest: JSON.stringify(object.rest),
});

export const attributeValues = (one: MispAttributeNew) => ({
  ...markingValues(one),
  personal: one.personal,
  type: one.type,
  category: one.category,
  value: one.value,
  key0: one.keys[0] ?? "0",
  key1: one.keys[1] ?? null,
  key2: one.keys[2] ?? null,
  correlates: one.correlates,
  to_ids: one.toIds,
  changed: one.changed,
  deleted: one.deleted,
  distribution: one.distribution,
  sharing_group: one.sharingGroup ?? null,
  comment: one.comment,
  first_seen: one.firstSeen ?? null,
  last_seen: one.lastSeen ?? null,
  tags: [...one.tags],
  rest: JSON.stringify(one.rest),
  ...(one.data === undefined ? {} : { data: one.data }),
});

const markedRow = (row: Row) => ({
  n: Number(row["n"]),
  uuid: row["uuid"] as string,
  marking: {
    ...(row["organisation"] === null ? {} : { owner: row["organisation"] as OrganisationId }),
    tlp: row["tlp"] as Tlp,
    pap: row["pap"] as Pap,
    ...(row["grp"] === null ? {} : { group: row["grp"] as GroupId }),
    licence: row["licence"] as Licence,
  },
  ...(row["shadow"] === null ? {} : { shadow: row["shadow"] as string }),
  changed: Number(row["changed"]),
  distribution: row["distribution"] as number,
  ...(row["sharing_group"] === null ? {} : { sharingGroup: row["sharing_group"] as string }),
  rest: JSON.parse(row["rest"] as string) as Row,
});

export const eventRow = (row: Row): MispEventRow => ({
  ...markedRow(row),
  ...(row["sender"] === "" ? {} : { sender: row["sender"] as OrganisationId }),
  info: row["info"] as string,
  date: row["date"] as string,
  published: row["published"] as boolean,
  publishedAt: Number(row["published_at"]),
  threat: row["threat"] as number,
  analysis: row["analysis"] as number,
  orgc: {
    name: row["orgc"] as string,
    ...(row["orgc_uuid"] === null ? {} : { uuid: row["orgc_uuid"] as string }),
  },
  tags: row["tags"] as string[],
});

export const objectRow = (row: Row): MispObjectRow => ({
  ...markedRow(row),
  event: Number(row["event"]),
  name: row["name"] as string,
  metaCategory: row["meta_category"] as string,
  deleted: row["deleted"] as boolean,
});

export const attributeRow = (row: Row): MispAttributeRow => ({
  ...markedRow(row),
  event: Number(row["event"]),
  ...(row["object"] === null ? {} : { object: Number(row["object"]) }),
  personal: row["personal"] as boolean,
  type: row["type"] as string,
  category: row["category"] as string,
  value: row["value"] as string,
  keys: [row["key0"], row["key1"], row["key2"]].flatMap((key) => (key === null ? [] : [String(key)])),
  correlates: row["correlates"] as boolean,
  toIds: row["to_ids"] as boolean,
  deleted: row["deleted"] as boolean,
  comment: row["comment"] as string,
  ...(row["first_seen"] === null ? {} : { firstSeen: row["first_seen"] as string }),
  ...(row["last_seen"] === null ? {} : { lastSeen: row["last_seen"] as string }),
  tags: row["tags"] as string[],
  ...(typeof row["data"] === "string" ? { data: row["data"] } : {}),
  hasData: row["has_data"] === true,
});

export const sightingRow = (row: Row): MispSightingRow => ({
  n: Number(row["n"]),
  uuid: row["uuid"] as string,
  attribute: Number(row["attribute"]),
  ...(row["sender"] === "" ? {} : { sender: row["sender"] as OrganisationId }),
  type: row["type"] as number,
  source: row["source"] as string,
  at: Number(row["at"]),
});

export const remarkValues = (one: MispRemarkNew) => ({
  ...markingValues(one),
  uuid: one.uuid,
  event: one.event,
  kind: one.kind,
  target: one.target,
  said_of: one.saidOf,
  sender: one.sender ?? "",
  changed: one.changed,
  deleted: one.deleted,
  distribution: one.distribution,
  sharing_group: one.sharingGroup ?? null,
  body: JSON.stringify(one.body),
});

export const remarkRow = (row: Row): MispRemarkRow => {
  const { rest: _, ...marked } = markedRow({ ...row, rest: "{}" });
  return {
    ...marked,
    event: Number(row["event"]),
    kind: row["kind"] as MispRemarkKind,
    target: row["target"] as string,
    saidOf: row["said_of"] as string,
    ...(row["sender"] === "" ? {} : { sender: row["sender"] as OrganisationId }),
    deleted: row["deleted"] as boolean,
    body: JSON.parse(row["body"] as string) as Row,
  };
};
