import Type, { type Static } from "typebox";
import { observableKinds } from "#core/observable.ts";

const Time = Type.String({ format: "date-time" });
const Observable = Type.Object({ kind: Type.Enum([...observableKinds]), value: Type.String() });

/** Values of one hunt. */
export const huntValuesAtMost = 100_000;

export const HuntNew = Type.Object(
  {
    values: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 8192 }), {
        minItems: 1,
        maxItems: huntValuesAtMost,
        description: "Addresses, networks, names, pages, hashes …, in any writing; or a pattern",
      }),
    ),
    pattern: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 65_536,
        description: "A STIX 2.1 pattern that any one of its values makes true (comparisons joined by OR)",
      }),
    ),
    purpose: Type.String({ minLength: 1, maxLength: 2000, description: "Why; it stands in the evidence" }),
    from: Type.Optional(Time),
    to: Type.Optional(Type.String({ format: "date-time", description: "Excluded; absent: now" })),
    organisation: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description: "Over whose records; staff may leave it out, who acts for one member need not say it",
      }),
    ),
  },
  { $id: "HuntNew", additionalProperties: false },
);
export type HuntNew = Static<typeof HuntNew>;

export const Hunt = Type.Object(
  {
    id: Type.String(),
    state: Type.Enum(["waiting", "running", "done", "cancelled", "failed"]),
    who: Type.String(),
    purpose: Type.String(),
    values: Type.Array(Observable, { description: "The first 100" }),
    count: Type.Integer({ description: "Values hunted" }),
    pattern: Type.Optional(Type.String()),
    organisation: Type.Optional(Type.String()),
    from: Time,
    to: Time,
    at: Time,
    ended: Type.Optional(Time),
    toRead: Type.Optional(Type.Integer({ description: "Observations that may show them, once it has begun" })),
    read: Type.Integer({ description: "Records read so far" }),
    found: Type.Integer({ description: "Sightings, those that are no longer kept among them" }),
    cut: Type.Boolean({ description: "There were more than are kept" }),
    problem: Type.Optional(Type.Object({ code: Type.String(), says: Type.String() })),
  },
  { $id: "Hunt" },
);
export type Hunt = Static<typeof Hunt>;

export const HuntPage = Type.Object(
  { hunts: Type.Array(Type.Ref("Hunt")), next: Type.Optional(Type.String()) },
  { $id: "HuntPage" },
);
export interface HuntPage {
  readonly hunts: readonly Hunt[];
  readonly next?: string;
}

export const HuntSighting = Type.Object(
  {
    time: Time,
    organisation: Type.String(),
    sensor: Type.String(),
    hunted: Observable,
    seen: Observable,
    where: Type.String({ description: "Where in the record: destination, dns-query, http-url …" }),
    direction: Type.String(),
    own: Type.Optional(Type.String({ description: "The organisation's end of it" })),
    weight: Type.Enum(["finding", "background"], { description: "As live matching would weigh it" }),
    text: Type.String({ description: "The record after the field policy, at most 4,096 characters" }),
  },
  { $id: "HuntSighting" },
);
export type HuntSighting = Static<typeof HuntSighting>;

export const HuntResults = Type.Object(
  { results: Type.Array(Type.Ref("HuntSighting")), next: Type.Optional(Type.String()) },
  { $id: "HuntResults" },
);
export interface HuntResults {
  readonly results: readonly HuntSighting[];
  readonly next?: string;
}
