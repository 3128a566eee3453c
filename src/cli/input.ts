import { type BigIntStats, createReadStream, type Dirent, readdirSync, statSync } from "node:fs";
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

/** What paths stand for. */
interface Inputs {
  readonly inputs: readonly Input[];
  readonly problems: readonly Problem[];
  /** Links to folders, which were not followed: one may lead back up, or to the whole machine. */
  readonly links: readonly string[];
}

/**
 * What the paths stand for: files as they are, folders with everything below them (by name; entries that begin with a
 * dot, and links to folders, are passed over; a file that links give several names is one), "-" for standard input. A path
 * that cannot be read is a problem.
 */
export const inputsOf = (io: Io, paths: readonly string[]): Inputs => {
  const inputs: Input[] = [];
  const problems: Problem[] = [];
  const links: string[] = [];
  /** Places in `inputs` of regular files, by what the system knows them by. */
  const taken = new Map<string, number>();
  const add = (path: string, named: boolean): void => {
    const at = resolve(io.cwd, path);
    try {
      const stat = statSync(at, { bigint: true });
      if (!stat.isDirectory()) {
        const file = stat.isFile() ? `${stat.dev} ${stat.ino}` : undefined;
        const known = file === undefined ? undefined : taken.get(file);
        if (known !== undefined) {
          const before = inputs[known];
          if (named && before) inputs[known] = { ...before, named };
          return;
        }
        // A folder may hold sockets and pipes, which would be waited for; what somebody names is read whatever it is.
        if (file === undefined && !named) return;
        if (file !== undefined) taken.set(file, inputs.length);
        inputs.push(fileInput(path, at, named, file === undefined ? undefined : stat));
        return;
      }
      for (const entry of readdirSync(at, { withFileTypes: true }).sort(byName)) {
        if (entry.name.startsWith(".")) continue;
        const behind = entry.isSymbolicLink() ? behindLink(join(at, entry.name)) : undefined;
        if (behind === "folder") links.push(join(path, entry.name));
        else if (behind !== "nothing") add(join(path, entry.name), false);
      }
    } catch (error) {
      problems.push(unreadable(path, error));
    }
  };
  for (const path of paths) {
    if (path !== "-") add(path, true);
    else inputs.push({ file: "-", named: true, written: io.now(), chunks: () => io.stdin });
  }
  return { inputs, problems, links };
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

const fileInput = (file: string, at: string, named: boolean, stat: BigIntStats | undefined): Input => ({
  file,
  named,
  ...(stat === undefined ? {} : { size: Number(stat.size), written: instant(Math.max(0, Number(stat.mtimeMs))) }),
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

/** What a link leads to; nothing, where what it led to is gone. Of one that may not be followed the file says why. */
const behindLink = (path: string): "folder" | "file" | "nothing" => {
  try {
    return statSync(path).isDirectory() ? "folder" : "file";
  } catch (error) {
    return codeOf(error) === "ENOENT" ? "nothing" : "file";
  }
};
