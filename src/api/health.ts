import Type, { type Static } from "typebox";

/** Alive: the process answers. Says nothing of what it needs. */
export const Health = Type.Object({ alive: Type.Boolean() }, { $id: "Health" });
export type Health = Static<typeof Health>;

/** Ready: what each part says of itself, without reasons (those are in the log and under `status`). */
export const Readiness = Type.Object(
  {
    ready: Type.Boolean(),
    checks: Type.Array(Type.Object({ name: Type.String(), ok: Type.Boolean() })),
  },
  { $id: "Readiness" },
);
export type Readiness = Static<typeof Readiness>;
