import postgres, { type Sql } from "postgres";
import { WaglanError } from "#core/result.ts";
import { type Embedded, type EmbeddedOptions, startEmbedded } from "./embedded.ts";
import { isGone, naming } from "./gone.ts";
import { RecentBodies } from "./recent-bodies.ts";

/** Where state is: our own PostgreSQL on a folder, or a server (postgres://user:password@host:5432/database). */
export type StatePlace = { readonly dataDir: string } | { readonly url: string };

export interface StateOptions {
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** Most connections at once; absent: 10. */
  readonly max?: number;
  readonly embedded?: EmbeddedOptions;
}

/**
 * The open database of state. Queries fail with WGL_STATE_GONE while the server is away and work again by themselves
 * when it is back. Times (timestamptz) come as `Instant`, bigint as a number; both are given as numbers (a time also as a Date).
 */
export interface State {
  readonly sql: Sql;
  readonly kind: "embedded" | "server";
  /** server_version_num: 180004 is 18.4. */
  readonly version: number;
  /** The embedded server; absent on a server of one's own. */
  readonly embedded?: Embedded;
  /**
   * The same database over connections of its own, closed with it: whoever answers somebody does not stand in line behind
   * work that holds all others for its transactions.
   *
   * @param max connections at once
   */
  readonly beside: (max: number) => Sql;
  /** For all that this process does on this database (`stateOf`). */
  readonly bodies: RecentBodies;
  readonly close: () => Promise<void>;
}

/** Debian 12's; `MERGE`, `NULLS NOT DISTINCT` and column lists of publications are used. */
export const oldestVersion = 150_000;

/**
 * @throws WGL_STATE_GONE | WGL_STATE_REFUSED | WGL_STATE_OLD, and what `startEmbedded` throws
 */
export const openState = async (place: StatePlace, options: StateOptions): Promise<State> => {
  const embedded = "dataDir" in place ? await startEmbedded(place.dataDir, options.embedded) : undefined;
  const sql = connect("url" in place ? place.url : undefined, options, embedded);
  const others: Sql[] = [];
  const beside = (max: number): Sql => {
    const other = connect("url" in place ? place.url : undefined, { ...options, max }, embedded);
    others.push(other);
    return other;
  };
  const close = async (): Promise<void> => {
    await Promise.all(others.map((other) => other.end({ timeout: 1 })));
    // postgres.js waits the whole time for a connection that broke in the middle of a query; callers drain their work first
    await sql.end({ timeout: 1 });
    await embedded?.stop();
  };
  try {
    const version = await versionOf(sql);
    return {
      sql,
      kind: embedded ? "embedded" : "server",
      version,
      ...(embedded ? { embedded } : {}),
      beside,
      bodies: new RecentBodies(),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

const connect = (url: string | undefined, options: StateOptions, embedded: Embedded | undefined): Sql => {
  const settings = stateSettings(options);
  const raw = url === undefined ? postgres({ ...settings, ...embedded?.address() }) : postgres(url, { ...settings });
  // the types only rename what comes back; callers see plain numbers
  return naming(raw as unknown as Sql);
};

/** How every connection to state is set up, tests included. */
export const stateSettings = (options: Pick<StateOptions, "applicationName" | "max">): postgres.Options<Types> => ({
  max: options.max ?? 10,
  connect_timeout: 10,
  // a quick first retry and never a long silence: work resumes within a second of the server's return
  backoff: (attempt: number): number => Math.min(0.05 * 2 ** attempt, 1),
  onnotice: () => {},
  connection: { application_name: options.applicationName, TimeZone: "UTC" },
  types: {
    instant: {
      to: 1184,
      from: [1184],
      serialize: (time: number | Date | string): string =>
        typeof time === "string" ? time : new Date(time).toISOString(),
      parse: (text: string): number => millisecondsOf(text),
    },
    bigint: {
      to: 20,
      from: [20],
      serialize: (value: number | bigint | string): string => String(value),
      parse: (text: string): number => wholeNumber(text),
    },
  },
});

interface Types extends Record<string, postgres.PostgresType> {
  readonly instant: postgres.PostgresType<number | Date | string>;
  readonly bigint: postgres.PostgresType<number | bigint | string>;
}

/** "2026-11-19 08:42:00.123456+00", as PostgreSQL prints it in UTC; microseconds are cut, not rounded. */
const millisecondsOf = (text: string): number => {
  // nearly all of them, read by their places: a parser that knows every format costs five times as much
  if (text.length >= 22 && text.charCodeAt(10) === 32 && text.charCodeAt(4) === 45 && text.endsWith("+00")) {
    const [year, month, date] = [digits(text, 0, 4), digits(text, 5, 2) - 1, digits(text, 8, 2)];
    const [hours, minutes, seconds] = [digits(text, 11, 2), digits(text, 14, 2), digits(text, 17, 2)];
    // years below 100 mean others there
    if (year >= 100) return Date.UTC(year, month, date, hours, minutes, seconds, fraction(text));
  }
  if (text === "infinity") return Number.POSITIVE_INFINITY;
  if (text === "-infinity") return Number.NEGATIVE_INFINITY;
  return Date.parse(
    text
      .replace(" ", "T")
      .replace(/(\.\d{3})\d+/, "$1")
      .replace(/\+00$/, "Z"),
  );
};

const digits = (text: string, from: number, many: number): number => {
  let value = 0;
  for (let at = from; at < from + many; at++) value = value * 10 + text.charCodeAt(at) - 48;
  return value;
};

/** Milliseconds of "….123456+00"; 0 where there is no point. */
const fraction = (text: string): number => {
  const length = Math.min(3, text.length - 23);
  return length <= 0 ? 0 : digits(text, 20, length) * (length === 3 ? 1 : length === 2 ? 10 : 100);
};

const wholeNumber = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new WaglanError("WGL_STATE_NUMBER", { value: text });
  return value;
};

const versionOf = async (sql: Sql): Promise<number> => {
  const found = await askVersion(sql);
  if (found < oldestVersion)
    throw new WaglanError("WGL_STATE_OLD", { found: found / 10_000, wanted: oldestVersion / 10_000 });
  return found;
};

const askVersion = async (sql: Sql): Promise<number> => {
  try {
    const [row] = await sql<{ version: number }[]>`select current_setting('server_version_num')::int as version`;
    return row?.version ?? 0;
  } catch (cause) {
    // 28: authorisation, 3D: no such database, 42501: no right; waiting helps none of them
    const refused = cause instanceof postgres.PostgresError && !isGone(cause);
    throw refused ? new WaglanError("WGL_STATE_REFUSED", { reason: cause.message }, { cause }) : cause;
  }
};
