import { ipv4Number } from "#core/ip.ts";
import type { Observable } from "#core/observable.ts";

/** A finding's asset is an address, a network, a name or another listed value of the organisation's own. */
export const observableOfAsset = (asset: string): Observable => {
  if (ipv4Number(asset) >= 0) return { kind: "ipv4", value: asset };
  if (/^[0-9a-f:]+$/.test(asset) && asset.includes(":")) return { kind: "ipv6", value: asset };
  if (/^(?:[0-9.]+|[0-9a-f:]+)\/\d+$/.test(asset)) return { kind: "cidr", value: asset };
  if (asset.includes("//")) return { kind: "url", value: asset };
  if (asset.includes("@")) return { kind: "email", value: asset };
  return /:\d+$/.test(asset) ? { kind: "endpoint", value: asset } : { kind: "domain", value: asset };
};
