import type { Names } from "#words/language.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { Agreement } from "./agreement.ts";
import type { Asset } from "./asset.ts";
import type { Group } from "./group.ts";
import type { Organisation } from "./organisation.ts";
import type { Person } from "./person.ts";
import type { Sensor } from "./sensor.ts";

/** Who is in the community and what is theirs: everything a directory file says, in our words. */
export interface Directory {
  readonly community: Community;
  readonly organisations: readonly Organisation[];
  readonly people: readonly Person[];
  readonly assets: readonly Asset[];
  readonly sensors: readonly Sensor[];
  readonly groups: readonly Group[];
  readonly agreements: readonly Agreement[];
}

export interface Community {
  readonly names: Names;
  /** IANA time zone, also of organisations that name none. */
  readonly zone: string;
  /** The organisation that runs waglan; only its people can be staff. */
  readonly anchor?: OrganisationId;
}
