import type { AssetRow, OrganisationRow, PersonRow, SensorRow } from "#api/community.ts";
import { type Asset, heldAt } from "#community/asset.ts";
import type { Organisation } from "#community/organisation.ts";
import type { Person } from "#community/person.ts";
import type { Sensor } from "#community/sensor.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { Instant } from "#core/instant.ts";
import { printInstant } from "#core/instant.ts";
import { type Language, nameIn } from "#words/language.ts";
import type { Desk } from "./desk.ts";
import { isHeard } from "./sensor-conditions.ts";
import { organisationName } from "./who.ts";

/** How many people, held assets and sensors each organisation has; one pass over the directory. */
export interface Holdings {
  readonly people: ReadonlyMap<OrganisationId, number>;
  readonly assets: ReadonlyMap<OrganisationId, number>;
  readonly sensors: ReadonlyMap<OrganisationId, number>;
}

export const holdingsOf = (desk: Desk): Holdings => {
  const { people, assets, sensors } = desk.directory.known.directory;
  const now = desk.now();
  return {
    people: counted(people.flatMap((person) => [...new Set(person.organisations.map((post) => post.organisation))])),
    assets: counted(assets.filter((asset) => heldAt(asset, now)).map((asset) => asset.organisation)),
    sensors: counted(sensors.map((sensor) => sensor.organisation)),
  };
};

const counted = (organisations: readonly OrganisationId[]): ReadonlyMap<OrganisationId, number> => {
  const counts = new Map<OrganisationId, number>();
  for (const id of organisations) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
};

export const organisationRow = (
  desk: Desk,
  one: Organisation,
  holdings: Holdings,
  language: Language,
): OrganisationRow => ({
  id: one.id,
  name: nameIn(one.names, language),
  kind: one.kind,
  ...(one.parent === undefined ? {} : { parent: named(desk, one.parent, language) }),
  ...(one.sector === undefined ? {} : { sector: one.sector }),
  languages: [...one.languages],
  zone: one.zone,
  shadow: one.shadow,
  since: printInstant(one.since),
  people: holdings.people.get(one.id) ?? 0,
  assets: holdings.assets.get(one.id) ?? 0,
  sensors: holdings.sensors.get(one.id) ?? 0,
});

/** @param shown posts elsewhere than in these are not told: what a contractor does for others is not ours to say */
export const personRow = (
  desk: Desk,
  person: Person,
  shown: (organisation: OrganisationId) => boolean,
  language: Language,
): PersonRow => ({
  id: person.id,
  name: person.name,
  ...(person.language === undefined ? {} : { language: person.language }),
  posts: person.organisations
    .filter((post) => shown(post.organisation))
    .map(({ organisation, role }) => ({ organisation: named(desk, organisation, language), role })),
  channels: person.channels.map((channel) => ({
    kind: channel.kind,
    to: channel.kind === "email" ? channel.address : channel.number,
    proven: channel.proven,
  })),
});

export const assetRow = (desk: Desk, asset: Asset, language: Language): AssetRow => ({
  id: asset.id,
  organisation: named(desk, asset.organisation, language),
  kind: asset.kind,
  value: asset.value,
  from: printInstant(asset.from),
  ...(asset.to === undefined ? {} : { to: printInstant(asset.to) }),
  proof: asset.proof,
  worth: asset.worth,
});

export type Heard = ReadonlyMap<string, { readonly at: Instant; readonly events: number; readonly rejected: number }>;

export const sensorRow = (desk: Desk, sensor: Sensor, heard: Heard, language: Language): SensorRow => {
  const last = heard.get(sensor.id);
  return {
    id: sensor.id,
    organisation: named(desk, sensor.organisation, language),
    title: sensor.title,
    format: sensor.format,
    networks: [...sensor.networks],
    state: last === undefined ? "never" : isHeard(last.at, desk.now()) ? "heard" : "silent",
    ...(last === undefined ? {} : { lastHeard: printInstant(last.at) }),
    events: last?.events ?? 0,
    rejected: last?.rejected ?? 0,
  };
};

const named = (desk: Desk, id: OrganisationId, language: Language): { readonly id: string; readonly name: string } => ({
  id,
  name: organisationName(desk, id, language),
});
