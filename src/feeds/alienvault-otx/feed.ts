import { listsOf } from "#feeds/body.ts";
import type { Feed } from "#feeds/feed.ts";
import { jsonFrame } from "#feeds/json-frame.ts";
import { parseJson } from "#feeds/json.ts";
import { pulseRows } from "./pulse-rows.ts";
import { walkPulses } from "./walk.ts";

/**
 * Pulses a key's owner subscribed to: who wrote one, how it is tagged and until when it holds. Anyone may write
 * pulses, so the grade is modest and each one's TLP counts. Fetched page by page, and then only what changed since.
 *
 * @see https://otx.alienvault.com/api
 */
export const feed: Feed = {
  id: "alienvault-otx",
  title: "OTX pulses",
  publisher: "LevelBlue (AlienVault)",
  url: "https://otx.alienvault.com/api/v1/pulses/subscribed?limit=50",
  licence: "no-redistribution",
  everyMinutes: 60,
  tlp: "clear",
  pap: "clear",
  grade: { source: "D", statement: 3 },
  liveDays: 90,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "blacklist" },
  gives: "news",
  auth: { required: true, by: { header: "X-OTX-API-KEY" } },
  walk: walkPulses,
  looksLike: (text) => /"indicators"\s*:/.test(text) && /"author_name"\s*:|"pulse/.test(text),
  parts: (body, file) =>
    listsOf(body, file, { json: true }).map(({ name, bytes }) => ({
      ...{ name, rows: pulseRows(parseJson(bytes)), frame: jsonFrame("$.results[*]") },
    })),
};
