import { csv } from "./csv.ts";
import { edl } from "./edl.ts";
import type { ListFormat } from "./format.ts";
import { json } from "./json.ts";
import { plain } from "./plain.ts";
import { rpz } from "./rpz.ts";
import { stixBundle } from "./stix-bundle.ts";
import { suricataDataset } from "./suricata-dataset.ts";
import { suricataRules } from "./suricata-rules.ts";
import { zeekIntel } from "./zeek-intel.ts";

/** Every format of a list, by what stands behind its name in the address: /lists/domains.rpz. */
export const formats = {
  txt: plain,
  csv,
  json,
  rules: suricataRules,
  dataset: suricataDataset,
  zeek: zeekIntel,
  rpz,
  edl,
  "stix.json": stixBundle,
} as const satisfies Record<string, ListFormat>;
export type FormatId = keyof typeof formats;

export const formatIds: readonly FormatId[] = Object.keys(formats) as FormatId[];
export const isFormat = (text: string): text is FormatId => Object.hasOwn(formats, text);
