import Type, { type Static } from "typebox";
import { tlps } from "#core/marking.ts";
import { observableKinds } from "#core/observable.ts";
import { severities } from "#core/severity.ts";

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
        description:
          "A STIX 2.1 pattern. One that any one of its values makes true is a hunt for these values; any other is asked of records, those of one organisation together",
      }),
    ),
    rule: Type.Optional(
      Type.Object(
        {
          text: Type.Optional(
            Type.String({
              minLength: 1,
              maxLength: 262_144,
              description: "Sigma rules, correlations and filters, as YAML",
            }),
          ),
          id: Type.Optional(
            Type.String({ minLength: 1, maxLength: 256, description: "Id or name of a rule that is there" }),
          ),
        },
        { additionalProperties: false, description: "Instead of values: one of the two; staff alone hunts by rules" },
      ),
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
    at: Type.Optional(
      Type.Enum(["server", "sensors"], {
        description:
          "Where it is looked for: in what is kept here, or by sensors in what each keeps inside its organisation",
      }),
    ),
    tlp: Type.Optional(
      Type.Enum([...tlps], {
        description: "How far what is hunted may be told, when sensors are asked: others are not; amber unless said",
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
    rule: Type.Optional(Type.String({ description: "Title of the rule that is asked" })),
    rules: Type.Optional(
      Type.Array(
        Type.Object({
          id: Type.String(),
          title: Type.String(),
          severity: Type.Enum([...severities]),
          count: Type.Integer(),
          first: Time,
          last: Time,
        }),
        { description: "By rule, the worst first" },
      ),
    ),
    unseen: Type.Optional(
      Type.Array(
        Type.Object({
          rule: Type.String(),
          format: Type.String(),
          field: Type.String(),
          blind: Type.Boolean({ description: "The rule is not asked of records of this format" }),
        }),
        { description: "What rules ask for and the field policy does not keep" },
      ),
    ),
    unread: Type.Optional(Type.Integer({ description: "Records that could not be read again as they are kept" })),
    blind: Type.Optional(
      Type.Integer({ description: "Records that a rule was not asked of, for what it must see is not kept" }),
    ),
    matches: Type.Optional(
      Type.Integer({
        description: "How often a pattern that is asked of records was true, each time of other records",
      }),
    ),
    undecided: Type.Optional(Type.Integer({ description: "Times it could not be decided" })),
    letGo: Type.Optional(
      Type.Integer({ description: "Records with a part in the pattern that were let go of for want of room" }),
    ),
    organisation: Type.Optional(Type.String()),
    from: Time,
    to: Time,
    at: Time,
    ended: Type.Optional(Time),
    toRead: Type.Optional(Type.Integer({ description: "Observations that may show them, once it has begun" })),
    read: Type.Integer({ description: "Records read so far" }),
    found: Type.Integer({ description: "Sightings, those that are no longer kept among them" }),
    cut: Type.Boolean({ description: "There were more than are kept" }),
    sensors: Type.Optional(
      Type.Array(
        Type.Object({
          title: Type.String(),
          organisation: Type.String(),
          state: Type.Enum(["waiting", "asked", "answering", "done", "failed"]),
          count: Type.Integer(),
          first: Type.Optional(Time),
          last: Type.Optional(Time),
          answered: Type.Optional(Time),
          read: Type.Optional(Type.Integer({ description: "Of a hunt by rules: records it looked at so far" })),
          toRead: Type.Optional(Type.Integer({ description: "That it has of the period, at most" })),
          days: Type.Array(Type.Object({ day: Type.String({ format: "date" }), n: Type.Integer() })),
          problem: Type.Optional(Type.String()),
        }),
        { description: "Sensors that were asked, and what each answered" },
      ),
    ),
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
    rule: Type.Optional(
      Type.Object({
        id: Type.String(),
        title: Type.String(),
        severity: Type.Enum([...severities]),
        first: Type.Optional(Time),
        count: Type.Optional(Type.Number({ description: "Of a correlation: what it counted" })),
        group: Type.Optional(Type.Record(Type.String(), Type.String())),
      }),
    ),
    pattern: Type.Optional(
      Type.Object(
        {
          match: Type.Integer({ minimum: 1 }),
          records: Type.Integer({ minimum: 1 }),
        },
        { description: "Which time the pattern was true, from 1, and how many records made it so together" },
      ),
    ),
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
