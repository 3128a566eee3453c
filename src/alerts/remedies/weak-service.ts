import { remedy as other } from "./other.ts";
import { step, type Remedy } from "./remedy.ts";

/** Nothing has happened yet: a setting is to be put right. Seen from inside, it is the other side's to mend. */
export const weakCrypto: Remedy = {
  contacted: other.contacted,
  listed: {
    it: [step("renew-crypto", "system-administrator", "1w"), step("update-product", "system-administrator", "1w")],
    sme: [step("call-it", "owner", "1w"), step("renew-crypto", "it-supplier", "1w")],
  },
};

export const amplifier: Remedy = {
  contacted: other.contacted,
  listed: {
    it: [
      step("close-reflector", "network-administrator", "today"),
      step("restrict-service", "network-administrator", "today"),
      step("correct-setting", "system-administrator", "3d"),
    ],
    sme: [
      step("call-it", "owner", "today"),
      step("router", "owner", "today"),
      step("correct-setting", "it-supplier", "3d"),
    ],
  },
};

export const accessibleService: Remedy = {
  contacted: other.contacted,
  listed: {
    it: [
      step("restrict-service", "network-administrator", "3d"),
      step("limit-logins", "system-administrator", "3d"),
      step("update-product", "system-administrator", "1w"),
    ],
    sme: [step("call-it", "owner", "3d"), step("restrict-service", "it-supplier", "3d"), step("router", "owner", "1w")],
  },
};

export const informationDisclosure: Remedy = {
  contacted: other.contacted,
  listed: {
    it: [
      step("restrict-service", "network-administrator", "today"),
      step("list-data", "security-contact", "today"),
      step("privacy", "privacy-officer", "today"),
      step("correct-setting", "system-administrator", "3d"),
    ],
    sme: [
      step("call-it", "owner", "today"),
      step("list-data", "owner", "today"),
      step("correct-setting", "it-supplier", "3d"),
    ],
  },
};

export const misconfiguration: Remedy = {
  contacted: other.contacted,
  listed: {
    it: [step("correct-setting", "system-administrator", "today"), step("keep-logs", "system-administrator", "3d")],
    sme: [step("call-it", "owner", "today"), step("correct-setting", "it-supplier", "3d")],
  },
};
