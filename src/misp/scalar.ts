/**
 * Scalars as MISP writes them: numbers as texts, and truth in six ways. Each answers `undefined` for what it cannot read,
 * never a guess.
 * @see MISP core format §2.2 (id, timestamp, distribution, threat_level_id, analysis are JSON strings)
 */

/** "3", 3: a whole number not below zero, as its decimal text. */
export const numeral = (value: unknown): string | undefined => {
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? String(value) : undefined;
  return typeof value === "string" && /^\d{1,20}$/.test(value.trim()) ? value.trim() : undefined;
};

/** true, 1, "1", "true" and their opposites; null and "" are no. */
export const truth = (value: unknown): boolean | undefined => {
  if (typeof value === "boolean") return value;
  if (value === 1 || value === "1") return true;
  if (value === 0 || value === "0" || value === "" || value === null) return false;
  if (typeof value !== "string") return undefined;
  const lower = value.toLowerCase();
  return lower === "true" ? true : lower === "false" ? false : undefined;
};

/** Attribute values are texts, but tools write numbers and truths bare ("35", 35; "True", true). */
export const valueText = (value: unknown): string | undefined => {
  if (typeof value === "string") return value;
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  return typeof value === "boolean" ? (value ? "1" : "0") : undefined;
};
