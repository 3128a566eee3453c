import { remedy as other } from "./other.ts";
import { step, type Remedy } from "./remedy.ts";

/** Words that harm people: off the page, and the account they came from. */
export const harmfulSpeech: Remedy = {
  contacted: other.contacted,
  listed: {
    it: [
      step("remove-content", "web-administrator", "today"),
      step("keep-logs", "system-administrator", "today"),
      step("find-entry", "web-administrator", "3d"),
    ],
    sme: [step("call-host", "owner", "today"), step("remove-content", "owner", "today")],
  },
};

/** Nobody should look at it, and nobody may delete it: it is evidence, and so is a page somebody opened. */
export const violence: Remedy = {
  contacted: {
    it: [
      step("leave-as-is", "security-contact", "now"),
      step("police", "security-contact", "today"),
      step("block-hostile", "network-administrator", "today"),
    ],
    sme: [step("leave-as-is", "owner", "now"), step("police", "owner", "today"), step("call-it", "owner", "today")],
  },
  listed: {
    it: [
      step("leave-as-is", "web-administrator", "now"),
      step("police", "security-contact", "2h"),
      step("keep-logs", "system-administrator", "2h"),
      step("find-entry", "web-administrator", "today"),
    ],
    sme: [step("leave-as-is", "owner", "now"), step("police", "owner", "2h"), step("call-host", "owner", "today")],
  },
};

/** Works of others: usually a guest, a program somebody installed, or a stolen account. */
export const copyright: Remedy = {
  contacted: other.contacted,
  listed: {
    it: [
      step("find-host", "network-administrator", "3d"),
      step("remove-content", "security-contact", "3d"),
      step("limit-out", "network-administrator", "1w"),
    ],
    sme: [step("remove-content", "owner", "3d"), step("router", "owner", "1w"), step("call-it", "owner", "1w")],
  },
};

/** Somebody speaks in their name, or forged senders leave their line. */
export const masquerade: Remedy = {
  contacted: other.contacted,
  listed: {
    it: [
      step("block-forged", "network-administrator", "3d"),
      step("find-host", "network-administrator", "3d"),
      step("spf-dmarc", "mail-administrator", "1w"),
    ],
    sme: [step("call-it", "owner", "3d"), step("router", "owner", "1w"), step("two-step", "owner", "1w")],
  },
};

/** A page on their site is not what they put there. */
export const changedContent: Readonly<Record<"it" | "sme", Remedy["listed"]["it"]>> = {
  it: [
    step("take-down", "web-administrator", "now"),
    step("keep-logs", "system-administrator", "2h"),
    step("find-entry", "web-administrator", "today"),
    step("rotate-admin", "account-administrator", "today"),
    step("undo-changes", "web-administrator", "today"),
    step("patch", "web-administrator", "3d"),
  ],
  sme: [
    step("call-host", "owner", "now"),
    step("change-passwords", "owner", "today"),
    step("undo-changes", "it-supplier", "today"),
    step("patch", "it-supplier", "3d"),
  ],
};
