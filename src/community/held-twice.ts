import type { Asset } from "./asset.ts";

/** Finds the same asset declared twice for one organisation in periods that overlap. Two organisations may share one. */
export interface HeldTwice {
  /** Where the asset stood that this one repeats; absent: it is new. */
  readonly see: (asset: Omit<Asset, "id">, place: string) => string | undefined;
}

export const heldTwice = (): HeldTwice => {
  const seen = new Map<string, { readonly from: number; readonly to: number; readonly place: string }[]>();
  return {
    see: (asset, place) => {
      const key = `${asset.organisation} ${asset.kind} ${asset.value}`;
      const periods = seen.get(key) ?? [];
      const to = asset.to ?? Number.POSITIVE_INFINITY;
      const other = periods.find((period) => asset.from < period.to && period.from < to);
      periods.push({ from: asset.from, to, place });
      seen.set(key, periods);
      return other?.place;
    },
  };
};
