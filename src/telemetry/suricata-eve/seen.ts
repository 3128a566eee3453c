import type { Observable } from "#core/observable.ts";
import type { Seen, Where } from "#telemetry/format.ts";
import { addressIn, emailsIn, hashIn, hostIn, hostOfUrl, pathIn, urlIn } from "#telemetry/observed.ts";
import type { Ends } from "./ends.ts";
import { type Fields, isObject, numberAt, objectAt, objectsAt, textAt, textsAt } from "./fields.ts";

/**
 * What a record shows, each value once per place: its ends first, then what its protocols carry. Which parts a record
 * has does not hang on its event: an alert carries `dns`, `http`, `tls` and `files` as the events of that name do.
 * `scan.ts` reports at least these (a test holds it to that).
 */
export const seenIn = (fields: Fields, { source, destination }: Ends): readonly Seen[] => {
  const seen: Seen[] = [];
  if (source) put(seen, "source", source.address, source.port);
  if (destination) put(seen, "destination", destination.address, destination.port);
  const port = destination?.port ?? 0;
  for (const { part, read } of partsInOrder) {
    const value = fields[part];
    if (value === undefined) continue;
    if (isObject(value)) read(value, seen, port);
    else for (const object of objectsAt(fields, part)) read(object, seen, port);
  }
  for (const text of textsAt(fields, "xff")) hops(seen, text);
  return seen;
};

const put = (seen: Seen[], where: Where, value: Observable | undefined, port?: number): void => {
  if (value === undefined) return;
  const { kind, value: text } = value;
  for (const one of seen) if (one.value === text && one.where === where && one.kind === kind) return;
  seen.push(port ? { kind, value: text, where, port } : { kind, value: text, where });
};

const hops = (seen: Seen[], text: string): void => {
  for (const hop of text.split(",")) put(seen, "x-forwarded-for", addressIn(hop.trim()));
};

const host = (seen: Seen[], where: Where, text: string | undefined, port?: number): void => {
  if (text !== undefined) put(seen, where, hostIn(text), port);
};

const hash = (seen: Seen[], where: Where, text: string | undefined): void => {
  if (text !== undefined) put(seen, where, hashIn(text));
};

const files = (file: Fields, seen: Seen[]): void => {
  for (const name of ["md5", "sha1", "sha256"]) hash(seen, "file-hash", textAt(file, name));
};

const certificate = (tls: Fields, seen: Seen[]): void => {
  host(seen, "tls-subject", commonName(textAt(tls, "subject")));
  hash(seen, "certificate", textAt(tls, "fingerprint"));
  for (const name of textsAt(tls, "subjectaltname")) host(seen, "certificate", name);
};

const hello = (tls: Fields, seen: Seen[], port: number): void => {
  host(seen, "tls-sni", textAt(tls, "sni"), port);
  const ja3 = objectAt(tls, "ja3");
  hash(seen, "ja3", ja3 && textAt(ja3, "hash"));
};

// Suricata 8.0 `etc/schema.json`, the objects that carry values we match
const parts: Readonly<Record<string, (part: Fields, seen: Seen[], port: number) => void>> = {
  dns: (dns, seen) => {
    // Version 1 and 2: the question is the record's own name; in alerts `query`; version 3: `queries`.
    host(seen, "dns-query", textAt(dns, "rrname"));
    for (const name of ["query", "queries"])
      for (const query of objectsAt(dns, name)) host(seen, "dns-query", textAt(query, "rrname"));
    // `answer` holds a whole answer in alerts.
    answers(dns, seen);
    for (const said of objectsAt(dns, "answer")) answers(said, seen);
  },

  http: (http, seen, responder) => {
    const name = textAt(http, "hostname");
    const target = textAt(http, "url");
    const port = numberAt(http, "http_port") ?? responder;
    host(seen, "http-host", name, port);
    if (target !== undefined) {
      if (target.startsWith("/")) {
        // A `Host` header is a stranger's text: "10.0.0.1/.." would make another URL of it.
        if (name !== undefined && hostIn(name))
          put(seen, "http-url", urlIn(`http://${authority(name, port)}${target}`));
        put(seen, "http-url", pathIn(target));
      } else url(seen, "http-url", target);
    }
    const referrer = textAt(http, "http_refer");
    if (referrer !== undefined) url(seen, "http-referrer", referrer);
    for (const text of textsAt(http, "xff")) hops(seen, text);
  },

  tls: (tls, seen, port) => {
    hello(tls, seen, port);
    certificate(tls, seen);
    for (const client of objectsAt(tls, "client")) certificate(client, seen);
  },

  quic: hello,
  fileinfo: files,
  files,

  dhcp: (dhcp, seen) => {
    const address = textAt(dhcp, "assigned_ip");
    if (address !== undefined && address !== "0.0.0.0") put(seen, "source", addressIn(address));
  },

  smtp: (smtp, seen) => {
    mail(seen, "mail-from", textsAt(smtp, "mail_from"));
    mail(seen, "mail-to", textsAt(smtp, "rcpt_to"));
  },

  email: (email, seen) => {
    for (const name of ["from", "reply_to"]) mail(seen, "mail-from", textsAt(email, name));
    for (const name of ["to", "cc"]) mail(seen, "mail-to", textsAt(email, name));
    for (const text of textsAt(email, "x_originating_ip"))
      put(seen, "original-source", addressIn(text.replace(/^\[(.*)\]$/, "$1")));
  },
};

const partsInOrder = Object.entries(parts).map(([part, read]) => ({ part, read }));

/**
 * Names and addresses an answer gives, the name that was asked left out. `rdata` of other types (text, keys) is no host
 * and falls out by itself.
 */
const answers = (dns: Fields, seen: Seen[]): void => {
  host(seen, "dns-answer", textAt(dns, "rdata"));
  for (const section of ["answers", "authorities", "additionals"])
    for (const answer of objectsAt(dns, section)) {
      const name = hostIn(textAt(answer, "rrname") ?? "");
      if (name && !seen.some((one) => one.where === "dns-query" && one.value === name.value))
        put(seen, "dns-answer", name);
      host(seen, "dns-answer", textAt(answer, "rdata"));
    }
  const grouped = objectAt(dns, "grouped");
  if (grouped)
    for (const type of ["A", "AAAA", "CNAME", "NS", "PTR", "MX"])
      for (const text of textsAt(grouped, type)) host(seen, "dns-answer", text);
};

/** A whole URL and its host and path, or the `host:port` of a CONNECT. */
const url = (seen: Seen[], where: Where, text: string): void => {
  const value = urlIn(text);
  if (value === undefined) {
    if (!text.includes("/")) host(seen, where, text);
    return;
  }
  put(seen, where, value);
  put(seen, where, hostOfUrl(value.value));
  put(seen, where, pathIn(value.value.slice(pathAt(value.value))));
};

/** Where the path of a canonical URL begins. */
const pathAt = (value: string): number => value.indexOf("/", value.indexOf("//") + 2);

const mail = (seen: Seen[], where: Where, texts: readonly string[]): void => {
  for (const text of texts)
    for (const email of emailsIn(text)) {
      put(seen, where, email);
      put(seen, where, hostIn(email.value.slice(email.value.lastIndexOf("@") + 1)));
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
