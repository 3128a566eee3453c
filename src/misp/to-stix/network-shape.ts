import { sco, type StixObject } from "#misp/stix-object.ts";
import { stixDate } from "#misp/timestamps.ts";
import { addressObject, addressType, endParts } from "./addresses.ts";
import type { ObjectPart, ObjectShape, Parts } from "./object-part.ts";
import type { PatternGroup, PatternPart } from "./pattern-text.ts";

/** Objects that are one STIX network-traffic (§6.13), and what they call its ends. */
const ends: Readonly<
  Record<
    string,
    { readonly src: readonly string[]; readonly dst: readonly string[]; readonly names: readonly string[] }
  >
> = {
  "ip-port": { src: ["ip-src"], dst: ["ip-dst", "ip"], names: ["domain", "hostname"] },
  netflow: { src: ["ip-src"], dst: ["ip-dst"], names: [] },
  "network-connection": { src: ["ip-src"], dst: ["ip-dst"], names: ["hostname-dst"] },
  "network-socket": { src: ["ip-src"], dst: ["ip-dst"], names: ["hostname-dst"] },
  "http-request": { src: ["ip-src"], dst: ["ip-dst"], names: ["host"] },
};

export const isNetworkObject = (name: string): boolean => Object.hasOwn(ends, name);

const port = (value: string): number | string => (/^\d+$/.test(value) ? Number(value) : value);

/** Absent: it names no end, so STIX would have nothing to hold. */
export const networkShape = (name: string, parts: Parts, uuid: string): ObjectShape | undefined => {
  const own = ends[name];
  if (own === undefined) return undefined;
  const traffic = new Traffic(parts);
  traffic.end("src", own.src);
  traffic.end("dst", own.dst);
  traffic.names(own.names, name === "http-request");
  traffic.autonomous("src", "src-as");
  traffic.autonomous("dst", "dst-as");
  traffic.port("src");
  traffic.port("dst");
  traffic.time("start", ["first-seen", "first-packet-seen"]);
  traffic.time("end", ["last-seen", "last-packet-seen"]);
  traffic.protocols(name);
  if (name === "netflow") traffic.flow();
  if (name === "network-socket") traffic.socket();
  if (name === "http-request") traffic.request();
  return traffic.any ? traffic.shape(uuid) : undefined;
};

class Traffic {
  readonly #parts: Parts;
  readonly #properties: Record<string, unknown> = {};
  readonly #objects: StixObject[] = [];
  readonly #pattern: PatternGroup[] = [];
  readonly #extensions: Record<string, unknown> = {};
  readonly #belongs = new Map<"src" | "dst", string>();
  any = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  end(end: "src" | "dst", relations: readonly string[]): void {
    const part = this.#parts.one(...relations);
    if (part === undefined) return;
    this.any = true;
    const address = addressObject(part.value, part.uuid);
    this.#properties[`${end}_ref`] = address.id;
    this.#objects.push(address);
    if (part.ids) this.#pattern.push({ all: endParts(end, addressType(part.value), part.value) });
  }

  /** A name is the far end where no address is; beside one it is a custom property, and an http host resolves to it. */
  names(relations: readonly string[], resolves: boolean): void {
    for (const relation of relations) {
      const named = this.#parts.all.find((part) => part.relation === relation && part.fits);
      if (named === undefined) continue;
      if (named.ids) this.#pattern.push({ all: endParts("dst", "domain-name", named.value) });
      const address = this.#properties["dst_ref"];
      if (address !== undefined && !resolves) {
        this.#compared.add(named);
        continue;
      }
      this.#parts.one(relation);
      this.any = true;
      const domain = sco("domain-name", named.uuid, {
        value: named.value,
        ...(address === undefined ? {} : { resolves_to_refs: [address] }),
      });
      this.#objects.push(domain);
      if (address === undefined) this.#properties["dst_ref"] = domain.id;
    }
  }
  readonly #compared = new Set<ObjectPart>();

  autonomous(end: "src" | "dst", relation: string): void {
    const ref = this.#properties[`${end}_ref`];
    const part = ref === undefined ? undefined : this.#parts.one(relation);
    if (part === undefined) return;
    this.#belongs.set(end, `autonomous-system--${part.uuid}`);
    this.#objects.push(sco("autonomous-system", part.uuid, { number: Number(part.value.replace(/^AS/i, "")) }));
    if (part.ids)
      this.#pattern.push({
        path: `network-traffic:${end}_ref.belongs_to_refs[0].number`,
        value: part.value.replace(/^AS/i, ""),
        is: "number",
      });
  }

  port(end: "src" | "dst"): void {
    const part = this.#parts.one(`${end}-port`);
    if (part === undefined) return;
    this.#properties[`${end}_port`] = port(part.value);
    this.#compare(part, { path: `network-traffic:${end}_port`, value: part.value, is: "number" });
  }

  time(property: "start" | "end", relations: readonly string[]): void {
    const part = this.#parts.one(...relations);
    if (part === undefined) return;
    this.#properties[property] = stixDate(part.value) ?? part.value;
    this.#compare(part, { path: `network-traffic:${property}`, value: part.value, is: "time" });
  }

  /** What the object names, and what its kind implies; STIX demands at least one. */
  protocols(name: string): void {
    const named = this.#parts
      .many("layer3-protocol", "layer4-protocol", "layer7-protocol", "protocol")
      .toSorted((a, b) => a.relation.localeCompare(b.relation));
    for (const [index, part] of named.entries())
      this.#compare(part, { path: `network-traffic:protocols[${index}]`, value: part.value.toLowerCase() });
    const own = named.map(({ value }) => value.toLowerCase());
    const has = (relation: string): boolean => this.#parts.all.some((part) => part.relation === relation);
    if (name === "http-request") own.push("tcp", "http");
    if (name === "netflow" && has("tcp-flags") && !own.includes("tcp")) own.unshift("tcp");
    if (own.length === 0) {
      const ref = String(this.#properties["dst_ref"] ?? this.#properties["src_ref"] ?? "");
      own.push(name === "ip-port" && ref.startsWith("ipv") ? ref.slice(0, 4) : "tcp");
    }
    this.#properties["protocols"] = own;
  }

  flow(): void {
    const flags = this.#parts.one("tcp-flags");
    if (flags !== undefined) {
      this.#extensions["tcp-ext"] = { src_flags_hex: flags.value };
      this.#compare(flags, { path: "network-traffic:extensions.'tcp-ext'.src_flags_hex", value: flags.value });
    }
    const icmp = this.#parts.one("icmp-type");
    if (icmp !== undefined) {
      this.#extensions["icmp-ext"] = { icmp_type_hex: icmp.value };
      this.#compare(icmp, { path: "network-traffic:extensions.'icmp-ext'.icmp_type_hex", value: icmp.value });
    }
    for (const [relation, property] of [
      ["byte-count", "src_byte_count"],
      ["packet-count", "src_packets"],
    ] as const) {
      const part = this.#parts.one(relation);
      if (part === undefined) continue;
      this.#properties[property] = port(part.value);
      this.#compare(part, { path: `network-traffic:${property}`, value: part.value, is: "number" });
    }
  }

  /** STIX 2.1 §6.13.6 Network Socket Extension. */
  socket(): void {
    const ext: Record<string, unknown> = {};
    const path = "network-traffic:extensions.'socket-ext'";
    for (const [relation, property] of [
      ["address-family", "address_family"],
      ["socket-type", "socket_type"],
    ] as const) {
      const part = this.#parts.one(relation);
      if (part === undefined) continue;
      ext[property] = part.value;
      this.#compare(part, { path: `${path}.${property}`, value: part.value });
    }
    for (const part of this.#parts.all.filter(({ relation }) => relation === "state")) {
      if (part.value !== "listening" && part.value !== "blocking") continue;
      this.#parts.one("state");
      ext[`is_${part.value}`] = true;
      this.#compare(part, { path: `${path}.is_${part.value}`, value: "true", is: "truth" });
    }
    if (Object.keys(ext).length > 0) this.#extensions["socket-ext"] = ext;
  }

  /** STIX 2.1 §6.13.3 HTTP Request Extension. */
  request(): void {
    const path = "network-traffic:extensions.'http-request-ext'";
    const ext: Record<string, unknown> = {};
    const method = this.#parts.one("method");
    if (method !== undefined) {
      ext["request_method"] = method.value;
      this.#compare(method, { path: `${path}.request_method`, value: method.value });
    }
    const uri = this.#parts.one("uri");
    const url = this.#parts.all.find(({ relation }) => relation === "url");
    for (const part of [uri, url])
      if (part !== undefined) this.#compare(part, { path: `${path}.request_value`, value: part.value });
    if (url !== undefined) this.#compared.add(url);
    if (uri !== undefined) ext["request_value"] = uri.value;
    else if (url !== undefined) ext["request_value"] = this.#parts.one("url")?.value;
    const headers: Record<string, string> = {};
    for (const [relation, header] of requestHeaders) {
      const part = this.#parts.one(relation);
      if (part === undefined) continue;
      headers[header] = part.value;
      this.#compare(part, { path: `${path}.request_header.'${header}'`, value: part.value });
    }
    if (Object.keys(headers).length > 0) ext["request_header"] = headers;
    if (Object.keys(ext).length > 0) {
      this.any = true;
      this.#extensions["http-request-ext"] = ext;
    }
  }

  shape(uuid: string): ObjectShape {
    const linked = this.#objects.map((object) => this.#withSystem(object));
    const customs = this.#parts
      .rest()
      .filter((part) => part.ids && !this.#compared.has(part))
      .map(({ relation, value }) => ({ path: `network-traffic:x_misp_${relation.replaceAll("-", "_")}`, value }));
    return {
      objects: [
        sco("network-traffic", uuid, {
          ...this.#properties,
          ...(Object.keys(this.#extensions).length === 0 ? {} : { extensions: this.#extensions }),
          ...this.#parts.custom(),
        }),
        ...linked,
      ],
      pattern: [...this.#pattern, ...customs],
    };
  }

  #withSystem(object: StixObject): StixObject {
    for (const end of ["src", "dst"] as const) {
      const system = this.#belongs.get(end);
      if (system !== undefined && this.#properties[`${end}_ref`] === object.id)
        return { ...object, belongs_to_refs: [system] };
    }
    return object;
  }

  #compare(part: ObjectPart, group: PatternPart): void {
    if (part.ids) this.#pattern.push(group);
  }
}

/** Headers of a request that have a relation of their own. */
export const requestHeaders: readonly (readonly [relation: string, header: string])[] = [
  ["content-type", "Content-Type"],
  ["cookie", "Cookie"],
  ["referer", "Referer"],
  ["user-agent", "User-Agent"],
];

/** Names and the addresses they resolve to (STIX 2.1 §6.4). Absent: there is no name to hold the rest. */
export const domainShape = (parts: Parts, uuid: string): ObjectShape | undefined => {
  const compared: PatternGroup[] = parts.all.flatMap((part) => (part.ids && part.fits ? domainPattern(part) : []));
  const domains = parts.many("domain");
  const names = domains.length > 0 ? domains : parts.many("hostname");
  const addresses = parts.many("ip", "ip-dst", "ip-src");
  if (names.length === 0) return undefined;
  const refs = addresses.map(({ value, uuid: id }) => addressObject(value, id));
  const custom = parts.custom();
  const hasCustom = Object.keys(custom).length > 0;
  return {
    objects: [
      ...names.map((name, index) =>
        sco("domain-name", hasCustom && index === 0 ? uuid : name.uuid, {
          value: name.value,
          ...(refs.length === 0 ? {} : { resolves_to_refs: refs.map(({ id }) => id) }),
          ...(index === 0 ? custom : {}),
        }),
      ),
      ...refs,
    ],
    pattern: compared,
  };
};

const domainPattern = ({ relation, value }: ObjectPart): readonly PatternGroup[] => {
  if (relation === "domain") return [{ path: "domain-name:value", value }];
  if (relation.startsWith("ip")) return [{ path: "domain-name:resolves_to_refs[*].value", value }];
  return [{ path: `domain-name:x_misp_${relation.replaceAll("-", "_")}`, value }];
};
