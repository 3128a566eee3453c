import { step, type Remedy, type Steps } from "./remedy.ts";

/** A device of theirs searches others for weak spots: first rule out a test somebody ordered. */
export const attacking: Readonly<Record<"it" | "sme", Steps>> = {
  it: [
    step("own-scan", "security-contact", "1h"),
    step("find-host", "network-administrator", "1h"),
    step("isolate", "system-administrator", "2h"),
    step("keep-memory", "system-administrator", "4h"),
    step("check-signs", "system-administrator", "today"),
    step("rotate-passwords", "account-administrator", "today"),
    step("limit-out", "network-administrator", "1w"),
  ],
  sme: [
    step("scan-all", "owner", "today"),
    step("router", "owner", "today"),
    step("call-it", "owner", "today"),
    step("change-passwords", "owner", "3d"),
  ],
};

export const remedy: Remedy = {
  contacted: {
    it: [
      step("find-host", "network-administrator", "4h"),
      step("check-purpose", "system-administrator", "today"),
      step("block-hostile", "network-administrator", "today"),
      step("search-logs", "network-administrator", "today"),
      step("limit-out", "network-administrator", "1w"),
    ],
    sme: [step("call-it", "owner", "today"), step("scan-all", "owner", "today"), step("router", "owner", "today")],
  },
  listed: attacking,
};
