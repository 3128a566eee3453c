import { problem, type Problem } from "#core/result.ts";
import { cidrRange } from "#core/cidr.ts";
import { scalar, shown } from "./feeds.ts";
import { flag, path, type Reading, whole, words } from "./values.ts";
import { isSaidList, isSaidMap, type Said, type SaidMap } from "./yaml.ts";

/** Whose messages a sender's are: an address or network, a client certificate's name or SHA-256, or whoever it is. */
export interface SenderRule {
  readonly from:
    | { readonly kind: "anybody" }
    | { readonly kind: "network" | "name" | "fingerprint"; readonly value: string };
  /** Key of a sensor of the directory. */
  readonly sensor: string;
}

/** A place that syslog comes to. */
export interface SyslogInput {
  /** As written: "udp://127.0.0.1:5514". */
  readonly listen: string;
  readonly transport: "udp" | "tcp" | "tls";
  readonly host: string;
  readonly port: number;
  /** The first that fits counts; the narrowest networks stand first. */
  readonly senders: readonly SenderRule[];
  /** Id of a telemetry format; absent: the sensor's own. */
  readonly format?: string;
  /** Files, PEM. `ca`: who signs the certificates of senders, which are then asked for. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string };
  /** It may be reached in clear from beyond this machine. */
  readonly clear: boolean;
  readonly connections: number;
  readonly idleSeconds: number;
}

/** A file, or many, that are read as they grow. */
export interface FileInput {
  /** `*`, `?`, `**`, `[…]` and `{…}` as in a shell; relative ones begin in the data folder. */
  readonly path: string;
  readonly sensor: string;
  readonly format?: string;
}

export interface Inputs {
  readonly syslog: readonly SyslogInput[];
  readonly files: readonly FileInput[];
}

interface Place {
  readonly transport: SyslogInput["transport"];
  readonly host: string;
  readonly port: number;
  readonly text: string;
}

const place: Reading<Place> = {
  wanted: "udp://, tcp:// or tls://, an address and a port, such as udp://127.0.0.1:5514",
  read: (text) => {
    const [, transport, bracketed, bare, digits] =
      /^(udp|tcp|tls):\/\/(?:\[([0-9a-f:.]+)\]|([0-9.]+|localhost)):(\d{1,5})$/.exec(text) ?? [];
    const host = bracketed ?? bare;
    const port = Number(digits);
    if (transport === undefined || host === undefined || !(port <= 65_535)) return undefined;
    if (host !== "localhost" && (!cidrRange(host).ok || host.includes(":") !== (bracketed !== undefined)))
      return undefined;
    return { transport: transport as Place["transport"], host, port, text };
  },
};

const formatId: Reading<string> = {
  wanted: "the id of a log format (docs/formats.md)",
  read: (text) => (/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text) ? text : undefined),
};

const sensorKey: Reading<string> = {
  wanted: "the key of a sensor",
  read: (text) => (text.length <= 64 && /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text) ? text : undefined),
};

/** Reaches no further than this machine. */
const staysHere = (host: string): boolean => host === "localhost" || host === "::1" || host.startsWith("127.");

/** The keys of an entry of `inputs.syslog` and of `inputs.files`, in the order of the documentation. */
export const syslogKeys = ["listen", "sensor", "format", "tls", "clear", "connections", "idleSeconds"] as const;
export const fileKeys = ["path", "sensor", "format"] as const;

/** Reads `inputs`, telling each problem at its place. */
export const readInputs = (said: Said | undefined, problems: Problem[]): Inputs => {
  const none: Inputs = { syslog: [], files: [] };
  if (said === undefined || said.value === "") return none;
  if (!isSaidMap(said.value)) {
    problems.push(wrong("inputs", said, "the keys syslog and files"));
    return none;
  }
  knownKeys("inputs", said.value, ["syslog", "files"], problems);
  const syslog = entries("inputs.syslog", said.value.fields.get("syslog"), problems).flatMap(([name, map, at]) =>
    readSyslog(name, map, at, problems),
  );
  const seen = new Set<string>();
  for (const { listen, port } of syslog) {
    if (port !== 0 && seen.has(listen))
      problems.push(problem("WGL_CONFIG_TWICE", { key: "inputs.syslog", value: listen }));
    seen.add(listen);
  }
  const files = entries("inputs.files", said.value.fields.get("files"), problems).flatMap(([name, map, at]) =>
    readFile(name, map, at, problems),
  );
  return { syslog, files };
};

const readSyslog = (name: string, map: SaidMap, at: string, problems: Problem[]): readonly SyslogInput[] => {
  knownKeys(name, map, syslogKeys, problems);
  const get = <T>(key: (typeof syslogKeys)[number], reading: Reading<T>): T | undefined =>
    scalar(`${name}.${key}`, map.fields.get(key), reading, problems);
  const listen = get("listen", place);
  const senders = readSenders(`${name}.sensor`, map.fields.get("sensor"), problems);
  const format = get("format", formatId);
  const clear = get("clear", flag) ?? false;
  const connections = get("connections", whole(1, 10_000)) ?? 100;
  const idleSeconds = get("idleSeconds", whole(1, 86_400)) ?? 600;
  const tls = readTls(`${name}.tls`, map.fields.get("tls"), problems);
  needs(name, map, ["listen", "sensor"], at, problems);
  if (listen === undefined || senders === undefined) return [];
  const byCertificate = senders.some(({ from }) => from.kind === "name" || from.kind === "fingerprint");
  if (listen.transport === "tls" && tls === undefined) {
    if (!map.fields.get("tls")?.value)
      problems.push(problem("WGL_CONFIG_NEEDS", { key: name, other: `${name}.tls` }, at));
    return [];
  }
  if (listen.transport !== "tls" && (tls !== undefined || byCertificate))
    problems.push(problem("WGL_CONFIG_NEEDS", { key: `${name}.tls`, other: "listen: tls://…" }, at));
  if (senders.some(({ from }) => from.kind === "name") && tls?.ca === undefined && listen.transport === "tls")
    problems.push(problem("WGL_CONFIG_NEEDS", { key: `${name}.sensor`, other: `${name}.tls.ca` }, at));
  if (!staysHere(listen.host)) {
    if (listen.transport !== "tls" && !clear) problems.push(problem("WGL_INPUT_CLEAR", { listen: listen.text }, at));
    if (senders.some(({ from }) => from.kind === "anybody") && tls?.ca === undefined)
      problems.push(problem("WGL_INPUT_OPEN", { listen: listen.text }, at));
  }
  const { transport, host, port, text } = listen;
  return [
    {
      ...{ listen: text, transport, host, port, senders, clear, connections, idleSeconds },
      ...(format === undefined ? {} : { format }),
      ...(tls === undefined ? {} : { tls }),
    },
  ];
};

/** `inputs` as it is written. */
export const shownInputs = ({ syslog, files }: Inputs): Readonly<Record<string, unknown>> => ({
  syslog: syslog.map(({ listen, senders, format, tls, clear, connections, idleSeconds }) => ({
    listen,
    sensor:
      senders[0]?.from.kind === "anybody"
        ? senders[0].sensor
        : Object.fromEntries(senders.map(({ from, sensor }) => [senderText(from), sensor])),
    ...(format === undefined ? {} : { format }),
    ...(tls === undefined ? {} : { tls }),
    ...{ clear, connections, idleSeconds },
  })),
  files,
});

const senderText = (from: SenderRule["from"]): string => {
  if (from.kind === "anybody") return "";
  return from.kind === "network" ? from.value : `${from.kind === "name" ? "name" : "sha256"}:${from.value}`;
};

/** "htd-edge-1", or whose messages they are by sender: { 192.0.2.0/24: htd-edge-1, "name:edge.example": … }. */
const readSenders = (name: string, said: Said | undefined, problems: Problem[]): readonly SenderRule[] | undefined => {
  if (said === undefined || said.value === "") return undefined;
  if (!isSaidMap(said.value)) {
    const sensor = scalar(name, said, sensorKey, problems);
    return sensor === undefined ? undefined : [{ from: { kind: "anybody" }, sensor }];
  }
  const rules = [...said.value.fields].flatMap(([key, value]): readonly SenderRule[] => {
    const from = senderOf(key);
    const sensor = scalar(`${name}.${key}`, value, sensorKey, problems);
    if (from === undefined)
      problems.push(
        problem(
          "WGL_CONFIG_VALUE",
          { key: name, value: key, wanted: "an address, a network, name:… or sha256:… of a certificate" },
          value.at,
        ),
      );
    return from === undefined || sensor === undefined ? [] : [{ from, sensor }];
  });
  return rules.toSorted((a, b) => width(a) - width(b));
};

const senderOf = (key: string): SenderRule["from"] | undefined => {
  const [, name] = /^name:([^\s,]{1,253})$/.exec(key) ?? [];
  if (name !== undefined) return { kind: "name", value: name.toLowerCase() };
  const [, hex] = /^sha256:((?:[0-9a-f]{2}:?){31}[0-9a-f]{2})$/i.exec(key) ?? [];
  if (hex !== undefined) return { kind: "fingerprint", value: hex.replaceAll(":", "").toLowerCase() };
  return cidrRange(key).ok ? { kind: "network", value: key } : undefined;
};

/** Certificates before networks, narrow networks before wide ones. */
const width = ({ from }: SenderRule): number => {
  if (from.kind !== "network") return -1;
  const range = cidrRange(from.value);
  return range.ok ? (range.value.family === 4 ? 32 : 128) - range.value.prefix : 0;
};

const readTls = (name: string, said: Said | undefined, problems: Problem[]): SyslogInput["tls"] => {
  if (said === undefined || said.value === "") return undefined;
  if (!isSaidMap(said.value)) {
    problems.push(wrong(name, said, "the keys cert, key and ca"));
    return undefined;
  }
  const { fields } = said.value;
  knownKeys(name, said.value, ["cert", "key", "ca"], problems);
  const [cert, key, ca] = ["cert", "key", "ca"].map((one) => scalar(`${name}.${one}`, fields.get(one), path, problems));
  needs(name, said.value, ["cert", "key"], said.at, problems);
  return cert === undefined || key === undefined ? undefined : { cert, key, ...(ca === undefined ? {} : { ca }) };
};

const readFile = (name: string, map: SaidMap, at: string, problems: Problem[]): readonly FileInput[] => {
  knownKeys(name, map, fileKeys, problems);
  const file = scalar(`${name}.path`, map.fields.get("path"), words, problems);
  const sensor = scalar(`${name}.sensor`, map.fields.get("sensor"), sensorKey, problems);
  const format = scalar(`${name}.format`, map.fields.get("format"), formatId, problems);
  needs(name, map, ["path", "sensor"], at, problems);
  if (file === undefined || sensor === undefined) return [];
  return [{ path: file, sensor, ...(format === undefined ? {} : { format }) }];
};

const entries = (name: string, said: Said | undefined, problems: Problem[]): readonly [string, SaidMap, string][] => {
  if (said === undefined || said.value === "") return [];
  if (!isSaidList(said.value)) {
    problems.push(wrong(name, said, "a list"));
    return [];
  }
  return said.value.flatMap((item, index): readonly [string, SaidMap, string][] => {
    const here = `${name}[${index}]`;
    if (isSaidMap(item.value)) return [[here, item.value, item.at]];
    problems.push(wrong(here, item, "keys"));
    return [];
  });
};

const knownKeys = (name: string, map: SaidMap, known: readonly string[], problems: Problem[]): void => {
  for (const [key, { at }] of map.fields)
    if (!known.includes(key))
      problems.push(problem("WGL_CONFIG_KEY", { key: `${name}.${key}`, wanted: known.join(", ") }, at));
};

const needs = (name: string, map: SaidMap, keys: readonly string[], at: string, problems: Problem[]): void => {
  for (const key of keys)
    if (!map.fields.get(key)?.value)
      problems.push(problem("WGL_CONFIG_NEEDS", { key: name, other: `${name}.${key}` }, at));
};

const wrong = (key: string, said: Said, wanted: string): Problem =>
  problem("WGL_CONFIG_VALUE", { key, value: shown(said.value), wanted }, said.at);
