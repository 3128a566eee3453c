import { step, type Remedy, type Steps } from "./remedy.ts";

/** A known weakness is within reach: close it first, mend it second, and look whether somebody was faster. */
const open: Readonly<Record<"it" | "sme", Steps>> = {
  it: [
    step("restrict-service", "network-administrator", "4h"),
    step("update-product", "system-administrator", "today"),
    step("check-signs", "system-administrator", "3d"),
  ],
  sme: [
    step("call-it", "owner", "today"),
    step("router", "owner", "today"),
    step("update-product", "it-supplier", "3d"),
    step("backup", "owner", "1w"),
  ],
};

export const remedy: Remedy = { contacted: open, listed: open };
