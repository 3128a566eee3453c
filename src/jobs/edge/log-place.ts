import type { LogPlace } from "./log-port.ts";

/** Whether an entry that ends at `place` is later than one that ends at `than`. */
export const behind = (place: LogPlace, than: LogPlace): boolean =>
  place.segment > than.segment || (place.segment === than.segment && place.offset > than.offset);

/** The earlier of two places; of a place that is not known, the beginning. */
export const older = (a: LogPlace | undefined, b: LogPlace | undefined): LogPlace | undefined =>
  a === undefined || b === undefined ? undefined : behind(a, b) ? b : a;
