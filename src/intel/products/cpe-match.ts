import { type CpeAttribute, cpeAttributes, type CpeName, hasWildcard } from "./cpe-name.ts";

/** How a source value or name stands to a target: the sets of things they name. */
export type Relation = "superset" | "subset" | "equal" | "disjoint" | "undefined";

/** @see NIST IR 7696 §6.2.2, Table 6-2 (the row is in the comment) */
export const compareAttribute = (source: string, target: string): Relation => {
  if (source === target && (target === "*" || target === "-")) return "equal"; // 1, 6 of the two, which most attributes are
  if (target !== "*" && target !== "-" && hasWildcard(target)) return "undefined"; // 4, 8, 11, 14
  if (source === target) return "equal"; // 9
  if (source === "*") return "superset"; // 2, 3
  if (target === "*") return "subset"; // 5, 13, 15
  if (source === "-" || target === "-") return "disjoint"; // 7, 12, 16
  return hasWildcard(source) && wildcardMatches(source, target) ? "superset" : "disjoint"; // 17, 10
};

/** "*" is any number of characters, a "?" is none or one. @see NIST IR 7696 §6.3 */
const wildcardMatches = (source: string, target: string): boolean => {
  const [, head = "", , tail = ""] = /^(\*|\?*)((?:\\.|[^*?\\])*)(\*|\?*)$/su.exec(source) ?? [];
  const [core, text] = [charactersOf(source.slice(head.length, source.length - tail.length)), charactersOf(target)];
  const most = (ends: string): number => (ends === "*" ? Infinity : ends.length);
  for (let at = 0; at <= text.length - core.length && at <= most(head); at++) {
    if (text.length - at - core.length > most(tail)) continue;
    if (core.every((character, place) => text[at + place] === character)) return true;
  }
  return false;
};

/** A quoted character is one character. */
const charactersOf = (value: string): readonly string[] => value.match(/\\.|[^\\]/gsu) ?? [];

/** All attributes, or those named. @see NIST IR 7696 §6.4, Table 6-4 */
export const compareCpe = (
  source: CpeName,
  target: CpeName,
  attributes: readonly CpeAttribute[] = cpeAttributes,
): Relation => {
  let [superset, subset, unknown] = [false, false, false];
  for (const one of attributes) {
    const relation = compareAttribute(source[one], target[one]);
    if (relation === "disjoint") return relation;
    if (relation === "superset") superset = true;
    else if (relation === "subset") subset = true;
    else if (relation === "undefined") unknown = true;
  }
  if (unknown || (superset && subset)) return "undefined";
  return superset ? "superset" : subset ? "subset" : "equal";
};
