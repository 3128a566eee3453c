import Type, { type Static } from "typebox";
import { permissions } from "#community/roles.ts";

const Time = Type.String({ format: "date-time" });
const Id = Type.String({ minLength: 1, maxLength: 64 });

/** sensor: delivers telemetry. party: a machine of an organisation (a firewall that fetches lists, a SIEM). */
export const tokenKinds = ["sensor", "party"] as const;

export const TokenRow = Type.Object(
  {
    id: Id,
    prefix: Type.String({ description: "Stands in the token and in logs: wgl_<prefix>_…" }),
    kind: Type.Enum([...tokenKinds]),
    title: Type.String(),
    organisation: Type.Object({ id: Id, name: Type.String() }),
    sensor: Type.Optional(Type.Object({ id: Id, title: Type.String() })),
    permissions: Type.Array(Type.Enum([...permissions])),
    made: Time,
    lastUsed: Type.Optional(Time),
    until: Type.Optional(Time),
    revoked: Type.Optional(Time),
  },
  { $id: "TokenRow" },
);
export type TokenRow = Static<typeof TokenRow>;

export const TokenList = Type.Object({ tokens: Type.Array(Type.Ref("TokenRow")) }, { $id: "TokenList" });
export interface TokenList {
  readonly tokens: readonly TokenRow[];
}

export const TokenNew = Type.Object(
  {
    kind: Type.Enum([...tokenKinds]),
    title: Type.String({ minLength: 1, maxLength: 120 }),
    organisation: Id,
    sensor: Type.Optional(Id),
    permissions: Type.Array(Type.Enum([...permissions]), {
      minItems: 1,
      maxItems: permissions.length,
      uniqueItems: true,
    }),
    until: Type.Optional(Time),
  },
  { $id: "TokenNew", additionalProperties: false },
);
export type TokenNew = Static<typeof TokenNew>;

export const TokenMade = Type.Object(
  {
    secret: Type.String({ description: "Shown now and never again" }),
    token: Type.Ref("TokenRow"),
  },
  { $id: "TokenMade" },
);
export interface TokenMade {
  readonly secret: string;
  readonly token: TokenRow;
}
