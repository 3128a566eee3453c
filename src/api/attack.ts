import Type, { type Static } from "typebox";
import { tactics } from "#incidents/tactics.ts";

export const AttackTechnique = Type.Object(
  {
    id: Type.String({ description: "T1059.001" }),
    name: Type.Optional(Type.String()),
    url: Type.Optional(Type.String()),
    rules: Type.Integer({ description: "Sigma rules in force that look for it" }),
    behaviours: Type.Array(Type.String()),
    seen: Type.Integer({ description: "Hits in the last days" }),
    lastSeen: Type.Optional(Type.String({ format: "date-time" })),
  },
  { $id: "AttackTechnique" },
);
export type AttackTechnique = Static<typeof AttackTechnique>;

/** covered: a rule or behaviour in force looks for it. seen: it was seen. blind: neither. */
export const AttackMatrix = Type.Object(
  {
    days: Type.Integer({ description: "Days back that `seen` counts" }),
    rules: Type.Integer({ description: "Rules and behaviours in force" }),
    unmapped: Type.Integer({ description: "Of them, those that name no technique" }),
    named: Type.Boolean({ description: "Names come from collected ATT&CK objects; else ids stand alone" }),
    counts: Type.Object({ covered: Type.Integer(), seen: Type.Integer(), blind: Type.Integer() }),
    tactics: Type.Array(
      Type.Object({
        tactic: Type.Enum([...tactics]),
        rules: Type.Integer(),
        seen: Type.Integer(),
        techniques: Type.Array(Type.Ref("AttackTechnique")),
      }),
    ),
    elsewhere: Type.Array(Type.Ref("AttackTechnique"), {
      description: "Techniques that are known by name, or were seen, and whose tactic nobody here says",
    }),
  },
  { $id: "AttackMatrix" },
);
export interface AttackMatrix extends Omit<Static<typeof AttackMatrix>, "tactics" | "elsewhere"> {
  readonly tactics: readonly {
    readonly tactic: (typeof tactics)[number];
    readonly rules: number;
    readonly seen: number;
    readonly techniques: readonly AttackTechnique[];
  }[];
  readonly elsewhere: readonly AttackTechnique[];
}
