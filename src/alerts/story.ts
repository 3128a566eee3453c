import type { Hit } from "#detect/hit.ts";

/**
 * From which side a problem was seen; the same problem reads and is mended differently:
 *   contacted   telemetry saw a device of theirs with something known to be bad
 *   listed      somebody else reports their own asset
 */
export type Story = "contacted" | "listed";

export const storyOf = {
  "indicator-match": "contacted",
  "own-asset-listed": "listed",
  "asset-reported": "listed",
} as const satisfies Record<Hit["detector"], Story>;
