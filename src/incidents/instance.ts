import type { Hit } from "#detect/hit.ts";

/**
 * Key of the instance inside a finding: a host behind a shared address, or the path on which the problem shows.
 * "tls-sni bad.example" for contacts; "" never occurs.
 */
export const instanceKey = (hit: Pick<Hit, "where" | "observable">): string => `${hit.where} ${hit.observable.value}`;
