import type { Severity } from "#core/severity.ts";

/**
 * Kinds of trouble, by the ENISA/TF-CSIRT Reference Security Incident Taxonomy (RSIT), `class/type`; only those a
 * finding can have today. `severity` is where a finding starts before certainty and asset worth move it.
 * @see https://github.com/enisaeu/Reference-Security-Incident-Taxonomy-Task-Force
 */
export const rsitTypes = {
  "infected-system": { class: "malicious-code", severity: "high" },
  "c2-server": { class: "malicious-code", severity: "high" },
  "malware-distribution": { class: "malicious-code", severity: "high" },
  phishing: { class: "fraud", severity: "high" },
  spam: { class: "abusive-content", severity: "medium" },
  scanner: { class: "information-gathering", severity: "medium" },
  "brute-force": { class: "intrusion-attempts", severity: "medium" },
  exploit: { class: "intrusion-attempts", severity: "medium" },
  "system-compromise": { class: "intrusions", severity: "high" },
  "data-leak": { class: "information-content-security", severity: "high" },
  "vulnerable-system": { class: "vulnerable", severity: "medium" },
  ddos: { class: "availability", severity: "high" },
  blacklist: { class: "other", severity: "medium" },
  other: { class: "other", severity: "low" },
} as const;
void (rsitTypes satisfies Record<string, { class: string; severity: Severity }>);
export type RsitType = keyof typeof rsitTypes;

/**
 * What is wrong, in the community's words and never a source's: RSIT type, and what it is about (malware family, CVE or
 * service; lower case, "" when not known). One finding is one organisation × asset × problem class.
 */
export interface ProblemClass {
  readonly type: RsitType;
  readonly about: string;
}

export const problemKey = (problem: ProblemClass): string =>
  problem.about === "" ? problem.type : `${problem.type}:${problem.about}`;
