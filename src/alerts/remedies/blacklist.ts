import { step, type Remedy } from "./remedy.ts";

/** A list says so and nothing more: find the reason first. */
export const remedy: Remedy = {
  contacted: {
    it: [
      step("find-host", "network-administrator", "4h"),
      step("check-purpose", "system-administrator", "today"),
      step("search-logs", "network-administrator", "today"),
      step("block-hostile", "network-administrator", "today"),
      step("scan-device", "system-administrator", "3d"),
    ],
    sme: [step("call-it", "owner", "today"), step("scan-all", "owner", "today"), step("router", "owner", "1w")],
  },
  listed: {
    it: [
      step("check-sending", "mail-administrator", "4h"),
      step("find-host", "network-administrator", "4h"),
      step("check-signs", "system-administrator", "today"),
      step("limit-25", "network-administrator", "today"),
      step("ask-delist", "security-contact", "1w"),
    ],
    sme: [
      step("scan-all", "owner", "today"),
      step("router", "owner", "today"),
      step("call-it", "owner", "today"),
      step("ask-delist", "it-supplier", "1w"),
    ],
  },
};
