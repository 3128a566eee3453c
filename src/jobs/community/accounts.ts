import type { Permission } from "#community/roles.ts";
import type { SensorId } from "#community/sensor.ts";
import type { SecretHash } from "#community/token.ts";
import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { Language } from "#words/language.ts";

/** Somebody who signs in: staff with roles, or a person of the directory who acts for organisations. */
export interface Account {
  readonly id: string;
  /** Canonical (community/password.ts). */
  readonly name: string;
  readonly display: string;
  /** As `hashPassword` wrote it. */
  readonly password: string;
  readonly staff: boolean;
  readonly roles: readonly string[];
  readonly person?: string;
  readonly language: Language;
  readonly disabled: boolean;
}

export interface StoredToken {
  readonly id: string;
  readonly prefix: string;
  readonly kind: "sensor" | "party";
  readonly organisation: OrganisationId;
  readonly sensor?: SensorId;
  readonly permissions: readonly Permission[];
  readonly title: string;
  readonly made: Instant;
  readonly until?: Instant;
  readonly revoked?: Instant;
  readonly lastUsed?: Instant;
}

export interface OpenSession {
  readonly id: string;
  readonly until: Instant;
  readonly account: Account;
}

/** Who may come in, as state keeps it; only hashes of secrets are ever stored. Defined by `test/acts-doors.test.ts`. */
export interface Accounts {
  readonly byName: (name: string) => Promise<Account | undefined>;
  readonly all: () => Promise<readonly Account[]>;
  /** Adds or changes the account of this name; its sessions end. */
  readonly put: (account: Omit<Account, "disabled">, now: Instant) => Promise<void>;
  /** The same password, hashed anew: sessions stay. */
  readonly rehash: (id: string, password: string) => Promise<void>;
  readonly disable: (name: string, now: Instant) => Promise<boolean>;
  readonly openSession: (
    hash: SecretHash,
    id: string,
    account: string,
    now: Instant,
    expires: Instant,
  ) => Promise<void>;
  readonly session: (hash: SecretHash, now: Instant) => Promise<OpenSession | undefined>;
  /** Those of these sessions that are still good, by id. */
  readonly sessions: (ids: readonly string[], now: Instant) => Promise<ReadonlyMap<string, OpenSession>>;
  readonly closeSession: (id: string) => Promise<void>;
  readonly sweepSessions: (now: Instant) => Promise<void>;
  readonly putToken: (token: StoredToken, hash: SecretHash) => Promise<void>;
  /** Whose token it is, while it is good; notes that it was used. */
  readonly token: (hash: SecretHash, now: Instant) => Promise<StoredToken | undefined>;
  readonly tokens: () => Promise<readonly StoredToken[]>;
  /** False when there is none, or it was revoked before. */
  readonly revoke: (id: string, now: Instant) => Promise<boolean>;
}
