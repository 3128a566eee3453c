import Type, { type Static } from "typebox";

/** What the foot of the navigation says, and what an operator looks at first. */
export const Status = Type.Object(
  {
    sources: Type.Object({ healthy: Type.Integer(), total: Type.Integer() }),
    sensors: Type.Object({ heard: Type.Integer(), total: Type.Integer() }),
    lastEvent: Type.Optional(Type.String({ format: "date-time" })),
    indicators: Type.Optional(Type.Integer({ description: "Claims in force; absent for partners" })),
    history: Type.Object({ on: Type.Boolean(), says: Type.String() }),
    mail: Type.Object({ waiting: Type.Integer(), failed: Type.Integer() }),
  },
  { $id: "Status" },
);
export type Status = Static<typeof Status>;
