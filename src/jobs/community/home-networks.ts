import { heldAt } from "#community/asset.ts";
import type { Directory } from "#community/directory.ts";
import { hour, type Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";

/**
 * Networks of an organisation as its detectors over time take them: what its sensors guard, and what it holds at this
 * hour; each once. Kept as long as the directory is the same, since every batch asks.
 */
export const homeOf = (directory: Directory, organisation: OrganisationId, now: Instant): readonly string[] => {
  const at = (Math.floor(now / hour) * hour) as Instant;
  let known = homes.get(directory);
  if (known?.at !== at) homes.set(directory, (known = { at, of: new Map() }));
  const home = known.of.get(organisation) ?? networksOf(directory, organisation, at);
  known.of.set(organisation, home);
  return home;
};

const homes = new WeakMap<Directory, { readonly at: Instant; readonly of: Map<OrganisationId, readonly string[]> }>();

const networksOf = ({ sensors, assets }: Directory, organisation: OrganisationId, at: Instant): readonly string[] => {
  const found = new Set<string>();
  for (const sensor of sensors)
    if (sensor.organisation === organisation) for (const network of sensor.networks) found.add(network);
  for (const asset of assets)
    if (asset.organisation === organisation && asset.kind === "network" && heldAt(asset, at)) found.add(asset.value);
  return [...found].sort();
};
