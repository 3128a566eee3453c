import type { ObservableKind } from "#core/observable.ts";
import { type Recognised, readValue } from "#core/recognise.ts";
import { no, ok, type Result } from "#core/result.ts";
import { splitComposite } from "./attribute-value.ts";
import type { MispAttribute, MispObject } from "./model.ts";

const address: readonly ObservableKind[] = ["ipv4", "ipv6", "cidr"];
const host: readonly ObservableKind[] = ["domain"];
const mail: readonly ObservableKind[] = ["email"];
const hashes = ["md5", "sha1", "sha256", "sha512"] as const;

/** Types whose value is one observable, and the kinds it may be. Other hashes of the same length (imphash) are none. */
const kindsOf: Readonly<Record<string, readonly ObservableKind[]>> = {
  "ip-src": address,
  "ip-dst": address,
  domain: host,
  hostname: host,
  "onion-address": host,
  // A bare host is often given as one.
  url: ["url", "domain"],
  uri: ["url", "path"],
  email: mail,
  "email-src": mail,
  "email-dst": mail,
  "email-reply-to": mail,
  AS: ["asn"],
  ...Object.fromEntries(hashes.map((hash) => [hash, [hash]])),
};

/** Whether waglan can watch for attributes of this type. */
export const isWatched = (type: string): boolean => {
  if (Object.hasOwn(kindsOf, type) || type === "malware-sample" || type === "domain|ip" || type === "hostname|port")
    return true;
  const [first, second] = type.split("|");
  if (first === "filename") return hashes.some((hash) => hash === second);
  return second === "port" && (first === "ip-src" || first === "ip-dst");
};

/**
 * The values an attribute is watched for: one, or both halves of "domain|ip"; an address and a port are one endpoint, a
 * file name and a hash the hash. Defanged values are refanged. Its detection flag is not asked here.
 * @returns problems WGL_MISP_TYPE, WGL_MISP_VALUE, or what the value itself lacks (WGL_DOMAIN …)
 */
export const attributeObservables = ({
  type,
  value,
}: Pick<MispAttribute, "type" | "value">): Result<readonly Recognised[]> => {
  const kinds = Object.hasOwn(kindsOf, type) ? kindsOf[type] : undefined;
  if (kinds !== undefined) return oneOf(type, asWritten(type, value), kinds);
  if (!isWatched(type)) return no("WGL_MISP_TYPE", { type });
  const halves = splitComposite(type, value);
  if (halves === undefined) return no("WGL_MISP_VALUE", { type, value });
  const [first, second] = halves;
  if (type === "domain|ip") {
    const [name, ip] = [oneOf("domain", first, host), oneOf("ip-dst", second, address)];
    return name.ok && ip.ok ? ok([...name.value, ...ip.value]) : name.ok ? ip : name;
  }
  if (type.endsWith("|port")) return endpoint(type, first, second);
  const hash = hashes.find((one) => one === (type === "malware-sample" ? "md5" : type.split("|")[1]));
  return hash === undefined ? no("WGL_MISP_TYPE", { type }) : oneOf(hash, second, [hash]);
};

/** "174" is an autonomous system when MISP calls it one. */
const asWritten = (type: string, value: string): string =>
  type === "AS" && /^\d+$/.test(value.trim()) ? `AS${value.trim()}` : value;

const oneOf = (type: string, value: string, kinds: readonly ObservableKind[]): Result<readonly Recognised[]> => {
  const read = readValue(value);
  if (!read.ok) return read;
  return kinds.includes(read.value.observable.kind) ? ok([read.value]) : no("WGL_MISP_VALUE", { type, value });
};

const endpoint = (type: string, host: string, port: string): Result<readonly Recognised[]> => {
  const text = host.trim();
  const isV6 = text.includes(":") && !text.startsWith("[");
  return oneOf(type, isV6 ? `[${text}]:${port.trim()}` : `${text}:${port.trim()}`, ["endpoint"]);
};

/** Objects in which an address is bad together with the port beside it. */
const withPort: ReadonlySet<string> = new Set(["ip-port", "network-connection", "network-socket"]);
const far: ReadonlySet<string> = new Set(["ip", "ip-dst"]);

/** The port that belongs to an object's addresses, when it names exactly one; then the endpoint is what is bad. */
export const portBeside = (object: MispObject, attribute: MispAttribute): string | undefined => {
  if (!withPort.has(object.name) || !far.has(attribute.object_relation ?? "")) return undefined;
  const ports = object.Attribute.filter(
    ({ object_relation, deleted }) => object_relation === "dst-port" && deleted !== true,
  );
  return ports.length === 1 ? ports[0]?.value : undefined;
};
