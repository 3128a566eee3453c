import { jsonField } from "./json.ts";

/** What stands at the end of these steps through own properties; `undefined` where a step leads nowhere. */
export const jsonAt = (value: unknown, ...steps: readonly string[]): unknown => steps.reduce<unknown>(jsonField, value);

/** The text there, trimmed; "" when it is none. */
export const textAt = (value: unknown, ...steps: readonly string[]): string => {
  const found = jsonAt(value, ...steps);
  return typeof found === "string" ? found.trim() : "";
};

/** The list there; empty when it is none. */
export const listAt = (value: unknown, ...steps: readonly string[]): readonly unknown[] => {
  const found = jsonAt(value, ...steps);
  return Array.isArray(found) ? found : [];
};

/** The texts of the list there, trimmed, without empty ones. */
export const textsAt = (value: unknown, ...steps: readonly string[]): readonly string[] =>
  listAt(value, ...steps)
    .filter((one) => typeof one === "string")
    .map((one) => one.trim())
    .filter((one) => one !== "");

/** The number there, also one written as text ("0.09029"); `undefined` when it is none. */
export const numberAt = (value: unknown, ...steps: readonly string[]): number | undefined => {
  const found = jsonAt(value, ...steps);
  const number = typeof found === "string" && found.trim() !== "" ? Number(found) : found;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
};

export const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
