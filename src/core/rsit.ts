import type { Severity } from "#core/severity.ts";

/**
 * Kinds of trouble, by the ENISA/TF-CSIRT Reference Security Incident Taxonomy (RSIT) 1004, `class/type`: all of its
 * types, in its order, and `blacklist`, which it has not and every list-maker uses. `severity` is where a finding starts
 * before certainty and asset worth move it.
 * @see https://github.com/enisaeu/Reference-Security-Incident-Taxonomy-Task-Force
 */
export const rsitTypes = {
  spam: { class: "abusive-content", severity: "medium" },
  "harmful-speech": { class: "abusive-content", severity: "medium" },
  violence: { class: "abusive-content", severity: "high" },
  "infected-system": { class: "malicious-code", severity: "high" },
  "c2-server": { class: "malicious-code", severity: "high" },
  "malware-distribution": { class: "malicious-code", severity: "high" },
  "malware-configuration": { class: "malicious-code", severity: "high" },
  scanner: { class: "information-gathering", severity: "medium" },
  sniffing: { class: "information-gathering", severity: "high" },
  "social-engineering": { class: "information-gathering", severity: "medium" },
  "ids-alert": { class: "intrusion-attempts", severity: "medium" },
  "brute-force": { class: "intrusion-attempts", severity: "medium" },
  exploit: { class: "intrusion-attempts", severity: "medium" },
  "privileged-account-compromise": { class: "intrusions", severity: "critical" },
  "unprivileged-account-compromise": { class: "intrusions", severity: "high" },
  "application-compromise": { class: "intrusions", severity: "high" },
  "system-compromise": { class: "intrusions", severity: "high" },
  burglary: { class: "intrusions", severity: "high" },
  dos: { class: "availability", severity: "high" },
  ddos: { class: "availability", severity: "high" },
  misconfiguration: { class: "availability", severity: "medium" },
  sabotage: { class: "availability", severity: "critical" },
  outage: { class: "availability", severity: "medium" },
  "unauthorised-information-access": { class: "information-content-security", severity: "high" },
  "unauthorised-information-modification": { class: "information-content-security", severity: "high" },
  "data-loss": { class: "information-content-security", severity: "high" },
  "data-leak": { class: "information-content-security", severity: "high" },
  "unauthorised-use-of-resources": { class: "fraud", severity: "medium" },
  copyright: { class: "fraud", severity: "low" },
  masquerade: { class: "fraud", severity: "medium" },
  phishing: { class: "fraud", severity: "high" },
  "weak-crypto": { class: "vulnerable", severity: "low" },
  "ddos-amplifier": { class: "vulnerable", severity: "medium" },
  "potentially-unwanted-accessible": { class: "vulnerable", severity: "low" },
  "information-disclosure": { class: "vulnerable", severity: "medium" },
  "vulnerable-system": { class: "vulnerable", severity: "medium" },
  blacklist: { class: "other", severity: "medium" },
  other: { class: "other", severity: "low" },
  undetermined: { class: "other", severity: "low" },
  test: { class: "test", severity: "info" },
} as const;
void (rsitTypes satisfies Record<string, { class: string; severity: Severity }>);
export type RsitType = keyof typeof rsitTypes;

export const isRsitType = (text: string): text is RsitType => Object.hasOwn(rsitTypes, text);

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

/** What a problem is about, as people write it: a CVE id has capitals, a family or service is as we keep it. */
export const printAbout = (about: string): string => (/^cve-\d/.test(about) ? about.toUpperCase() : about);
