/**
 * A Zeek field of a record by Zeek's own name. Shippers flatten the dots ("id_orig_h"), so both spellings are looked for.
 * Own keys only: "constructor" is no field.
 */
export const field = (fields: Readonly<Record<string, unknown>>, name: string): unknown => {
  if (Object.hasOwn(fields, name)) return fields[name];
  if (!name.includes(".")) return undefined;
  const flat = name.replaceAll(".", "_");
  return Object.hasOwn(fields, flat) ? fields[flat] : undefined;
};

/** The field when it is text and says something. */
export const textField = (fields: Readonly<Record<string, unknown>>, name: string): string | undefined => {
  const value = field(fields, name);
  return typeof value === "string" && value !== "" ? value : undefined;
};

/** The texts of a list field, or the one text of a field that should have been a list. */
export const textsField = (fields: Readonly<Record<string, unknown>>, name: string): readonly string[] => {
  const value = field(fields, name);
  if (typeof value === "string") return value === "" ? [] : [value];
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string" && item !== "") : [];
};
