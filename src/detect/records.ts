import { record as beacon } from "./beacon/record.ts";
import { record as dnsTunnel } from "./dns-tunnel/record.ts";
import { record as exfiltration } from "./exfiltration/record.ts";
import { record as intrusion } from "./intrusion/record.ts";
import { record as passwordGuessing } from "./password-guessing/record.ts";
import { record as portScan } from "./port-scan/record.ts";
import { record as ransomware } from "./ransomware/record.ts";
import type { BenignRecord } from "./record.ts";
import { record as signIn } from "./sign-in/record.ts";
import { record as webAttack } from "./web-attack/record.ts";

/** The published record of every behaviour, by its id; a test holds it to the list of behaviours, and measures again. */
export const benignRecords: Readonly<Record<string, BenignRecord>> = {
  beacon,
  "dns-tunnel": dnsTunnel,
  exfiltration,
  intrusion,
  "password-guessing": passwordGuessing,
  "port-scan": portScan,
  ransomware,
  "sign-in": signIn,
  "web-attack": webAttack,
};
