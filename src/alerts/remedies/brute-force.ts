import { step, type Remedy } from "./remedy.ts";
import { attacking } from "./scanner.ts";

/** Contacted: did one of the guesses succeed? Listed: their device guesses elsewhere. */
export const remedy: Remedy = {
  contacted: {
    it: [
      step("check-logins", "account-administrator", "1h"),
      step("block-hostile", "network-administrator", "2h"),
      step("limit-logins", "system-administrator", "today"),
      step("two-step", "account-administrator", "3d"),
      step("search-logs", "network-administrator", "today"),
    ],
    sme: [
      step("call-it", "owner", "today"),
      step("change-passwords", "owner", "today"),
      step("router", "owner", "today"),
      step("two-step", "it-supplier", "3d"),
    ],
  },
  listed: attacking,
};
