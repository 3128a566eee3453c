import { step, type Remedy } from "./remedy.ts";

/** We do not know what it is: look, and tell us. */
export const remedy: Remedy = {
  contacted: {
    it: [
      step("find-host", "network-administrator", "today"),
      step("check-purpose", "system-administrator", "today"),
      step("search-logs", "network-administrator", "3d"),
      step("check-signs", "system-administrator", "3d"),
    ],
    sme: [step("call-it", "owner", "3d"), step("scan-all", "owner", "3d")],
  },
  listed: {
    it: [
      step("find-host", "network-administrator", "today"),
      step("keep-logs", "system-administrator", "today"),
      step("check-signs", "system-administrator", "3d"),
    ],
    sme: [step("call-it", "owner", "3d"), step("router", "owner", "1w")],
  },
};
