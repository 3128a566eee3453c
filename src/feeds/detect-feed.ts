import { constants, gunzipSync } from "node:zlib";
import type { Feed } from "./feed.ts";
import { feed as genericDelimited } from "./generic-delimited/feed.ts";
import { feed as genericLines } from "./generic-lines/feed.ts";
import { isGzip } from "./gunzip.ts";
import { feeds } from "./index.ts";

/**
 * The feed a file seems to come from, by its name and its first bytes (4 KiB are enough): a publisher's own shape first,
 * then a table with named columns, then plain values. For `collect --from PATH` without `--feed`.
 */
export const detectFeed = (file: string, head: Uint8Array): Feed => {
  const text = Buffer.from(unpackedHead(head))
    .toString("latin1")
    .replace(/^\xef\xbb\xbf/, "");
  const published = feeds.filter((feed) => feed !== genericDelimited);
  return [...published, genericDelimited].find((feed) => feed.looksLike?.(text, file)) ?? genericLines;
};

/** The beginning of what a gzip stream holds, as far as these bytes reach; the bytes themselves when they are none. */
const unpackedHead = (head: Uint8Array): Uint8Array => {
  if (!isGzip(head)) return head;
  try {
    return gunzipSync(head.subarray(0, 4096), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return head;
  }
};
