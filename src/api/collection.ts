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
