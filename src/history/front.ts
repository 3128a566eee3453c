import { randomUUID, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import type { Session } from "chdb";
import { type FrontRequest, readRequest } from "./front-request.ts";
import { type InsertStatement, type Lane, literal, makeLane, parseInsert } from "./lane.ts";

export interface FrontOptions {
  /** Opens one more session on the engine's folder. */
  readonly openSession: () => Session;
  readonly password: string;
  /** A folder of ours alone, for rows on their way. */
  readonly folder: string;
  /** Most hunts at once; more wait. */
  readonly readLanes: number;
  /** Settings of every lane: memory, spilling, threads. */
  readonly limits: Readonly<Record<string, string>>;
}

/** The engine behind as much of ClickHouse's HTTP protocol as `@clickhouse/client` speaks. */
export interface Front {
  readonly server: Server;
  readonly close: () => Promise<void>;
}

/** @see ClickHouse documentation, "HTTP Interface" */
export const openFront = async ({ openSession, password, folder, readLanes, limits }: FrontOptions): Promise<Front> => {
  const sessions = Array.from({ length: readLanes + 2 }, openSession);
  const [control, insertSession, ...readSessions] = sessions;
  if (control === undefined || insertSession === undefined) throw new Error("waglan is wrong: no sessions");
  const inserts = await makeLane(insertSession, limits);
  const reads = await Promise.all(readSessions.map((session) => makeLane(session, limits)));

  const onFreeLane = freeLanes(reads);

  const cancel = async (queryId: string): Promise<void> => {
    // SYNC would wait for a fetch that nobody makes any more
    await control.queryAsync(`KILL QUERY WHERE Settings['log_comment'] = ${literal(queryId)} ASYNC`);
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => fail(response, error));
  });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url === "/ping" || request.url === "/") {
      response.end("Ok.\n");
      return;
    }
    if (!knows(request, password)) {
      fail(response, new Error("Code: 516. DB::Exception: Authentication failed. (AUTHENTICATION_FAILED)"));
      return;
    }
    const given = await readRequest(request, () => join(folder, `${randomUUID()}.rows`));
    // the caller's id may be his own and repeated: ours is what cancels
    const wanted: FrontRequest = { ...given, queryId: `${given.queryId}/${randomUUID()}` };
    const gone = new AbortController();
    response.on("close", () => {
      if (response.writableFinished) return;
      gone.abort();
      void cancel(wanted.queryId).catch(() => {});
    });
    response.setHeader("X-ClickHouse-Query-Id", given.queryId);
    if (isRead(wanted.query)) await onFreeLane((lane) => runRead(lane, wanted, response, gone.signal));
    else
      try {
        await runWrite(inserts, wanted, response);
      } finally {
        if (wanted.file !== undefined) await rm(wanted.file, { force: true });
      }
  };

  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await control.queryAsync("KILL QUERY WHERE query NOT LIKE 'KILL%' ASYNC").catch(() => {});
    // close() waits inside the library for what still runs
    for (const session of sessions) session.close();
  };
  return { server, close };
};

const knows = (request: IncomingMessage, password: string): boolean => {
  const basic = Buffer.from(request.headers.authorization?.replace(/^Basic /i, "") ?? "", "base64").toString();
  const header = request.headers["x-clickhouse-key"];
  const given = Buffer.from(typeof header === "string" ? header : basic.slice(basic.indexOf(":") + 1));
  const wanted = Buffer.from(password);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
};

const isRead = (query: string): boolean =>
  /^(?:\s|\/\*[\s\S]*?\*\/|--[^\n]*\n|\()*(?:select|with|show|describe|desc|explain|exists)\b/i.test(query);

/**
 * A read goes to whichever lane is free first. Bound to a lane on arrival it could wait behind a long hunt while another
 * lane is about to be free: a lane still tidies up when its answer has gone out.
 */
const freeLanes = (lanes: readonly Lane[]): ((work: (lane: Lane) => Promise<void>) => Promise<void>) => {
  const waiting: (() => void)[] = [];
  return async (work) => {
    let lane = lanes.find((one) => one.load() === 0);
    while (lane === undefined) {
      await new Promise<void>((resolve) => waiting.push(resolve));
      lane = lanes.find((one) => one.load() === 0);
    }
    try {
      await work(lane);
    } finally {
      waiting.shift()?.();
    }
  };
};

/** Formats whose pieces, one after another, are the whole: anything else (JSON, Parquet) is made whole first. */
const piecewise: ReadonlySet<string> = new Set(
  "jsoneachrow jsonstringseachrow jsoncompacteachrow jsoncompactstringseachrow tsv tabseparated tsvraw tabseparatedraw csv rowbinary values".split(
    " ",
  ),
);

const formatOf = (request: FrontRequest): string =>
  /\bformat\s+(\w+)\s*;?\s*(?:settings\b[^'"]*)?$/i.exec(request.query)?.[1] ?? request.format;

const runRead = (lane: Lane, request: FrontRequest, response: ServerResponse, gone: AbortSignal): Promise<void> =>
  lane.run(request, async (session) => {
    if (gone.aborted) return;
    const format = formatOf(request);
    response.setHeader("X-ClickHouse-Format", format);
    const sql = request.query.replace(/[\s;]+$/, "");
    if (!/^\s*(?:\(\s*)*(?:select|with)\b/i.test(sql) || !piecewise.has(format.toLowerCase())) {
      response.end((await session.queryAsync(sql, { format: request.format })).bytes());
      return;
    }
    const tag = randomUUID().replaceAll("-", "").slice(0, 16);
    let started = false;
    try {
      for await (const piece of session.queryStream(sql, { format: request.format })) {
        if (gone.aborted) return;
        if (!started) response.setHeader("X-ClickHouse-Exception-Tag", tag);
        started = true;
        if (!response.write(piece.raw())) await Promise.race([once(response, "drain"), once(response, "close")]);
      }
      response.end();
    } catch (error) {
      if (!started) throw error;
      // an answer half sent ends with the error in the form of ClickHouse 25.11 and newer
      const text = `${messageOf(error)}\n`;
      response.end(`\r\n__exception__\r\n${tag}\r\n${text}${Buffer.byteLength(text)} ${tag}\r\n__exception__\r\n`);
    }
  });

const runWrite = (lane: Lane, request: FrontRequest, response: ServerResponse): Promise<void> =>
  lane.run(request, async (session) => {
    const insert = parseInsert(request.query);
    if (insert !== undefined) {
      const written = await put(session, insert, request);
      response.setHeader(
        "X-ClickHouse-Summary",
        JSON.stringify({
          read_rows: "0",
          read_bytes: "0",
          written_rows: String(written.rowsWritten),
          written_bytes: String(written.bytesWritten),
          total_rows_to_read: "0",
          result_rows: "0",
          result_bytes: "0",
          elapsed_ns: "0",
        }),
      );
      response.end();
      return;
    }
    if (request.data.length > 0) throw new Error(unreadable);
    response.end((await session.queryAsync(request.query, { format: request.format })).bytes());
  });

const put = async (
  session: Session,
  { table, columns, format }: InsertStatement,
  { data, file }: FrontRequest,
): Promise<{ readonly rowsWritten: number; readonly bytesWritten: number }> => {
  if (format === "Native") {
    if (file === undefined) throw new Error(unreadable);
    const names = columns.length === 0 ? "" : `(${columns.map(quoted).join(", ")})`;
    const { rowsRead, bytesRead } = await session.queryAsync(
      `INSERT INTO ${quoted(table)} ${names} SELECT * FROM file(${literal(file)}, 'Native')`,
    );
    return { rowsWritten: rowsRead, bytesWritten: bytesRead };
  }
  if (data.length === 0) return { rowsWritten: 0, bytesWritten: 0 };
  return session.insert({ table, format, values: data, ...(columns.length > 0 ? { columns: [...columns] } : {}) });
};

const quoted = (identifier: string): string =>
  identifier
    .split(".")
    .map((part) => `\`${part.replace(/[\\`]/g, "\\$&")}\``)
    .join(".");

/** @see ClickHouse src/Common/ErrorCodes.cpp, 73 UNKNOWN_FORMAT */
const unreadable =
  "Code: 73. DB::Exception: Data beside a statement is taken for INSERT INTO table (columns) FORMAT JSONEachRow, JSONCompactEachRow, TabSeparated, CSV or Native. (UNKNOWN_FORMAT)";

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** HTTP statuses of ClickHouse's server for the codes that have one of their own; others are 500. */
const statuses: ReadonlyMap<string, number> = new Map([
  ["516", 403],
  ["62", 400],
  ["73", 400],
  ["60", 404],
  ["81", 404],
]);

const fail = (response: ServerResponse, error: unknown): void => {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const message = messageOf(error);
  const code = /^Code: (\d+)\./.exec(message)?.[1] ?? "1002"; // 1002 UNKNOWN_EXCEPTION
  response.writeHead(statuses.get(code) ?? 500, { "X-ClickHouse-Exception-Code": code, "Content-Type": "text/plain" });
  response.end(/^Code: \d+\./.test(message) ? message : `Code: ${code}. DB::Exception: ${message} (UNKNOWN_EXCEPTION)`);
};
