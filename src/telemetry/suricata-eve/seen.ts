import type { Observable } from "#core/observable.ts";
import type { Seen, Where } from "#telemetry/format.ts";
import { addressIn, emailsIn, hashIn, hostIn, hostOfUrl, pathIn, urlIn } from "#telemetry/observed.ts";
import type { Ends } from "./ends.ts";
import { type Fields, numberAt, objectAt, objectsAt, textAt, textsAt } from "./fields.ts";

/**
 * What a record shows, each value once per place: its ends first, then what its protocols carry. Which parts a record
 * has does not hang on its event: an alert carries `dns`, `http`, `tls` and `files` as the events of that name do.
 * `scan.ts` reports at least these (a test holds it to that).
 */
export const seenIn = (fields: Fields, ends: Ends): readonly Seen[] => {
  const seen: Seen[] = [];
  const put: Put = (where, value, port) => {
    if (value === undefined) return;
    for (const one of seen) if (one.value === value.value && one.where === where && one.kind === value.kind) return;
    const { kind, value: text } = value;
    seen.push(port ? { kind, value: text, where, port } : { kind, value: text, where });
  };
  put("source", ends.source?.address, ends.source?.port);
  put("destination", ends.destination?.address, ends.destination?.port);
  const port = ends.destination?.port ?? 0;
  for (const [part, read] of partsInOrder) {
    if (fields[part] !== undefined) for (const object of objectsAt(fields, part)) read(object, put, port, seen);
  }
  for (const text of textsAt(fields, "xff"))
    for (const hop of text.split(",")) put("x-forwarded-for", addressIn(hop.trim()));
  return seen;
};

type Put = (where: Where, value: Observable | undefined, port?: number) => void;

const host = (put: Put, where: Where, text: string | undefined, port?: number): void => {
  if (text !== undefined) put(where, hostIn(text), port);
};

const hash = (put: Put, where: Where, text: string | undefined): void => {
  if (text !== undefined) put(where, hashIn(text));
};

const files = (file: Fields, put: Put): void => {
  for (const name of ["md5", "sha1", "sha256"]) hash(put, "file-hash", textAt(file, name));
};

const certificate = (tls: Fields, put: Put): void => {
  host(put, "tls-subject", commonName(textAt(tls, "subject")));
  hash(put, "certificate", textAt(tls, "fingerprint"));
  for (const name of textsAt(tls, "subjectaltname")) host(put, "certificate", name);
};

const hello = (tls: Fields, put: Put, port: number): void => {
  host(put, "tls-sni", textAt(tls, "sni"), port);
  const ja3 = objectAt(tls, "ja3");
  hash(put, "ja3", ja3 && textAt(ja3, "hash"));
};

// Suricata 8.0 `etc/schema.json`, the objects that carry values we match
const parts: Readonly<Record<string, (part: Fields, put: Put, port: number, seen: readonly Seen[]) => void>> = {
  dns: (dns, put, _port, seen) => {
    // Version 1 and 2: the question is the record's own name; in alerts `query`; version 3: `queries`.
    host(put, "dns-query", textAt(dns, "rrname"));
    for (const name of ["query", "queries"])
      for (const query of objectsAt(dns, name)) host(put, "dns-query", textAt(query, "rrname"));
    // `answer` holds a whole answer in alerts.
    const asked = (value: Observable): boolean => seen.some((s) => s.where === "dns-query" && s.value === value.value);
    for (const said of [dns, ...objectsAt(dns, "answer")]) answers(said, put, asked);
  },

  http: (http, put, responder) => {
    const name = textAt(http, "hostname");
    const target = textAt(http, "url");
    const port = numberAt(http, "http_port") ?? responder;
    host(put, "http-host", name, port);
    if (target !== undefined) {
      if (target.startsWith("/")) {
        // A `Host` header is a stranger's text: "10.0.0.1/.." would make another URL of it.
        if (name !== undefined && hostIn(name)) put("http-url", urlIn(`http://${authority(name, port)}${target}`));
        put("http-url", pathIn(target));
      } else url(put, "http-url", target);
    }
    const referrer = textAt(http, "http_refer");
    if (referrer !== undefined) url(put, "http-referrer", referrer);
    for (const text of textsAt(http, "xff"))
      for (const hop of text.split(",")) put("x-forwarded-for", addressIn(hop.trim()));
  },

  tls: (tls, put, port) => {
    hello(tls, put, port);
    certificate(tls, put);
    for (const client of objectsAt(tls, "client")) certificate(client, put);
  },

  quic: hello,
  fileinfo: files,
  files,

  dhcp: (dhcp, put) => {
    const address = textAt(dhcp, "assigned_ip");
    if (address !== undefined && address !== "0.0.0.0") put("source", addressIn(address));
  },

  smtp: (smtp, put) => {
    mail(put, "mail-from", textsAt(smtp, "mail_from"));
    mail(put, "mail-to", textsAt(smtp, "rcpt_to"));
  },

  email: (email, put) => {
    for (const name of ["from", "reply_to"]) mail(put, "mail-from", textsAt(email, name));
    for (const name of ["to", "cc"]) mail(put, "mail-to", textsAt(email, name));
    for (const text of textsAt(email, "x_originating_ip"))
      put("original-source", addressIn(text.replace(/^\[(.*)\]$/, "$1")));
  },
};

const partsInOrder = Object.entries(parts);

/**
 * Names and addresses an answer gives, the name that was asked left out. `rdata` of other types (text, keys) is no host
 * and falls out by itself.
 */
const answers = (dns: Fields, put: Put, asked: (value: Observable) => boolean): void => {
  host(put, "dns-answer", textAt(dns, "rdata"));
  for (const section of ["answers", "authorities", "additionals"])
    for (const answer of objectsAt(dns, section)) {
      const name = hostIn(textAt(answer, "rrname") ?? "");
      if (name && !asked(name)) put("dns-answer", name);
      host(put, "dns-answer", textAt(answer, "rdata"));
    }
  const grouped = objectAt(dns, "grouped");
  if (grouped)
    for (const type of ["A", "AAAA", "CNAME", "NS", "PTR", "MX"])
      for (const text of textsAt(grouped, type)) host(put, "dns-answer", text);
};

/** A whole URL and its host and path, or the `host:port` of a CONNECT. */
const url = (put: Put, where: Where, text: string): void => {
  const value = urlIn(text);
  if (value === undefined) {
    if (!text.includes("/")) host(put, where, text);
    return;
  }
  put(where, value);
  put(where, hostOfUrl(value.value));
  put(where, pathIn(value.value.slice(pathAt(value.value))));
};

/** Where the path of a canonical URL begins. */
const pathAt = (value: string): number => value.indexOf("/", value.indexOf("//") + 2);

const mail = (put: Put, where: Where, texts: readonly string[]): void => {
  for (const text of texts)
    for (const email of emailsIn(text)) {
      put(where, email);
      put(where, hostIn(email.value.slice(email.value.lastIndexOf("@") + 1)));
    }
};

/** Host of the request line, with the port where neither says it and it is not 80. */
const authority = (name: string, port: number): string => {
  const bare =
    name.includes(":") && !name.includes("[") && name.indexOf(":") !== name.lastIndexOf(":") ? `[${name}]` : name;
  return port === 0 || port === 80 || /:\d+$/.test(bare) ? bare : `${bare}:${port}`;
};

/** "C=US, O=Bad Inc, CN=*.bad.example" → "*.bad.example" */
const commonName = (subject: string | undefined): string | undefined =>
  subject === undefined ? undefined : /(?:^|, ?)CN=([^,]+)/.exec(subject)?.[1];
