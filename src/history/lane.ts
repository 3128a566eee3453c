import type { RawInsertFormat, Session } from "chdb";
import type { FrontRequest } from "./front-request.ts";

/**
 * One session of the engine and the queue before it: a session takes one query at a time, sessions of one process on
 * one folder run beside each other. Inserts have a lane of their own, so that a long hunt never blocks them.
 */
export interface Lane {
  /** Requests running or waiting. */
  readonly load: () => number;
  /** Runs `work` when the lane is free, with the request's database, settings and parameters in force. */
  readonly run: <T>(request: FrontRequest, work: (session: Session) => Promise<T>) => Promise<T>;
}

/**
 * @param limits settings in force on the lane, to which a request's own are put back afterwards
 */
export const makeLane = async (session: Session, limits: Readonly<Record<string, string>>): Promise<Lane> => {
  await session.queryAsync(setting(limits));
  let tail: Promise<unknown> = Promise.resolve();
  let load = 0;
  let database = "default";
  const parametersSet = new Set<string>();

  const prepare = async (request: FrontRequest): Promise<void> => {
    if (request.database !== database) {
      await session.queryAsync(`USE \`${request.database.replace(/[\\`]/g, "\\$&")}\``);
      database = request.database;
    }
    // parameters of a session stay: one left by an earlier request must not answer for one forgotten in this
    const stale = [...parametersSet].find((name) => !(name in request.parameters) && uses(request.query, name));
    if (stale !== undefined)
      throw new Error(`Code: 456. DB::Exception: Substitution \`${stale}\` is not set. (UNKNOWN_QUERY_PARAMETER)`);
    const parameters = Object.entries(request.parameters);
    for (const [name] of parameters) parametersSet.add(name);
    const all = { ...request.settings, log_comment: request.queryId };
    for (const [name, value] of parameters) Object.assign(all, { [`param_${name}`]: value });
    await session.queryAsync(setting(all));
  };

  const restore = async (request: FrontRequest): Promise<void> => {
    const names = Object.keys(request.settings);
    if (names.length === 0) return;
    const back = names.map((name) => `${name} = ${name in limits ? literal(limits[name] ?? "") : "DEFAULT"}`);
    await session.queryAsync(`SET ${back.join(", ")}`);
  };

  const run = async <T>(request: FrontRequest, work: (session: Session) => Promise<T>): Promise<T> => {
    load++;
    const turn = Promise.withResolvers<void>();
    const before = tail;
    tail = turn.promise;
    try {
      await before;
      try {
        await prepare(request);
        return await work(session);
      } finally {
        await restore(request);
      }
    } finally {
      load--;
      turn.resolve();
    }
  };
  return { load: () => load, run };
};

const uses = (query: string, parameter: string): boolean => new RegExp(`\\{\\s*${parameter}\\s*:`).test(query);

const setting = (settings: Readonly<Record<string, string>>): string =>
  `SET ${Object.entries(settings)
    .map(([name, value]) => `${name} = ${literal(value)}`)
    .join(", ")}`;

/** A string literal; the engine reads numbers from it too. */
export const literal = (text: string): string => `'${text.replace(/[\\']/g, "\\$&")}'`;

/** `INSERT INTO t (a, b) FORMAT x`, the only form of insert that carries data beside it. */
export interface InsertStatement {
  readonly table: string;
  readonly columns: readonly string[];
  readonly format: RawInsertFormat | "Native";
}

const insertStatement = /^\s*insert\s+into\s+(?:table\s+)?([\w.`"]+)\s*(?:\(([^()]*)\))?\s*format\s+(\w+)\s*;?\s*$/i;

const insertFormats: ReadonlyMap<string, InsertStatement["format"]> = new Map(
  (
    [
      "Native",
      "JSONEachRow",
      "JSONCompactEachRow",
      "CSV",
      "CSVWithNames",
      "TSV",
      "TabSeparated",
      "TSVWithNames",
      "TabSeparatedWithNames",
    ] as const
  ).map((format) => [format.toLowerCase(), format]),
);

export const parseInsert = (query: string): InsertStatement | undefined => {
  const [, table, columns, format] = insertStatement.exec(query) ?? [];
  const known = insertFormats.get(format?.toLowerCase() ?? "");
  if (table === undefined || known === undefined) return undefined;
  const bare = (identifier: string): string => identifier.trim().replace(/[`"]/g, "");
  return { table: bare(table), columns: columns?.split(",").map(bare) ?? [], format: known };
};
