import type { Tlp } from "#core/marking.ts";
import type { RsitType } from "#core/rsit.ts";
import { type AcrossRule, usualAcross } from "#incidents/correlate.ts";
import { isAbsolute, join } from "node:path";
import { type Problem, problem, type Result } from "#core/result.ts";
import type { DecayRule } from "#intel/decay.ts";
import { foldersInLines, type RuleFolderSetting, ruleFoldersOf } from "./rules.ts";
import { type FeedSetting, readFeedSettings, scalar, shown } from "./feeds.ts";
import { type Inputs, readInputs } from "./inputs.ts";
import { keyName, otherNames, type RunRole, type SettingPath, type Settings, settings } from "./keys.ts";
import type { Reading } from "./values.ts";
import type { PruneKeeping } from "#jobs/prune.ts";
import type { Kept } from "#jobs/history/prune.ts";
import type { ProductLines } from "#jobs/inventory/product-lines.ts";
import { isSaidList, isSaidMap, type Said, type SaidMap, yamlKeys } from "./yaml.ts";

/**
 * What one waglan is told: read once, frozen, printable without secrets (`printConfig`). What a key is for, its unit and
 * its reason: docs/configuration.md. Paths stand as written; `placeOf` tells where they lead.
 */
export interface Config {
  /** Folder of everything this waglan keeps on disk; relative to the working directory. */
  readonly data: string;
  /** The sample community is played here. */
  readonly sample: boolean;
  /** What this process does; at least one. */
  readonly roles: readonly RunRole[];
  readonly database: { readonly url?: string };
  readonly history: { readonly url?: string; readonly off: boolean };
  readonly http: {
    readonly host: string;
    /** 0: any that is free. */
    readonly port: number;
    readonly publicUrl?: string;
    readonly tls?: { readonly cert: string; readonly key: string };
    readonly trustProxy: readonly string[];
  };
  readonly mail: {
    /** Absent: mail is written to `folder` as .eml. */
    readonly smtp?: string;
    /** "waglan@localhost" or "Harbour City CERT <cert@harbour.example>"; see `mailboxOf`. */
    readonly from: string;
    readonly folder: string;
  };
  readonly verify: { readonly phone?: string };
  readonly contact?: string;
  readonly collect: {
    readonly allowAddresses: readonly string[];
    /** Beside the feeds' own: where their documents are kept. */
    readonly allowHosts: readonly string[];
    readonly proxy?: string;
    /** Days raw bodies and refused rows are kept, where a feed does not say. */
    readonly keepDays: number;
  };
  /** How long logs are kept that would grow for ever. */
  readonly keep: PruneKeeping & Kept;
  readonly values: { readonly allow: readonly string[]; readonly warninglists?: string };
  /** How what sources say grows old. */
  readonly decay: DecayRule;
  readonly telemetry: {
    /** Batches. */
    readonly waiting: number;
    /** 0: as many as the machine is good for. */
    readonly threads: number;
  };
  /** Which matches of products and advisories become findings, and which of these are written about. */
  readonly products: ProductLines;
  /** What may tie findings of several organisations into one incident. */
  /** What ties findings of different organisations into one story (`acrossOf`). */
  readonly incidents: { readonly tieProblems: readonly ("*" | RsitType)[]; readonly tieTlp: Tlp };
  /** Folders of Sigma rules, relative to the data folder; "waglan" for those that come with us. */
  readonly rules: { readonly folders: readonly RuleFolderSetting[] };
  readonly inputs: Inputs;
  readonly feeds: readonly FeedSetting[];
}

/**
 * Reads the configuration: defaults, then `waglan.yaml`, then the environment, then what the command line says, the
 * later before the earlier. All problems are told, each with its place.
 *
 * @param yaml      the file's text; absent: there is none
 * @param env       unknown names that begin with WAGLAN_ are problems: a misspelt setting would be silently off
 * @param overrides by path: { "http.port": "8421" }
 */
export const readConfig = (
  yaml: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  overrides: { readonly [P in SettingPath]?: string } = {},
): Result<Config, readonly Problem[]> => {
  const problems: Problem[] = [];
  const root = yamlKeys(yaml ?? "", problems);
  unknownKeys(root, problems);
  const spoken = new Map<string, Said>();
  for (const path of paths) {
    const { env: name } = settings[path];
    const written = textOf(overrides[path], "command line") ?? textOf(env[name], name) ?? at(root, path.split("."));
    const said = path === "rules.folders" ? foldersInLines(written) : written;
    if (said !== undefined) spoken.set(path, said);
  }
  const feeds = withKeys(readFeedSettings(root.fields.get("feeds"), problems), env);
  const inputs = readInputs(root.fields.get("inputs"), problems);
  const keyNames = new Set(feeds.map(({ id }) => keyName(id)));
  for (const name of Object.keys(env))
    if (name.startsWith("WAGLAN_") && !name.startsWith("WAGLAN_TEST_") && !knownNames.has(name) && !keyNames.has(name))
      problems.push(problem("WGL_CONFIG_KEY", { key: name, wanted: "those in docs/configuration.md" }, name));
  const get = <P extends SettingPath>(path: P): Settings[P] => valueOf(path, spoken.get(path), problems);
  const [cert, key] = [get("http.tls.cert"), get("http.tls.key")];
  for (const [has, lacks, value, other] of [
    ["http.tls.cert", "http.tls.key", cert, key],
    ["http.tls.key", "http.tls.cert", key, cert],
  ] as const)
    if (value !== undefined && other === undefined)
      problems.push(problem("WGL_CONFIG_NEEDS", { key: has, other: lacks }, spoken.get(has)?.at));
  const config: Config = {
    data: get("data"),
    sample: get("sample"),
    roles: get("roles"),
    database: optional("url", get("database.url")),
    history: { ...optional("url", get("history.url")), off: get("history.off") },
    http: {
      host: get("http.host"),
      port: get("http.port"),
      ...optional("publicUrl", get("http.publicUrl")),
      ...(cert === undefined || key === undefined ? {} : { tls: { cert, key } }),
      trustProxy: get("http.trustProxy"),
    },
    mail: { ...optional("smtp", get("mail.smtp")), from: get("mail.from"), folder: get("mail.folder") },
    verify: optional("phone", get("verify.phone")),
    ...optional("contact", get("contact")),
    collect: {
      allowAddresses: get("collect.allowAddresses"),
      allowHosts: get("collect.allowHosts"),
      ...optional("proxy", get("collect.proxy")),
      keepDays: get("collect.keepDays"),
    },
    keep: {
      ...{ logDays: get("keep.logDays"), receiptDays: get("keep.receiptDays") },
      recordDays: get("keep.recordDays"),
      ...optional("recordMegabytes", get("keep.recordMegabytes")),
      observationDays: get("keep.observationDays"),
      ...optional("observationMegabytes", get("keep.observationMegabytes")),
      hitDays: get("keep.hitDays"),
      ...optional("hitMegabytes", get("keep.hitMegabytes")),
    },
    values: { allow: get("values.allow"), ...optional("warninglists", get("values.warninglists")) },
    decay: {
      alertsAt: get("decay.alertsAt"),
      blocksAt: get("decay.blocksAt"),
      halfLifeDays: {
        ipv4: get("decay.halfLifeDays.ipv4"),
        ipv6: get("decay.halfLifeDays.ipv6"),
        cidr: get("decay.halfLifeDays.cidr"),
        endpoint: get("decay.halfLifeDays.endpoint"),
        domain: get("decay.halfLifeDays.domain"),
        url: get("decay.halfLifeDays.url"),
        path: get("decay.halfLifeDays.path"),
        email: get("decay.halfLifeDays.email"),
        asn: get("decay.halfLifeDays.asn"),
        md5: get("decay.halfLifeDays.md5"),
        sha1: get("decay.halfLifeDays.sha1"),
        sha256: get("decay.halfLifeDays.sha256"),
        sha512: get("decay.halfLifeDays.sha512"),
      },
    },
    telemetry: { waiting: get("telemetry.waiting"), threads: get("telemetry.threads") },
    products: { findings: get("products.findings"), alerts: get("products.alerts") },
    rules: { folders: ruleFoldersOf(get("rules.folders")) },
    incidents: { tieProblems: get("incidents.tieProblems"), tieTlp: get("incidents.tieTlp") },
    inputs,
    feeds,
  };
  if (problems.length > 0) return { ok: false, problem: problems };
  return { ok: true, value: frozen(config) };
};

/** Where a path of the configuration leads: relative ones begin in the data folder, so that the folder can be moved. */
export const placeOf = (config: Config, path: string): string => (isAbsolute(path) ? path : join(config.data, path));

/** The environment comes before the file here as everywhere. */
const withKeys = (
  feeds: readonly FeedSetting[],
  env: Readonly<Record<string, string | undefined>>,
): readonly FeedSetting[] =>
  feeds.map((feed) => {
    const key = env[keyName(feed.id)];
    if (key === undefined || key === "") return feed;
    const { keyFile: _file, ...rest } = feed;
    return { ...rest, key };
  });

const paths = Object.keys(settings) as readonly SettingPath[];
const knownNames: ReadonlySet<string> = new Set([...paths.map((path) => settings[path].env), ...otherNames]);

const textOf = (text: string | undefined, from: string): Said | undefined =>
  text === undefined || text === "" ? undefined : { value: text, at: from };

const optional = <const K extends string, T>(key: K, value: T | undefined): { readonly [P in K]?: T } =>
  (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: T };

/** What stands at a path; a text where keys are wanted is told once, by `unknownKeys`. */
const at = (map: SaidMap, [first, ...rest]: readonly string[]): Said | undefined => {
  const said = first === undefined ? undefined : map.fields.get(first);
  if (said === undefined || rest.length === 0) return said;
  return isSaidMap(said.value) ? at(said.value, rest) : undefined;
};

/** The keys that may stand at each level: "" → data, http, …; "http" → host, port, tls, … */
const levels: ReadonlyMap<string, readonly string[]> = (() => {
  const found = new Map<string, string[]>([["", ["feeds", "inputs"]]]);
  for (const path of paths) {
    const steps = path.split(".");
    for (let depth = 0; depth < steps.length; depth++) {
      const level = steps.slice(0, depth).join(".");
      const keys = found.get(level) ?? [];
      const step = steps[depth] ?? "";
      if (!keys.includes(step)) keys.push(step);
      found.set(level, keys);
    }
  }
  return found;
})();

const unknownKeys = (map: SaidMap, problems: Problem[], level = ""): void => {
  const known = levels.get(level) ?? [];
  for (const [key, said] of map.fields) {
    const path = level === "" ? key : `${level}.${key}`;
    if (!known.includes(key))
      problems.push(problem("WGL_CONFIG_KEY", { key: path, wanted: known.join(", ") }, said.at));
    else if (!levels.has(path)) continue;
    else if (isSaidMap(said.value)) unknownKeys(said.value, problems, path);
    else if (said.value !== "") {
      const wanted = `the keys ${levels.get(path)?.join(", ") ?? ""}`;
      problems.push(problem("WGL_CONFIG_VALUE", { key: path, value: shown(said.value), wanted }, said.at));
    }
  }
};

interface AnySetting {
  readonly default: unknown;
  readonly secret?: true;
  readonly each?: Reading<unknown>;
  readonly one?: Reading<unknown>;
}

const valueOf = <P extends SettingPath>(path: P, said: Said | undefined, problems: Problem[]): Settings[P] => {
  // The table pairs each path's reader with its type; the compiler cannot follow it through the lookup.
  const setting: AnySetting = settings[path];
  const read = setting.each
    ? listOf(path, said, setting.each, problems)
    : setting.one && scalar(path, said, setting.one, problems, setting.secret);
  return (read ?? setting.default) as Settings[P];
};

/** A YAML list, or one text with commas. An empty list is as good as none, but for the default. */
const listOf = (
  path: string,
  said: Said | undefined,
  each: Reading<unknown>,
  problems: Problem[],
): readonly unknown[] | undefined => {
  if (said === undefined || said.value === "") return undefined;
  const { value, at: place } = said;
  const items = isSaidList(value)
    ? value
    : typeof value === "string"
      ? value.split(",").map((text): Said => ({ value: text.trim(), at: place }))
      : undefined;
  if (items === undefined) {
    problems.push(problem("WGL_CONFIG_VALUE", { key: path, value: shown(value), wanted: "a list" }, place));
    return undefined;
  }
  const read = items.flatMap((item) => scalar(path, item, each, problems) ?? []);
  if (path === "roles" && read.length === 0) {
    problems.push(problem("WGL_CONFIG_VALUE", { key: path, value: "", wanted: each.wanted }, place));
    return undefined;
  }
  return [...new Set(read)];
};

const frozen = <T>(value: T): T => {
  if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) frozen(inner);
    Object.freeze(value);
  }
  return value;
};

/** "*": every problem. */
/** The rule by which stories cross organisations: "*" stands for all problems. */
export const acrossOf = ({ tieProblems, tieTlp }: Config["incidents"]): AcrossRule => ({
  problems: tieProblems.includes("*") ? usualAcross.problems : new Set(tieProblems.filter((one) => one !== "*")),
  tlp: tieTlp,
});
