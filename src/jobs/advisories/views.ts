import type { Scope } from "#community/visibility.ts";
import type { Instant } from "#core/instant.ts";
import type { Tlp } from "#core/marking.ts";
import type { RawAdvisory } from "#feeds/feed.ts";
import type { Priority, PriorityEvidence } from "#intel/priority.ts";

/** Which advisories, newest first; absent: not asked for. */
export interface AdvisoriesAsk {
  /** Words of id, title, products and summary, in any script; a CVE id finds its advisories. */
  readonly search?: string;
  readonly cve?: string;
  /** Vendor or product, or a part of one. */
  readonly product?: string;
  readonly priority?: Priority;
  readonly feed?: string;
  /** Updated at this moment or later. */
  readonly since?: Instant;
  /** From `next`; what is no cursor of ours is refused before. */
  readonly after?: AdvisoriesKey;
  readonly limit: number;
}

/** Keyset of the list: sort key of the last row read. */
export interface AdvisoriesKey {
  /** ISO 8601 with microseconds, as state gives it. */
  readonly updated: string;
  readonly id: string;
}

/** An advisory in a list: what its source says, and what all sources the reader may know of say of its CVEs. */
export interface SeenAdvisory {
  readonly id: string;
  readonly feed: string;
  readonly raw: RawAdvisory;
  readonly updated: Instant;
  readonly evidence: PriorityEvidence;
  readonly tlp: Tlp;
  /** Its list has it no more. */
  readonly gone: boolean;
}

export interface AdvisoriesSeen {
  readonly advisories: readonly SeenAdvisory[];
  readonly next?: AdvisoriesKey;
}

export interface AdvisorySeen {
  readonly advisory: SeenAdvisory;
  /** Other sources' statements about its CVEs, records first, newest first; at most 100. */
  readonly beside: readonly SeenAdvisory[];
  readonly versions: readonly {
    readonly at: Instant;
    readonly version?: string;
    readonly updated: Instant;
    /** Parts of the statement that changed, by the names of RawAdvisory. */
    readonly fields: readonly string[];
  }[];
  readonly firstSeen: Instant;
}

/** Reads under a Scope; defined by `test/advisories.test.ts`. */
export interface AdvisoryViews {
  readonly advisories: (scope: Scope, ask: AdvisoriesAsk) => Promise<AdvisoriesSeen>;
  /** Undefined: absent, or hidden from this scope; nobody can tell which. */
  readonly advisory: (scope: Scope, id: string) => Promise<AdvisorySeen | undefined>;
}

export const writeAdvisoriesCursor = ({ updated, id }: AdvisoriesKey): string =>
  Buffer.from(JSON.stringify([updated, id])).toString("base64url");

/** Undefined for what no cursor of ours ever was. */
export const readAdvisoriesCursor = (text: string): AdvisoriesKey | undefined => {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(text, "base64url").toString());
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts) || parts.length !== 2) return undefined;
  const [updated, id] = parts as readonly unknown[];
  if (typeof updated !== "string" || !time.test(updated) || Number.isNaN(Date.parse(updated))) return undefined;
  return typeof id === "string" && uuid.test(id) ? { updated, id } : undefined;
};

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
