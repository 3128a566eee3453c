import type { RsitType } from "#core/rsit.ts";
import { account, privilegedAccount } from "./account-compromise.ts";
import { remedy as blacklist } from "./blacklist.ts";
import { remedy as bruteForce } from "./brute-force.ts";
import { remedy as c2Server } from "./c2-server.ts";
import { changedContent, copyright, harmfulSpeech, masquerade, violence } from "./content.ts";
import { burglary, dataLoss, outage, sabotage, test } from "./damage.ts";
import { remedy as dataLeak } from "./data-leak.ts";
import { remedy as ddos } from "./ddos.ts";
import { remedy as exploit } from "./exploit.ts";
import { remedy as infectedSystem } from "./infected-system.ts";
import { remedy as malwareDistribution } from "./malware-distribution.ts";
import { remedy as other } from "./other.ts";
import { remedy as phishing } from "./phishing.ts";
import { remedy as scanner } from "./scanner.ts";
import { remedy as spam } from "./spam.ts";
import { remedy as systemCompromise } from "./system-compromise.ts";
import { remedy as vulnerableSystem } from "./vulnerable-system.ts";
import { accessibleService, amplifier, informationDisclosure, misconfiguration, weakCrypto } from "./weak-service.ts";
import type { Remedy } from "./remedy.ts";

/** What to do about each type of problem; a new RSIT type does not compile without its remedy. */
export const remedies: Readonly<Record<RsitType, Remedy>> = {
  "infected-system": infectedSystem,
  "c2-server": c2Server,
  "malware-distribution": malwareDistribution,
  phishing,
  spam,
  scanner,
  "brute-force": bruteForce,
  exploit,
  "system-compromise": systemCompromise,
  "data-leak": dataLeak,
  "vulnerable-system": vulnerableSystem,
  ddos,
  blacklist,
  other,
  undetermined: other,
  test,
  "harmful-speech": harmfulSpeech,
  violence,
  "malware-configuration": { contacted: infectedSystem.contacted, listed: malwareDistribution.listed },
  sniffing: { contacted: exploit.contacted, listed: systemCompromise.listed },
  "social-engineering": phishing,
  "ids-alert": exploit,
  "privileged-account-compromise": privilegedAccount,
  "unprivileged-account-compromise": account,
  "application-compromise": { contacted: exploit.contacted, listed: changedContent },
  burglary,
  dos: ddos,
  misconfiguration,
  sabotage,
  outage,
  "unauthorised-information-access": dataLeak,
  "unauthorised-information-modification": { contacted: exploit.contacted, listed: changedContent },
  "data-loss": dataLoss,
  "unauthorised-use-of-resources": { contacted: infectedSystem.contacted, listed: systemCompromise.listed },
  copyright,
  masquerade,
  "weak-crypto": weakCrypto,
  "ddos-amplifier": amplifier,
  "potentially-unwanted-accessible": accessibleService,
  "information-disclosure": informationDisclosure,
};
