import type { Purpose } from "#community/agreement.ts";
import type { Scope } from "#community/visibility.ts";
import type { Instant } from "#core/instant.ts";
import type { Licence, Marking, OrganisationId, Pap, Tlp } from "#core/marking.ts";
import type { TaxiiFilter } from "#share/taxii-filter.ts";
import type { Micros } from "#share/taxii-date.ts";

/**
 * Who may use a collection: "members", "partners", "organisation:<id>" or "group:<id>". What each may *see* in it is
 * decided for every object by visibility and release.
 */
export interface StixCollection {
  readonly n: number;
  /** A uuid, as TAXII wants it. */
  readonly id: string;
  readonly alias: string;
  readonly title: string;
  readonly description?: string;
  readonly readers: readonly string[];
  readonly writers: readonly string[];
  readonly mediaTypes: readonly string[];
  /** What holds for objects that say nothing of their own. */
  readonly defaults: Pick<Marking, "tlp" | "pap" | "licence">;
  /** What readers want its objects for: an agreement must name it. */
  readonly purpose: Purpose;
}

/** One version of one object, as it is kept. */
export interface StixRow {
  readonly addedAt: Micros;
  readonly id: string;
  readonly type: string;
  readonly spec: string;
  /** Sorts by instant (`stix/version.ts`); of objects without versions, the moment of arrival. */
  readonly key: string;
  /** What goes out as the version. */
  readonly written: string;
  readonly revoked: boolean;
  /** Who sent it; absent: the community itself. */
  readonly sender?: OrganisationId;
  readonly marking: Marking;
  /** Why it is in shadow; absent: released. */
  readonly shadow?: string;
  /** It is about a person: leaves only where personal data may go. */
  readonly personal: boolean;
  /** Properties with a stricter TLP of their own. */
  readonly parts?: Readonly<Record<string, Tlp>>;
  /** For this party alone: a version that revokes what it received; absent: for whom its marking says. */
  readonly addressee?: OrganisationId;
  readonly body: string;
}

/** A row on its way in. */
export interface StixNew extends StixRow {
  /** TLP as far as its markings are known; absent: none of them speaks of TLP. */
  readonly tlpKnown?: Tlp;
  /** Marking definitions that nobody has sent yet. */
  readonly awaits: readonly string[];
  /** The only row of its id, as far as this batch and the store know. */
  readonly alone: boolean;
}

/** What one party may have, as plain data that becomes SQL. Release has the last word on each row. */
export interface StixReach {
  readonly scope: Scope;
  readonly tlps: readonly Tlp[];
  readonly paps: readonly Pap[];
  readonly licences: readonly Licence[];
  /** Personal data may go to it. */
  readonly personal: boolean;
  readonly party: OrganisationId;
}

export interface StixPageAsked {
  readonly collection: number;
  readonly filter: TaxiiFilter;
  /** Exclusive. */
  readonly after: Micros;
  readonly limit: number;
  /** Bytes of bodies after which a page ends, however few objects it has; the first object always fits. */
  readonly bytes: number;
}

export interface StixObjectsState {
  readonly collections: () => Promise<readonly StixCollection[]>;
  /** @returns undefined when the alias is taken */
  readonly putCollection: (collection: Omit<StixCollection, "n">) => Promise<StixCollection | undefined>;

  readonly setRights: (collection: number, readers: readonly string[], writers: readonly string[]) => Promise<void>;
  /** How much each collection holds, and when the last of it came; one that holds nothing is not there. */
  readonly holdings: () => Promise<ReadonlyMap<number, { readonly objects: number; readonly last: Micros }>>;
  /** Who sent what into it; absent sender: the community itself. */
  readonly senders: (collection: number) => Promise<readonly StixSender[]>;

  /**
   * Waits for every other writer of the collection to commit, and keeps others waiting until this transaction ends.
   * @returns the last date given
   */
  readonly lock: (collection: number) => Promise<Micros>;
  readonly setClock: (collection: number, last: Micros) => Promise<void>;
  /** Rows of these ids, all lanes. */
  readonly held: (collection: number, ids: readonly string[]) => Promise<readonly StixRow[]>;
  /** Bodies of marking definitions that the sender or the community brought. */
  readonly definitions: (
    collection: number,
    ids: readonly string[],
    sender: OrganisationId | undefined,
  ) => Promise<readonly string[]>;
  /** In ascending order of `addedAt`. */
  readonly insert: (collection: number, rows: readonly StixNew[]) => Promise<void>;
  /** Works out latest, mixed and alone of these ids again. */
  readonly settle: (collection: number, ids: readonly string[]) => Promise<void>;
  /**
   * A marking definition came: rows of its sender (or, from the community, of everybody) wait for it no longer. Those that
   * lost red by it arrive anew, from `from` + 1 on, so that who polls by date sees them.
   *
   * @param tlp what the definition says of TLP; absent: nothing
   * @returns the last date given
   */
  readonly defined: (
    collection: number,
    definition: { readonly id: string; readonly tlp?: Tlp; readonly sender?: OrganisationId },
    otherwise: Tlp,
    from: Micros,
  ) => Promise<Micros>;
  /** A sender's rows leave the shadow and arrive anew. @returns how many, and the last date given */
  readonly unshadow: (
    collection: number,
    sender: OrganisationId,
    from: Micros,
  ) => Promise<{ readonly rows: number; readonly last: Micros }>;

  /**
   * Rows within reach, oldest arrival first: at most `limit`, and whether there is another one. The latest and the first
   * version of an object are those of what is within reach: a hidden version changes nothing.
   */
  readonly page: (
    asked: StixPageAsked,
    reach: StixReach,
  ) => Promise<{ readonly rows: readonly StixRow[]; readonly more: boolean }>;
  /** Bodies that one sender (absent: the community itself) brought after a moment, oldest first. */
  readonly arrived: (
    collection: number,
    sender: OrganisationId | undefined,
    after: Micros,
    limit: number,
  ) => Promise<readonly { readonly addedAt: Micros; readonly body: string }[]>;
  readonly has: (collection: number, id: string, reach: StixReach) => Promise<boolean>;
  readonly remove: (collection: number, dates: readonly Micros[]) => Promise<void>;

  readonly putStatus: (status: StixStatus) => Promise<void>;
  readonly status: (id: string, party: OrganisationId) => Promise<StixStatus | undefined>;
  /** Lets go of statuses of before `until`. */
  readonly forgetStatuses: (until: Instant) => Promise<void>;
}

export interface StixSender {
  readonly sender?: OrganisationId;
  readonly objects: number;
  /** Of them in shadow. */
  readonly shadow: number;
  readonly last: Micros;
}

/** What was answered to a POST; TAXII 2.1 §4.3 wants it for a day. */
export interface StixStatus {
  readonly id: string;
  readonly party: OrganisationId;
  readonly at: Instant;
  /** JSON. */
  readonly resource: string;
}
