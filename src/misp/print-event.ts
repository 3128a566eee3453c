import type { MispAttribute, MispEvent, MispObject } from "./model.ts";
import { isObject, type JsonObject } from "./own.ts";

/**
 * An event as MISP writes it, under "Event". What the reader did not know goes back where it was; empty lists of the
 * optional kinds are left out. Law: reading what is printed gives the same event.
 */
export const printEvent = (event: MispEvent): { readonly Event: JsonObject } => ({ Event: printed(event) });

export const printAttribute = (attribute: MispAttribute): JsonObject => printed(attribute);

export const printObject = (object: MispObject): JsonObject => printed(object);

/** Lists MISP always writes in an event; elsewhere an empty list is not written. */
const always: ReadonlySet<string> = new Set(["Attribute", "Object", "Tag"]);

const printed = (value: object): JsonObject => {
  const out: [string, unknown][] = [];
  for (const [key, item] of Object.entries(value)) {
    if (key === "more" || item === undefined) continue;
    if (Array.isArray(item)) {
      if (item.length > 0 || (always.has(key) && "info" in value)) out.push([key, item.map(printedItem)]);
    } else out.push([key, key === "Org" || key === "Orgc" || key === "Organisation" ? printedItem(item) : item]);
  }
  const more: unknown = "more" in value ? value.more : undefined;
  return Object.fromEntries([...(isObject(more) ? Object.entries(more) : []), ...out]);
};

const printedItem = (item: unknown): unknown => (typeof item === "object" && item !== null ? printed(item) : item);
