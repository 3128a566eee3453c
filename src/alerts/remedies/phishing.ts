import { step, type Remedy, type Steps } from "./remedy.ts";

/** Contacted: people come before machines; speed decides whether the password is still worth stealing. */
const visited: Readonly<Record<"it" | "sme", Steps>> = {
  it: [
    step("block-hostile", "network-administrator", "now"),
    step("who-clicked", "security-contact", "1h"),
    step("reset-clicked", "account-administrator", "1h"),
    step("remove-mail", "mail-administrator", "2h"),
    step("mailbox-rules", "mail-administrator", "4h"),
    step("two-step", "account-administrator", "1w"),
  ],
  sme: [
    step("ask-staff", "owner", "now"),
    step("block-card", "owner", "now"),
    step("change-passwords", "owner", "1h"),
    step("mailbox-rules", "it-supplier", "today"),
    step("two-step", "owner", "1w"),
  ],
};

/** Listed: a page on their site steals from others. */
const hosted: Readonly<Record<"it" | "sme", Steps>> = {
  it: [
    step("take-down", "web-administrator", "now"),
    step("keep-logs", "system-administrator", "2h"),
    step("find-entry", "web-administrator", "today"),
    step("rotate-admin", "account-administrator", "today"),
    step("check-signs", "system-administrator", "today"),
    step("patch", "web-administrator", "3d"),
    step("ask-delist", "security-contact", "1w"),
  ],
  sme: [
    step("call-host", "owner", "now"),
    step("change-passwords", "owner", "today"),
    step("patch", "it-supplier", "3d"),
    step("ask-delist", "it-supplier", "1w"),
  ],
};

export const remedy: Remedy = { contacted: visited, listed: hosted };
