import { acts as enActs } from "./en/acts.ts";
import { answers as enAnswers } from "./en/answers.ts";
import { behaviours as enBehaviours } from "./en/behaviours.ts";
import { glossary as enGlossary } from "./en/glossary.ts";
import { inside as enInside } from "./en/inside.ts";
import { mail as enMail } from "./en/mail.ts";
import { remedies as enRemedies } from "./en/remedies.ts";
import { scan as enScan } from "./en/scan.ts";
import { sensor as enSensor } from "./en/sensor.ts";
import { sharing as enSharing } from "./en/sharing.ts";
import type { Language } from "./language.ts";
import type { Sentence } from "./sentence.ts";
import { acts as hansActs } from "./zh-hans/acts.ts";
import { answers as hansAnswers } from "./zh-hans/answers.ts";
import { behaviours as hansBehaviours } from "./zh-hans/behaviours.ts";
import { glossary as hansGlossary } from "./zh-hans/glossary.ts";
import { inside as hansInside } from "./zh-hans/inside.ts";
import { mail as hansMail } from "./zh-hans/mail.ts";
import { remedies as hansRemedies } from "./zh-hans/remedies.ts";
import { scan as hansScan } from "./zh-hans/scan.ts";
import { sensor as hansSensor } from "./zh-hans/sensor.ts";
import { sharing as hansSharing } from "./zh-hans/sharing.ts";
import { acts as hantActs } from "./zh-hant/acts.ts";
import { answers as hantAnswers } from "./zh-hant/answers.ts";
import { behaviours as hantBehaviours } from "./zh-hant/behaviours.ts";
import { glossary as hantGlossary } from "./zh-hant/glossary.ts";
import { inside as hantInside } from "./zh-hant/inside.ts";
import { mail as hantMail } from "./zh-hant/mail.ts";
import { remedies as hantRemedies } from "./zh-hant/remedies.ts";
import { scan as hantScan } from "./zh-hant/scan.ts";
import { sensor as hantSensor } from "./zh-hant/sensor.ts";
import { sharing as hantSharing } from "./zh-hant/sharing.ts";

const english = {
  acts: enActs,
  answers: enAnswers,
  behaviours: enBehaviours,
  glossary: enGlossary,
  inside: enInside,
  mail: enMail,
  remedies: enRemedies,
  scan: enScan,
  sensor: enSensor,
  sharing: enSharing,
} as const;
type English = typeof english;

/** "topic.key", as `say` takes it: "mail.due", "glossary.severity.high". */
export type Key = { [Topic in keyof English & string]: `${Topic}.${keyof English[Topic] & string}` }[keyof English &
  string];

export type SentenceOf<K extends Key> = K extends `${infer Topic extends keyof English & string}.${infer Name}`
  ? Name extends keyof English[Topic]
    ? English[Topic][Name]
    : never
  : never;

/**
 * Every sentence of mail, answer pages and glossary in every language. English gives the keys; each topic file of the
 * other languages is typed by it, so that a missing sentence does not compile.
 */
export const catalogue: Readonly<
  Record<Language, Readonly<Record<keyof English, Readonly<Record<string, Sentence>>>>>
> = {
  en: english,
  "zh-Hant-HK": {
    acts: hantActs,
    answers: hantAnswers,
    behaviours: hantBehaviours,
    glossary: hantGlossary,
    inside: hantInside,
    mail: hantMail,
    remedies: hantRemedies,
    scan: hantScan,
    sensor: hantSensor,
    sharing: hantSharing,
  },
  "zh-Hans": {
    acts: hansActs,
    answers: hansAnswers,
    behaviours: hansBehaviours,
    glossary: hansGlossary,
    inside: hansInside,
    mail: hansMail,
    remedies: hansRemedies,
    scan: hansScan,
    sensor: hansSensor,
    sharing: hansSharing,
  },
};
