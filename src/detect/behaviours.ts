import { beacon } from "./beacon/behaviour.ts";
import type { Behaviour } from "./behaviour.ts";
import { dnsTunnel } from "./dns-tunnel/behaviour.ts";
import { exfiltration } from "./exfiltration/behaviour.ts";
import { intrusion } from "./intrusion/behaviour.ts";
import { passwordGuessing } from "./password-guessing/behaviour.ts";
import { portScan } from "./port-scan/behaviour.ts";
import { ransomware } from "./ransomware/behaviour.ts";
import { signIn } from "./sign-in/behaviour.ts";
import { webAttack } from "./web-attack/behaviour.ts";

/** Every behaviour, `intrusion` behind the others, since it reads what they said. A test holds the list to the folders. */
export const behaviours: readonly Behaviour[] = [
  beacon,
  dnsTunnel,
  exfiltration,
  passwordGuessing,
  portScan,
  ransomware,
  signIn,
  webAttack,
  intrusion,
];
