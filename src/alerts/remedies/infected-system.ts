import { step, type Remedy, type Steps } from "./remedy.ts";

/** The device runs malware: stop it, keep the traces, then count what it could reach. The same from either side. */
export const infectedDevice: Readonly<Record<"it" | "sme", Steps>> = {
  it: [
    step("find-host", "network-administrator", "now"),
    step("isolate", "system-administrator", "now"),
    step("keep-memory", "system-administrator", "1h"),
    step("rotate-passwords", "account-administrator", "2h"),
    step("block-hostile", "network-administrator", "2h"),
    step("search-logs", "network-administrator", "4h"),
    step("rebuild", "system-administrator", "3d"),
  ],
  sme: [
    step("unplug", "owner", "now"),
    step("call-it", "owner", "1h"),
    step("change-passwords", "owner", "2h"),
    step("watch-bank", "owner", "today"),
    step("reinstall", "it-supplier", "3d"),
  ],
};

/** Seen by others, there is no other side to block; the whole connection is suspect. */
export const remedy: Remedy = {
  contacted: infectedDevice,
  listed: {
    it: infectedDevice.it.filter(({ step: name }) => name !== "block-hostile" && name !== "search-logs"),
    sme: [
      step("scan-all", "owner", "today"),
      step("router", "owner", "today"),
      step("call-it", "owner", "today"),
      step("change-passwords", "owner", "today"),
      step("watch-bank", "owner", "today"),
    ],
  },
};
