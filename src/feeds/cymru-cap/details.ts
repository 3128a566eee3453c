import { portOf } from "#feeds/report.ts";

/** What the fifth cell of a line says, in either generation's way. */
export interface Details {
  readonly family?: string;
  readonly hostname?: string;
  readonly url?: string;
  readonly username?: string;
  /** Of the reported device. */
  readonly port?: number;
  /** Whom it talked to, and on which ports. */
  readonly to?: string;
  readonly ports: readonly string[];
  /** IANA number or name. */
  readonly protocol?: string;
  /** What stands there without a key: "ssh", "socks4-61039". */
  readonly plain: string;
}

const keys = [
  ...["destination_port_numbers", "additional_asns", "ports_scanned", "honeypot_port", "darknet_port", "proxy_type"],
  ...["dest_addr", "dest_port", "destaddr", "dstaddr", "hostname", "username", "protocol", "srcport", "family", "port"],
];
// a forgotten semicolon ("hostname: sub.example.comport: 80") is as common as one
const keyed = new RegExp(`(${keys.join("|")}):\\s*(.*?)(?=;|(?:${keys.join("|")}):|$)`, "g");
const worded = /\b(srcport|mwtype|destaddr|dstaddr) (.+?)(?= (?:srcport|mwtype|destaddr|dstaddr) |$)/g;

/**
 *   "family: nivdort;dest_addr: 192.0.2.7; dest_port: 80;protocol: 6;"     since 2019
 *   "srcport 1337 mwtype Conficker destaddr 192.0.2.7"                     before
 */
export const detailsIn = (text: string): Details => {
  const said = new Map<string, string>();
  for (const [, key = "", value = ""] of text.matchAll(keyed)) said.set(key, value.trim());
  if (said.size === 0) for (const [, key = "", value = ""] of text.matchAll(worded)) said.set(key, value.trim());
  const to = said.get("dest_addr") ?? said.get("destaddr") ?? said.get("dstaddr");
  const family = said.get("family") ?? said.get("mwtype");
  const ports = ["dest_port", "destination_port_numbers", "ports_scanned", "honeypot_port", "darknet_port"]
    .flatMap((key) => said.get(key)?.split(",") ?? [])
    .map((port) => port.trim().replace(/ .*$/, ""));
  const unkeyed = text.split(";").find((one) => one.trim() !== "" && !one.includes(": ") && !said.has("mwtype"));
  const plain = said.get("proxy_type") ?? unkeyed?.trim() ?? "";
  const proxied = /-(\d+)$/.exec(plain)?.[1];
  const port = portOf(said.get("port") ?? said.get("srcport") ?? proxied ?? "");
  const [hostname, username, protocol] = [said.get("hostname"), said.get("username"), said.get("protocol")];
  return {
    ...(family === undefined ? {} : { family }),
    ...(hostname === undefined ? {} : { hostname }),
    ...(/^https?:\/\//i.test(plain) ? { url: plain } : {}),
    ...(username === undefined ? {} : { username }),
    ...(port === undefined ? {} : { port }),
    // the address may have another sentence behind it
    ...(to === undefined ? {} : { to: to.replace(/\s.*$/, "") }),
    ports,
    ...(protocol === undefined ? {} : { protocol }),
    plain,
  };
};
