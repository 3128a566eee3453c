import { assetWorths, type AssetWorth } from "#community/asset.ts";

/** "yes", "true", "1", "internet", "internet-facing": strangers reach it. Anything else, "internal" too: they do not. */
export const saysExposed = (text: string): boolean =>
  /^(?:yes|y|true|1|internet|internet[ -]facing|external|public|exposed)$/i.test(text.trim());

/** "high", "critical", "normal", in any case of letters; of other words nothing. */
export const worthOf = (text: string): { readonly worth?: AssetWorth } => {
  const worth = assetWorths.find((one) => one === text.trim().toLowerCase());
  return worth === undefined ? {} : { worth };
};
