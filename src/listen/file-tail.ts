import { open, type FileHandle, glob, stat, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { SensorId } from "#community/sensor.ts";
import { day, type Instant, minute } from "#core/instant.ts";
import type { FileInput } from "#jobs/config/inputs.ts";
import type { DropReason, FilePlace, KeptFile } from "#jobs/inputs-port.ts";
import type { FilePart, TakenFile } from "#jobs/collect/take-file.ts";
import { headerAfter, lastEnd, nextEnd, utf8, type Wide, wideOf, windowBytes } from "./file-lines.ts";
import { bytesOf, evtxChunk, evtxHeader, isEvtx, isFuller, markOf, tellingPosition } from "./file-mark.ts";

/** What following files needs from the rest; `test/listen-files.test.ts` fills it from a database. */
export interface TailPort {
  readonly sensor: (key: string) => { readonly id: SensorId; readonly format: string } | undefined;
  readonly files: (sensor: SensorId) => Promise<readonly KeptFile[]>;
  readonly add: (file: Omit<KeptFile, "n">) => Promise<number>;
  readonly see: (n: number, at: Instant) => Promise<void>;
  readonly forget: (n: number) => Promise<void>;
  readonly take: (part: FilePart, now: Instant) => Promise<TakenFile>;
  readonly dropped: (input: string, reason: DropReason, detail: string, sensor?: string) => void;
}

export interface Tail {
  /** Looks at every file once. @returns whether there may be more at once */
  readonly turn: (now: Instant) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

/** Files one entry may follow. */
const filesAtMost = 1000;
/** A file that was renamed or removed is let go when it did not grow for this long: its writer may still hold it. */
const restMs = minute;
/** A binary file is read when it did not change for this long. */
const quietMs = minute / 2;
/** The same trouble with an entry is counted once in this time. */
const complainEveryMs = 10 * minute;
/** Packed copies of what was read as it grew. */
const packed = /\.(?:gz|xz|zst|bz2|lz4|zip|Z)$/;

interface Follow {
  kept: KeptFile;
  /** As it stands in state. */
  place: FilePlace;
  readonly input: FileInput;
  readonly handle: FileHandle;
  readonly format: string | undefined;
  readonly firstLine: boolean;
  readonly evtx: boolean;
  wide: Wide | undefined;
  /** At no path of its entry any more. */
  gone: boolean;
  /** Up to here there is no line end behind the position. */
  scanned: number;
  /** As it stood at the last look that took all there was, and since when it stands so. */
  size: number;
  changed: number;
  since: Instant;
}

/**
 * Follows files as they grow, are renamed, cut off and written again. One at a time may follow a sensor's files.
 *
 * @param window bytes of the longest part; a line that is longer is left, and counted
 * @param atOnce bytes of a part whose lines are shorter
 */
export const openTail = (
  inputs: readonly FileInput[],
  port: TailPort,
  window: number = windowBytes,
  atOnce: number = window,
): Tail => {
  const follows = new Map<string, Follow>();
  const complained = new Map<string, Instant>();
  const complain = (input: FileInput, reason: DropReason, detail: string, now: Instant): void => {
    const key = `${input.path} ${reason} ${detail}`;
    const last = complained.get(key);
    if (last !== undefined && now - last < complainEveryMs && now >= last) return;
    if (complained.size >= filesAtMost) complained.clear();
    complained.set(key, now);
    port.dropped(input.path, reason, detail, input.sensor);
  };

  /** Opens a file at what is known of it, or at its beginning. */
  const adopt = async (input: FileInput, path: string, inode: string, now: Instant): Promise<void> => {
    const sensor = port.sensor(input.sensor);
    if (!sensor) return;
    const handle = await open(path, "r");
    let kept: KeptFile | undefined;
    let place: FilePlace | undefined;
    try {
      const evtx = await isEvtx(handle);
      const format = input.format ?? sensor.format;
      const rows = await port.files(sensor.id);
      const followed = new Set([...follows.values()].map((one) => one.kept.n));
      const isOf = async (row: KeptFile): Promise<boolean> =>
        isMarked(await markOf(handle, row.position, evtx), row.mark, evtx);
      const fresh = { sensor: sensor.id, path, inode, seen: now };
      for (const row of rows
        .filter((one) => !followed.has(one.n))
        .toSorted((a, b) => near(b, path, inode) - near(a, path, inode))) {
        // a volume that moved gives new numbers; few bytes alone are no sign of the same file
        const telling = row.inode === inode || row.position >= tellingPosition;
        if (telling && row.position > 0 && (await isOf(row))) kept ??= { ...row, path, inode };
      }
      if (!kept)
        // copied before it was cut off: what of it was taken was taken
        for (const row of rows.filter((one) => followed.has(one.n) && one.position >= tellingPosition))
          if (!kept && (await isOf(row)))
            kept = { ...row, ...fresh, generation: 0, n: await port.add({ ...row, ...fresh, generation: 0 }) };
      const same = kept === undefined ? rows.find((one) => one.inode === inode && !followed.has(one.n)) : undefined;
      // the same number and other bytes: it was cut off while nobody looked
      if (same) place = same;
      if (same)
        kept = { ...same, ...fresh, position: 0, generation: same.generation + 1, mark: "", header: new Uint8Array(0) };
      if (!kept) {
        const row = { ...fresh, position: 0, generation: 0, mark: "", header: new Uint8Array(0) };
        kept = { ...row, n: await port.add(row) };
      }
      const head = await bytesOf(handle, 0, Math.min(4, (await handle.stat()).size));
      follows.set(`${input.sensor} ${inode}`, {
        ...{ kept, input, handle, evtx, gone: false, scanned: 0, size: -1, changed: -1, since: now },
        place: place ?? kept,
        format: input.format,
        firstLine: format === "netflow",
        wide: head && wideOf(head),
      });
      // what stood at this path before, and was renamed while nobody looked, may have a rest
      for (const row of rows)
        if (row.path === path && row.n !== kept.n && !followed.has(row.n)) await rest(input, row, now);
      if (same) await rest(input, same, now, true);
    } catch (error) {
      await handle.close();
      throw error;
    }
  };

  /** Finds a file by its number and mark beside where it was, and follows what is left of it. */
  const rest = async (input: FileInput, row: KeptFile, now: Instant, copies = false): Promise<void> => {
    const folder = dirname(row.path);
    for (const name of (await readdir(folder)).slice(0, filesAtMost)) {
      const path = join(folder, name);
      const key = await numberOf(path);
      if (key === undefined || packed.test(name) || follows.has(`${input.sensor} ${key}`)) continue;
      if (copies ? row.position < tellingPosition : key !== row.inode) continue;
      const handle = await open(path, "r").catch(() => undefined);
      if (!handle) continue;
      const evtx = await isEvtx(handle);
      const { size } = await handle.stat();
      if (size <= row.position || (await markOf(handle, row.position, evtx)) !== row.mark) {
        await handle.close();
        continue;
      }
      const fresh = { ...row, path, inode: key, generation: 0, seen: now };
      const kept = copies ? { ...fresh, n: await port.add(fresh) } : { ...row, path };
      const head = await bytesOf(handle, 0, Math.min(4, size));
      follows.set(`${input.sensor} ${key}`, {
        ...{ kept, place: kept, input, handle, evtx, gone: true, scanned: 0, size: -1, changed: -1, since: now },
        ...{ format: input.format, firstLine: false, wide: head && wideOf(head) },
      });
      return;
    }
  };

  const take = async (
    follow: Follow,
    to: number,
    body: Uint8Array | undefined,
    now: Instant,
    header = follow.kept.header,
  ): Promise<boolean> => {
    const { kept, format, input, evtx, handle } = follow;
    const mark = await markOf(handle, to, evtx);
    // cut off between two reads: the next look begins anew
    if (mark === undefined) return false;
    const next = { ...kept, position: to, mark, header, seen: now };
    const drop =
      body === undefined
        ? { input: input.path, sensor: input.sensor, reason: "too-long" as const, n: 1, detail: kept.path }
        : undefined;
    const part = {
      from: kept,
      kept: follow.place,
      to: next,
      format,
      ...(body ? { body } : {}),
      ...(drop ? { drop } : {}),
    };
    const taken = await port.take(part, now);
    // another process on this machine follows it too: the next look begins where that one is
    if (taken === "elsewhere") await release(`${input.sensor} ${kept.inode}`, follow, false);
    if (taken !== "taken") return false;
    follow.kept = follow.place = next;
    follow.scanned = 0;
    return true;
  };

  /** @returns whether something was taken */
  const readLines = async (follow: Follow, size: number, last: boolean, now: Instant): Promise<boolean> => {
    const { position } = follow.kept;
    if (position === 0) {
      const head = await bytesOf(follow.handle, 0, Math.min(4, size));
      follow.wide = head && wideOf(head);
    }
    let bytes = await bytesOf(follow.handle, position, Math.min(size, position + atOnce));
    if (bytes === undefined || bytes.length === 0) return false;
    let end = lastEnd(bytes, follow.wide);
    if (end === 0 && bytes.length === atOnce && atOnce < window) {
      bytes = await bytesOf(follow.handle, position, Math.min(size, position + window));
      if (bytes === undefined) return false;
      end = lastEnd(bytes, follow.wide);
    }
    if (end === 0 && bytes.length === window) {
      const found = await nextEnd(follow.handle, Math.max(follow.scanned, position), size, follow.wide);
      // whole characters: the second byte of one may come later
      follow.scanned = size - ((size - position) % 2);
      if (found === undefined) return last && take(follow, size, undefined, now);
      return take(follow, found, undefined, now);
    }
    if (end === 0 && last) end = bytes.length;
    if (end === 0) return false;
    const part = utf8(bytes.subarray(0, end), follow.wide);
    const { header } = follow.kept;
    const after = headerAfter(part, header, position === 0, follow.firstLine);
    return take(follow, position + end, position === 0 ? part : Buffer.concat([header, part]), now, after);
  };

  /** Chunk by chunk behind the file's header, each part a file of its own. */
  const readEvtx = async (follow: Follow, size: number, now: Instant): Promise<boolean> => {
    const { position } = follow.kept;
    // the chunk that was last may have been filled since
    const from = position === 0 ? evtxHeader : position;
    const whole = size - ((size - evtxHeader) % evtxChunk);
    const to = Math.min(whole, from + Math.max(atOnce, evtxChunk));
    if (to <= from) return false;
    const bytes = await bytesOf(follow.handle, from, to);
    const head = await bytesOf(follow.handle, 0, evtxHeader);
    return bytes === undefined || head === undefined ? false : take(follow, to, Buffer.concat([head, bytes]), now);
  };

  const look = async (follow: Follow, now: Instant): Promise<boolean> => {
    const { size, mtimeMs } = await follow.handle.stat();
    if (size !== follow.size || mtimeMs !== follow.changed || now < follow.since) {
      [follow.size, follow.changed, follow.since] = [size, mtimeMs, now];
      const { kept, handle, evtx } = follow;
      const mark = kept.position > 0 && size >= kept.position ? await markOf(handle, kept.position, evtx) : undefined;
      if (kept.position > 0 && !isMarked(mark, kept.mark, evtx)) {
        if (!evtx) await rest(follow.input, kept, now, true);
        follow.kept = { ...kept, position: 0, generation: kept.generation + 1, mark: "", header: new Uint8Array(0) };
        follow.scanned = 0;
      } else if (evtx && kept.position > 0 && isFuller(mark, kept.mark)) {
        follow.kept = { ...kept, position: kept.position - evtxChunk };
      }
    }
    const quiet = now - follow.since;
    if (follow.evtx) return quiet >= quietMs || follow.gone ? readEvtx(follow, size, now) : false;
    if (size <= follow.kept.position) return false;
    return readLines(follow, size, follow.gone && quiet >= restMs, now);
  };

  const release = async (key: string, follow: Follow, forget: boolean): Promise<void> => {
    follows.delete(key);
    await follow.handle.close();
    if (forget) await port.forget(follow.kept.n);
  };

  const find = async (input: FileInput, now: Instant): Promise<void> => {
    if (!port.sensor(input.sensor)) return complain(input, "no-sensor", input.path, now);
    const there = new Set<string>();
    for (const path of await pathsOf(input)) {
      if (there.size >= filesAtMost) {
        complain(input, "too-many-files", path, now);
        break;
      }
      try {
        const inode = await numberOf(path);
        if (inode === undefined) continue;
        const key = `${input.sensor} ${inode}`;
        there.add(key);
        const follow = follows.get(key);
        if (!follow) await adopt(input, path, inode, now);
        else {
          follow.gone = false;
          if (follow.kept.path !== path) follow.kept = { ...follow.kept, path };
        }
      } catch (error) {
        const code = codeOf(error);
        if (code === undefined) throw error;
        complain(input, "unreadable", `${path} ${code}`, now);
      }
    }
    for (const [key, follow] of follows) if (follow.input === input && !there.has(key)) follow.gone = true;
  };

  return {
    turn: async (now) => {
      let more = false;
      for (const input of inputs) await find(input, now);
      for (const [key, follow] of [...follows]) {
        try {
          if (await look(follow, now)) more = true;
          else if (follows.get(key) !== follow) continue;
          else if (follow.gone && now - follow.since >= restMs && isDone(follow)) await release(key, follow, true);
          else if (now - follow.kept.seen >= day) {
            follow.kept = { ...follow.kept, seen: now };
            await port.see(follow.kept.n, now);
          }
        } catch (error) {
          const code = codeOf(error);
          if (code === undefined) throw error;
          complain(follow.input, "unreadable", `${follow.kept.path} ${code}`, now);
          await release(key, follow, false);
        }
      }
      return more;
    },
    close: async () => {
      for (const [key, follow] of [...follows]) await release(key, follow, false);
    },
  };
};

/** Of EVTX, whose last chunk fills, only the first must be the same. */
const isMarked = (mark: string | undefined, before: string, evtx: boolean): boolean =>
  mark === before || (evtx && isFuller(mark, before));

/** Nothing is left of it that could be taken. */
const isDone = ({ evtx, size, kept }: Follow): boolean => size - kept.position < (evtx ? evtxChunk : 1);

/** How likely a row is the file at this path with this number. */
const near = (row: KeptFile, path: string, inode: string): number =>
  (row.inode === inode ? 2 : 0) + (row.path === path ? 1 : 0);

/** "device:inode" of a plain file; undefined: nothing is there, or something else is. */
const numberOf = async (path: string): Promise<string | undefined> => {
  try {
    const found = await stat(path, { bigint: true });
    return found.isFile() ? `${found.dev}:${found.ino}` : undefined;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
};

const pathsOf = async (input: FileInput): Promise<readonly string[]> => {
  if (!/[*?[{]/.test(input.path)) return [input.path];
  const found: string[] = [];
  for await (const path of glob(input.path)) {
    if (!packed.test(path)) found.push(path);
    if (found.length > filesAtMost) break;
  }
  return found.sort();
};

/** Of the system's errors about one file; whatever else fails is no matter of that file. */
const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "syscall" in error && "code" in error ? String(error.code) : undefined;
