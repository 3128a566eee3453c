import type { Sql, TransactionSql } from "postgres";
import type { Permission } from "#community/roles.ts";
import type { SensorId } from "#community/sensor.ts";
import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { Account, Accounts, OpenSession, StoredToken } from "#jobs/community/accounts.ts";
import { timeOf } from "#store/columns.ts";
import type { Language } from "#words/language.ts";

const sessionRow = (row: Record<string, unknown>): OpenSession => ({
  id: row["session"] as string,
  until: row["expires"] as Instant,
  account: accountRow(row),
});

const accountRow = (row: Record<string, unknown>): Account => ({
  id: row["id"] as string,
  name: row["name"] as string,
  display: row["display"] as string,
  password: row["password"] as string,
  staff: row["staff"] as boolean,
  roles: row["roles"] as string[],
  ...(row["person"] === null ? {} : { person: row["person"] as string }),
  language: row["language"] as Language,
  disabled: row["disabled"] !== null,
});

const tokenRow = (row: Record<string, unknown>): StoredToken => ({
  id: row["id"] as string,
  prefix: row["prefix"] as string,
  kind: row["kind"] as StoredToken["kind"],
  organisation: row["organisation"] as OrganisationId,
  ...(row["sensor"] === null ? {} : { sensor: row["sensor"] as SensorId }),
  permissions: row["permissions"] as Permission[],
  title: row["title"] as string,
  made: row["made"] as Instant,
  ...(row["until"] === null ? {} : { until: row["until"] as Instant }),
  ...(row["revoked"] === null ? {} : { revoked: row["revoked"] as Instant }),
  ...(row["used"] === null || row["used"] === undefined ? {} : { lastUsed: row["used"] as Instant }),
});

/** Accounts, sessions and tokens; only hashes of secrets are ever stored. `name` is canonical (community/password.ts). */
export const accounts = (sql: Sql | TransactionSql): Accounts => ({
  byName: async (name: string): Promise<Account | undefined> => {
    const [row] = await sql`select * from account where name = ${name}`;
    return row && accountRow(row);
  },
  all: async (): Promise<readonly Account[]> => (await sql`select * from account order by name`).map(accountRow),
  put: async (account: Omit<Account, "disabled">, now: Instant): Promise<void> => {
    await sql`insert into account (id, name, display, password, staff, roles, person, language, created)
      values (${account.id}, ${account.name}, ${account.display}, ${account.password}, ${account.staff}, ${[...account.roles]}, ${account.person ?? null}, ${account.language}, ${timeOf(now)})
      on conflict (name) do update set display = excluded.display, password = excluded.password, staff = excluded.staff, roles = excluded.roles,
        person = excluded.person, language = excluded.language, disabled = null`;
    await sql`delete from session where account = (select id from account where name = ${account.name})`;
  },
  rehash: async (id, password) => {
    await sql`update account set password = ${password} where id = ${id}`;
  },
  disable: async (name: string, now: Instant): Promise<boolean> => {
    const rows =
      await sql`update account set disabled = ${timeOf(now)} where name = ${name} and disabled is null returning id`;
    await sql`delete from session where account in (select id from account where name = ${name})`;
    return rows.length > 0;
  },
  openSession: async (hash: string, id: string, account: string, now: Instant, expires: Instant): Promise<void> => {
    await sql`insert into session (token, id, account, created, expires) values (${hash}, ${id}, ${account}, ${timeOf(now)}, ${timeOf(expires)})`;
  },
  session: async (hash: string, now: Instant): Promise<OpenSession | undefined> => {
    const [row] = await sql`select a.*, s.id as session, s.expires from session s join account a on a.id = s.account
      where s.token = ${hash} and s.expires > ${timeOf(now)} and a.disabled is null`;
    return row && sessionRow(row);
  },
  sessions: async (ids, now) => {
    const rows = await sql`select a.*, s.id as session, s.expires from session s join account a on a.id = s.account
      where s.id = any(${ids as string[]}) and s.expires > ${timeOf(now)} and a.disabled is null`;
    return new Map(rows.map((row) => [row["session"] as string, sessionRow(row)]));
  },
  closeSession: async (id: string): Promise<void> => {
    await sql`delete from session where id = ${id}`;
  },
  sweepSessions: async (now: Instant): Promise<void> => {
    await sql`delete from session where expires <= ${timeOf(now)}`;
  },
  putToken: async (token: StoredToken, hash: string): Promise<void> => {
    await sql`insert into token (id, prefix, hash, kind, organisation, sensor, permissions, title, made, until)
      values (${token.id}, ${token.prefix}, ${hash}, ${token.kind}, ${token.organisation}, ${token.sensor ?? null}, ${[...token.permissions]}, ${token.title}, ${timeOf(token.made)}, ${token.until === undefined ? null : timeOf(token.until)})`;
  },
  /** Also notes that it was used, at most once a minute. */
  token: async (hash: string, now: Instant): Promise<StoredToken | undefined> => {
    const [row] = await sql`select t.*, u.at as used from token t left join token_used u on u.token = t.id
      where hash = ${hash} and revoked is null and (until is null or until > ${timeOf(now)})`;
    if (!row) return undefined;
    const token = tokenRow(row);
    if (token.lastUsed === undefined || now - token.lastUsed > 60_000)
      await sql`insert into token_used (token, at) values (${token.id}, ${timeOf(now)}) on conflict (token) do update set at = excluded.at`;
    return token;
  },
  tokens: async (): Promise<readonly StoredToken[]> =>
    (
      await sql`select t.*, u.at as used from token t left join token_used u on u.token = t.id order by made desc, id`
    ).map(tokenRow),
  revoke: async (id: string, now: Instant): Promise<boolean> =>
    (await sql`update token set revoked = ${timeOf(now)} where id = ${id} and revoked is null returning id`).length > 0,
});
