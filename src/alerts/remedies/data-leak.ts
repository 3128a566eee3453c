import { step, type Remedy } from "./remedy.ts";

/** Contacted: data flow out now. Listed: they are out already, so accounts and people come first. */
export const remedy: Remedy = {
  contacted: {
    it: [
      step("isolate", "system-administrator", "now"),
      step("block-hostile", "network-administrator", "now"),
      step("keep-memory", "system-administrator", "1h"),
      step("rotate-passwords", "account-administrator", "2h"),
      step("search-logs", "network-administrator", "4h"),
      step("list-data", "security-contact", "today"),
      step("privacy", "privacy-officer", "today"),
    ],
    sme: [
      step("unplug", "owner", "now"),
      step("call-it", "owner", "now"),
      step("change-passwords", "owner", "2h"),
      step("list-data", "owner", "today"),
      step("backup", "it-supplier", "today"),
    ],
  },
  listed: {
    it: [
      step("reset-leaked", "account-administrator", "2h"),
      step("check-leaked-logins", "account-administrator", "4h"),
      step("list-data", "security-contact", "today"),
      step("privacy", "privacy-officer", "today"),
      step("tell-people", "security-contact", "3d"),
      step("two-step", "account-administrator", "1w"),
    ],
    sme: [
      step("reset-leaked", "owner", "2h"),
      step("list-data", "owner", "today"),
      step("tell-people", "owner", "3d"),
      step("two-step", "owner", "1w"),
    ],
  },
};
