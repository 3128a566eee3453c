import type { StoredFinding } from "#incidents/ports.ts";

/** A finding as a reader sees it in a list. */
export interface SeenFinding extends StoredFinding {
  readonly undeliverable: boolean;
  readonly incidentId?: string;
}
