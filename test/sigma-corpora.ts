import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { untar } from "#feeds/untar.ts";
import type { RuleView } from "#telemetry/format.ts";
import { windowsLogSources } from "#telemetry/windows-log-sources.ts";

const corpora = new URL("../../shared/corpora/detection/", import.meta.url);

/** Why what leans on the corpora is passed over, or false. */
export const withoutCorpora: string | false = existsSync(corpora) ? false : "the corpora are not beside this checkout";

const bytes = (path: string): Uint8Array => readFileSync(new URL(path, corpora));

/** The files of an archive of rules, by path. */
export const ruleTexts = (archive: string): readonly { readonly path: string; readonly text: string }[] =>
  untar(gunzipSync(bytes(`sigma/${archive}`)))
    .map(({ name, bytes: body }) => ({ path: name.replace(/^\.\//, ""), text: new TextDecoder().decode(body) }))
    .filter(({ path }) => path.endsWith(".yml"));

export const sigmaHq = "sigmahq-rules-8eaafff1.tar.gz";
export const retiredRules = "sigmahq-unsupported-deprecated.tar.gz";
export const correlationExamples = (): string => new TextDecoder().decode(bytes("sigma/correlation-examples.yml"));

/** Flat Windows events, a line each. */
export const eventLines = (set: string): readonly string[] =>
  new TextDecoder()
    .decode(gunzipSync(bytes(`windows/${set}.jsonl.gz`)))
    .trim()
    .split("\n");

export const eventSets = ["sigmahq-regression", "otrf", "evtx-attack-samples"] as const;

/** What two independent engines agree on: rule id → events; and what only one of them says. */
export interface Truth {
  readonly hits: Readonly<Record<string, readonly string[]>>;
  readonly contested: readonly { readonly rule: string; readonly event: string }[];
}

export const truthOf = (set: string): Truth =>
  JSON.parse(new TextDecoder().decode(bytes(`expected/${set}.json`))) as Truth;

/** Rules that one of the two engines could not run: nothing is known of them. */
export const withoutTruth = (): ReadonlySet<string> =>
  new Set(JSON.parse(new TextDecoder().decode(bytes("expected/rules-outside-both-peers.json"))) as string[]);

/** The rules the truth was made with. */
export const inTruth = (path: string): boolean => /^(?:rules|rules-emerging-threats|rules-threat-hunting)\//.test(path);

/** Flat events name their fields as rules do. */
export const flatWindows: RuleView = {
  names: {},
  logSources: (fields) => windowsLogSources(String(fields["Channel"]), Number(fields["EventID"])),
};
