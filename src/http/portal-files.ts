import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { gzipSync } from "node:zlib";

/** The portal as it was built, in memory: no path of a request ever reaches the file system. */
export interface PortalFiles {
  /** @param path as in the URL, without its first slash: "assets/index-Bx3f.js" */
  readonly find: (path: string) => PortalFile | undefined;
  /** Media types that occur. */
  readonly types: readonly string[];
}

export interface PortalFile {
  readonly bytes: Buffer;
  /** The same, packed; absent where that gains nothing. */
  readonly packed?: Buffer;
  readonly type: string;
  /** With its quotes. */
  readonly etag: string;
  /** Its name holds a hash of what is in it. */
  readonly immutable: boolean;
}

/** Reads the folder once; a folder that is not there is a portal that was not built, and has no files. */
export const readPortal = async (folder: string): Promise<PortalFiles> => {
  const files = new Map<string, PortalFile>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  });
  for (const entry of entries) {
    const type = types[extname(entry.name).toLowerCase() as keyof typeof types];
    // isFile is false for links: what a build writes is files.
    if (!entry.isFile() || type === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    const packed = gzipSync(bytes, { level: 9 });
    const name = relative(folder, path).split(sep).join("/");
    files.set(name, {
      bytes,
      ...(packed.byteLength < bytes.byteLength * 0.9 ? { packed } : {}),
      type,
      etag: `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`,
      immutable: /^assets\/.+-[\w-]{8,}\.\w+$/.test(name),
    });
  }
  return { find: (path) => files.get(path), types: [...new Set([...files.values()].map((file) => file.type))] };
};

/** What a build of ours may hold; anything else is not served. */
const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
  ".json": "application/json; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".txt": "text/plain; charset=utf-8",
} as const;
