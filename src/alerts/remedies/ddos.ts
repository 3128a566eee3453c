import { infectedDevice } from "./infected-system.ts";
import { step, type Remedy } from "./remedy.ts";

/** Contacted: the device takes orders, so it is infected. Listed: a victim, or a service that answers forged questions. */
export const remedy: Remedy = {
  contacted: infectedDevice,
  listed: {
    it: [
      step("call-provider", "network-administrator", "now"),
      step("close-reflector", "network-administrator", "2h"),
      step("keep-logs", "network-administrator", "4h"),
      step("find-host", "network-administrator", "4h"),
      step("limit-out", "network-administrator", "1w"),
    ],
    sme: [
      step("call-provider", "owner", "now"),
      step("router", "owner", "today"),
      step("scan-all", "owner", "today"),
      step("call-it", "owner", "today"),
    ],
  },
};
