import type { Abilities } from "#cli/abilities.ts";
import { WaglanError } from "#core/result.ts";

const refused = (): Promise<never> =>
  Promise.reject(new WaglanError("WGL_STATE_REFUSED", { reason: "the test has no store" }));

/** A waglan that has no store: every ability refuses. */
export const noStore: Abilities = {
  open: refused,
  serve: refused,
  migrate: refused,
  restore: refused,
  doctor: refused,
  origins: () => Promise.resolve(undefined),
  sensor: {
    run: refused,
    sent: () => [],
    status: (path) => {
      throw new WaglanError("WGL_SENSOR_EMPTY", { path });
    },
  },
  verifyEvidence: refused,
};
