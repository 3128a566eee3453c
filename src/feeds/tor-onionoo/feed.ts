import type { SafeRegex } from "#core/safe-regex.ts";
import type { Feed } from "#feeds/feed.ts";
import { jsonTableRows } from "#feeds/json-path.ts";

/** "203.0.113.40:9001", "[2001:db8::40]:9001": the address without its port. */
const longest = 64;
const shape = /^\[?([0-9a-fA-F.:]+?)\]?:\d+$/;
const address: SafeRegex = {
  source: shape.source,
  test: (text) => text.length <= longest && shape.test(text),
  first: (text) => (text.length > longest ? undefined : shape.exec(text)?.[1]),
};

/**
 * Running relays with their addresses, and those traffic leaves from (`exit_addresses`). Not bad in themselves: shown
 * beside a finding.
 *
 * @see https://metrics.torproject.org/onionoo.html#details
 */
export const feed: Feed = {
  id: "tor-onionoo",
  title: "Tor relays by Onionoo",
  publisher: "The Tor Project",
  url: "https://onionoo.torproject.org/details?type=relay&running=true&fields=nickname,or_addresses,exit_addresses,last_seen,running",
  licence: "CC0-1.0",
  everyMinutes: 180,
  tlp: "clear",
  pap: "clear",
  grade: { source: "A", statement: 1 },
  liveDays: 2,
  voice: "context",
  touches: "publisher",
  means: { contacted: "other", listed: "other" },
  looksLike: (text) => /"relays_published"\s*:/.test(text),
  parts: jsonTableRows(
    { rows: "$.relays[*]" },
    {
      value: ["$.or_addresses[0]"],
      also: ["$.exit_addresses[*]"],
      seenAt: ["last_seen"],
      labels: (fields) => ["tor", ...(fields("$.exit_addresses[*]").length > 0 ? ["exit"] : ["relay"])],
      pick: { "$.or_addresses[0]": address },
    },
  ),
};
