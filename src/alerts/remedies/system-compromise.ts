import { step, type Remedy, type Steps } from "./remedy.ts";

/** Somebody else controls the system; from either side the work is the same. */
const compromised: Readonly<Record<"it" | "sme", Steps>> = {
  it: [
    step("isolate", "system-administrator", "now"),
    step("keep-memory", "system-administrator", "1h"),
    step("check-signs", "system-administrator", "2h"),
    step("rotate-passwords", "account-administrator", "2h"),
    step("find-entry", "system-administrator", "today"),
    step("privacy", "privacy-officer", "today"),
    step("rebuild", "system-administrator", "3d"),
  ],
  sme: [
    step("unplug", "owner", "now"),
    step("call-it", "owner", "now"),
    step("change-passwords", "owner", "2h"),
    step("watch-bank", "owner", "today"),
    step("reinstall", "it-supplier", "3d"),
  ],
};

export const remedy: Remedy = { contacted: compromised, listed: compromised };
