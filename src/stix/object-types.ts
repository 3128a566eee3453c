import { bundleTable, metaTables, sroTables } from "./other-tables.ts";
import type { Category, ObjectType } from "./property-kinds.ts";
import { scoTables } from "./sco-tables.ts";
import { sdoTables } from "./sdo-tables.ts";

/** Every kind of object STIX 2.1 defines, by its type. */
export const objectTypes: ReadonlyMap<string, ObjectType> = new Map(
  [...sdoTables, ...sroTables, ...scoTables, ...metaTables, bundleTable].map((one) => [one.type, one]),
);

/** What kind of thing a type is; `undefined` for types nobody has defined here. */
export const categoryOf = (type: string): Category | undefined => objectTypes.get(type)?.category;

/** The type an identifier names, by its text alone: "indicator--…" → "indicator"; "" for text that is no identifier. */
export const typeOfId = (id: string): string => {
  const end = id.indexOf("--");
  return end < 0 ? "" : id.slice(0, end);
};
