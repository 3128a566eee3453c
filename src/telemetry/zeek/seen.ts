import { no, ok, type Result } from "#core/result.ts";
import type { Observable } from "#core/observable.ts";
import { urlParts } from "#core/url.ts";
import type { Seen, Where } from "#telemetry/format.ts";
import { addressIn, emailsIn, hashIn, hostIn, hostOfUrl, pathIn, urlIn } from "#telemetry/observed.ts";
import { field, textField, textsField } from "./field.ts";

/** The typed values of one record, and its two ends. */
export interface Ends {
  readonly seen: readonly Seen[];
  readonly source?: string;
  readonly destination?: string;
}

type Fields = Readonly<Record<string, unknown>>;
type Known = { source?: string; destination?: string };
type Put = (value: Seen | undefined) => void;

/**
 * What a record of the log `event` shows, each value once per place. Logs that the table does not know show their two
 * addresses.
 *
 * @returns WGL_ZEEK_VALUE when `id.orig_h` or `id.resp_h` is no address: then nobody could say whose traffic it was
 */
export const seenIn = (fields: Fields, event: string): Result<Ends> => {
  const seen: Seen[] = [];
  const put: Put = (value) => {
    if (value === undefined) return;
    if (!seen.some((s) => s.value === value.value && s.where === value.where && s.kind === value.kind))
      seen.push(value);
  };
  const ends: Known = {};
  for (const [end, where] of twoEnds) {
    const text = field(fields, `id.${end}_h`);
    if (text === undefined || text === null || text === "") continue;
    const address = typeof text === "string" ? addressIn(text) : undefined;
    if (address === undefined) return no("WGL_ZEEK_VALUE", { field: `id.${end}_h`, value: String(text), type: "addr" });
    const port = portIn(field(fields, `id.${end}_p`));
    put({ ...address, where, ...(port === undefined ? {} : { port }) });
    ends[where] = address.value;
  }
  const log = Object.hasOwn(logs, event) ? logs[event] : undefined;
  log?.(fields, put, ends);
  return ok({ seen, ...ends });
};

const twoEnds = [
  ["orig", "source"],
  ["resp", "destination"],
] as const;

/** 1 to 65535; ICMP logs put types into port fields, so 0 and nonsense are left out. */
const portIn = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isInteger(value) && value > 0 && value <= 65_535 ? value : undefined;

const serverPort = (fields: Fields): number | undefined => portIn(field(fields, "id.resp_p"));

/** Where a value was seen, when there is one. */
const at = (where: Where, value: Observable | undefined, port?: number): Seen | undefined =>
  value === undefined ? undefined : { ...value, where, ...(port === undefined ? {} : { port }) };

/** As `at`, of a field's text. */
const each = (
  where: Where,
  texts: readonly string[],
  read: (text: string) => Observable | undefined,
  put: Put,
): void => {
  for (const text of texts) put(at(where, read(text)));
};

/** A whole URL, its host and its path. */
const putUrl = (where: Where, text: string, put: Put): void => {
  const url = urlIn(text);
  if (url === undefined) return;
  put(at(where, url));
  put(at(where, hostOfUrl(url.value)));
  put(at(where, pathIn(urlParts(url.value).path)));
};

/** Each address of a header, and the name it is at. */
const putMail = (where: Where, texts: readonly string[], put: Put): void => {
  for (const email of texts.flatMap(emailsIn)) {
    put(at(where, email));
    put(at(where, hostIn(email.value.slice(email.value.lastIndexOf("@") + 1))));
  }
};

// base/protocols/*/main.zeek, the Info record of each log
const logs: Readonly<Record<string, (fields: Fields, put: Put, ends: Known) => void>> = {
  dns: (fields, put) => {
    each("dns-query", textsField(fields, "query"), hostIn, put);
    // "TXT 18 …" and the like are no names and fall out by themselves
    each("dns-answer", textsField(fields, "answers"), hostIn, put);
  },

  http: (fields, put) => {
    const port = serverPort(fields);
    const host = textField(fields, "host");
    const uri = textField(fields, "uri") ?? "";
    const named = host === undefined ? undefined : hostIn(host);
    put(at("http-host", named, port));
    if (uri.startsWith("/")) {
      const url = named === undefined || host === undefined ? undefined : urlIn(requested(host, port) + uri);
      put(at("http-url", url));
      put(at("http-url", pathIn(uri)));
    } else if (uri.includes("://")) putUrl("http-url", uri, put);
    // "name:443" after CONNECT
    else put(at("http-host", hostIn(uri)));
    for (const referrer of textsField(fields, "referrer")) putUrl("http-referrer", referrer, put);
    // "X-FORWARDED-FOR -> 198.51.100.7, 10.0.0.1"
    for (const said of textsField(fields, "proxied"))
      if (forwarded.test(said))
        for (const hop of said.slice(said.indexOf(" -> ") + 4).split(","))
          put(at("x-forwarded-for", addressIn(hop.trim())));
  },

  ssl: (fields, put) => {
    for (const name of textsField(fields, "server_name")) put(at("tls-sni", hostIn(name), serverPort(fields)));
    each("tls-subject", textsField(fields, "subject"), commonName, put);
    each("ja3", textsField(fields, "ja3"), hashIn, put);
    each("certificate", textsField(fields, "cert_chain_fps"), hashIn, put);
  },

  x509: (fields, put) => {
    each("tls-subject", textsField(fields, "certificate.subject"), commonName, put);
    each("certificate", textsField(fields, "san.dns"), hostIn, put);
    each("certificate", textsField(fields, "san.ip"), addressIn, put);
    each("certificate", textsField(fields, "fingerprint"), hashIn, put);
  },

  files: (fields, put, ends) => {
    // The originator is who sent the file where `is_orig`, and who fetched it otherwise.
    const upload = field(fields, "is_orig") === true;
    const ways = { source: upload ? "tx_hosts" : "rx_hosts", destination: upload ? "rx_hosts" : "tx_hosts" } as const;
    for (const end of ["source", "destination"] as const)
      for (const address of textsField(fields, ways[end]).map(addressIn)) {
        put(at(end, address));
        if (address !== undefined) ends[end] ??= address.value;
      }
    for (const name of ["md5", "sha1", "sha256"]) each("file-hash", textsField(fields, name), hashIn, put);
  },

  smtp: (fields, put) => {
    for (const name of ["mailfrom", "from", "reply_to"]) putMail("mail-from", textsField(fields, name), put);
    for (const name of ["rcptto", "to", "cc"]) putMail("mail-to", textsField(fields, name), put);
    for (const name of ["x_originating_ip", "path"]) each("original-source", textsField(fields, name), addressIn, put);
  },

  quic: (fields, put) => {
    for (const name of textsField(fields, "server_name")) put(at("tls-sni", hostIn(name), serverPort(fields)));
  },

  // Before it has an address, a client speaks from 0.0.0.0.
  dhcp: (fields, put, ends) => {
    for (const [end, names] of [
      ["source", ["client_addr", "assigned_addr"]],
      ["destination", ["server_addr"]],
    ] as const)
      for (const name of names) putEnd(end, fields, name, put, ends);
  },

  notice: (fields, put, ends) => {
    putEnd("source", fields, "src", put, ends);
    putEnd("destination", fields, "dst", put, ends);
    for (const name of ["md5", "sha1", "sha256"]) each("file-hash", textsField(fields, name), hashIn, put);
  },

  traceroute: (fields, put, ends) => {
    putEnd("source", fields, "src", put, ends);
    putEnd("destination", fields, "dst", put, ends);
  },

  known_hosts: (fields, put, ends) => putEnd("source", fields, "host", put, ends),
  known_services: (fields, put, ends) => putEnd("source", fields, "host", put, ends),
  known_certs: (fields, put, ends) => putEnd("source", fields, "host", put, ends),
  software: (fields, put, ends) => putEnd("source", fields, "host", put, ends),

  // Where the client wants to be brought to
  socks: (fields, put) => {
    each("destination", textsField(fields, "request.host"), addressIn, put);
    each("http-host", textsField(fields, "request.name"), hostIn, put);
  },

  intel: (fields, put) => {
    const place = textField(fields, "seen.where") ?? "";
    const where = Object.hasOwn(intelPlaces, place) ? intelPlaces[place] : undefined;
    const text = textField(fields, "seen.indicator");
    if (where === undefined || text === undefined) return;
    if (where === "http-url") putUrl(where, text.includes("://") ? text : `http://${text}`, put);
    else put(at(where, hostIn(text) ?? hashIn(text)));
    if (where === "mail-from" || where === "mail-to") putMail(where, [text], put);
  },
};

const putEnd = (end: "source" | "destination", fields: Fields, name: string, put: Put, ends: Known): void => {
  for (const address of textsField(fields, name).map(addressIn)) {
    if (address?.value === "0.0.0.0" || address?.value === "::") continue;
    put(at(end, address));
    if (address !== undefined) ends[end] ??= address.value;
  }
};

// policy/frameworks/intel/seen/where-locations.zeek
const intelPlaces: Readonly<Record<string, Where>> = {
  "Conn::IN_ORIG": "source",
  "Conn::IN_RESP": "destination",
  "DNS::IN_REQUEST": "dns-query",
  "DNS::IN_RESPONSE": "dns-answer",
  "Files::IN_HASH": "file-hash",
  "HTTP::IN_HOST_HEADER": "http-host",
  "HTTP::IN_REFERRER_HEADER": "http-referrer",
  "HTTP::IN_URL": "http-url",
  "HTTP::IN_X_FORWARDED_FOR_HEADER": "x-forwarded-for",
  "SMTP::IN_FROM": "mail-from",
  "SMTP::IN_MAIL_FROM": "mail-from",
  "SMTP::IN_RCPT_TO": "mail-to",
  "SMTP::IN_TO": "mail-to",
  "SMTP::IN_CC": "mail-to",
  "SMTP::IN_RECEIVED_HEADER": "original-source",
  "SMTP::IN_X_ORIGINATING_IP_HEADER": "original-source",
  "SSL::IN_SERVER_NAME": "tls-sni",
  "X509::IN_CERT": "certificate",
};

const forwarded = /^(?:X-FORWARDED-FOR|FORWARDED|CLIENT-IP|X-REAL-IP|TRUE-CLIENT-IP) -> /i;

/** Scheme and host of a request. Zeek takes the port off `host`, so it comes back from the connection unless it is 80. */
const requested = (host: string, port: number | undefined): string => {
  const ported = port === undefined || port === 80 || /^(?:\[[^\]]*\]|[^:]*):\d+$/.test(host);
  return `http://${host}${ported ? "" : `:${port}`}`;
};

/** "CN=*.bad.example,O=Bad\, Inc" is about bad.example. */
const commonName = (subject: string): Observable | undefined => {
  const name = /(?:^|, *)CN=([^,]+)/.exec(subject)?.[1];
  return name === undefined ? undefined : hostIn(name);
};
