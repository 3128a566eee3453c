import { gradeWeight } from "#core/grade.ts";
import { isRsitType, type ProblemClass, type RsitType } from "#core/rsit.ts";
import type { LiveClaim } from "#intel/ports.ts";

/** Problems that are about a malware family; the others are about nothing more than themselves. */
const aboutFamily: ReadonlySet<RsitType> = new Set([
  "infected-system",
  "c2-server",
  "malware-distribution",
  "system-compromise",
]);

/** Labels that name no family: lists, sources, kinds of thing, and ids of techniques. */
const noFamily =
  /^(?:(?:attack\.)?ta?\d{4}(?:\.\d{3})?|c2|c&c|cnc|botnet|malware|phishing|suspicious|scanner|bruteforce|online|offline|malicious|generic|unknown|tlp.*)$/;

/** "Qakbot", "win.qakbot", "QakBot (Qbot)" are one: lower case, platform prefix and brackets off, blanks to hyphens. */
export const familyOf = (labels: readonly string[]): string => {
  for (const label of labels) {
    const plain = label
      .toLowerCase()
      .replace(/\s*\(.*?\)\s*/g, "")
      .replace(/^(?:win|elf|apk|osx|jar|js|php)\./, "")
      .trim()
      .replace(/[\s_]+/g, "-");
    if (plain !== "" && plain.length <= 64 && !noFamily.test(plain) && !isRsitType(plain)) return plain;
  }
  return "";
};

/** How a listed value met a member: its host spoke to it, or it is the member's own. */
export type Met = "contacted" | "listed";

/** What a row's own type means for the host that contacts it; types that are not here say nothing about a visitor. */
const contactedMeans: Partial<Record<RsitType, RsitType>> = {
  "c2-server": "infected-system",
  "infected-system": "infected-system",
  "malware-distribution": "malware-distribution",
  "malware-configuration": "malware-distribution",
  phishing: "phishing",
};

/** Types too vague to take the place of what the feed means. */
const vague: ReadonlySet<RsitType> = new Set(["other", "undetermined", "test", "blacklist"]);

/**
 * What one row says it is: sources that list things of several kinds put the type last among the labels (feeds/feed.ts).
 * Undefined: it says nothing that bears on how it met the member, and the feed's own meaning holds.
 */
const typeSaid = (labels: readonly string[], met: Met): RsitType | undefined => {
  const said = labels.findLast(isRsitType);
  if (said === undefined || vague.has(said)) return undefined;
  return met === "listed" ? said : contactedMeans[said];
};

/** Best claim first: by grade, then by feed id, so that the outcome never depends on the order of loading. */
export const bestFirst = (claims: readonly LiveClaim[]): readonly LiveClaim[] =>
  [...claims].sort((a, b) => gradeWeight(b.grade) - gradeWeight(a.grade) || (a.feed < b.feed ? -1 : 1));

/**
 * The problem that claims which may speak point to: the type their best source gives this row, else its list, about the family that
 * the best source naming one names. Undefined when none of them may speak.
 */
export const problemOf = (
  claims: readonly LiveClaim[],
  meaning: (feed: string) => RsitType,
  met: Met,
): ProblemClass | undefined => {
  const speaking = bestFirst(claims.filter((claim) => claim.voice === "alert"));
  const best = speaking[0];
  if (best === undefined) return undefined;
  const type = typeSaid(best.labels, met) ?? meaning(best.feed);
  return {
    type,
    about: aboutFamily.has(type)
      ? (speaking.map((claim) => familyOf(claim.labels)).find((family) => family !== "") ?? "")
      : "",
  };
};
