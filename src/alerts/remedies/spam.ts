import { step, type Remedy, type Steps } from "./remedy.ts";

/** Listed: something of theirs sends. First find and stop it, then close the way, and only then ask to be taken off the list. */
export const sending: Readonly<Record<"it" | "sme", Steps>> = {
  it: [
    step("check-sending", "mail-administrator", "1h"),
    step("stop-sender", "mail-administrator", "2h"),
    step("close-relay", "mail-administrator", "today"),
    step("limit-25", "network-administrator", "today"),
    step("two-step", "account-administrator", "1w"),
    step("spf-dmarc", "mail-administrator", "1w"),
    step("ask-delist", "mail-administrator", "1w"),
  ],
  sme: [
    step("change-passwords", "owner", "now"),
    step("call-it", "owner", "today"),
    step("scan-all", "owner", "today"),
    step("stop-sender", "it-supplier", "today"),
    step("ask-delist", "it-supplier", "1w"),
  ],
};

export const remedy: Remedy = {
  contacted: {
    it: [
      step("check-arrived", "mail-administrator", "4h"),
      step("check-purpose", "system-administrator", "today"),
      step("block-hostile", "mail-administrator", "today"),
      step("spf-dmarc", "mail-administrator", "1w"),
    ],
    sme: [step("ask-staff", "owner", "today"), step("call-it", "owner", "today"), step("two-step", "owner", "1w")],
  },
  listed: sending,
};
