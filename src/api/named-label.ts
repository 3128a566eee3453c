import Type, { type Static } from "typebox";

/** A word of a source that is a name somewhere: an ATT&CK id, a family, a group; and what people mean by it. */
export const NamedLabel = Type.Object({
  label: Type.String(),
  meanings: Type.Array(
    Type.Object({
      id: Type.String({ description: "Of its collection: T1059.001, a cluster's uuid" }),
      name: Type.String(),
      kind: Type.String(),
      source: Type.String(),
      aliases: Type.Array(Type.String()),
      url: Type.Optional(Type.String()),
      gone: Type.Boolean({ description: "Its collection took the name back" }),
    }),
    { description: "More than one: the label is used for several things, and nobody here decides which" },
  ),
});
export type NamedLabel = Static<typeof NamedLabel>;
