import { type Instant, parseInstant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import { truth } from "#misp/scalar.ts";

/** Words to look for; each in lower case, "%" stands for anything. */
export interface Terms {
  /** One of these; empty: anything. */
  readonly any: readonly string[];
  readonly all: readonly string[];
  readonly none: readonly string[];
}

/** Seconds since 1970, both ends included. */
export interface Span {
  readonly from?: number;
  readonly to?: number;
}

/** What can be put in order, by MISP's names. */
export const orderColumns = [
  "Event.id",
  "Event.timestamp",
  "Event.date",
  "Event.info",
  "Event.publish_timestamp",
  "Event.threat_level_id",
  "Event.analysis",
  "Attribute.id",
  "Attribute.timestamp",
  "Attribute.type",
  "Attribute.category",
  "Attribute.value",
  "Attribute.event_id",
] as const;

export interface MispOrder {
  readonly by: (typeof orderColumns)[number];
  readonly down: boolean;
}

/** What a search of MISP's asks of rows; absent: not asked. */
export interface MispFilter {
  readonly value?: Terms;
  readonly type?: Terms;
  readonly category?: Terms;
  readonly comment?: Terms;
  readonly objectName?: Terms;
  readonly objectRelation?: Terms;
  /** UUIDs of attributes, objects or events. */
  readonly uuid?: Terms;
  /** Our ids as MISP's clients know them, or UUIDs. */
  readonly eventId?: Terms;
  readonly eventInfo?: Terms;
  readonly org?: Terms;
  readonly tags?: Terms;
  readonly eventTags?: Terms;
  /** Anywhere: values, comments, titles, tags. */
  readonly anywhere?: Terms;
  /** "2026-01-31", both ends included. */
  readonly from?: string;
  readonly to?: string;
  readonly changed?: Span;
  readonly eventChanged?: Span;
  readonly publishedAt?: Span;
  readonly firstSeen?: Span;
  readonly lastSeen?: Span;
  readonly published?: boolean;
  readonly toIds?: boolean;
  readonly threat?: Terms;
  readonly analysis?: Terms;
  readonly distribution?: Terms;
  readonly sharingGroup?: Terms;
  readonly deleted: "no" | "only" | "both";
  /** Events that have attributes at all. */
  readonly withAttributes?: boolean;
}

/** What a search asks of the answer. */
export interface MispAsked {
  readonly filter: MispFilter;
  readonly returnFormat: string;
  readonly order: readonly MispOrder[];
  readonly limit?: number;
  /** From 1. */
  readonly page: number;
  readonly metadata: boolean;
  readonly withAttachments: boolean;
  readonly includeEventTags: boolean;
  readonly includeContext: boolean;
  readonly includeSightings: boolean;
  readonly includeCorrelations: boolean;
  readonly enforceWarninglist: boolean;
  readonly sgReferenceOnly: boolean;
  readonly headerless: boolean;
  readonly requested: readonly string[];
  /** What was asked, canonical: for the ledger. */
  readonly canonical: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** Formats of signatures: they ask for what is published and meant for detection unless the asker says otherwise. */
const signatures: ReadonlySet<string> = new Set([
  "suricata",
  "snort",
  "rpz",
  "hashes",
  "hosts",
  "netfilter",
  "openioc",
  "zeek",
  "bro",
  "text-signatures",
]);

/** Names that older clients and other versions use for the same thing. */
const aliases: Readonly<Record<string, string>> = {
  date_from: "from",
  datefrom: "from",
  date_to: "to",
  dateto: "to",
  dateuntil: "to",
  tag: "tags",
  last: "publish_timestamp",
  attribute_timestamp: "timestamp",
  searchpublish_timestamp: "publish_timestamp",
  eventinfo: "eventinfo",
  info: "eventinfo",
  event_uuid: "uuid",
  event_id: "eventid",
  quickFilter: "searchall",
  quickfilter: "searchall",
  orgc: "org",
  threatlevel: "threat_level_id",
  threat_level: "threat_level_id",
  includeAttachments: "withAttachments",
  object_template: "object_name",
  sharinggroup: "sharing_group_id",
  attribute: "value",
};

/**
 * Reads the body of a `restSearch`. A filter that we do not know is refused: passing over it would answer with more than
 * was asked for.
 *
 * @param what the controller: "timestamp" speaks of its own rows
 * @returns WGL_MISP_FILTER
 */
export const readMispSearch = (
  given: Fields,
  what: "events" | "attributes" | "objects",
  now: Instant,
): Result<MispAsked> => {
  const inner = given["request"];
  const body: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(isFields(inner) ? inner : given)) {
    const meant = Object.hasOwn(aliases, name) ? (aliases[name] ?? name) : name;
    if (value === null || value === undefined || value === "" || (value === false && !falseMeans.has(meant))) continue;
    if (Array.isArray(value) && value.length === 0) continue;
    body[meant] = value;
  }
  const reader = new Reader(body, now);
  const changed = reader.span("timestamp");
  const returnFormat = reader.word("returnFormat", "json").toLowerCase();
  const bySignature = signatures.has(returnFormat);
  const toIds = reader.truth("to_ids") ?? (bySignature ? true : undefined);
  const published = reader.truth("published") ?? (bySignature ? true : undefined);
  const eventChanged = what === "events" ? (changed ?? reader.span("event_timestamp")) : reader.span("event_timestamp");
  const filter: MispFilter = {
    ...(truth(body["searchall"]) === true ? reader.pass("value") : reader.terms("value", "value")),
    ...reader.terms("type", "type"),
    ...reader.terms("category", "category"),
    ...reader.terms("comment", "comment"),
    ...reader.terms("object_name", "objectName"),
    ...reader.terms("object_relation", "objectRelation"),
    ...reader.terms("uuid", "uuid"),
    ...reader.terms("eventid", "eventId"),
    ...reader.terms("eventinfo", "eventInfo"),
    ...reader.terms("org", "org"),
    ...reader.terms("tags", "tags"),
    ...reader.terms("event_tags", "eventTags"),
    ...reader.anywhere(),
    ...reader.day("from"),
    ...reader.day("to"),
    ...(changed === undefined || what === "events" ? {} : { changed }),
    ...(eventChanged === undefined ? {} : { eventChanged }),
    ...some("publishedAt", reader.span("publish_timestamp")),
    ...some("firstSeen", reader.span("first_seen")),
    ...some("lastSeen", reader.span("last_seen")),
    ...some("published", published),
    ...some("toIds", toIds),
    ...reader.terms("threat_level_id", "threat"),
    ...reader.terms("analysis", "analysis"),
    ...reader.terms("distribution", "distribution"),
    ...reader.terms("sharing_group_id", "sharingGroup"),
    ...some("withAttributes", reader.truth("hasAttributes")),
    deleted: reader.deleted(),
  };
  const limit = reader.count("limit");
  const asked: Omit<MispAsked, "canonical"> = {
    filter,
    returnFormat,
    order: reader.order(),
    ...(limit === undefined || limit === 0 ? {} : { limit }),
    page: Math.max(1, reader.count("page") ?? 1),
    metadata: reader.flag("metadata"),
    withAttachments: reader.flag("withAttachments"),
    includeEventTags: reader.flag("includeEventTags"),
    includeContext: reader.flag("includeContext"),
    includeSightings: reader.flag("includeSightings"),
    includeCorrelations: reader.flag("includeCorrelations"),
    enforceWarninglist: reader.flag("enforceWarninglist") || reader.flag("enforce_warninglist"),
    sgReferenceOnly: reader.flag("sgReferenceOnly"),
    headerless: reader.flag("headerless"),
    requested: reader.list("requested_attributes"),
  };
  const unknown = reader.unread();
  if (unknown !== undefined)
    return no("WGL_MISP_FILTER", { name: unknown, value: textOf(body[unknown]).slice(0, 100) });
  if (reader.bad !== undefined)
    return no("WGL_MISP_FILTER", { name: reader.bad, value: textOf(body[reader.bad]).slice(0, 100) });
  return ok({ ...asked, canonical: canonicalOf(body) });
};

/** False is an answer to these; elsewhere it is a box nobody ticked. */
const falseMeans: ReadonlySet<string> = new Set(["published", "to_ids", "deleted"]);

/** Things that are asked for and change nothing here: what they would add is never there, or always. */
const harmless: ReadonlySet<string> = new Set([
  "includeEventUuid",
  "include_event_uuid",
  "includeProposals",
  "includeDecayScore",
  "includeFullModel",
  "includeGranularCorrelations",
  "includeServerCorrelations",
  "includeWarninglistHits",
  "includeAnalystData",
  "includeAllTags",
  "includeGalaxy",
  "excludeDecayed",
  "excludeLocalTags",
  "excludeGalaxy",
  "decayingModel",
  "extended",
  "extended_by",
  "minimal",
  "sort",
  "direction",
  "ignore",
  "controller",
  "model",
  "score",
  "return_format",
  "simple",
  "rpz",
  "flatten",
  "key",
  "all",
]);

const some = <K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } =>
  // A computed key widens to every string
  (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));

const canonicalOf = (body: Fields): string =>
  JSON.stringify(Object.fromEntries(Object.entries(body).toSorted(([a], [b]) => (a < b ? -1 : 1))));

class Reader {
  bad: string | undefined;
  readonly #body: Fields;
  readonly #now: Instant;
  readonly #read = new Set<string>();

  constructor(body: Fields, now: Instant) {
    this.#body = body;
    this.#now = now;
  }

  unread(): string | undefined {
    return Object.keys(this.#body).find((name) => !this.#read.has(name) && !harmless.has(name));
  }

  /** Read elsewhere. */
  pass(name: string): object {
    this.#read.add(name);
    return {};
  }

  word(name: string, usual: string): string {
    const value = this.#take(name);
    if (value === undefined) return usual;
    if (typeof value === "string") return value;
    this.bad ??= name;
    return usual;
  }

  flag(name: string): boolean {
    return this.truth(name) ?? false;
  }

  truth(name: string): boolean | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    // [0, 1] asks for both
    if (Array.isArray(value)) {
      const found = new Set(value.map(truth));
      return found.size === 1 ? [...found][0] : undefined;
    }
    const read = truth(value);
    if (read === undefined && name !== "metadata") this.bad ??= name;
    return read ?? (name === "metadata" ? true : undefined);
  }

  count(name: string): number | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    const number = Number(value);
    if (Number.isSafeInteger(number) && number >= 0 && number <= 1_000_000_000) return number;
    this.bad ??= name;
    return undefined;
  }

  list(name: string): readonly string[] {
    const value = this.#take(name);
    return value === undefined ? [] : [value].flat().map(textOf);
  }

  /** 0 or false: not deleted; 1, true or "only": deleted ones alone; [0, 1]: both. */
  deleted(): MispFilter["deleted"] {
    const value = this.#take("deleted");
    if (value === undefined) return "no";
    if (value === "only") return "only";
    const asked = new Set([value].flat().map(truth));
    if (asked.has(undefined)) this.bad ??= "deleted";
    if (Array.isArray(value)) return asked.size > 1 ? "both" : asked.has(true) ? "only" : "no";
    // A bare 1 asks PyMISP's way for the deleted ones beside the others
    return asked.has(true) ? "both" : "no";
  }

  /**
   * "a", ["a", "!b"], "a||b", "a&&b", {"OR": […], "AND": […], "NOT": […]}; several of a list are alternatives, "!" takes
   * away.
   */
  terms<K extends string>(name: string, key: K): { readonly [P in K]?: Terms } {
    const value = this.#take(name);
    if (value === undefined) return {};
    const [any, all, none]: [string[], string[], string[]] = [[], [], []];
    const put = (into: string[], word: unknown): void => {
      const text = (typeof word === "boolean" ? String(Number(word)) : textOf(word)).trim().toLowerCase();
      if (text === "") return;
      if (text.startsWith("!")) none.push(text.slice(1).trim());
      else into.push(text);
    };
    const each = (into: string[], words: unknown): void => {
      for (const word of [words].flat()) put(into, word);
    };
    if (isFields(value)) {
      for (const [logic, words] of Object.entries(value)) {
        const which = logic.toUpperCase();
        if (which === "OR") each(any, words);
        else if (which === "AND") each(all, words);
        else if (which === "NOT") each(none, words);
        else if (/^\d+$/.test(logic)) each(any, words);
        else this.bad ??= name;
      }
    } else if (typeof value === "string" && value.includes("&&")) for (const word of value.split("&&")) put(all, word);
    else if (typeof value === "string" && value.includes("||")) for (const word of value.split("||")) put(any, word);
    else each(any, value);
    return some(key, { any, all, none });
  }

  /** `searchall` is words of its own, or a flag that lets `value` look everywhere (OpenCTI). */
  anywhere(): { readonly anywhere?: Terms } {
    const value = this.#take("searchall");
    if (value === undefined) return {};
    const words = truth(value) === true ? this.#body["value"] : value;
    if (words === undefined || truth(value) === false) return {};
    const any = [words].flat().map((word) => {
      const text = textOf(word).trim().toLowerCase();
      return text.includes("%") ? text : `%${text}%`;
    });
    return { anywhere: { any, all: [], none: [] } };
  }

  day<K extends "from" | "to">(name: K): { readonly [P in K]?: string } {
    const value = this.#take(name);
    if (value === undefined) return {};
    const seconds = this.#seconds(value);
    if (seconds === undefined) {
      this.bad ??= name;
      return {};
    }
    return some(name, new Date(seconds * 1000).toISOString().slice(0, 10));
  }

  /** "30d": since then. 1700000000, "2026-01-31": since then. ["30d", "7d"]: between them. */
  span(name: string): Span | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    const [from, to] = Array.isArray(value) ? value : [value, undefined];
    const ends = [from, to].map((end) =>
      end === undefined || end === null || end === "" ? undefined : this.#seconds(end),
    );
    if ((from !== undefined && ends[0] === undefined) || (to !== undefined && ends[1] === undefined)) {
      this.bad ??= name;
      return undefined;
    }
    return { ...some("from", ends[0]), ...some("to", ends[1]) };
  }

  order(): readonly MispOrder[] {
    const value = this.#take("order");
    if (value === undefined) return [];
    return [value]
      .flat()
      .flatMap((one) => textOf(one).split(","))
      .flatMap((one): readonly MispOrder[] => {
        const found = /^\s*`?([A-Za-z.`_]+)`?(?:\s+(asc|desc))?\s*$/i.exec(one);
        const name = found?.[1]?.replaceAll("`", "") ?? "";
        const by = orderColumns.find(
          (column) =>
            column.toLowerCase() === name.toLowerCase() || column.toLowerCase() === `event.${name}`.toLowerCase(),
        );
        if (by === undefined) {
          this.bad ??= "order";
          return [];
        }
        return [{ by, down: found?.[2]?.toLowerCase() === "desc" }];
      });
  }

  #take(name: string): unknown {
    this.#read.add(name);
    return Object.hasOwn(this.#body, name) ? this.#body[name] : undefined;
  }

  #seconds(value: unknown): number | undefined {
    const text = textOf(value).trim();
    const ago = /^(\d{1,6})\s*([smhdw])$/i.exec(text);
    if (ago?.[1] !== undefined && ago[2] !== undefined) {
      const unit = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }[ago[2].toLowerCase()] ?? 0;
      return Math.floor(this.#now / 1000) - Number(ago[1]) * unit;
    }
    if (/^\d{5,12}$/.test(text)) return Number(text);
    const read = parseInstant(text);
    return read.ok ? Math.floor(read.value / 1000) : undefined;
  }
}
