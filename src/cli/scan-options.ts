import { cidrRange } from "#core/cidr.ts";
import { type Instant, parseInstant } from "#core/instant.ts";
import type { Behaviour } from "#detect/behaviour.ts";
import { behaviours } from "#detect/behaviours.ts";
import type { Wishes } from "#detect/watchers.ts";
import type { Format } from "#telemetry/format.ts";
import { formats } from "#telemetry/index.ts";
import { badOption } from "./exit.ts";

/** As commander gives them. */
export interface ScanWords {
  readonly indicators?: readonly string[];
  readonly rules?: readonly string[];
  readonly behaviours?: string | true;
  readonly set?: readonly string[];
  readonly warninglists?: string;
  readonly format: string;
  readonly networks?: readonly string[];
  readonly since?: string;
  readonly report?: string;
  readonly jobs?: string;
  readonly findingsOnly?: true;
  readonly json?: true;
}

/** As they are meant. */
export interface ScanAsked {
  readonly paths: readonly string[];
  readonly indicators: readonly string[];
  readonly rules: readonly string[];
  readonly behaviours: readonly Behaviour[];
  readonly wishes: Wishes;
  readonly networks: readonly string[];
  readonly formats: readonly Format[];
  readonly since?: Instant;
  /** Threads asked for; absent: as many as there are cores. */
  readonly jobs?: number;
}

export const readScanOptions = (paths: readonly string[], words: ScanWords, argv: readonly string[]): ScanAsked => {
  const given = operandsOf(paths, words, argv);
  if (given.indicators.length === 0 && given.rules.length === 0 && given.behaviours === undefined)
    throw badOption("scan", "", "--indicators, --rules or --behaviours");
  const since = words.since === undefined ? undefined : parseInstant(words.since);
  if (since && !since.ok) throw badOption("--since", words.since ?? "", "a time such as 2026-11-19T08:00:00Z");
  return {
    ...given,
    behaviours: given.behaviours ?? [],
    wishes: wishesOf(words.set ?? []),
    formats: formatsOf(words.format),
    ...(since?.ok ? { since: since.value } : {}),
    ...jobsOf(words.jobs),
  };
};

const jobsOf = (text: string | undefined): { jobs?: number } => {
  if (text === undefined) return {};
  const jobs = Number(text);
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > 256) throw badOption("--jobs", text, "a number from 1 to 256");
  return { jobs };
};

/**
 * `--indicators`, `--rules` and `--networks` take all that follows, and where that leaves nothing to scan one path each
 * time; `--behaviours` takes names, and what is none is a log.
 */
const operandsOf = (
  paths: readonly string[],
  words: ScanWords,
  argv: readonly string[],
): Pick<ScanAsked, "paths" | "indicators" | "rules" | "networks"> & { readonly behaviours?: readonly Behaviour[] } => {
  const isNetwork = (text: string): boolean => cidrRange(text).ok;
  const own = words.networks ?? [];
  const firstOther = own.findIndex((text) => !isNetwork(text));
  if (firstOther === 0) throw badOption("--networks", own[0] ?? "", "a network such as 203.0.113.0/24");
  const networks = firstOther < 0 ? own : own.slice(0, firstOther);
  const named = typeof words.behaviours === "string" ? behavioursOf(words.behaviours) : undefined;
  const behaviourPath = typeof words.behaviours === "string" && named === undefined ? [words.behaviours] : [];
  const all = [...paths, ...behaviourPath, ...(firstOther < 0 ? [] : own.slice(firstOther))];
  const watched = words.behaviours === undefined ? {} : { behaviours: named ?? behaviours };
  const indicators = words.indicators ?? [];
  const rules = words.rules ?? [];
  if (all.length > 0) return { paths: all, indicators, rules, networks, ...watched };
  // the last greedy option took the logs as well
  const last = argv.findLastIndex((arg) => /^--(?:indicators|rules)(?:=|$)/.test(arg));
  const which = argv[last]?.startsWith("--rules") ? "rules" : "indicators";
  const times = argv.filter((arg) => arg === `--${which}` || arg.startsWith(`--${which}=`)).length;
  const taken = which === "rules" ? rules : indicators;
  const rest = taken.slice(times);
  if (rest.length === 0) throw badOption("PATH", "", "at least one log, or - for standard input");
  const kept = taken.slice(0, times);
  return {
    paths: rest,
    indicators: which === "indicators" ? kept : indicators,
    rules: which === "rules" ? kept : rules,
    networks,
    ...watched,
  };
};

/** undefined: not names of behaviours. */
const behavioursOf = (text: string): readonly Behaviour[] | undefined => {
  if (text === "all") return behaviours;
  const names = text.split(",");
  const found = names.map((name) => behaviours.find(({ id }) => id === name));
  return found.every((one) => one !== undefined) ? behaviours.filter((one) => found.includes(one)) : undefined;
};

/** "beacon.score=0.6" */
const wishesOf = (texts: readonly string[]): Wishes => {
  const wishes: Record<string, Record<string, number>> = {};
  for (const text of texts) {
    const parts = /^([a-z-]+)\.([A-Za-z]+)=(-?[\d.e+]+)$/.exec(text);
    const [, id = "", name = "", value = ""] = parts ?? [];
    const setting = behaviours.find((behaviour) => behaviour.id === id)?.settings[name];
    const number = Number(value);
    if (!setting || !Number.isFinite(number))
      throw badOption("--set", text, "behaviour.setting=number, see docs/detectors.md");
    if (number < setting.least || number > setting.most)
      throw badOption("--set", text, `${setting.least} to ${setting.most} ${setting.unit}`);
    (wishes[id] ??= {})[name] = number;
  }
  return wishes;
};

const formatsOf = (name: string): readonly Format[] => {
  if (name === "auto") return formats;
  const found = formats.find(({ id }) => id === name);
  if (found === undefined)
    throw badOption("--format", name, `auto or one of ${formats.map(({ id }) => id).join(", ")}`);
  return [found];
};
