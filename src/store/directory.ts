import type { TransactionSql } from "postgres";
import type { Agreement, Purpose } from "#community/agreement.ts";
import type { Asset, AssetId, AssetKind, AssetProof, AssetWorth } from "#community/asset.ts";
import type { Directory } from "#community/directory.ts";
import type { Organisation, OrganisationKind } from "#community/organisation.ts";
import type { Channel, Person, PersonId } from "#community/person.ts";
import type { CommunityState, DirectoryChange } from "#community/ports.ts";
import type { Role } from "#community/roles.ts";
import type { Sensor, SensorId } from "#community/sensor.ts";
import type { Instant } from "#core/instant.ts";
import type { GroupId, OrganisationId, Pap, Tlp } from "#core/marking.ts";
import { timeOf } from "#store/columns.ts";
import type { Language, Names } from "#words/language.ts";

type Row = Record<string, unknown>;

export const organisationRow = (row: Row): Organisation => ({
  id: row["id"] as OrganisationId,
  key: row["key"] as string,
  names: row["names"] as Names,
  kind: row["kind"] as OrganisationKind,
  ...(row["parent"] === null ? {} : { parent: row["parent"] as OrganisationId }),
  ...(row["sector"] === null ? {} : { sector: row["sector"] as string }),
  languages: row["languages"] as Language[],
  clientOf: row["client_of"] as OrganisationId[],
  shadow: row["shadow"] as boolean,
  zone: row["zone"] as string,
  since: row["since"] as Instant,
});

export const assetRow = (row: Row): Asset => ({
  id: row["id"] as AssetId,
  organisation: row["organisation"] as OrganisationId,
  kind: row["kind"] as AssetKind,
  value: row["value"] as string,
  from: row["valid_from"] as Instant,
  ...(row["valid_to"] === null ? {} : { to: row["valid_to"] as Instant }),
  proof: row["proof"] as AssetProof,
  worth: row["worth"] as AssetWorth,
});

export const sensorRow = (row: Row): Sensor => ({
  id: row["id"] as SensorId,
  key: row["key"] as string,
  organisation: row["organisation"] as OrganisationId,
  title: row["title"] as string,
  format: row["format"] as string,
  networks: row["networks"] as string[],
});

const personRow = (row: Row): Person => ({
  id: row["id"] as PersonId,
  key: row["key"] as string,
  name: row["name"] as string,
  ...(row["language"] === null ? {} : { language: row["language"] as Language }),
  channels: row["channels"] as Channel[],
  organisations: row["posts"] as { organisation: OrganisationId; role: Role }[],
});

const agreementRow = (row: Row): Agreement => ({
  party: row["party"] as OrganisationId | "public",
  tlpMax: row["tlp_max"] as Tlp,
  papMax: row["pap_max"] as Pap,
  anonymiseSources: row["anonymise_sources"] as boolean,
  acceptsPii: row["accepts_pii"] as boolean,
  purposes: row["purposes"] as Purpose[],
  from: row["valid_from"] as Instant,
  ...(row["valid_to"] === null ? {} : { to: row["valid_to"] as Instant }),
});

export const communityState = (sql: TransactionSql): CommunityState => {
  /** One writer at a time gives out versions, so that a reader who saw version v has seen everything up to v. */
  const changed = async (changes: readonly DirectoryChange[], now: Instant): Promise<void> => {
    if (changes.length === 0) return;
    await sql`select pg_advisory_xact_lock(hashtextextended('directory', 0))`;
    await sql`insert into directory_change (version, at, change)
      select (select coalesce(max(version), 0) from directory_change) + k, ${timeOf(now)}, change
      from jsonb_array_elements(${sql.json(changes as never)}) with ordinality as c (change, k)`;
  };
  const putAssets = async (assets: readonly Asset[]): Promise<readonly Asset[]> => {
    const fresh: Asset[] = [];
    for (let at = 0; at < assets.length; at += 2000) {
      const some = assets.slice(at, at + 2000);
      const rows = await sql`insert into asset ${sql(
        some.map((asset) => ({
          id: asset.id,
          organisation: asset.organisation,
          kind: asset.kind,
          value: asset.value,
          valid_from: timeOf(asset.from),
          valid_to: asset.to === undefined ? null : timeOf(asset.to),
          proof: asset.proof,
          worth: asset.worth,
        })) as never,
      )} on conflict (id) do update set valid_from = excluded.valid_from, valid_to = excluded.valid_to, proof = excluded.proof, worth = excluded.worth
        where (asset.valid_from, asset.valid_to, asset.proof, asset.worth) is distinct from (excluded.valid_from, excluded.valid_to, excluded.proof, excluded.worth)
        returning *`;
      fresh.push(...rows.map(assetRow));
    }
    return fresh;
  };

  return {
    load: async () => {
      const [version] = await sql`select coalesce(max(version), 0)::text as v from directory_change`;
      const [community] = await sql`select value from deployment where key = 'community'`;
      return {
        cursor: version?.["v"] as string,
        directory: {
          community: (community?.["value"] as Directory["community"] | undefined) ?? {
            names: { en: "waglan" },
            zone: "UTC",
          },
          organisations: (await sql`select * from organisation where ended is null order by key`).map(organisationRow),
          people: (
            await sql`select p.*, coalesce((select json_agg(json_build_object('organisation', r.organisation, 'role', r.role) order by r.organisation, r.role)
              from person_role r where r.person = p.id), '[]') as posts from person p where ended is null order by p.key`
          ).map(personRow),
          assets: (await sql`select * from asset order by id`).map(assetRow),
          sensors: (await sql`select * from sensor where ended is null order by key`).map(sensorRow),
          groups: (await sql`select * from sharing_group order by key`).map((row) => ({
            id: row["id"] as GroupId,
            key: row["key"] as string,
            title: row["title"] as string,
            members: row["members"] as OrganisationId[],
            private: row["private"] as boolean,
            staff: row["staff"] as PersonId[],
          })),
          agreements: (await sql`select * from agreement order by party`).map(agreementRow),
        },
      };
    },

    changesSince: async (cursor) => {
      const rows =
        await sql`select version::text as v, change from directory_change where version > ${cursor}::bigint order by version limit 10000`;
      const [kept] = await sql`select min(version) > ${cursor}::bigint + 1 as lost from directory_change`;
      if (kept?.["lost"] === true) return undefined;
      return {
        changes: rows.map((row) => row["change"] as DirectoryChange),
        cursor: (rows.at(-1)?.["v"] as string | undefined) ?? cursor,
      };
    },

    put: async (directory, now) => {
      const changes: DirectoryChange[] = [];
      await sql`insert into deployment (key, value) values ('community', ${sql.json(directory.community as never)}) on conflict (key) do update set value = excluded.value`;
      for (const one of directory.organisations) {
        await sql`insert into organisation (id, key, kind, names, parent, sector, languages, client_of, shadow, zone, since)
          values (${one.id}, ${one.key}, ${one.kind}, ${sql.json(one.names)}, ${one.parent ?? null}, ${one.sector ?? null}, ${[...one.languages]}, ${[...one.clientOf]}, ${one.shadow}, ${one.zone}, ${timeOf(one.since)})
          on conflict (id) do update set names = excluded.names, parent = excluded.parent, sector = excluded.sector, languages = excluded.languages,
            client_of = excluded.client_of, shadow = excluded.shadow, zone = excluded.zone, kind = excluded.kind, ended = null`;
        changes.push({ kind: "organisation", id: one.id });
      }
      for (const one of directory.people) {
        await sql`insert into person (id, key, name, language, channels) values (${one.id}, ${one.key}, ${one.name}, ${one.language ?? null}, ${sql.json(one.channels)})
          on conflict (id) do update set name = excluded.name, language = excluded.language, channels = excluded.channels, ended = null`;
        await sql`delete from person_role where person = ${one.id}`;
        for (const post of one.organisations)
          await sql`insert into person_role (person, organisation, role) values (${one.id}, ${post.organisation}, ${post.role}) on conflict do nothing`;
      }
      if (directory.people.length > 0) changes.push({ kind: "people" });
      for (const one of directory.sensors)
        await sql`insert into sensor (id, key, organisation, title, format, networks) values (${one.id}, ${one.key}, ${one.organisation}, ${one.title}, ${one.format}, ${one.networks as string[]})
          on conflict (id) do update set title = excluded.title, format = excluded.format, networks = excluded.networks, ended = null`;
      if (directory.sensors.length > 0) changes.push({ kind: "sensors" });
      for (const one of directory.groups)
        await sql`insert into sharing_group (id, key, title, members, private, staff) values (${one.id}, ${one.key}, ${one.title}, ${[...one.members]}, ${one.private}, ${[...one.staff]})
          on conflict (id) do update set title = excluded.title, members = excluded.members, private = excluded.private, staff = excluded.staff`;
      if (directory.groups.length > 0) changes.push({ kind: "groups" });
      for (const one of directory.agreements)
        await sql`insert into agreement (party, tlp_max, pap_max, anonymise_sources, accepts_pii, purposes, valid_from, valid_to)
          values (${one.party}, ${one.tlpMax}, ${one.papMax}, ${one.anonymiseSources}, ${one.acceptsPii}, ${one.purposes as string[]}, ${timeOf(one.from)}, ${one.to === undefined ? null : timeOf(one.to)})
          on conflict (party) do update set tlp_max = excluded.tlp_max, pap_max = excluded.pap_max, anonymise_sources = excluded.anonymise_sources,
            accepts_pii = excluded.accepts_pii, purposes = excluded.purposes, valid_from = excluded.valid_from, valid_to = excluded.valid_to`;
      const fresh = await putAssets(directory.assets);
      changes.push(...fresh.map((asset): DirectoryChange => ({ kind: "asset-put", asset })));
      await changed(changes, now);
      return fresh;
    },

    putAsset: async (asset, now) => {
      const fresh = await putAssets([asset]);
      await changed(
        fresh.map((one): DirectoryChange => ({ kind: "asset-put", asset: one })),
        now,
      );
    },

    endAsset: async (id, at, now) => {
      const [row] =
        await sql`update asset set valid_to = ${timeOf(at)} where id = ${id} and valid_from < ${timeOf(at)} returning *`;
      if (!row) return undefined;
      await changed([{ kind: "asset-put", asset: assetRow(row) }], now);
      return assetRow(row);
    },
  };
};
