import type { Scope } from "#community/visibility.ts";
import type { Grade } from "#core/grade.ts";
import type { Instant } from "#core/instant.ts";
import type { Licence, Pap, Tlp } from "#core/marking.ts";
import type { Observable, ObservableKind } from "#core/observable.ts";
import type { ChangeCursor } from "#intel/ports.ts";
import type { SearchWay } from "#intel/search-ask.ts";
import type { SearchKeys } from "#intel/search-keys.ts";
import type { SearchStep } from "#intel/search-steps.ts";

/** What fills the search tables behind the change feed; defined by `test/search.test.ts`. */
export interface SearchFill {
  /** Everything committed before this place is visible now. */
  readonly here: () => Promise<ChangeCursor>;
  /** Ids after this one, in their own order, at most `limit`. */
  readonly idsAfter: (id: string | undefined, limit: number) => Promise<readonly string[]>;
  readonly values: (ids: readonly string[]) => Promise<readonly (Observable & { readonly id: string })[]>;
  /** Puts in, or brings up to date, what is found by these keys; labels and sources are read from the claims. */
  readonly put: (
    rows: readonly (SearchKeys & { readonly id: string })[],
    wordsOf: (term: string) => readonly string[],
  ) => Promise<void>;
}

/** Only claims that are all of this make a value appear; absent: not asked for. */
export interface SearchFilter {
  readonly kind?: ObservableKind;
  readonly feed?: string;
  readonly tlp?: Tlp;
  /** First said at this moment or later. */
  readonly since?: Instant;
  /** True: only what is in force now. */
  readonly alive: boolean;
}

export interface SearchAsk {
  /** In order; what one found, the later ones leave out. */
  readonly steps: readonly SearchStep[];
  readonly filter: SearchFilter;
  readonly limit: number;
  readonly now: Instant;
  /** From `next`. */
  readonly after?: SearchKey;
}

/** Keyset: the step, and the sort key of the last row read, as text. Made of what its reader saw and of nothing else. */
export interface SearchKey {
  readonly step: number;
  readonly key: readonly string[];
}

export interface SearchSeen {
  readonly found: readonly { readonly id: string; readonly way: SearchWay | "listed" }[];
  readonly next?: SearchKey;
}

/** What one source says, for a reader who may know of it. */
export interface SeenClaim {
  readonly feed: string;
  readonly grade: Grade;
  readonly firstSeen: Instant;
  readonly lastSeen: Instant;
  readonly liveUntil?: Instant;
  /** The source's last good turn, while it lists the value without saying until when. */
  readonly listedAt?: Instant;
  readonly goneAt?: Instant;
  /** How often this source was right, 0 to 1; absent: nothing is known against it. */
  readonly trust?: number;
  readonly tlp: Tlp;
  readonly pap: Pap;
  readonly licence: Licence;
  readonly labels: readonly string[];
  readonly flags: readonly string[];
  readonly voice: "alert" | "corroborate" | "context";
  readonly shadow: boolean;
  /** In force now: listed or within its time, and not judged false. */
  readonly live: boolean;
  /** A person judged it, or the value, false. */
  readonly judgedFalse: boolean;
  readonly withdrawn: boolean;
}

export interface SeenIndicator {
  readonly id: string;
  readonly kind: ObservableKind;
  readonly value: string;
  /** At least one. */
  readonly claims: readonly SeenClaim[];
}

/** Reads under a Scope: a value of which every claim is hidden does not exist. Defined by `test/search.test.ts`. */
export interface SearchViews {
  readonly search: (scope: Scope, ask: SearchAsk) => Promise<SearchSeen>;
  /** Those of them that this scope may know of, in no order. */
  readonly indicatorsSeen: (scope: Scope, ids: readonly string[], now: Instant) => Promise<readonly SeenIndicator[]>;
  /** How far behind the change feed search stands: batches not yet taken in, and when the oldest of them was written. */
  readonly searchLag: () => Promise<{ readonly batches: number; readonly since?: Instant; readonly filling: boolean }>;
}

export const writeSearchCursor = ({ step, key }: SearchKey): string =>
  Buffer.from(JSON.stringify([step, ...key])).toString("base64url");

/** Undefined for what no cursor of ours ever was; the keys of a step are checked where they are used. */
export const readSearchCursor = (text: string): SearchKey | undefined => {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(text, "base64url").toString());
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts) || parts.length > 4) return undefined;
  const [step, ...key] = parts as readonly unknown[];
  if (!Number.isSafeInteger(step) || (step as number) < 0 || (step as number) > 8) return undefined;
  if (key.length === 0 || !key.every((one): one is string => typeof one === "string" && !one.includes("\0")))
    return undefined;
  if (!uuid.test(key.at(-1) ?? "")) return undefined;
  return { step: step as number, key };
};

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
