import { createHash } from "node:crypto";
import { mkdir, open, rename } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Instant } from "#core/instant.ts";

/**
 * Raw bodies of feeds as they came, gzip, below one folder: FEED/2026-11-21T08-42-00.000Z-<digest>.gz. A body that is
 * byte for byte the last one is not written again.
 */
export const openArchive = (folder: string): ((feed: string, at: Instant, body: Uint8Array) => Promise<string>) => {
  const last = new Map<string, { readonly digest: string; readonly name: string }>();
  return async (feed, at, body) => {
    const digest = createHash("sha256").update(body).digest("hex").slice(0, 16);
    const before = last.get(feed);
    if (before?.digest === digest) return before.name;
    const place = join(folder, feed.replace(/[^a-z0-9-]/g, "-"));
    await mkdir(place, { recursive: true, mode: 0o700 });
    const name = `${new Date(at).toISOString().replaceAll(":", "-")}-${digest}.gz`;
    const part = join(place, `.${name}.part`);
    const file = await open(part, "w", 0o600);
    try {
      await file.writeFile(gzipSync(body, { level: 6 }));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, join(place, name));
    last.set(feed, { digest, name });
    return name;
  };
};
