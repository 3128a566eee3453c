import { type Problem, problem, type Result } from "#core/result.ts";
import { scalar, shown } from "#jobs/config/feeds.ts";
import { type Inputs, readInputs } from "#jobs/config/inputs.ts";
import { network, origin, path, type Reading, url, whole } from "#jobs/config/values.ts";
import { isSaidList, isSaidMap, type Said, type SaidMap, yamlKeys } from "#jobs/config/yaml.ts";

/**
 * What a sensor is told (docs/sensor.md): a small file of its own, beside which flags of the command line may stand. Paths stand as
 * written; relative ones begin in the working directory, those of inputs in the data folder.
 */
export interface EdgeConfig {
  /** Its key in the directory. */
  readonly sensor: string;
  /** Folder of everything it keeps. */
  readonly data: string;
  /** "https://cert.example:8420"; absent: nothing is asked, and parcels go to `out`. */
  readonly server?: string;
  /** A file whose first line is the sensor's token. */
  readonly tokenFile?: string;
  readonly proxy?: string;
  /** PEM of the centre's own authority. */
  readonly ca?: string;
  /** Networks that are ours beside those the centre knows. */
  readonly networks: readonly string[];
  readonly inputs: Inputs;
  /** Folder that a one-way link takes parcels from. */
  readonly out?: string;
  /** The file that a one-way link brings; read again when it changes. */
  readonly knowledge?: string;
  readonly keep: {
    readonly historyMegabytes: number;
    readonly historyDays: number;
    readonly waitingMegabytes: number;
    readonly sentDays: number;
  };
  /** Seconds between questions to the centre. */
  readonly askSeconds: number;
}

/** What the command line may say in the place of the file. */
export interface EdgeWords {
  readonly sensor?: string;
  readonly data?: string;
  readonly server?: string;
  readonly tokenFile?: string;
  readonly proxy?: string;
  readonly ca?: string;
  readonly networks?: readonly string[];
  readonly out?: string;
  readonly knowledge?: string;
  /** Files, folders or patterns to follow. */
  readonly follow?: readonly string[];
  /** Format of what is followed. */
  readonly format?: string;
}

export const edgeKeys = [
  ...["sensor", "data", "server", "tokenFile", "proxy", "ca", "networks", "out", "knowledge"],
  ...["askSeconds", "keep", "inputs"],
] as const;
export const edgeKeepKeys = ["historyMegabytes", "historyDays", "waitingMegabytes", "sentDays"] as const;

const sensorKey: Reading<string> = {
  wanted: "the key of a sensor",
  read: (text) => (/^[a-z0-9][a-z0-9.-]{0,127}$/.test(text) ? text : undefined),
};

/** All problems, each with its place. */
export const readEdgeConfig = (yaml: string | undefined, said: EdgeWords): Result<EdgeConfig, readonly Problem[]> => {
  const problems: Problem[] = [];
  const root = withWords(yamlKeys(yaml ?? "", problems), said);
  known("", root, edgeKeys, problems);
  const get = <T>(key: (typeof edgeKeys)[number], reading: Reading<T>): T | undefined =>
    scalar(key, root.fields.get(key), reading, problems);
  const sensor = get("sensor", sensorKey);
  const data = get("data", path) ?? "sensor-data";
  const server = get("server", origin);
  const tokenFile = get("tokenFile", path);
  const [proxy, ca, out, knowledge] = [
    get("proxy", url("http", "https")),
    get("ca", path),
    get("out", path),
    get("knowledge", path),
  ];
  const keepMap = mapAt(root, "keep", problems);
  known("keep", keepMap, edgeKeepKeys, problems);
  const kept = (key: (typeof edgeKeepKeys)[number], standard: number, least: number, most: number): number =>
    scalar(`keep.${key}`, keepMap.fields.get(key), whole(least, most), problems) ?? standard;
  const keep = {
    historyMegabytes: kept("historyMegabytes", 10_240, 64, 100_000_000),
    historyDays: kept("historyDays", 90, 1, 3650),
    waitingMegabytes: kept("waitingMegabytes", 512, 1, 1_000_000),
    sentDays: kept("sentDays", 90, 1, 3650),
  };
  const askSeconds = get("askSeconds", whole(1, 86_400)) ?? 60;
  const networks = list("networks", root.fields.get("networks"), network, problems);
  const inputs = readInputs(inputsOf(root, sensor), problems);
  if (sensor === undefined && root.fields.get("sensor") === undefined) problems.push(problem("WGL_SENSOR_KEY"));
  if ((server === undefined || tokenFile === undefined) && out === undefined && problems.length === 0)
    problems.push(problem("WGL_SENSOR_LINE"));
  if (problems.length > 0 || sensor === undefined) return { ok: false, problem: problems };
  return {
    ok: true,
    value: {
      ...{ sensor, data, networks, inputs, keep, askSeconds },
      ...(server === undefined ? {} : { server }),
      ...(tokenFile === undefined ? {} : { tokenFile }),
      ...(proxy === undefined ? {} : { proxy }),
      ...(ca === undefined ? {} : { ca }),
      ...(out === undefined ? {} : { out }),
      ...(knowledge === undefined ? {} : { knowledge }),
    },
  };
};

const place = "command line";

/** What the command line says stands where the file would say it. */
const withWords = (root: SaidMap, { networks, follow = [], format, ...texts }: EdgeWords): SaidMap => {
  const fields = new Map(root.fields);
  const text = (value: string): Said => ({ value, at: place });
  for (const [key, value] of Object.entries(texts)) if (value !== undefined) fields.set(key, text(value));
  if (networks !== undefined) fields.set("networks", { value: networks.map(text), at: place });
  if (follow.length === 0) return { fields };
  const inputs = fields.get("inputs")?.value;
  const before = inputs !== undefined && isSaidMap(inputs) ? inputs.fields : new Map<string, Said>();
  const files = before.get("files")?.value;
  const more = follow.map(
    (one): Said => ({
      value: {
        fields: new Map([["path", text(one)], ...(format === undefined ? [] : [["format", text(format)] as const])]),
      },
      at: place,
    }),
  );
  const all: Said = { value: [...(files !== undefined && isSaidList(files) ? files : []), ...more], at: place };
  fields.set("inputs", { value: { fields: new Map([...before, ["files", all]]) }, at: place });
  return { fields };
};

/** All inputs are this sensor's; nobody has to write so beside each. */
const inputsOf = (root: SaidMap, sensor: string | undefined): Said | undefined => {
  const inputs = root.fields.get("inputs");
  if (inputs === undefined || !isSaidMap(inputs.value) || sensor === undefined) return inputs;
  const named = (said: Said): Said => {
    if (!isSaidList(said.value)) return said;
    const items = said.value.map((item): Said => {
      if (!isSaidMap(item.value) || item.value.fields.has("sensor")) return item;
      return {
        value: { fields: new Map([...item.value.fields, ["sensor", { value: sensor, at: item.at }]]) },
        at: item.at,
      };
    });
    return { value: items, at: said.at };
  };
  const fields = new Map([...inputs.value.fields].map(([key, said]) => [key, named(said)] as const));
  return { value: { fields }, at: inputs.at };
};

const mapAt = (root: SaidMap, key: string, problems: Problem[]): SaidMap => {
  const said = root.fields.get(key);
  if (said === undefined || said.value === "") return { fields: new Map() };
  if (isSaidMap(said.value)) return said.value;
  problems.push(problem("WGL_CONFIG_VALUE", { key, value: shown(said.value), wanted: "keys" }, said.at));
  return { fields: new Map() };
};

const list = <T>(key: string, said: Said | undefined, reading: Reading<T>, problems: Problem[]): readonly T[] => {
  if (said === undefined || said.value === "") return [];
  const items = isSaidList(said.value) ? said.value : [said];
  return items.flatMap((item) => scalar(key, item, reading, problems) ?? []);
};

const known = (name: string, map: SaidMap, keys: readonly string[], problems: Problem[]): void => {
  for (const [key, { at }] of map.fields)
    if (!keys.includes(key))
      problems.push(
        problem("WGL_CONFIG_KEY", { key: name === "" ? key : `${name}.${key}`, wanted: keys.join(", ") }, at),
      );
};
