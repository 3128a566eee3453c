import Type, { type Static } from "typebox";

const Time = Type.String({ format: "date-time" });
const Named = Type.Object({ id: Type.String(), name: Type.String() });
const Counts = Type.Record(Type.String(), Type.Integer());

/**
 * How a sensor inside an organisation is.
 *   new      it fetched what it may have, and sent nothing yet     well     nothing to say
 *   silent   it has sent nothing for a day                         old      what it looks for, or its program, is not today's
 *   losing   it lost records, or forgot for want of room           lying    what it sent was refused
 */
export const sensorConditions = ["new", "well", "silent", "old", "losing", "lying"] as const;
export type SensorCondition = (typeof sensorConditions)[number];

/** Counts of one day. */
const SensorDay = Type.Object({
  day: Type.String({ format: "date" }),
  lines: Type.Integer({ description: "Records it read" }),
  rejected: Type.Integer({ description: "Of these, those it could not read" }),
  late: Type.Integer({ description: "Records that came too late to be looked at over time" }),
  forgotten: Type.Integer({ description: "What detectors over time forgot for want of room" }),
  lost: Type.Integer({ description: "Records it could not take or had to let go" }),
  parcels: Type.Integer(),
  lies: Type.Integer({ description: "Lines of parcels that were refused here" }),
});

export const SensorInside = Type.Object(
  {
    id: Type.String(),
    key: Type.String(),
    title: Type.String(),
    organisation: Named,
    conditions: Type.Array(Type.Enum([...sensorConditions]), { description: "Worst first; one at least" }),
    program: Type.Optional(Type.String({ description: "Version of waglan that runs there" })),
    said: Type.Optional(Type.String({ format: "date-time", description: "It last told how it is" })),
    fetched: Type.Optional(Type.String({ format: "date-time", description: "It last fetched what it may look for" })),
    knowledge: Type.Optional(Type.Enum(["current", "behind"])),
    lagMs: Type.Optional(Type.Integer({ description: "Milliseconds from a record's arrival to its match" })),
    waiting: Type.Optional(Type.Integer({ description: "Parcels that wait there to be sent" })),
    memory: Type.Optional(Type.Integer({ description: "Bytes" })),
    diskUsed: Type.Optional(Type.Integer({ description: "Bytes" })),
    diskFree: Type.Optional(Type.Integer({ description: "Bytes" })),
    parcels: Type.Integer({ description: "Taken of this run of numbers" }),
    missing: Type.Integer({ description: "Numbers that never came" }),
    days: Type.Array(SensorDay, { description: "The last seven, oldest first" }),
    reasons: Type.Array(
      Type.Object({ format: Type.String(), reason: Type.String(), says: Type.String(), n: Type.Integer() }),
      { description: "Records it could not read in these days, most first" },
    ),
  },
  { $id: "SensorInside" },
);
export type SensorInside = Static<typeof SensorInside>;

export const SensorInsideList = Type.Object(
  { sensors: Type.Array(Type.Ref("SensorInside")) },
  { $id: "SensorInsideList" },
);
export interface SensorInsideList {
  readonly sensors: readonly SensorInside[];
}

export const Parcel = Type.Object(
  {
    id: Type.String(),
    sensor: Named,
    number: Type.Optional(Type.Integer({ description: "The sensor's own count" })),
    made: Type.Optional(Time),
    received: Time,
    bytes: Type.Integer({ description: "As it was sent, packed" }),
    counts: Counts,
    refused: Counts,
    hits: Type.Integer({ description: "That were new here" }),
    whole: Type.Boolean({ description: "Its last line was there and counted right" }),
  },
  { $id: "Parcel" },
);
export type Parcel = Static<typeof Parcel>;

export const ParcelPage = Type.Object(
  { parcels: Type.Array(Type.Ref("Parcel")), next: Type.Optional(Type.String()) },
  { $id: "ParcelPage" },
);
export interface ParcelPage {
  readonly parcels: readonly Parcel[];
  readonly next?: string;
}

export const ParcelContent = Type.Object(
  {
    parcel: Type.Ref("Parcel"),
    kept: Type.Boolean({ description: "False: its content is not kept any more" }),
    lines: Type.Array(
      Type.Object({
        line: Type.Integer(),
        kind: Type.String({
          description: "match, ruled, behaviour, day, answer, state, parcel, end; empty: unreadable",
        }),
        text: Type.String({ description: "As it was taken in; at most 16,384 characters" }),
        refused: Type.Optional(Type.String({ description: "Why it was not taken" })),
      }),
    ),
    next: Type.Optional(Type.Integer({ description: "The first line that is not here" })),
  },
  { $id: "ParcelContent" },
);
export interface ParcelContent {
  readonly parcel: Parcel;
  readonly kept: boolean;
  readonly lines: readonly { line: number; kind: string; text: string; refused?: string }[];
  readonly next?: number;
}

const HandedRules = Type.Object({
  name: Type.String(),
  files: Type.Array(Type.Object({ path: Type.String(), text: Type.String() })),
});

/** As jobs/sensors/wire.ts has it. */
const HandedDecision = Type.Object({ rule: Type.String(), runs: Type.Boolean(), reason: Type.String() });

export const SensorRules = Type.Object(
  {
    version: Type.String(),
    packs: Type.Array(HandedRules),
    decisions: Type.Array(HandedDecision),
  },
  { $id: "SensorRules" },
);

export const SensorAsks = Type.Object(
  {
    asks: Type.Array(
      Type.Object({
        id: Type.String(),
        purpose: Type.String(),
        by: Type.String(),
        from: Type.Integer({ description: "Milliseconds since 1970" }),
        to: Type.Integer({ description: "Excluded" }),
        what: Type.Object({
          observables: Type.Array(Type.Object({ kind: Type.String(), value: Type.String() })),
          pattern: Type.Optional(Type.String()),
          rules: Type.Optional(
            Type.Object(
              {
                title: Type.String(),
                packs: Type.Array(HandedRules, { description: "Files of the rules and of what they lean on" }),
                decisions: Type.Array(HandedDecision),
                wanted: Type.Array(Type.String(), { description: "Ids, or titles, of the rules whose word is wanted" }),
              },
              { description: "Sigma rules; then there are no values" },
            ),
          ),
          records: Type.Optional(
            Type.Object(
              { pattern: Type.String() },
              { description: "A STIX pattern that is asked of records; then there are no values" },
            ),
          ),
        }),
      }),
    ),
    cancelled: Type.Array(Type.String()),
  },
  { $id: "SensorAsks" },
);
