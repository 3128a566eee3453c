import Type from "typebox";

/** Public ids are opaque; anything longer or stranger is the id of nothing. */
export const IdPath = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64, pattern: "^[A-Za-z0-9_.:~-]+$" }) });

/** "a, b": what a list's reader gives back to read on. Ours, opaque to them. */
export const Cursor = Type.String({ maxLength: 512, pattern: "^[A-Za-z0-9_.:~-]*$" });
