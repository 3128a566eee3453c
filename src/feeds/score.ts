import type { Score } from "./feed.ts";
import { numberAt, textAt } from "./json-shape.ts";

const versions = ["2.0", "3.0", "3.1", "4.0"] as const;
// CVSS 4.0 §7, 3.1 §6, 2.0 §2.4: metrics of one to three capitals, after the version where there is one
const vector = /^(?:CVSS:[34]\.[01]\/|\()?[A-Z]{1,3}:[A-Z]{1,2}(?:\/[A-Z]{1,3}:[A-Za-z]{1,5}){3,40}\)?$/;

/**
 * A CVSS object of CSAF, CVE 5 or NVD ({ version, vectorString, baseScore }) as a score by `by`. `undefined` when it
 * holds no number from 0 to 10 or no vector of a known version: half a score is none.
 */
export const scoreOf = (cvss: unknown, by: string): Score | undefined => {
  const text = textAt(cvss, "vectorString");
  const score = numberAt(cvss, "baseScore");
  const said = textAt(cvss, "version");
  const version = versions.find((one) => one === said) ?? versions.find((one) => text.startsWith(`CVSS:${one}/`));
  if (version === undefined || score === undefined || score < 0 || score > 10 || !vector.test(text)) return undefined;
  return { version, vector: text.replace(/^\(|\)$/g, ""), score, by };
};

/** Each once: same version, vector and scorer. */
export const distinctScores = (scores: readonly (Score | undefined)[]): readonly Score[] => {
  const found = new Map<string, Score>();
  for (const one of scores)
    if (one !== undefined) found.set(`${one.version} ${one.vector} ${one.score} ${one.by}`, one);
  return [...found.values()];
};
