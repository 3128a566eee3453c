import type { Observable } from "#core/observable.ts";
import { endOf } from "#detect/fact.ts";
import type { Comparison, ObjectTest } from "#stix/pattern.ts";
import { isObject, type StixObject } from "#stix/pattern-look.ts";
import type { Observation } from "#stix/pattern-observation.ts";
import type { Seen, TelemetryRecord, Where } from "#telemetry/format.ts";

/**
 * What of STIX's observables a record can tell: object types, and the first step of paths into them. A pattern that asks for
 * anything else can never be true of what is kept. `http-request-ext` alone of the extensions.
 * @see STIX 2.1 §6
 */
const told = {
  "ipv4-addr": ["value"],
  "ipv6-addr": ["value"],
  "domain-name": ["value", "resolves_to_refs"],
  url: ["value"],
  "email-addr": ["value"],
  "email-message": ["from_ref"],
  file: ["name", "hashes", "parent_directory_ref"],
  directory: ["path"],
  process: ["name", "command_line", "image_ref", "parent_ref"],
  "network-traffic": [
    ...["start", "end", "src_ref", "dst_ref", "src_port", "dst_port", "protocols", "extensions"],
    ...["src_byte_count", "dst_byte_count", "src_packets", "dst_packets"],
  ],
  "x509-certificate": ["hashes"],
  "autonomous-system": ["number"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Whether some record can have what a comparison asks for. */
const isTold = ({ type, path: [first, second] }: Pick<Comparison, "type" | "path">): boolean => {
  const steps: readonly string[] = Object.hasOwn(told, type) ? told[type as keyof typeof told] : [];
  if (first === "type") return steps.length > 0;
  if (typeof first !== "string" || !steps.includes(first)) return false;
  return first !== "extensions" || second === undefined || second === "http-request-ext";
};

/** The first comparison for whose want no record can make the test true; undefined: some record can. */
export const neverTold = (test: ObjectTest): Comparison | undefined => {
  if (test.kind === "comparison") return isTold(test) ? undefined : test;
  const parts = test.of.map(neverTold);
  if (test.kind === "both") return parts.find((part) => part !== undefined);
  return parts.includes(undefined) ? undefined : parts[0];
};

const typeOf: Readonly<Partial<Record<Observable["kind"], string>>> = {
  ipv4: "ipv4-addr",
  ipv6: "ipv6-addr",
  domain: "domain-name",
  url: "url",
  email: "email-addr",
};
const algorithmOf: Readonly<Partial<Record<Observable["kind"], string>>> = {
  md5: "MD5",
  sha1: "SHA-1",
  sha256: "SHA-256",
  sha512: "SHA-512",
};

/**
 * One record as STIX has an observation: once, from its beginning to its end, with the objects that its values are. Values
 * are canonical, as records have them. Pure.
 *
 * @param hidden texts that stand for what the field policy took out: they are no values
 */
export const observationOf = (record: TelemetryRecord, hidden: ReadonlySet<string>): Observation => {
  const objects = new Objects(hidden);
  for (const seen of record.seen) putSeen(objects, seen);
  putFiles(objects, record);
  putTraffic(objects, record);
  const mail = record.seen.find((one) => one.where === "mail-from" && one.kind === "email");
  if (mail !== undefined) objects.put("email-message", { from_ref: objects.value("email-addr", mail.value) });
  const { time, until = time } = record;
  return { ...objects.all(), first: time * 1000, last: until * 1000, times: 1 };
};

/** The objects of one observation; each value is one object. */
class Objects {
  readonly #byType = new Map<string, StixObject[]>();
  readonly #byId = new Map<string, StixObject>();
  readonly #values = new Map<string, string>();
  readonly #hidden: ReadonlySet<string>;

  constructor(hidden: ReadonlySet<string>) {
    this.#hidden = hidden;
  }

  /** @param properties those that are undefined are left out; @returns its id */
  put(type: string, properties: Readonly<Record<string, unknown>>): string {
    const id = `${type}--${this.#byId.size}`;
    const said = Object.entries(properties).filter(([, value]) => value !== undefined);
    const object: StixObject = Object.assign(Object.create(null) as object, { type, id }, Object.fromEntries(said));
    this.#byId.set(id, object);
    const same = this.#byType.get(type);
    if (same === undefined) this.#byType.set(type, [object]);
    else same.push(object);
    return id;
  }

  /** The object whose `value` this is. */
  value(type: string, value: string, more: Readonly<Record<string, unknown>> = {}): string {
    const key = `${type} ${value}`;
    let id = this.#values.get(key);
    if (id === undefined) this.#values.set(key, (id = this.put(type, { value, ...more })));
    return id;
  }

  /** A text of the record; undefined where it is none of its own. */
  text(value: string | undefined): string | undefined {
    return value === undefined || value === "" || this.#hidden.has(value) ? undefined : value;
  }

  all(): Pick<Observation, "byType" | "find"> {
    return { byType: this.#byType, find: (id) => this.#byId.get(id) };
  }
}

const putSeen = (objects: Objects, { kind, value, where }: Seen): void => {
  const type = typeOf[kind];
  if (type !== undefined) objects.value(type, value);
  if (kind === "asn") objects.put("autonomous-system", { number: Number(value.replace(/^AS/i, "")) });
  const algorithm = algorithmOf[kind];
  if (algorithm !== undefined && where === "certificate")
    objects.put("x509-certificate", { hashes: { [algorithm]: value } });
};

/** Files a record speaks of: what was done to one, the program that was started, and files whose hashes it has. */
const putFiles = (objects: Objects, { seen, process, file, fields }: TelemetryRecord): void => {
  const hashes: Record<string, string>[] = [];
  for (const { kind, value, where } of seen) {
    const algorithm = algorithmOf[kind];
    if (algorithm === undefined || where !== "file-hash") continue;
    const open = hashes.find((one) => one[algorithm] === undefined);
    if (open === undefined) hashes.push({ [algorithm]: value });
    else open[algorithm] = value;
  }
  // of several files the first hashes are those of the one that the record is about
  const own = hashes.shift();
  const named = file?.path ?? process?.image ?? carried(fields);
  const image = named === undefined && own === undefined ? undefined : fileAt(objects, named, own);
  for (const one of hashes) fileAt(objects, undefined, one);
  if (file?.to !== undefined) fileAt(objects, file.to, undefined);
  if (process === undefined) return;
  const parent = objects.text(process.parent);
  objects.put("process", {
    name: objects.text(nameOf(process.image)),
    command_line: objects.text(process.command),
    image_ref: file === undefined ? image : fileAt(objects, process.image, undefined),
    parent_ref:
      parent === undefined
        ? undefined
        : objects.put("process", { name: nameOf(parent), image_ref: fileAt(objects, parent, undefined) }),
  });
};

/** The name of a file that went over the network: Suricata's `fileinfo.filename`, Zeek's `filename`. */
const carried = (fields: TelemetryRecord["fields"]): string | undefined => {
  const info = Object.hasOwn(fields, "fileinfo") ? fields["fileinfo"] : fields;
  const name = isObject(info) && Object.hasOwn(info, "filename") ? info["filename"] : undefined;
  return typeof name === "string" ? name : undefined;
};

const fileAt = (
  objects: Objects,
  path: string | undefined,
  hashes: Readonly<Record<string, string>> | undefined,
): string => {
  const said = objects.text(path);
  const name = said === undefined ? undefined : nameOf(said);
  const folder = said?.slice(0, said.length - (name?.length ?? 0)).replace(/(.)[\\/]$/, "$1");
  return objects.put("file", {
    ...{ hashes, name: objects.text(name) },
    parent_directory_ref:
      folder === undefined || folder === "" ? undefined : objects.put("directory", { path: folder }),
  });
};

const nameOf = (path: string): string => path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** The two ends; once more for each name that was reached for, since whom a client meant is its destination too. */
const putTraffic = (objects: Objects, record: TelemetryRecord): void => {
  const { source, destination, time, until, measures, seen } = record;
  const from = endOf(record, source, "source");
  const to = endOf(record, destination, "destination");
  const address = (value: string | undefined): string | undefined =>
    value === undefined || !seen.some((one) => one.value === value)
      ? undefined
      : objects.value(value.includes(":") ? "ipv6-addr" : "ipv4-addr", value);
  const names = (wheres: readonly Where[]): readonly string[] => [
    ...new Set(seen.filter((one) => one.kind === "domain" && wheres.includes(one.where)).map(({ value }) => value)),
  ];
  const answers = seen.filter((one) => one.where === "dns-answer").flatMap(({ value }) => address(value) ?? []);
  if (answers.length > 0)
    for (const name of names(["dns-query"])) objects.put("domain-name", { value: name, resolves_to_refs: answers });
  if (from === undefined && to === undefined && record.http === undefined) return;
  const traffic = {
    ...{
      start: iso(time),
      end: iso(until ?? time),
      src_ref: address(source),
      src_port: from?.port,
      dst_port: to?.port,
    },
    protocols: protocolsOf(record),
    ...{ src_byte_count: measures.bytesOut, dst_byte_count: measures.bytesIn },
    ...{ src_packets: measures.packetsOut, dst_packets: measures.packetsIn },
    ...requestOf(objects, record),
  };
  objects.put("network-traffic", { ...traffic, dst_ref: address(destination) });
  for (const name of names(["http-host", "tls-sni"]))
    objects.put("network-traffic", { ...traffic, dst_ref: objects.value("domain-name", name) });
};

/** STIX 2.1 §6.12.3.1 */
const requestOf = (objects: Objects, { http }: TelemetryRecord): { readonly extensions?: StixObject } => {
  if (http === undefined) return {};
  const { method, path, query, host, agent, referrer } = http;
  const header = Object.entries({ Host: host, "User-Agent": agent, Referer: referrer }).filter(
    ([, value]) => objects.text(value) !== undefined,
  );
  const value = path === undefined ? undefined : `${path}${query === undefined || query === "" ? "" : `?${query}`}`;
  const request = {
    ...(method === undefined ? {} : { request_method: method.toLowerCase() }),
    ...(objects.text(value) === undefined ? {} : { request_value: value }),
    ...(header.length === 0 ? {} : { request_header: Object.fromEntries(header) }),
  };
  return { extensions: { "http-request-ext": request } };
};

const numbered: Readonly<Record<string, string>> = { 1: "icmp", 6: "tcp", 17: "udp", 58: "ipv6-icmp", 132: "sctp" };

/** From the network upwards, in lower case, as far as the record names them. */
const protocolsOf = ({ source, destination, fields, http, dns }: TelemetryRecord): readonly string[] | undefined => {
  const end = source ?? destination;
  const said = ["proto", "pr", "app_proto", "service"].flatMap((name) => {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    const text = typeof value === "number" ? String(value) : typeof value === "string" ? value : "";
    return text
      .toLowerCase()
      .split(",")
      .map((one) => numbered[one.trim()] ?? one.trim())
      .filter((one) => /^[a-z][a-z0-9.+-]{0,31}$/.test(one));
  });
  const all = [
    ...(end === undefined ? [] : [end.includes(":") ? "ipv6" : "ipv4"]),
    ...said,
    ...(http === undefined ? [] : ["http"]),
    ...(dns === undefined ? [] : ["dns"]),
  ];
  return all.length === 0 ? undefined : [...new Set(all)];
};
