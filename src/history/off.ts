import { WaglanError } from "#core/result.ts";
import type { History } from "./history.ts";

/** History that keeps and knows nothing, and says why. */
export const historyOff = (reason: string): History => {
  const refuse = (): Promise<never> => Promise.reject(new WaglanError("WGL_HISTORY_OFF", { reason }));
  return {
    kind: "off",
    reason: () => reason,
    ready: () => Promise.resolve(false),
    migrate: refuse,
    insertHeads: refuse,
    insertPrinted: refuse,
    seenValues: refuse,
    valuesUnder: refuse,
    recordsWith: refuse,
    observationsOf: refuse,
    recordsAt: refuse,
    recordDays: refuse,
    recordsFrom: refuse,
    keptDays: refuse,
    forgetting: refuse,
    forget: refuse,
    close: () => Promise.resolve(),
  };
};
