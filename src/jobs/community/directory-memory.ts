import type { Asset, AssetId, AssetWorth } from "#community/asset.ts";
import { type AssetIndex, buildAssetIndex } from "#community/asset-index.ts";
import type { Directory } from "#community/directory.ts";
import type { Organisation } from "#community/organisation.ts";
import type { DirectoryCursor } from "#community/ports.ts";
import type { Sensor } from "#community/sensor.ts";
import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import { observableOfAsset } from "#jobs/findings/finding-asset.ts";
import type { State } from "#jobs/ports.ts";

/** The directory and its asset index as this process knows them; at most a second behind the store. */
export interface Known {
  readonly directory: Directory;
  readonly assets: AssetIndex;
  readonly organisation: (id: OrganisationId) => Organisation | undefined;
  readonly sensor: (id: string) => Sensor | undefined;
}

export class DirectoryMemory {
  readonly #state: State;
  #known: Known | undefined;
  #cursor: DirectoryCursor = "0";

  constructor(state: State) {
    this.#state = state;
  }

  get known(): Known {
    if (!this.#known) throw new Error("waglan is wrong: the directory was asked before it was loaded");
    return this.#known;
  }

  /** Reads what changed since the last time. @returns true when something did */
  async refresh(): Promise<boolean> {
    if (!this.#known) {
      const { directory, cursor } = await this.#state.act((tx) => tx.community.load());
      this.#known = knownOf(directory, buildAssetIndex(directory.assets));
      this.#cursor = cursor;
      return true;
    }
    const news = await this.#state.act((tx) => tx.community.changesSince(this.#cursor));
    if (news === undefined) {
      this.#known = undefined;
      return this.refresh();
    }
    if (news.changes.length === 0) return false;
    const put: Asset[] = [];
    const removed: AssetId[] = [];
    let people = false;
    for (const change of news.changes)
      if (change.kind === "asset-put") put.push(change.asset);
      else if (change.kind === "asset-removed") removed.push(change.id);
      else people = true;
    const assets = this.#known.assets.with({ put, removed });
    // people, organisations, sensors and groups are few: read again whole
    const directory = people
      ? (await this.#state.act((tx) => tx.community.load())).directory
      : { ...this.#known.directory, assets: withAssets(this.#known.directory.assets, put, removed) };
    this.#known = knownOf(directory, assets);
    this.#cursor = news.cursor;
    return true;
  }
}

/** The list as it is after these changes, still in the order of its ids as far as they were known. */
const withAssets = (assets: readonly Asset[], put: readonly Asset[], removed: readonly AssetId[]): readonly Asset[] => {
  const latest = new Map(put.map((asset) => [asset.id, asset]));
  for (const id of removed) latest.delete(id);
  const gone = new Set<AssetId>([...removed, ...latest.keys()]);
  return [...assets.filter((asset) => !gone.has(asset.id)), ...latest.values()];
};

const knownOf = (directory: Directory, assets: AssetIndex): Known => {
  const organisations = new Map(directory.organisations.map((one) => [one.id, one]));
  const sensors = new Map(directory.sensors.map((one) => [one.id as string, one]));
  return { directory, assets, organisation: (id) => organisations.get(id), sensor: (id) => sensors.get(id) };
};

/** What an asset of a finding is worth to its owner: that of the declared asset it lies in. */
export const worthOf = (known: Known, organisation: OrganisationId, asset: string, at: Instant): AssetWorth =>
  known.assets.owners(observableOfAsset(asset), at).find((owner) => owner.organisation === organisation)?.asset.worth ??
  "normal";
