import {
  closeSync,
  createReadStream,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  statfsSync,
  statSync,
  unlinkSync,
} from "node:fs";
import { copyFile, rename } from "node:fs/promises";
import { basename, join } from "node:path";
import { createGunzip } from "node:zlib";
import { type Instant, instant } from "#core/instant.ts";
import { WaglanError } from "#core/result.ts";
import type { EdgeShelf, Receiving, SmallName, StoredParcel } from "#jobs/edge/shelf-port.ts";
import { makeFolder, onDisk, replaceFile, syncFolder, writeAll } from "./disk.ts";

const folders = ["streams", "hunts", "waiting", "sent", "aside"] as const;

/** The shelf of a sensor in its data folder:
 *
 *   NAME.json            small things
 *   streams/             knowledge as it came
 *   hunts/ID             values still to be hunted, one a line
 *   waiting/NNNNNNNN.hits.gz   parcels that wait; "counts" may be let go, "cut" was
 *   sent/NNNNNNNN.parcel.gz    parcels that were handed over, for the department to read
 *   aside/NAME           what the process under way looks at soon
 */
export const openShelf = (data: string): EdgeShelf => {
  makeFolder(data);
  for (const folder of folders) makeFolder(join(data, folder));
  const small = (name: SmallName): string => join(data, `${name}.json`);
  const stream = (name: string): string => join(data, "streams", basename(name));
  const hunt = (id: string): string => join(data, "hunts", basename(id));
  const waiting = ({ number, queue, cut }: Omit<StoredParcel, "bytes">): string =>
    join(data, "waiting", `${digits(number)}.${cut ? "cut" : queue}.gz`);
  const sent = (number: number): string => join(data, "sent", parcelName(number));
  const aside = (name: string): string => join(data, "aside", basename(name));
  const list = (folder: (typeof folders)[number]): readonly string[] =>
    onDisk(join(data, folder), () => readdirSync(join(data, folder)).toSorted());
  const drop = (path: string): void => {
    if (existsSync(path)) onDisk(path, () => unlinkSync(path));
  };
  let scratch: Uint8Array = Buffer.allocUnsafeSlow(chunk);
  return {
    small: {
      read: (name) => (existsSync(small(name)) ? onDisk(small(name), () => readFileSync(small(name))) : undefined),
      write: (name, pieces) => writePieces(small(name), data, pieces),
      writeAll: async (name, pieces) => {
        const received = receiving(small(name), data);
        try {
          for await (const piece of pieces) received.part(piece);
          received.end();
        } finally {
          received.drop();
        }
      },
      receive: (name) => receiving(small(name), data),
      unpacked: (name, atMost) => unpackedOf(small(name), atMost),
      drop: (name) => drop(small(name)),
      size: (name) => (existsSync(small(name)) ? onDisk(small(name), () => statSync(small(name)).size) : undefined),
      part: (name, from, to) => {
        if (to - from > scratch.length) scratch = Buffer.allocUnsafeSlow(to - from);
        return onDisk(small(name), () => partOf(small(name), from, to, scratch));
      },
      move: (from, to) =>
        onDisk(small(to), () => {
          renameSync(small(from), small(to));
          syncFolder(data);
        }),
    },
    streams: {
      put: (name, body) => replaceFile(stream(name), body),
      receive: (name) => receiving(stream(name), join(data, "streams")),
      take: async (name, from) => {
        try {
          await copyFile(from, `${stream(name)}.new`);
          await rename(`${stream(name)}.new`, stream(name));
        } catch (error) {
          const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
          throw new WaglanError("WGL_INPUT_PATH", { path: from, code }, { cause: error });
        }
      },
      putLines: async (name, lines) => {
        const path = `${stream(name)}.new`;
        const file = onDisk(path, () => openSync(path, "w", 0o600));
        try {
          let waiting = "";
          const write = (): void => {
            onDisk(path, () => writeAll(file, [Buffer.from(waiting)]));
            waiting = "";
          };
          for await (const line of lines) {
            waiting += `${line}\n`;
            if (waiting.length >= chunk) write();
          }
          write();
          onDisk(path, () => fsyncSync(file));
        } finally {
          closeSync(file);
        }
        onDisk(path, () => renameSync(path, stream(name)));
      },
      lines: (name) => linesOf(stream(name)),
      bytes: (name) => onDisk(stream(name), () => statSync(stream(name)).size),
      path: stream,
      only: (names) => {
        for (const name of list("streams")) if (!names.includes(name)) drop(stream(name));
      },
    },
    hunts: {
      put: (id, lines) => replaceFile(hunt(id), lines.join("\n")),
      list: () => list("hunts").filter((name) => !name.endsWith(".new")),
      read: (id) =>
        existsSync(hunt(id)) ? onDisk(hunt(id), () => readFileSync(hunt(id), "utf8").split("\n").filter(Boolean)) : [],
      drop: (id) => drop(hunt(id)),
    },
    parcels: {
      put: (parcel, body) => {
        replaceFile(waiting(parcel), body);
        if (parcel.cut)
          for (const queue of ["hits", "counts"] as const) drop(waiting({ number: parcel.number, queue, cut: false }));
      },
      waiting: () =>
        list("waiting").flatMap((name): readonly StoredParcel[] => {
          const [, number, kind] = /^(\d+)\.(hits|counts|cut)\.gz$/.exec(name) ?? [];
          if (number === undefined || kind === undefined) return [];
          const { size } = onDisk(name, () => statSync(join(data, "waiting", name)));
          return [
            { number: Number(number), queue: kind === "hits" ? "hits" : "counts", cut: kind === "cut", bytes: size },
          ];
        }),
      read: (parcel) => onDisk(waiting(parcel), () => readFileSync(waiting(parcel))),
      sent: (parcel) =>
        onDisk(waiting(parcel), () => {
          renameSync(waiting(parcel), sent(parcel.number));
          syncFolder(join(data, "sent"));
          syncFolder(join(data, "waiting"));
        }),
      drop: (parcel) => drop(waiting(parcel)),
      handedOver: () =>
        list("sent").flatMap((name) => {
          const [, number] = /^(\d+)\.parcel\.gz$/.exec(name) ?? [];
          if (number === undefined) return [];
          const { size, ctimeMs } = statSync(join(data, "sent", name));
          return [{ number: Number(number), at: instant(Math.max(0, ctimeMs)), bytes: size }];
        }),
      readSent: (number) => onDisk(sent(number), () => readFileSync(sent(number))),
      forgetSent: (before: Instant) => {
        let gone = 0;
        for (const name of list("sent")) {
          const path = join(data, "sent", name);
          if (statSync(path).ctimeMs >= before) continue;
          drop(path);
          gone++;
        }
        return gone;
      },
      carry: (parcel, folder) => {
        makeFolder(folder);
        replaceFile(
          join(folder, parcelName(parcel.number)),
          onDisk(waiting(parcel), () => readFileSync(waiting(parcel))),
        );
      },
    },
    aside: {
      append: (name, parts) =>
        onDisk(aside(name), () => {
          const file = openSync(aside(name), "a", 0o600);
          const before = fstatSync(file).size;
          try {
            // not synced: a process that starts again makes it again
            writeAll(file, parts);
          } catch (error) {
            ftruncateSync(file, before);
            throw error;
          } finally {
            closeSync(file);
          }
        }),
      take: (name) => {
        const bytes = onDisk(aside(name), () => readFileSync(aside(name)));
        drop(aside(name));
        return bytes;
      },
      clear: () => {
        for (const name of list("aside")) drop(aside(name));
      },
    },
    free: () => {
      const { bavail, bsize } = onDisk(data, () => statfsSync(data));
      return bavail * bsize;
    },
  };
};

const digits = (number: number): string => String(number).padStart(8, "0");
const parcelName = (number: number): string => `${digits(number)}.parcel.gz`;

const writePieces = (path: string, folder: string, pieces: Iterable<string | Uint8Array>): void =>
  onDisk(path, () => {
    const file = openSync(`${path}.new`, "w", 0o600);
    try {
      for (const piece of pieces) writeAll(file, [typeof piece === "string" ? Buffer.from(piece) : piece]);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(`${path}.new`, path);
    syncFolder(folder);
  });

const receiving = (path: string, folder: string): Receiving => {
  const beside = `${path}.new`;
  let file: number | undefined;
  const opened = (): number => (file ??= openSync(beside, "w", 0o600));
  const close = (): void => {
    if (file !== undefined) closeSync(file);
    file = undefined;
  };
  return {
    part: (bytes) => onDisk(beside, () => writeAll(opened(), [bytes])),
    end: () =>
      onDisk(path, () => {
        fsyncSync(opened());
        close();
        renameSync(beside, path);
        syncFolder(folder);
      }),
    drop: () => {
      if (file === undefined) return;
      close();
      onDisk(beside, () => unlinkSync(beside));
    },
  };
};

const partOf = (path: string, from: number, to: number, into: Uint8Array): Uint8Array => {
  const file = openSync(path, "r");
  try {
    let read = 0;
    for (let n = -1; n !== 0 && read < to - from; read += n)
      n = readSync(file, into, read, to - from - read, from + read);
    return into.subarray(0, read);
  } finally {
    closeSync(file);
  }
};

interface Opened {
  readonly source: ReturnType<typeof createReadStream>;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** A file a piece at a time, unpacked when it is gzip. */
const piecesOf = (path: string): Opened => {
  const head = Buffer.alloc(2);
  const file = onDisk(path, () => openSync(path, "r"));
  let packed = false;
  try {
    packed = readSync(file, head, 0, 2, 0) === 2 && head[0] === 0x1f && head[1] === 0x8b;
  } finally {
    closeSync(file);
  }
  const source = createReadStream(path, { highWaterMark: chunk });
  const gunzip = packed ? createGunzip({ chunkSize: chunk }) : undefined;
  if (gunzip) {
    source.on("error", (error) => gunzip.destroy(error));
    source.pipe(gunzip);
  }
  return { source, bytes: gunzip ?? source };
};

async function* unpackedOf(path: string, atMost: number): AsyncGenerator<Uint8Array, void, void> {
  const { source, bytes } = piecesOf(path);
  let count = 0;
  try {
    for await (const piece of bytes) {
      count += piece.length;
      if (count > atMost) throw new WaglanError("WGL_SENSOR_BROKEN", { lines: 0 });
      yield piece;
    }
  } catch (error) {
    if (error instanceof WaglanError) throw error;
    throw new WaglanError("WGL_SENSOR_BROKEN", { lines: 0 }, { cause: error });
  } finally {
    source.destroy();
  }
}

/** Lines of a file, packed or not, in constant memory. */
async function* linesOf(path: string): AsyncGenerator<string, void, void> {
  const { source, bytes: pieces } = piecesOf(path);
  const text = new TextDecoder();
  let rest = "";
  let lines = 0;
  try {
    for await (const bytes of pieces) {
      rest += text.decode(bytes, { stream: true });
      let from = 0;
      for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n", from)) {
        lines++;
        yield rest.slice(from, end);
        from = end + 1;
      }
      rest = rest.slice(from);
      // no line of ours is near as long, and a bomb of one line stops here
      if (rest.length > longestLine) throw new WaglanError("WGL_SENSOR_BROKEN", { lines });
    }
  } catch (error) {
    if (error instanceof WaglanError) throw error;
    throw new WaglanError("WGL_SENSOR_BROKEN", { lines }, { cause: error });
  } finally {
    source.destroy();
  }
  if (rest !== "") yield rest;
}

const chunk = 65_536;
/** UTF-16 units: the rules of a one-way file are one line. */
const longestLine = 134_217_728;
