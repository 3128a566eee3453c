import { createHash, randomBytes } from "node:crypto";
import { access, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { day, type Instant } from "#core/instant.ts";
import type { Archive, ArchivingPieces } from "#jobs/collect/archive.ts";
import { type Pieces, pieceOf } from "#jobs/pieces.ts";

/** Named texts of `index.json` in the folder of a turn with many bodies. */
interface KeptPiece {
  readonly name: string;
  readonly file: string;
  readonly kept: string;
}

/**
 * Raw bodies of feeds as they came, gzip, below one folder. FEED/2026-11-21T08-42-00.000Z-<digest>.gz is one body;
 * FEED/2026-11-21T08-42-00.000Z-<digest>.walk/ holds the bodies of a turn that had many, in order, and their names.
 * A body that is byte for byte the last one of the same day is not written again.
 */
export const openArchive = (folder: string): Archive => {
  const last = new Map<string, { readonly digest: string; readonly name: string; readonly at: Instant }>();
  const placeOf = (feed: string): string => join(folder, feed.replace(/[^a-z0-9-]/g, "-"));
  return {
    keep: async (feed, at, body) => {
      const digest = digestOf(body);
      const place = placeOf(feed);
      const before = last.get(feed);
      // of the same day, so that retention, which goes by the name, forgets no body that still comes
      if (before?.digest === digest && at - before.at < day && (await exists(join(place, before.name))))
        return before.name;
      await mkdir(place, { recursive: true, mode: 0o700 });
      const name = `${stampOf(at)}-${digest}.gz`;
      await writeWhole(join(place, name), await gzipped(body, { level: 6 }));
      last.set(feed, { digest, name, at });
      return name;
    },
    begin: async (feed, at) => {
      const place = placeOf(feed);
      const open = join(place, `.${stampOf(at)}.${its()}.walk`);
      await mkdir(open, { recursive: true, mode: 0o700 });
      return archiving(place, open, at);
    },
    open: async (feed, name) => {
      if (!archivedName.test(name)) return undefined;
      const path = join(placeOf(feed), name);
      if (!(await exists(path))) return undefined;
      if (name.endsWith(".walk")) return walkIn(path);
      return pieceOf(await gunzipped(await readFile(path)), "");
    },
    sweep: async (keepDays, now) => {
      let swept = 0;
      for (const feed of await namesIn(folder))
        for (const name of await namesIn(join(folder, feed))) {
          const at = timeOfName(name);
          // what was begun a day ago and never ended is the rest of a killed turn
          const days = name.startsWith(".") ? 1 : keepDays(feed);
          if (at === undefined || at > now - days * day) continue;
          await rm(join(folder, feed, name), { recursive: true, force: true });
          if (!name.startsWith(".")) swept++;
        }
      return swept;
    },
  };
};

const archiving = (place: string, open: string, at: Instant): ArchivingPieces => {
  const kept: KeptPiece[] = [];
  const all = createHash("sha256");
  let bytes = 0;
  return {
    put: async (name, file, body) => {
      const piece = `${String(kept.length + 1).padStart(6, "0")}.gz`;
      await writeWhole(join(open, piece), await gzipped(body, { level: 6 }));
      kept.push({ name, file, kept: piece });
      all.update(digestOf(body));
      bytes += body.byteLength;
    },
    end: async () => {
      await writeWhole(join(open, "index.json"), Buffer.from(JSON.stringify({ bytes, pieces: kept })));
      const name = `${stampOf(at)}-${all.digest("hex").slice(0, 16)}.walk`;
      // the same turn again, after a kill: its bodies stand already
      await rm(join(place, name), { recursive: true, force: true });
      await rename(open, join(place, name));
      return { name, pieces: piecesIn(join(place, name), kept, bytes) };
    },
    drop: () => rm(open, { recursive: true, force: true }),
  };
};

const walkIn = async (path: string): Promise<Pieces> => {
  const index = JSON.parse(await readFile(join(path, "index.json"), "utf8")) as {
    readonly bytes: number;
    readonly pieces: readonly KeptPiece[];
  };
  return piecesIn(path, index.pieces, index.bytes);
};

const piecesIn = (path: string, kept: readonly KeptPiece[], bytes: number): Pieces => ({
  bytes,
  each: async function* () {
    for (const { name, file, kept: piece } of kept)
      yield { name, file, body: await gunzipped(await readFile(join(path, piece))) };
  },
});

const gzipped = promisify<Uint8Array, { level: number }, Buffer>(gzip);
const gunzipped = promisify<Uint8Array, Buffer>(gunzip);

/** "2026-11-21T08-42-00.000Z-0123456789abcdef.gz": made by us, and it comes back from a table: never a path. */
const archivedName = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z-[0-9a-f]{16}\.(?:gz|walk)$/;

const stampOf = (at: Instant): string => new Date(at).toISOString().replaceAll(":", "-");

const timeOfName = (name: string): number | undefined => {
  const [, date, hours, minutes, rest] = /^\.?(\d{4}-\d\d-\d\dT)(\d\d)-(\d\d)-(\d\d\.\d{3}Z)/.exec(name) ?? [];
  const time = date === undefined ? Number.NaN : Date.parse(`${date}${hours}:${minutes}:${rest}`);
  return Number.isFinite(time) ? time : undefined;
};

const digestOf = (body: Uint8Array): string => createHash("sha256").update(body).digest("hex").slice(0, 16);

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const namesIn = async (path: string): Promise<readonly string[]> => {
  try {
    return await readdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw error;
  }
};

/** What is being written has a name of its own: two turns of one feed may begin in the same millisecond with the same body. */
const its = (): string => randomBytes(6).toString("hex");

/** Under its name only when every byte is on the disk. */
const writeWhole = async (path: string, bytes: Uint8Array): Promise<void> => {
  const part = join(path, "..", `.${path.replace(/^.*\//, "")}.${its()}.part`);
  const file = await open(part, "w", 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
};
