import { infectedDevice } from "./infected-system.ts";
import { remedy as other } from "./other.ts";
import { step, type Remedy } from "./remedy.ts";

/** Something is being destroyed: stop it, save what is whole. */
export const sabotage: Remedy = {
  contacted: infectedDevice,
  listed: {
    it: [
      step("isolate", "system-administrator", "now"),
      step("check-backup", "system-administrator", "1h"),
      step("keep-memory", "system-administrator", "1h"),
      step("rotate-admin", "account-administrator", "2h"),
      step("police", "security-contact", "today"),
      step("find-entry", "system-administrator", "today"),
      step("rebuild", "system-administrator", "3d"),
    ],
    sme: [
      step("unplug", "owner", "now"),
      step("call-it", "owner", "now"),
      step("check-backup", "it-supplier", "1h"),
      step("police", "owner", "today"),
      step("reinstall", "it-supplier", "3d"),
    ],
  },
};

/** Probably nobody's attack: look, call, tell. */
export const outage: Remedy = {
  contacted: other.contacted,
  listed: {
    it: [
      step("check-running", "system-administrator", "1h"),
      step("call-provider", "network-administrator", "2h"),
      step("keep-logs", "system-administrator", "today"),
    ],
    sme: [step("check-running", "owner", "1h"), step("call-provider", "owner", "2h"), step("call-it", "owner", "2h")],
  },
};

/** Gone, not stolen: what is still whole decides. */
export const dataLoss: Remedy = {
  contacted: infectedDevice,
  listed: {
    it: [
      step("check-backup", "system-administrator", "1h"),
      step("keep-logs", "system-administrator", "2h"),
      step("list-data", "security-contact", "today"),
      step("privacy", "privacy-officer", "today"),
      step("find-entry", "system-administrator", "today"),
    ],
    sme: [
      step("check-backup", "owner", "1h"),
      step("call-it", "owner", "1h"),
      step("list-data", "owner", "today"),
      step("backup", "it-supplier", "1w"),
    ],
  },
};

/** The device itself is in somebody's hands. */
export const burglary: Remedy = {
  contacted: other.contacted,
  listed: {
    it: [
      step("wipe-device", "system-administrator", "now"),
      step("police", "security-contact", "today"),
      step("rotate-passwords", "account-administrator", "2h"),
      step("list-data", "security-contact", "today"),
      step("privacy", "privacy-officer", "today"),
    ],
    sme: [
      step("wipe-device", "owner", "now"),
      step("change-passwords", "owner", "2h"),
      step("police", "owner", "today"),
      step("list-data", "owner", "today"),
    ],
  },
};

/** Nothing is wrong, and the answer is the point. */
export const test: Remedy = {
  contacted: {
    it: [step("answer-test", "security-contact", "today"), step("check-purpose", "system-administrator", "1w")],
    sme: [step("answer-test", "owner", "today"), step("call-it", "owner", "1w")],
  },
  listed: {
    it: [step("answer-test", "security-contact", "today"), step("own-scan", "security-contact", "1w")],
    sme: [step("answer-test", "owner", "today"), step("call-it", "owner", "1w")],
  },
};
