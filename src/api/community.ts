import Type, { type Static } from "typebox";
import { assetKinds, assetProofs, assetWorths } from "#community/asset.ts";
import { organisationKinds } from "#community/organisation.ts";
import { roles } from "#community/roles.ts";

const Time = Type.String({ format: "date-time" });
const Id = Type.String({ minLength: 1, maxLength: 64 });
const Named = Type.Object({ id: Id, name: Type.String({ description: "In the reader's language" }) });

export const OrganisationRow = Type.Object(
  {
    id: Id,
    name: Type.String({ description: "In the reader's language" }),
    kind: Type.Enum([...organisationKinds]),
    parent: Type.Optional(Named),
    sector: Type.Optional(Type.String()),
    languages: Type.Array(Type.String()),
    zone: Type.String(),
    shadow: Type.Boolean({ description: "Its findings are seen by staff only, until a person lets them speak" }),
    since: Time,
    people: Type.Integer(),
    assets: Type.Integer({ description: "Held now" }),
    sensors: Type.Integer(),
  },
  { $id: "OrganisationRow" },
);
export type OrganisationRow = Static<typeof OrganisationRow>;

export const OrganisationList = Type.Object(
  { organisations: Type.Array(Type.Ref("OrganisationRow")) },
  { $id: "OrganisationList" },
);
export interface OrganisationList {
  readonly organisations: readonly OrganisationRow[];
}

export const PersonRow = Type.Object(
  {
    id: Id,
    name: Type.String(),
    language: Type.Optional(Type.String()),
    posts: Type.Array(Type.Object({ organisation: Named, role: Type.Enum(Object.keys(roles)) })),
    channels: Type.Array(
      Type.Object({ kind: Type.Enum(["email", "phone"]), to: Type.String(), proven: Type.Boolean() }),
    ),
  },
  { $id: "PersonRow" },
);
export type PersonRow = Static<typeof PersonRow>;

export const PersonList = Type.Object({ people: Type.Array(Type.Ref("PersonRow")) }, { $id: "PersonList" });
export interface PersonList {
  readonly people: readonly PersonRow[];
}

export const AssetRow = Type.Object(
  {
    id: Id,
    organisation: Named,
    kind: Type.Enum([...assetKinds]),
    value: Type.String({ description: "Canonical" }),
    from: Time,
    to: Type.Optional(Time),
    proof: Type.Enum([...assetProofs]),
    worth: Type.Enum([...assetWorths]),
  },
  { $id: "AssetRow" },
);
export type AssetRow = Static<typeof AssetRow>;

export const AssetPage = Type.Object(
  {
    assets: Type.Array(Type.Ref("AssetRow")),
    next: Type.Optional(Type.String({ description: "Give as cursor to read on; absent at the end" })),
  },
  { $id: "AssetPage" },
);
export interface AssetPage {
  readonly assets: readonly AssetRow[];
  readonly next?: string;
}

/** What an organisation says is theirs. How far it is proven is not theirs to say. */
export const AssetNew = Type.Object(
  {
    organisation: Id,
    kind: Type.Enum([...assetKinds]),
    value: Type.String({ minLength: 1, maxLength: 512 }),
    from: Type.Optional(Time),
    to: Type.Optional(Time),
    worth: Type.Optional(Type.Enum([...assetWorths])),
  },
  { $id: "AssetNew", additionalProperties: false },
);
export type AssetNew = Static<typeof AssetNew>;

/** First moment at which it is no longer theirs; absent: now. */
export const AssetEnd = Type.Object({ to: Type.Optional(Time) }, { $id: "AssetEnd", additionalProperties: false });
export type AssetEnd = Static<typeof AssetEnd>;

/** heard: it spoke lately. silent: it spoke once and stopped, which is an alarm. never: it has not spoken. */
export const sensorStates = ["heard", "silent", "never"] as const;

export const SensorRow = Type.Object(
  {
    id: Id,
    organisation: Named,
    title: Type.String(),
    format: Type.String(),
    networks: Type.Array(Type.String()),
    state: Type.Enum([...sensorStates]),
    lastHeard: Type.Optional(Time),
    events: Type.Integer({ description: "Records taken so far" }),
    rejected: Type.Integer({ description: "Lines refused so far" }),
  },
  { $id: "SensorRow" },
);
export type SensorRow = Static<typeof SensorRow>;

export const SensorList = Type.Object({ sensors: Type.Array(Type.Ref("SensorRow")) }, { $id: "SensorList" });
export interface SensorList {
  readonly sensors: readonly SensorRow[];
}

/** One organisation with all that is its own, in one answer. */
export const OrganisationDetail = Type.Object(
  {
    organisation: Type.Ref("OrganisationRow"),
    below: Type.Array(Named, { description: "Organisations whose parent it is" }),
    people: Type.Array(Type.Ref("PersonRow")),
    assets: Type.Array(Type.Ref("AssetRow"), { description: "At most 500; /assets has all" }),
    sensors: Type.Array(Type.Ref("SensorRow")),
  },
  { $id: "OrganisationDetail" },
);
export interface OrganisationDetail {
  readonly organisation: OrganisationRow;
  readonly below: readonly Static<typeof Named>[];
  readonly people: readonly PersonRow[];
  readonly assets: readonly AssetRow[];
  readonly sensors: readonly SensorRow[];
}

const Counted = Type.Object({
  added: Type.Integer(),
  changed: Type.Integer(),
  ended: Type.Integer(),
  same: Type.Integer(),
});

/** What a directory file did, or would do. With problems nothing is written: a directory is taken whole or not at all. */
export const DirectoryReceipt = Type.Object(
  {
    written: Type.Boolean(),
    organisations: Counted,
    people: Counted,
    assets: Counted,
    sensors: Counted,
    problems: Type.Array(
      Type.Object({
        code: Type.String(),
        detail: Type.String({ description: "In the reader's language" }),
        at: Type.Optional(Type.String({ description: "Line and column, or row, of the file" })),
      }),
      { description: "At most 1000, in the file's order" },
    ),
    problemsTotal: Type.Integer(),
  },
  { $id: "DirectoryReceipt" },
);
export type DirectoryReceipt = Static<typeof DirectoryReceipt>;
