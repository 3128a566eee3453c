import type { Instant } from "#core/instant.ts";
import { entitiesOf, entityKey } from "#incidents/entities.ts";
import type { Hit } from "#detect/hit.ts";
import type { LiveClaim } from "#intel/ports.ts";
import type { Tx } from "#jobs/ports.ts";

/** Keeps hits of detectors that may not speak: evidence by entity. @returns incidents whose risk they may move */
export const recordQuiet = (
  tx: Pick<Tx, "incidents">,
  quiet: readonly { readonly hit: Hit; readonly claims: readonly LiveClaim[] }[],
  batch: number | undefined,
  now: Instant,
): Promise<{ readonly fresh: number; readonly incidents: readonly number[] }> =>
  tx.incidents.addQuiet(
    [...new Map(quiet.map((one) => [one.hit.id, one])).values()].flatMap(({ hit, claims }) => {
      const [claim] = claims as readonly [LiveClaim, ...LiveClaim[]];
      const keys = [...new Set(entitiesOf(hit).map((entity) => entityKey(hit.organisation, entity)))];
      return [{ hit, keys, feed: claim.feed, tlp: claim.tlp }];
    }),
    batch,
    now,
  );
