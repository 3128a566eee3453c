import type { Grade } from "#core/grade.ts";
import type { Instant } from "#core/instant.ts";
import { parseTlp, type Tlp } from "#core/marking.ts";
import type { Observable } from "#core/observable.ts";
import { observableOf } from "#core/recognise.ts";
import { no, ok, type Problem, type Result } from "#core/result.ts";
import { isRsitType, type RsitType } from "#core/rsit.ts";
import type { RawIndicator, RawReport } from "#feeds/feed.ts";
import { urlParts } from "#core/url.ts";
import { aboutOf, addressIn, endOf, evidenceOf, nameIn, nameInUrl, portOf, transportOf } from "#feeds/report.ts";
import { labelsOf } from "#feeds/row.ts";
import { dumpTime } from "./records.ts";

/** What one event of IntelMQ says, in our words. */
export interface IntelmqEvent {
  /** Of `feed.provider` and `feed.name`: "imq-shadowserver-open-telnet". */
  readonly feed: string;
  readonly title: string;
  /** It is about somebody's asset; absent: it only lists a value. */
  readonly report?: RawReport;
  /** The value is worth watching for by others. */
  readonly indicator?: RawIndicator;
  /** Its time could not be used. */
  readonly note?: Problem;
}

type Fields = ReadonlyMap<string, string>;

/**
 * An event as IntelMQ's EventDB keeps it, by the names of its data harmonisation (82 keys and `extra`). `source.*` is what
 * misbehaves, `destination.*` whom it met. Every event is a report about its source, but those types that only list
 * (blacklist, dga-domain) are indicators; a server that harms others (c2-server, malware-distribution, phishing) is both.
 *
 * @returns WGL_MOVE_ROW with the field that cannot be used
 * @see IntelMQ data harmonisation, event fields; classification taxonomy
 */
export const readIntelmqEvent = (fields: Fields): Result<IntelmqEvent> => {
  const text = (name: string): string => fields.get(name)?.trim() ?? "";
  const word = text("classification.type").toLowerCase();
  const type = typeOf(word);
  if (type === undefined)
    return no("WGL_MOVE_ROW", { field: "classification.type", value: word, wanted: "a type of IntelMQ or RSIT" });
  const things = thingsIn(text);
  if (!things.ok) return things;
  const { url, name, ip, others } = things.value;
  const inContent = content.has(type);
  const ranked = (inContent ? [name, ip, ...others] : [ip, name, ...others]).filter((one) => one !== undefined);
  const [asset, ...also] = ranked;
  if (asset === undefined)
    return no("WGL_MOVE_ROW", { field: "source.ip", value: "", wanted: "an address, name, URL, network or account" });
  const time = dumpTime(text("time.source") || text("time.observation"));
  const said = saidOf(text, word, time.seenAt);
  const feed = feedOf(text("feed.provider"), text("feed.name"));
  const onlyListed = listing.has(word);
  const watched = onlyListed || watchedTypes.has(type) ? (url ?? name ?? ip) : undefined;
  return ok({
    ...feed,
    ...(onlyListed && watched !== undefined ? {} : { report: reportOf(text, fields, asset, also, type, said) }),
    ...(watched === undefined ? {} : { indicator: { observable: watched, ...said } }),
    ...(time.note === undefined ? {} : { note: time.note }),
  });
};

type Text = (name: string) => string;

interface Things {
  readonly url: Observable | undefined;
  readonly name: Observable | undefined;
  readonly ip: Observable | undefined;
  readonly others: readonly Observable[];
}

/** A field that is there and cannot be read spoils the row: half an event would be told to the wrong owner. */
const thingsIn = (text: Text): Result<Things> => {
  const wrong = (field: string, wanted: string): Result<never> =>
    no("WGL_MOVE_ROW", { field, value: text(field), wanted });
  const ip = text("source.ip") === "" ? undefined : addressIn(text("source.ip"));
  if (ip !== undefined && !ip.ok) return wrong("source.ip", "an IPv4 or IPv6 address");
  const fqdn = nameIn(text("source.fqdn"));
  if (fqdn === undefined && text("source.fqdn") !== "") return wrong("source.fqdn", "a domain name");
  const url = observableIn(text("source.url"), "url");
  const host = url === undefined ? undefined : addressIn(urlParts(url.value).host.replace(/^\[|\]$/g, ""));
  const network = observableIn(text("source.network"), "cidr");
  const account = observableIn(text("source.account"), "email");
  const asn = /^\d+$/.test(text("source.asn")) ? observableIn(`AS${text("source.asn")}`, "asn") : undefined;
  const some = ip !== undefined || fqdn !== undefined || url !== undefined;
  return ok({
    url,
    name: fqdn ?? nameInUrl(text("source.url")),
    ip: ip?.value ?? (host?.ok === true ? host.value : undefined),
    // the network of an address is its neighbours' too: it stands for the asset only where nothing better does
    others: [account, ...(some ? [] : [network, asn])].filter((one) => one !== undefined),
  });
};

const observableIn = (text: string, kind: Observable["kind"]): Observable | undefined => {
  if (text === "") return undefined;
  const read = observableOf(text);
  return read.ok && read.value.kind === kind ? read.value : undefined;
};

interface Said {
  readonly labels: readonly string[];
  readonly seenAt?: Instant;
  readonly grade?: Grade;
  readonly tlp?: Tlp;
}

const saidOf = (text: Text, word: string, seenAt: Instant | undefined): Said => {
  const grade = gradeOf(text("feed.accuracy"));
  const tlp = text("tlp") === "" ? undefined : parseTlp(text("tlp"));
  return {
    labels: labelsOf([text("malware.name"), text("classification.identifier"), word].filter((one) => one !== "")),
    ...(seenAt === undefined ? {} : { seenAt }),
    ...(grade === undefined ? {} : { grade }),
    // a word nobody knows is no permission
    ...(tlp === undefined ? {} : { tlp: tlp.ok ? tlp.value : ("red" as const) }),
  };
};

const reportOf = (
  text: Text,
  fields: Fields,
  asset: Observable,
  also: readonly Observable[],
  type: RsitType,
  said: Said,
): RawReport => {
  const end = (side: "source" | "destination"): RawReport["source"] => {
    const ip = addressIn(text(`${side}.ip`));
    return endOf({
      ...{ ip: ip.ok ? ip.value.value : undefined, port: portOf(text(`${side}.port`)) },
      ...{ host: nameIn(text(`${side}.fqdn`))?.value, url: text(`${side}.url`).slice(0, 2000) || undefined },
      account: text(`${side}.account`).slice(0, 320) || undefined,
    });
  };
  const [source, destination, transport] = [end("source"), end("destination"), transportOf(text("protocol.transport"))];
  const protocol = text("protocol.application").toLowerCase().slice(0, 40);
  return {
    is: "report",
    asset,
    ...(also.length === 0 ? {} : { also }),
    type,
    about: aboutOf(text("malware.name") || text("classification.identifier")),
    ...said,
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
    ...(transport === undefined ? {} : { transport }),
    ...(protocol === "" ? {} : { protocol }),
    evidence: evidenceOf(evidenceFields(fields)),
  };
};

/** All but `raw`, the whole line in base64; the id first, since it tells equal events apart. */
function* evidenceFields(fields: Fields): Generator<readonly [string, string]> {
  const id = fields.get("id");
  if (id !== undefined) yield ["id", id];
  for (const [name, value] of fields) if (name !== "id" && name !== "raw") yield [name, value];
}

/** IntelMQ's own words, old and new, where they are not RSIT's. */
const types: Readonly<Record<string, RsitType>> = {
  ...{ "": "undetermined", unknown: "undetermined", "botnet drone": "infected-system", malware: "infected-system" },
  ...{ ransomware: "infected-system", "c&c": "c2-server", c2server: "c2-server", dropzone: "c2-server" },
  ...{ "dga domain": "c2-server", "dga-domain": "c2-server", "malware configuration": "malware-configuration" },
  ...{ "vulnerable service": "vulnerable-system", "vulnerable client": "vulnerable-system" },
  ...{ defacement: "unauthorised-information-modification", leak: "data-leak", compromised: "system-compromise" },
  ...{ backdoor: "system-compromise", "unauthorized-command": "system-compromise" },
  ...{
    "unauthorized-login": "unprivileged-account-compromise",
    "ids alert": "ids-alert",
    "brute force": "brute-force",
  },
  ...{ proxy: "potentially-unwanted-accessible", tor: "other", "application compromise": "application-compromise" },
  ...{ "unauthorized-information-access": "unauthorised-information-access" },
  ...{ "unauthorized-information-modification": "unauthorised-information-modification" },
  ...{ "unauthorized-use-of-resources": "unauthorised-use-of-resources", "harmful speech": "harmful-speech" },
};

/** The RSIT type of a word of IntelMQ's `classification.type`; undefined: nobody knows it. */
export const typeOf = (word: string): RsitType | undefined =>
  isRsitType(word) ? word : Object.hasOwn(types, word) ? types[word] : undefined;

/** What lies in content goes to its name; a device goes to its address (RIPE-658). */
const content: ReadonlySet<RsitType> = new Set<RsitType>([
  ...(["phishing", "copyright", "harmful-speech", "violence", "masquerade", "data-leak"] as const),
  ...(["malware-distribution", "unauthorised-information-modification", "application-compromise"] as const),
]);
const listing: ReadonlySet<string> = new Set(["blacklist", "dga domain", "dga-domain"]);
const watchedTypes: ReadonlySet<RsitType> = new Set<RsitType>(["c2-server", "malware-distribution", "phishing"]);

/** `feed.accuracy`, 0 to 100, as credibility by the table of STIX 2.1 Appendix A; whom it came from stays unknown. */
const gradeOf = (accuracy: string): Grade | undefined => {
  const share = /^\d{1,3}(?:\.\d+)?$/.test(accuracy) ? Number(accuracy) : undefined;
  if (share === undefined || share > 100) return undefined;
  return { source: "C", statement: share >= 80 ? 2 : share >= 60 ? 3 : share >= 40 ? 3 : share >= 20 ? 4 : 5 };
};

const feedOf = (provider: string, name: string): { readonly feed: string; readonly title: string } => {
  const title = [provider, name].filter((one) => one !== "").join(", ") || "IntelMQ";
  const slug = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 80)
    .replace(/-+$/, "");
  return { feed: `imq-${slug === "" ? "events" : slug}`, title };
};
