import { remedy as bruteForce } from "./brute-force.ts";
import { step, type Remedy } from "./remedy.ts";

/** A stranger has an account: out with him, then see what he set up. With administrator's rights, everything it reached. */
export const privilegedAccount: Remedy = {
  contacted: bruteForce.contacted,
  listed: {
    it: [
      step("lock-account", "account-administrator", "now"),
      step("rotate-admin", "account-administrator", "1h"),
      step("keep-logs", "system-administrator", "2h"),
      step("undo-changes", "system-administrator", "4h"),
      step("check-signs", "system-administrator", "today"),
      step("privacy", "privacy-officer", "today"),
      step("two-step", "account-administrator", "3d"),
    ],
    sme: [
      step("call-it", "owner", "now"),
      step("lock-account", "it-supplier", "now"),
      step("change-passwords", "owner", "1h"),
      step("undo-changes", "it-supplier", "today"),
      step("two-step", "owner", "3d"),
    ],
  },
};

export const account: Remedy = {
  contacted: bruteForce.contacted,
  listed: {
    it: [
      step("lock-account", "account-administrator", "1h"),
      step("check-leaked-logins", "account-administrator", "4h"),
      step("mailbox-rules", "mail-administrator", "4h"),
      step("undo-changes", "system-administrator", "today"),
      step("two-step", "account-administrator", "1w"),
    ],
    sme: [
      step("lock-account", "owner", "1h"),
      step("change-passwords", "owner", "2h"),
      step("mailbox-rules", "it-supplier", "today"),
      step("two-step", "owner", "1w"),
    ],
  },
};
