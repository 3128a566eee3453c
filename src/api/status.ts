import Type, { type Static } from "typebox";

/**
 * Something that ought to speak and does not, or waits for a person:
 *   silent       it is asked in time and gave nothing good for three of its turns; of a sensor: it spoke once and stopped
 *   late         it was not asked for three of its turns       quarantined, held   its body waits for a person; of a
 *                folder of rules: files of it are wrong, and the last good ones are in force
 */
export const alarmStates = ["silent", "late", "quarantined", "held"] as const;

export const Alarm = Type.Object(
  {
    about: Type.Enum(["source", "sensor", "rules", "input", "detectors"]),
    id: Type.String(),
    name: Type.String(),
    // an input that does not take what reaches it is failing
    state: Type.Enum([...alarmStates, "failing"]),
    since: Type.Optional(Type.String({ format: "date-time", description: "When it was last heard well" })),
    says: Type.String({ description: "Why, in the reader's language" }),
  },
  { $id: "Alarm" },
);
export type Alarm = Static<typeof Alarm>;

/** What the foot of the navigation says, and what an operator looks at first. */
export const Status = Type.Object(
  {
    sources: Type.Object({ healthy: Type.Integer(), total: Type.Integer() }),
    sensors: Type.Object({ heard: Type.Integer(), total: Type.Integer() }),
    lastEvent: Type.Optional(Type.String({ format: "date-time" })),
    indicators: Type.Optional(Type.Integer({ description: "Claims in force; absent for partners" })),
    history: Type.Object({ on: Type.Boolean(), says: Type.String() }),
    mail: Type.Object({ waiting: Type.Integer(), failed: Type.Integer() }),
    alarms: Type.Array(Type.Ref("Alarm"), {
      description:
        "Sources and folders of rules (for those who may read them) and sensors that are silent or wrong, oldest first; at most 100",
    }),
  },
  { $id: "Status" },
);
export interface Status extends Omit<Static<typeof Status>, "alarms"> {
  readonly alarms: readonly Alarm[];
}
