import type { Asset } from "#community/asset.ts";
import type { Directory } from "#community/directory.ts";
import type { Instant } from "#core/instant.ts";
import { wantAssets } from "#jobs/hunt/asset.ts";
import { wantParties } from "#jobs/hunt/party.ts";
import type { State } from "#jobs/ports.ts";
import { queueTerms } from "#jobs/recall/queue.ts";

/** Assets that join (b) looks back for: a product or an AS number names no indicator. */
const joined = new Set(["network", "domain", "email-domain"]);

/**
 * Takes a directory file in, whole or not at all, and queues the look back for each new asset: what is listed already
 * under it is found as if it had been declared before.
 */
export const importDirectory = (
  state: State,
  directory: Directory,
  who: string,
  now: Instant,
): Promise<readonly Asset[]> =>
  state.act(async (tx) => {
    const before = (await tx.community.load()).directory;
    await queueTerms(tx, before, directory, now);
    const fresh = await tx.community.put(directory, now);
    await queueJoins(tx, fresh, now);
    await wantAssets(tx, fresh, who, now);
    await wantParties(tx, before, directory, who, now);
    await tx.evidence.leaf({
      kind: "policy",
      subject: "directory",
      at: now,
      data: {
        who,
        organisations: directory.organisations.length,
        people: directory.people.length,
        assets: fresh.length,
      },
    });
    return fresh;
  });

export const queueJoins = async (
  tx: Parameters<Parameters<State["act"]>[0]>[0],
  assets: readonly Asset[],
  now: Instant,
): Promise<void> => {
  for (const asset of assets)
    if (joined.has(asset.kind) && (asset.to === undefined || asset.to > now))
      await tx.queue.put("join-asset", asset.id, { kind: asset.kind, value: asset.value }, now);
};
