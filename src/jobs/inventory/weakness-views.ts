import type { Scope } from "#community/visibility.ts";
import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { Priority } from "#intel/priority.ts";
import type { MatchBody } from "./port.ts";
import type { RankKey } from "./views.ts";

/** Which weaknesses; absent: not asked for. Given of a match: what no match of theirs fits is not among them. */
export interface WeaknessesAsk {
  /** This one: a CVE id, or an advisory's own where it names none. */
  readonly weakness?: string;
  /** Words that all stand in its id or title, or the product or asset of one match. */
  readonly search?: string;
  readonly priority?: Priority;
  /** On what strangers reach. */
  readonly exposed?: boolean;
  readonly exploited?: boolean;
  readonly after?: RankKey;
  readonly limit: number;
}

/** One weakness over all organisations whose products a reader may know of, as far as they fit what was asked. */
export interface SeenWeakness {
  readonly weakness: string;
  /** Place in the list: exposed and exploited first, then exploited, then EPSS, then CVSS, then exposed. */
  readonly place: number;
  readonly exploited: boolean;
  readonly exposed: boolean;
  /** Exploited, and on something exposed. */
  readonly urgent: boolean;
  /** 0 when nobody gives one. */
  readonly epss: number;
  readonly cvss: number;
  readonly since: Instant;
  /** Every match of it is hidden from its organisation. */
  readonly hidden: boolean;
  /** Of the most pressing match. */
  readonly priority: Priority;
  readonly body: MatchBody;
  readonly organisations: number;
  readonly assets: number;
  readonly exposedAssets: number;
  /** Most pressing first, at most 3. */
  readonly owners: readonly {
    readonly organisation: OrganisationId;
    readonly assets: number;
    readonly exposed: boolean;
  }[];
  readonly families: number;
  /** Maker and name, at most 3. */
  readonly products: readonly string[];
}

export interface WeaknessesSeen {
  /** Of all pages. */
  readonly found: { readonly weaknesses: number; readonly urgent: number; readonly organisations: number };
  readonly weaknesses: readonly SeenWeakness[];
}

/** Reads under a Scope; defined by `test/product-overview.test.ts`. */
export interface WeaknessViews {
  readonly weaknesses: (scope: Scope, ask: WeaknessesAsk) => Promise<WeaknessesSeen>;
}
