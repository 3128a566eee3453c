/** A flat Windows event (windows-event.ts). */
export type Fields = Readonly<Record<string, unknown>>;

/** The first of the names that says something. Names are ours and none is on an object's prototype, so reading is enough. */
export const textAt = (fields: Fields, ...names: readonly string[]): string | undefined => {
  for (const name of names) {
    const value = fields[name];
    if (typeof value === "string" && value !== "" && value !== "-") return value;
    if (typeof value === "number") return String(value);
  }
  return undefined;
};
