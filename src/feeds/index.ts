import { feed as abusechFeodo } from "./abusech-feodo/feed.ts";
import { feed as genericDelimited } from "./generic-delimited/feed.ts";
import { feed as genericLines } from "./generic-lines/feed.ts";
import { feed as spamhausDropV4 } from "./spamhaus-drop-v4/feed.ts";
import { feed as spamhausDropV6 } from "./spamhaus-drop-v6/feed.ts";
import { feed as stamparmIpsum } from "./stamparm-ipsum/feed.ts";
import { feed as stamparmMaltrail } from "./stamparm-maltrail/feed.ts";
import { feed as stixBundle } from "./stix-bundle/feed.ts";
import type { Feed } from "./feed.ts";

/** Every feed, by id; a test keeps it equal to the folders. */
export const feeds: readonly Feed[] = [
  abusechFeodo,
  genericDelimited,
  genericLines,
  spamhausDropV4,
  spamhausDropV6,
  stamparmIpsum,
  stamparmMaltrail,
  stixBundle,
];

export const feedById: ReadonlyMap<string, Feed> = new Map(feeds.map((feed) => [feed.id, feed]));
