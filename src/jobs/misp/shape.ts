import { createHash } from "node:crypto";
import type { MispIds } from "#share/misp-ids.ts";
import { groupNumber } from "./marking.ts";
import type { MispAttributeRow, MispEventRow, MispObjectRow, MispSightingRow } from "./port.ts";

type Json = Readonly<Record<string, unknown>>;

/** How rows are written: ids as their reader knows them, and whether tags that stay inside are shown. */
export interface MispWriting {
  readonly ids: MispIds;
  /** The reader's own event: local tags are its own too. */
  readonly own: boolean;
}

/** An event in MISP's words, without its author, parts and relations. */
export const eventJson = (row: MispEventRow, count: number, { ids, own }: MispWriting): Json => ({
  ...row.rest,
  id: ids.of(row.n),
  uuid: row.uuid,
  info: row.info,
  date: row.date,
  timestamp: String(row.changed),
  published: row.published,
  publish_timestamp: String(row.publishedAt),
  threat_level_id: String(row.threat),
  analysis: String(row.analysis),
  distribution: String(row.distribution),
  ...groupJson(row),
  attribute_count: String(count),
  extends_uuid: row.rest["extends_uuid"] ?? "",
  proposal_email_lock: false,
  locked: false,
  disable_correlation: false,
  Tag: tagsJson(row.rest["Tag"], own),
  Galaxy: galaxiesJson(row.rest["Galaxy"], own),
});

export const objectJson = (row: MispObjectRow, { ids }: MispWriting): Json => ({
  ...row.rest,
  id: ids.of(row.n),
  uuid: row.uuid,
  name: row.name,
  "meta-category": row.metaCategory,
  event_id: ids.of(row.event),
  timestamp: String(row.changed),
  distribution: String(row.distribution),
  ...groupJson(row),
  deleted: row.deleted,
  comment: row.rest["comment"] ?? "",
  ObjectReference: referencesJson(row, ids),
});

/** A deleted reference is told with its deleted object only. */
const referencesJson = (row: MispObjectRow, ids: MispIds): readonly Json[] => {
  const all = row.rest["ObjectReference"];
  return (Array.isArray(all) ? (all as readonly Json[]) : [])
    .filter((one) => row.deleted || one["deleted"] !== true)
    .map((one) => ({
      ...one,
      ...(typeof one["uuid"] === "string" ? { id: organisationNumber(one["uuid"]) } : {}),
      object_id: ids.of(row.n),
      event_id: ids.of(row.event),
    }));
};

export const attributeJson = (row: MispAttributeRow, { ids, own }: MispWriting): Json => ({
  ...row.rest,
  id: ids.of(row.n),
  uuid: row.uuid,
  event_id: ids.of(row.event),
  object_id: row.object === undefined ? "0" : ids.of(row.object),
  object_relation: row.rest["object_relation"] ?? null,
  category: row.category,
  type: row.type,
  value: row.value,
  to_ids: row.toIds,
  timestamp: String(row.changed),
  distribution: String(row.distribution),
  ...groupJson(row),
  comment: row.comment,
  deleted: row.deleted,
  disable_correlation: row.rest["disable_correlation"] === true,
  first_seen: row.firstSeen ?? null,
  last_seen: row.lastSeen ?? null,
  ...(row.data === undefined ? {} : { data: row.data }),
  ...(Array.isArray(row.rest["Tag"]) ? { Tag: tagsJson(row.rest["Tag"], own) } : {}),
  ...(Array.isArray(row.rest["Galaxy"]) ? { Galaxy: galaxiesJson(row.rest["Galaxy"], own) } : {}),
});

/** Who saw it is told only to who saw it, and to staff. */
export const sightingJson = (
  row: MispSightingRow,
  attribute: Pick<MispAttributeRow, "uuid" | "event">,
  ids: MispIds,
  organisation: Json | undefined,
): Json => ({
  id: ids.of(row.n),
  uuid: row.uuid,
  attribute_id: ids.of(row.attribute),
  event_id: ids.of(attribute.event),
  attribute_uuid: attribute.uuid,
  date_sighting: String(row.at),
  type: String(row.type),
  source: row.source,
  org_id: organisation?.["id"] ?? "0",
  ...(organisation === undefined ? {} : { Organisation: organisation }),
});

const groupJson = ({
  distribution,
  sharingGroup,
}: {
  readonly distribution: number;
  readonly sharingGroup?: string;
}) =>
  distribution === 4 && sharingGroup !== undefined
    ? {
        sharing_group_id: /^\d+$/.test(sharingGroup) ? sharingGroup : groupNumber(sharingGroup),
        ...(/^\d+$/.test(sharingGroup) ? {} : { SharingGroup: { uuid: sharingGroup } }),
      }
    : { sharing_group_id: "0" };

/** A cluster that was attached locally stays here, as a local tag does. */
const galaxiesJson = (galaxies: unknown, own: boolean): readonly Json[] =>
  (Array.isArray(galaxies) ? (galaxies as readonly Json[]) : []).flatMap((galaxy) => {
    const clusters = Array.isArray(galaxy["GalaxyCluster"]) ? (galaxy["GalaxyCluster"] as readonly Json[]) : [];
    const shown = clusters.filter((one) => own || (one["local"] !== true && one["local"] !== 1));
    return clusters.length > 0 && shown.length === 0 ? [] : [{ ...galaxy, GalaxyCluster: shown }];
  });

/** A tag's number is made from its name: the same in every answer, and no list tells how many there are. */
export const tagNumber = (name: string): string =>
  String(1 + (createHash("sha256").update(name.toLowerCase()).digest().readUIntBE(0, 5) % 1_000_000_000));

/** An organisation's, from its UUID. */
export const organisationNumber = (uuid: string): string =>
  String(1 + (createHash("sha256").update(uuid).digest().readUIntBE(0, 5) % 1_000_000_000));

const tagsJson = (tags: unknown, own: boolean): readonly Json[] =>
  (Array.isArray(tags) ? (tags as readonly Json[]) : [])
    .filter((tag) => own || (tag["local"] !== true && tag["exportable"] !== false))
    .map((tag) => tagJson(String(tag["name"]), tag));

export const tagJson = (name: string, more: Json = {}): Json => ({
  colour: colourOf(name),
  exportable: true,
  local: false,
  ...more,
  id: tagNumber(name),
  name,
});

/** TLP's own colours, a quiet one for others. @see FIRST TLP 2.0, colours */
const colourOf = (name: string): string => {
  const tlp = /^tlp:(.+)$/i.exec(name)?.[1]?.toLowerCase();
  if (tlp === "red") return "#ff2b2b";
  if (tlp?.startsWith("amber")) return "#ffc000";
  if (tlp === "green") return "#33ff00";
  return tlp === "clear" || tlp === "white" ? "#ffffff" : "#506d92";
};
