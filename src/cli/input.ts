import { createReadStream, type Dirent, readdirSync, type Stats, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { type Instant, instant } from "#core/instant.ts";
import { type Problem, problem, type Result, WaglanError } from "#core/result.ts";
import type { Io } from "./io.ts";

/** One thing to read. */
export interface Input {
  /** As it is to be printed: the path as it was given, or below the folder that was given; "-" is standard input. */
  readonly file: string;
  /** Bytes on the disk; absent where nobody knows before reading. */
  readonly size?: number;
  /** When it was last written; absent where nobody knows. */
  readonly written?: Instant;
  /** Somebody named it; else it was met in a folder, among things that may not be meant. */
  readonly named: boolean;
  /** The bytes as they lie there, in chunks of 1 MiB. @throws WGL_INPUT_PATH */
  readonly chunks: () => AsyncIterable<Uint8Array>;
}

/** Large enough that the matcher's loop is long beside the read, small enough to stay in the cache's second level. */
const chunkBytes = 1_048_576;

/**
 * What the paths stand for: files as they are, folders with everything below them (by name; entries that begin with a
 * dot, and links to folders, are passed over), "-" for standard input. A path that cannot be read is a problem.
 */
export const inputsOf = (
  io: Io,
  paths: readonly string[],
): { readonly inputs: readonly Input[]; readonly problems: readonly Problem[] } => {
  const inputs: Input[] = [];
  const problems: Problem[] = [];
  const add = (path: string, named: boolean): void => {
    const at = resolve(io.cwd, path);
    try {
      const stat = statSync(at);
      if (!stat.isDirectory()) {
        // A folder may hold sockets and pipes, which would be waited for; what somebody names is read whatever it is.
        if (named || stat.isFile()) inputs.push(fileInput(path, at, named, stat.isFile() ? stat : undefined));
        return;
      }
      for (const entry of readdirSync(at, { withFileTypes: true }).sort(byName))
        if (!entry.name.startsWith(".") && !leadsAway(at, entry)) add(join(path, entry.name), false);
    } catch (error) {
      problems.push(unreadable(path, error));
    }
  };
  for (const path of paths) {
    if (path !== "-") add(path, true);
    else inputs.push({ file: "-", named: true, written: io.now(), chunks: () => io.stdin });
  }
  return { inputs, problems };
};

/** Sum of what is known; absent when one of them is not. */
export const sizeOf = (inputs: readonly Input[]): number | undefined => {
  let sum = 0;
  for (const { size } of inputs) {
    if (size === undefined) return undefined;
    sum += size;
  }
  return sum;
};

/** Everything of one input, as it lies on the disk. @returns WGL_BODY_LARGE above `limit` bytes */
export const wholeOf = async (
  input: Input,
  limit: number,
  onRead: (bytes: number) => void,
): Promise<Result<Uint8Array>> => {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of input.chunks()) {
    onRead(chunk.length);
    length += chunk.length;
    if (length > limit) return { ok: false, problem: problem("WGL_BODY_LARGE", { limit }) };
    parts.push(chunk);
  }
  return { ok: true, value: parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts) };
};

/**
 * The bytes of one input, unpacked when they begin like gzip, whatever the name says; in constant memory.
 *
 * @throws WGL_INPUT_PATH | WGL_BODY_GZIP
 */
export async function* unpacked(input: Input, onRead: (bytes: number) => void): AsyncGenerator<Uint8Array, void, void> {
  const counted = async function* (): AsyncGenerator<Uint8Array, void, void> {
    for await (const chunk of input.chunks()) {
      onRead(chunk.length);
      yield chunk;
    }
  };
  const source = counted();
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < 2) {
    const first = await source.next();
    if (first.done) break;
    head = head.length === 0 ? first.value : Buffer.concat([head, first.value]);
  }
  const whole = async function* (): AsyncGenerator<Uint8Array, void, void> {
    if (head.length > 0) yield head;
    yield* source;
  };
  if (!(head[0] === 0x1f && head[1] === 0x8b)) return yield* whole();
  const packed = Readable.from(whole(), { objectMode: false });
  const gunzip = createGunzip({ chunkSize: chunkBytes });
  packed.on("error", (error) => gunzip.destroy(error));
  packed.pipe(gunzip);
  try {
    yield* gunzip as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (error instanceof WaglanError) throw error;
    throw new WaglanError("WGL_BODY_GZIP", { code: codeOf(error) }, { cause: error });
  } finally {
    packed.destroy();
  }
}

const fileInput = (file: string, at: string, named: boolean, stat: Stats | undefined): Input => ({
  file,
  named,
  ...(stat === undefined ? {} : { size: stat.size, written: instant(Math.max(0, stat.mtimeMs)) }),
  chunks: async function* () {
    try {
      yield* createReadStream(at, { highWaterMark: chunkBytes }) as AsyncIterable<Uint8Array>;
    } catch (error) {
      throw new WaglanError("WGL_INPUT_PATH", { path: file, code: codeOf(error) }, { cause: error });
    }
  },
});

const unreadable = (path: string, error: unknown): Problem => problem("WGL_INPUT_PATH", { path, code: codeOf(error) });

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : String(error);

const byName = (a: Dirent, b: Dirent): number => (a.name < b.name ? -1 : 1);

/** A link to a folder may lead back up. */
const leadsAway = (folder: string, entry: Dirent): boolean => {
  if (!entry.isSymbolicLink()) return false;
  try {
    return statSync(join(folder, entry.name)).isDirectory();
  } catch {
    return true;
  }
};
