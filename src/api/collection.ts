import Type, { type Static } from "typebox";
import { purposes } from "#community/agreement.ts";
import { licences, paps, tlps } from "#core/marking.ts";

/** Who may use a collection: all members, all partners, one organisation, the members of one group. */
const Audience = Type.Array(
  Type.String({
    maxLength: 100,
    pattern: "^(?:members|partners|organisation:[A-Za-z0-9_.:~-]+|group:[A-Za-z0-9_.:~-]+)$",
  }),
  { maxItems: 200, uniqueItems: true },
);
const Title = Type.String({ minLength: 1, maxLength: 120 });
const Description = Type.String({ minLength: 1, maxLength: 2000 });
const Alias = Type.String({ maxLength: 64, pattern: "^[a-z0-9]+(?:-[a-z0-9]+)*$" });

/** A TAXII collection and its rights. What each party sees in it is decided object by object. */
export const CollectionRow = Type.Object(
  {
    id: Type.String({ format: "uuid" }),
    alias: Alias,
    title: Title,
    description: Type.Optional(Description),
    readers: Audience,
    writers: Audience,
    tlp: Type.Enum([...tlps]),
    pap: Type.Enum([...paps]),
    licence: Type.String(),
    purpose: Type.Enum([...purposes]),
    url: Type.String({ description: "What a TAXII client is given" }),
    objects: Type.Optional(Type.Integer({ description: "Versions of objects kept" })),
    lastAdded: Type.Optional(Type.String({ format: "date-time" })),
    reads: Type.Optional(Type.Integer({ description: "Pages that left it in the last 30 days" })),
    lastRead: Type.Optional(Type.String({ format: "date-time" })),
  },
  { $id: "CollectionRow" },
);
export type CollectionRow = Static<typeof CollectionRow>;

export const CollectionList = Type.Object(
  { collections: Type.Array(Type.Ref("CollectionRow")) },
  { $id: "CollectionList" },
);
export interface CollectionList {
  readonly collections: readonly CollectionRow[];
}

/** Objects of a sender that was in shadow leave it, and arrive anew for everybody they are for. */
export const CollectionAct = Type.Object(
  { act: Type.Literal("let-speak"), organisation: Type.String({ minLength: 1, maxLength: 64 }) },
  { $id: "CollectionAct", additionalProperties: false },
);
export type CollectionAct = Static<typeof CollectionAct>;

export const CollectionActed = Type.Object(
  { objects: Type.Integer({ minimum: 0, description: "Objects that speak now" }) },
  { $id: "CollectionActed" },
);
export type CollectionActed = Static<typeof CollectionActed>;

export const CollectionNew = Type.Object(
  {
    alias: Alias,
    title: Title,
    description: Type.Optional(Description),
    readers: Audience,
    writers: Audience,
    tlp: Type.Optional(Type.Enum([...tlps], { description: "Of objects that name none; amber unless said" })),
    pap: Type.Optional(Type.Enum([...paps])),
    licence: Type.Optional(Type.Enum(Object.keys(licences) as (keyof typeof licences)[])),
    purpose: Type.Optional(
      Type.Enum([...purposes], { description: "What readers want it for; detection unless said" }),
    ),
  },
  { $id: "CollectionNew", additionalProperties: false },
);
export type CollectionNew = Static<typeof CollectionNew>;

/** One name of an audience, in the reader's language. */
const Named = Type.Object({ audience: Type.String(), name: Type.String() });
const Time = Type.String({ format: "date-time" });

/** Who sent what into a collection, who reads it, and whom it can be opened to. */
export const CollectionDetail = Type.Object(
  {
    collection: Type.Ref("CollectionRow"),
    readers: Type.Array(Named),
    writers: Type.Array(Named),
    senders: Type.Array(
      Type.Object({
        organisation: Type.Optional(Type.Object({ id: Type.String(), name: Type.String() })),
        objects: Type.Integer(),
        shadow: Type.Integer({ description: "Of them in shadow, until a person lets the sender speak" }),
        last: Time,
      }),
      { description: "Without an organisation: the community itself" },
    ),
    activity: Type.Array(
      Type.Object({
        party: Type.Object({ id: Type.String(), name: Type.String() }),
        reads: Type.Integer(),
        objects: Type.Integer(),
        last: Time,
      }),
      { description: "Parties that read it in the last 30 days" },
    ),
    choices: Type.Array(Named, { description: "Whom it may be opened to" }),
  },
  { $id: "CollectionDetail" },
);
export interface CollectionDetail extends Omit<Static<typeof CollectionDetail>, "collection"> {
  readonly collection: CollectionRow;
}

export const CollectionRights = Type.Object(
  { readers: Audience, writers: Audience, reason: Type.String({ minLength: 1, maxLength: 2000 }) },
  { $id: "CollectionRights", additionalProperties: false },
);
export type CollectionRights = Static<typeof CollectionRights>;
