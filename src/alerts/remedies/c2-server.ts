import { infectedDevice } from "./infected-system.ts";
import { step, type Remedy, type Steps } from "./remedy.ts";

/** A server of theirs gives orders to infected devices elsewhere: its logs name the victims. */
const misusedServer: Readonly<Record<"it" | "sme", Steps>> = {
  it: [
    step("isolate-server", "network-administrator", "now"),
    step("keep-memory", "system-administrator", "1h"),
    step("keep-logs", "system-administrator", "2h"),
    step("find-entry", "system-administrator", "today"),
    step("rotate-admin", "account-administrator", "today"),
    step("rebuild", "system-administrator", "3d"),
    step("ask-delist", "security-contact", "1w"),
  ],
  sme: [
    step("call-host", "owner", "now"),
    step("change-passwords", "owner", "today"),
    step("rebuild", "it-supplier", "3d"),
    step("two-step", "it-supplier", "1w"),
  ],
};

export const remedy: Remedy = { contacted: infectedDevice, listed: misusedServer };
