import { constants, gunzipSync } from "node:zlib";
import type { Feed } from "./feed.ts";
import { feed as abusechFeodo } from "./abusech-feodo/feed.ts";
import { feed as genericDelimited } from "./generic-delimited/feed.ts";
import { feed as genericLines } from "./generic-lines/feed.ts";
import { feed as spamhausDropV4 } from "./spamhaus-drop-v4/feed.ts";
import { feed as spamhausDropV6 } from "./spamhaus-drop-v6/feed.ts";
import { feed as stamparmIpsum } from "./stamparm-ipsum/feed.ts";
import { feed as stamparmMaltrail } from "./stamparm-maltrail/feed.ts";
import { feed as stixBundle } from "./stix-bundle/feed.ts";
import { isGzip } from "./gunzip.ts";

/** First match wins; the shapes are told apart by what only that publisher writes. */
const signs: readonly (readonly [feed: Feed, looksLike: (text: string, file: string) => boolean])[] = [
  [stamparmMaltrail, (text, file) => text.slice(257, 262) === "ustar" || /trails\/static\/.*\.txt$/.test(file)],
  [stixBundle, (text) => /^\s*\{/.test(text) && /"type"\s*:\s*"bundle"/.test(text)],
  [spamhausDropV6, (text) => /^\s*\{[^\n]*"cidr"\s*:\s*"[0-9a-f]*:[^\n]*"sblid"/i.test(text)],
  [spamhausDropV4, (text) => /^\s*\{[^\n]*"cidr"\s*:[^\n]*"sblid"/.test(text)],
  [abusechFeodo, (text) => /Feodo Tracker/.test(text) || /"?dst_ip"?,/.test(text)],
  [
    stamparmIpsum,
    (text) => text.startsWith("# IPsum") || /^(?:#[^\n]*\n)*(?:\d{1,3}\.){3}\d{1,3}\t\d{1,4}\r?\n/.test(text),
  ],
  [
    genericDelimited,
    (text) => /^(?:#[^\n]*\n)*[^\n]*\bindicator\b[^\n]*,|^(?:#[^\n]*\n)*[^\n]*,"?indicator\b/i.test(text),
  ],
];

/**
 * The feed a file seems to come from, by its name and its first bytes (4 KiB are enough); a list of plain values when
 * nothing speaks for another. For `collect --from PATH` without `--feed`.
 */
export const detectFeed = (file: string, head: Uint8Array): Feed => {
  const text = Buffer.from(unpackedHead(head))
    .toString("latin1")
    .replace(/^\xef\xbb\xbf/, "");
  return signs.find(([, looksLike]) => looksLike(text, file))?.[0] ?? genericLines;
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
