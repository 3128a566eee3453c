import type { RsitType } from "#core/rsit.ts";
import type { LogSource } from "#telemetry/format.ts";

/** What a detector of doings says it is about. */
export interface Doing {
  /** ATT&CK tactics and techniques: "credential-access", "T1110.003". */
  readonly tactics: readonly string[];
  readonly attack: readonly string[];
  readonly logsource: LogSource;
}

/** Tactics whose damage has a name of its own, the worst first. */
const byTactic: readonly (readonly [string, RsitType])[] = [
  ["impact", "sabotage"],
  ["exfiltration", "data-leak"],
  ["credential-access", "unprivileged-account-compromise"],
  ["command-and-control", "infected-system"],
];

/** Logs of web servers: what is seen there is an attempt from outside. */
const web: ReadonlySet<string> = new Set(["webserver", "apache", "nginx", "iis", "waf"]);

/**
 * The problem that a rule points to, as RSIT names it; a break-in where it says nothing nearer.
 * @see MITRE ATT&CK Enterprise, tactics; RSIT 1.0
 */
export const problemOfDoing = ({ tactics, attack, logsource }: Doing): RsitType => {
  const named = byTactic.find(([tactic]) => tactics.includes(tactic))?.[1];
  // T1110: guessing is not yet a stolen account
  if (named === "unprivileged-account-compromise" && attack.some((one) => /^T1110\b/.test(one))) return "brute-force";
  if (named !== undefined) return named;
  const { category = "", service = "" } = logsource;
  if (web.has(category) || web.has(service) || attack.includes("T1190")) return "exploit";
  if (tactics.includes("reconnaissance") || attack.some((one) => /^T1(?:046|595)\b/.test(one))) return "scanner";
  return "system-compromise";
};
