import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { pipeline } from "node:stream/promises";
import { createGunzip, gunzipSync } from "node:zlib";

/** A request of ClickHouse's HTTP interface, taken apart. */
export interface FrontRequest {
  /** The statement; for an insert with data, without the data. */
  readonly query: string;
  /** Data of an insert; empty otherwise. */
  readonly data: Buffer;
  /** Where the data of an insert of binary blocks lies instead. */
  readonly file?: string;
  /** Values of `{name:Type}`, in ClickHouse's escaped text. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Settings for the engine; those of HTTP itself are gone. */
  readonly settings: Readonly<Record<string, string>>;
  readonly queryId: string;
  readonly database: string;
  /** Format of an answer to a statement that names none. */
  readonly format: string;
}

/** Body bytes one request may carry, decompressed; a telemetry batch is a tenth of it. */
const bodyAtMost = 256 * 1024 * 1024;

/** Words of the URL that are not settings. @see ClickHouse documentation, "HTTP Interface" */
const ownWords: ReadonlySet<string> = new Set(
  "query query_id database default_format session_id session_timeout session_check role user password quota_key compress decompress stacktrace".split(
    " ",
  ),
);

/** Settings of the HTTP server, unknown to the engine as a library. */
const serverSettings: ReadonlySet<string> = new Set(
  `wait_end_of_query buffer_size enable_http_compression http_zlib_compression_level send_progress_in_http_headers
   http_headers_progress_interval_ms http_response_buffer_size http_response_compression_method
   http_native_compression_disable_checksumming_on_decompress http_write_exception_in_output_format`.split(/\s+/),
);

const name = /^[A-Za-z_][A-Za-z0-9_]*$/;

const binaryInsert = /\bformat\s+Native\s*;?\s*$/i;

/**
 * @param fresh a path where nothing lies; what is put there is for the caller to take away
 * @throws RangeError when the body is too long; SyntaxError when a name is not one
 */
export const readRequest = async (request: IncomingMessage, fresh: () => string): Promise<FrontRequest> => {
  const words = new URL(request.url ?? "/", "http://history").searchParams;
  if (binaryInsert.test(words.get("query") ?? "")) {
    const file = fresh();
    await saveBody(request, file);
    return { ...sorted(words, Buffer.alloc(0)), file };
  }
  const body = await readBody(request);
  const type = request.headers["content-type"] ?? "";
  if (type.startsWith("multipart/form-data")) {
    const form = await new Response(body, { headers: { "content-type": type } }).formData();
    for (const [key, value] of form) if (typeof value === "string") words.append(key, value);
    return sorted(words, Buffer.alloc(0));
  }
  if (words.get("query") !== null) return sorted(words, body);
  words.set("query", body.toString());
  return sorted(words, Buffer.alloc(0));
};

const sorted = (words: URLSearchParams, data: Buffer): FrontRequest => {
  const parameters: Record<string, string> = {};
  const settings: Record<string, string> = {};
  for (const [key, value] of words) {
    if (ownWords.has(key) || serverSettings.has(key)) continue;
    if (!name.test(key)) throw new SyntaxError(`"${key}" names no setting`);
    if (key.startsWith("param_")) parameters[key.slice("param_".length)] = value;
    else settings[key] = value;
  }
  return {
    query: words.get("query") ?? "",
    data,
    parameters,
    settings,
    queryId: words.get("query_id") ?? "",
    database: words.get("database") ?? "default",
    format: words.get("default_format") ?? "TabSeparated",
  };
};

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > bodyAtMost) throw new RangeError(`a body holds at most ${bodyAtMost} bytes`);
    chunks.push(chunk);
  }
  const body = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
  return request.headers["content-encoding"] === "gzip" ? gunzipSync(body, { maxOutputLength: bodyAtMost }) : body;
};

/** The library takes text alone beside a statement: binary blocks wait in a file, and are never whole in memory. */
const saveBody = async (request: IncomingMessage, file: string): Promise<void> => {
  let length = 0;
  const bounded = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      length += chunk.length;
      if (length > bodyAtMost) throw new RangeError(`a body holds at most ${bodyAtMost} bytes`);
      yield chunk;
    }
  };
  const out = createWriteStream(file, { flags: "wx", mode: 0o600 });
  try {
    if (request.headers["content-encoding"] === "gzip") await pipeline(request, createGunzip(), bounded, out);
    else await pipeline(request, bounded, out);
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
};
