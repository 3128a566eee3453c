import { gradeWeight } from "#core/grade.ts";
import type { ProblemClass, RsitType } from "#core/rsit.ts";
import type { LiveClaim } from "#intel/ports.ts";

/** Problems that are about a malware family; the others are about nothing more than themselves. */
const aboutFamily: ReadonlySet<RsitType> = new Set([
  "infected-system",
  "c2-server",
  "malware-distribution",
  "system-compromise",
]);

/** Labels that name no family: lists, sources and kinds of thing. */
const noFamily =
  /^(?:c2|c&c|cnc|botnet|malware|phishing|suspicious|scanner|bruteforce|online|offline|malicious|generic|unknown|tlp.*)$/;

/** "Qakbot", "win.qakbot", "QakBot (Qbot)" are one: lower case, platform prefix and brackets off, blanks to hyphens. */
export const familyOf = (labels: readonly string[]): string => {
  for (const label of labels) {
    const plain = label
      .toLowerCase()
      .replace(/\s*\(.*?\)\s*/g, "")
      .replace(/^(?:win|elf|apk|osx|jar|js|php)\./, "")
      .trim()
      .replace(/[\s_]+/g, "-");
    if (plain !== "" && plain.length <= 64 && !noFamily.test(plain)) return plain;
  }
  return "";
};

/** Best claim first: by grade, then by feed id, so that the outcome never depends on the order of loading. */
export const bestFirst = (claims: readonly LiveClaim[]): readonly LiveClaim[] =>
  [...claims].sort((a, b) => gradeWeight(b.grade) - gradeWeight(a.grade) || (a.feed < b.feed ? -1 : 1));

/**
 * The problem that claims which may speak point to: the type their best source gives its list, about the family that
 * the best source naming one names. Undefined when none of them may speak.
 */
export const problemOf = (
  claims: readonly LiveClaim[],
  meaning: (feed: string) => RsitType,
): ProblemClass | undefined => {
  const speaking = bestFirst(claims.filter((claim) => claim.voice === "alert"));
  const best = speaking[0];
  if (best === undefined) return undefined;
  const type = meaning(best.feed);
  return {
    type,
    about: aboutFamily.has(type)
      ? (speaking.map((claim) => familyOf(claim.labels)).find((family) => family !== "") ?? "")
      : "",
  };
};
