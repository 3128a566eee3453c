import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Instant } from "#core/instant.ts";
import { ipv4Number, ipv4Text } from "#core/ip.ts";
import { problem, type Result } from "#core/result.ts";
import type { Fact, Said } from "#detect/behaviour.ts";
import type { End } from "#detect/hit.ts";
import type { MatchedFields } from "#jobs/scan/rules.ts";
import type { Growing, Measures } from "#telemetry/format.ts";
import { factsOf1, type Packed1 } from "./facts-pack-1.ts";
import { WholeNumberReader, WholeNumbers } from "./whole-numbers.ts";

/** A record that a rule matched to which a correlation listens; the rule by its id or title. */
export interface PackedMatched {
  readonly rule: string;
  readonly time: Instant;
  readonly id: string;
  readonly line: number;
  readonly fields: MatchedFields;
  readonly host?: string;
}

/** What a batch's facts are packed from; a fact's `sensor` and `from` are of the batch and stand beside it. */
export interface Facts {
  readonly facts: readonly Fact[];
  readonly matched: readonly PackedMatched[];
}

/**
 * Of what a body is, under zstd: one byte of version, the length of `Opening` as JSON, `Opening`, and what it measures:
 *
 *   times · ids · `Head` as JSON · rows
 *
 * Times are of each fact ±(at − at before), and rows of each in turn what it has, then what it says, all whole numbers
 * (whole-numbers.ts):
 *
 *   has · line − line before · at − time · event · [host] · [name] · [source] · [its port] · [destination] · [its port] ·
 *   [bytes out] · [bytes in] · [query] · [its type] · [its answer]
 *
 * A text is 0 for the next one of `texts`, else its place there from 1. An address is 0 and a text, else an IPv4 address as a number
 * and 1.
 *
 * Version 1 was JSON as a whole (facts-pack-1.ts). Version 2 was the length of `Head`, `Head`, and rows, in which `at` stood
 * before `at − time` and addresses were texts.
 */
interface Opening {
  readonly facts: number;
  /** Some fact has a session. */
  readonly sessions: boolean;
  readonly matched: readonly PackedMatched[];
  /** Bytes of each part. */
  readonly times: number;
  readonly ids: number;
  readonly head: number;
}

/** What rows refer to; version 2 had all of it in one. */
interface Head {
  /** Where some is not `idLength` ASCII characters long; otherwise they stand as these, one behind the other. */
  readonly ids?: readonly string[];
  readonly texts: readonly string[];
  /** Sizes that are no whole numbers. */
  readonly measures: Rows<Measures>;
  /** Views that few facts have, by the number of the fact. */
  readonly session: Rows<NonNullable<Fact["session"]>>;
  readonly http: Rows<NonNullable<Fact["http"]>>;
  readonly process: Rows<NonNullable<Fact["process"]>>;
  readonly file: Rows<NonNullable<Fact["file"]>>;
  /** Of what was said its numbers in `saids`. */
  readonly said: Rows<readonly number[]>;
  readonly saids: readonly Said[];
}

type Head2 = Head & Pick<Opening, "facts" | "matched"> & Required<Pick<Head, "ids">>;

type Rows<T> = (readonly [fact: number, value: T])[];

const version = 3;
/** Version and length of the opening. */
const before = 5;
/** As `FactsOfBatch` cuts them. */
const idLength = 16;

/** What a fact has, one bit each. */
const has = {
  source: 1,
  destination: 2,
  sourcePort: 4,
  destinationPort: 8,
  name: 16,
  dns: 32,
  bytesOut: 64,
  /** A request nobody reads. */
  plainHttp: 128,
  bytesIn: 256,
  dnsType: 512,
  dnsCode: 1024,
  host: 2048,
} as const;

/** zstd's fastest: facts are read once, soon. */
const compression = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** Bytes of one batch's facts unpacked; a batch has 268 MB at most and its facts are less. More is no body of ours. */
const unpackedAtMost = 536_870_912;

/** Packs facts one by one, as they come. */
export class FactsPacker {
  readonly #times = new WholeNumbers();
  readonly #numbers = new WholeNumbers();
  readonly #texts: string[] = [];
  readonly #textNumbers = new Map<string, number>();
  readonly #ids: string[] = [];
  readonly #measures: Rows<Measures> = [];
  readonly #session: Rows<NonNullable<Fact["session"]>> = [];
  readonly #http: Rows<NonNullable<Fact["http"]>> = [];
  readonly #process: Rows<NonNullable<Fact["process"]>> = [];
  readonly #file: Rows<NonNullable<Fact["file"]>> = [];
  readonly #said: Rows<readonly number[]> = [];
  readonly #saidNumbers = new Map<Said, number>();
  #line = 0;
  #at = 0;

  get facts(): number {
    return this.#ids.length;
  }

  /**
   * @param id     stands for the fact's own
   * @param ends   nobody reads its request
   * @param session stands for the fact's own
   */
  add(fact: Fact, id: string, ends: boolean, session: Fact["session"] = fact.session): void {
    const { source, destination, name, host, dns, http, measures } = fact;
    const n = this.#ids.push(id) - 1;
    const plainHttp = http !== undefined && (ends || isEmpty(http));
    const bytesOut = wholeOf(measures.bytesOut);
    const bytesIn = wholeOf(measures.bytesIn);
    const sourcePort = source?.port ?? 0;
    const destinationPort = destination?.port ?? 0;
    this.#numbers.add(
      (source ? has.source : 0) |
        (destination ? has.destination : 0) |
        (sourcePort > 0 ? has.sourcePort : 0) |
        (destinationPort > 0 ? has.destinationPort : 0) |
        (name === undefined ? 0 : has.name) |
        (dns ? has.dns : 0) |
        (bytesOut >= 0 ? has.bytesOut : 0) |
        (plainHttp ? has.plainHttp : 0) |
        (bytesIn >= 0 ? has.bytesIn : 0) |
        (dns?.type === undefined ? 0 : has.dnsType) |
        (dns?.rcode === undefined ? 0 : has.dnsCode) |
        (host === undefined ? 0 : has.host),
    );
    this.#numbers.addSigned(fact.line - this.#line);
    this.#times.addSigned(fact.at - this.#at);
    this.#numbers.addSigned(fact.at - fact.time);
    this.#line = fact.line;
    this.#at = fact.at;
    this.#text(fact.event);
    if (host !== undefined) this.#text(host);
    if (name !== undefined) this.#text(name);
    if (source) this.#address(source.address);
    if (sourcePort > 0) this.#numbers.add(sourcePort);
    if (destination) this.#address(destination.address);
    if (destinationPort > 0) this.#numbers.add(destinationPort);
    if (bytesOut >= 0) this.#numbers.add(bytesOut);
    if (bytesIn >= 0) this.#numbers.add(bytesIn);
    if (bytesOut === odd || bytesIn === odd) this.#measures.push([n, sizesOf(measures)]);
    if (dns) this.#dns(dns);
    if (session) this.#session.push([n, session]);
    if (http && !plainHttp) this.#http.push([n, http]);
    if (fact.process) this.#process.push([n, fact.process]);
    if (fact.file) this.#file.push([n, fact.file]);
    if (fact.said) this.#said.push([n, fact.said.map((one) => numberOf(this.#saidNumbers, one))]);
  }

  end(matched: readonly PackedMatched[]): Uint8Array {
    const ids = Buffer.from(this.#ids.join(""), "latin1");
    const alike = this.#ids.every((id) => id.length === idLength && ascii.test(id));
    const head: Head = {
      ...(alike ? {} : { ids: this.#ids }),
      ...{ texts: this.#texts, measures: this.#measures, session: this.#session, http: this.#http },
      ...{ process: this.#process, file: this.#file, said: this.#said, saids: [...this.#saidNumbers.keys()] },
    };
    const parts = [this.#times.bytes, alike ? ids : nothing, Buffer.from(JSON.stringify(head))] as const;
    const opening: Opening = {
      ...{ facts: this.#ids.length, sessions: this.#session.length > 0, matched },
      ...{ times: parts[0].length, ids: parts[1].length, head: parts[2].length },
    };
    const json = Buffer.from(JSON.stringify(opening));
    const whole = Buffer.concat([Buffer.alloc(before), json, ...parts, this.#numbers.bytes]);
    whole[0] = version;
    whole.writeUInt32LE(json.length, 1);
    // a copy: the engine's buffer is larger than what is in it, and whole buffers go between threads
    return new Uint8Array(zstdCompressSync(whole, compression));
  }

  #dns({ query, type, rcode }: NonNullable<Fact["dns"]>): void {
    // seldom the same twice
    this.#texts.push(query);
    this.#numbers.add(0);
    if (type !== undefined) this.#text(type);
    if (rcode !== undefined) this.#text(rcode);
  }

  #address(text: string): void {
    // most are seen once in a batch: to look each up among the texts costs more than to write it as a number
    const number = ipv4Number(text);
    this.#numbers.add(number + 1);
    if (number < 0) this.#text(text);
  }

  #text(text: string): void {
    const known = this.#textNumbers.get(text);
    this.#numbers.add(known ?? 0);
    if (known === undefined) this.#textNumbers.set(text, this.#texts.push(text));
  }
}

export const packFacts = ({ facts, matched }: Facts): Uint8Array => {
  const packer = new FactsPacker();
  for (const fact of facts) packer.add(fact, fact.id, false);
  return packer.end(matched);
};

/** Where a batch's facts come from, as its keeper knows it. */
export interface FactsFrom {
  readonly sensor: string;
  readonly from: string;
}

/** A body of which no fact was read yet. */
export interface OpenedFacts {
  /** `at` of each fact; milliseconds since 1970. */
  readonly times: Float64Array;
  /** Some fact has a session. */
  readonly sessions: boolean;
  readonly matched: readonly PackedMatched[];
  /** @throws when the body is none */
  readonly read: () => FactReader;
}

/** Reads facts in their order: those before `end`, by their number from 0, that were not read yet. @throws when the body is none */
export type FactReader = (end: number) => readonly Fact[];

/** Problems: WGL_FACTS_BODY. */
export const unpackFacts = (body: Uint8Array, origin: FactsFrom): Result<Facts> =>
  trying(() => {
    const opened = opening(body, origin);
    return { facts: opened.read()(opened.times.length), matched: opened.matched };
  });

/** Only what is needed to know when its facts are due. Problems: WGL_FACTS_BODY. */
export const openFacts = (body: Uint8Array, origin: FactsFrom): Result<OpenedFacts> =>
  trying(() => opening(body, origin));

const trying = <T>(read: () => T): Result<T> => {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    return { ok: false, problem: problem("WGL_FACTS_BODY", { reason: error instanceof Error ? error.message : "" }) };
  }
};

const opening = (body: Uint8Array, origin: FactsFrom): OpenedFacts => {
  const bytes = zstdDecompressSync(body, { maxOutputLength: unpackedAtMost });
  // version 1 began with a brace
  if (bytes[0] === 0x7b) {
    const packed = JSON.parse(bytes.toString()) as Packed1 & Pick<Opening, "matched">;
    return whole(factsOf1(packed, origin), packed.matched);
  }
  const start = before + bytes.readUInt32LE(1);
  const first: unknown = JSON.parse(bytes.toString("utf8", before, start));
  if (bytes[0] === 2) {
    const head = first as Head2;
    const read = factReader(head, reading2(head, new WholeNumberReader(bytes, start)), origin);
    return whole(read(head.facts), head.matched);
  }
  if (bytes[0] !== version) throw new Error(`version ${String(bytes[0])}`);
  const { facts, sessions, matched, times: timesLength, ids, head } = first as Opening;
  const times = timesOf(facts, new WholeNumberReader(bytes, start));
  const idsAt = start + timesLength;
  const headAt = idsAt + ids;
  const rows = headAt + head;
  return {
    ...{ times, sessions, matched },
    read: () => {
      const refers = JSON.parse(bytes.toString("utf8", headAt, rows)) as Head;
      const idOf = (n: number): string =>
        refers.ids ? (refers.ids[n] ?? "") : bytes.toString("latin1", idsAt + n * idLength, idsAt + (n + 1) * idLength);
      return factReader(refers, reading3(times, idOf, new WholeNumberReader(bytes, rows)), origin);
    },
  };
};

const whole = (facts: readonly Fact[], matched: readonly PackedMatched[]): OpenedFacts => ({
  times: Float64Array.from(facts, ({ at }) => at),
  sessions: facts.some(({ session }) => session !== undefined),
  matched,
  read: () => {
    let from = 0;
    return (end) => facts.slice(from, (from = Math.max(from, end)));
  },
});

const timesOf = (facts: number, numbers: WholeNumberReader): Float64Array => {
  const times = new Float64Array(facts);
  let at = 0;
  for (let n = 0; n < facts; n++) times[n] = at += numbers.nextSigned();
  return times;
};

/** How rows of a version are read: in what its versions differ. */
interface Reading {
  readonly facts: number;
  readonly numbers: WholeNumberReader;
  readonly idOf: (n: number) => string;
  /** Called once for each fact, in its row's turn. */
  readonly atOf: (n: number) => number;
  readonly address: (text: () => string) => string;
}

const reading2 = ({ facts, ids }: Head2, numbers: WholeNumberReader): Reading => {
  let at = 0;
  const atOf = (): number => (at += numbers.nextSigned());
  return { facts, numbers, idOf: (n) => ids[n] ?? "", atOf, address: (text) => text() };
};

const reading3 = (times: Float64Array, idOf: Reading["idOf"], numbers: WholeNumberReader): Reading => ({
  ...{ facts: times.length, numbers, idOf, atOf: (n) => times[n] ?? 0 },
  address: (text) => {
    const number = numbers.next();
    return number === 0 ? text() : addressOf(number - 1);
  },
});

/** Addresses printed lately, by their lowest bits: the same text for the same address, which whoever looks it up then knows by its place. */
const printed = { numbers: new Float64Array(8192).fill(-1), texts: new Array<string>(8192).fill("") };

const addressOf = (number: number): string => {
  const place = (number ^ (number >>> 13)) & 8191;
  if (printed.numbers[place] !== number) {
    printed.numbers[place] = number;
    printed.texts[place] = ipv4Text(number);
  }
  return printed.texts[place] ?? "";
};

const factReader = (head: Head, reading: Reading, { sensor, from }: FactsFrom): FactReader => {
  const { texts } = head;
  const { numbers } = reading;
  let [line, known, n] = [0, 0, 0];
  const text = (): string => {
    const number = numbers.next();
    return texts[number === 0 ? known++ : number - 1] ?? "";
  };
  const end = (port: boolean): End => {
    const address = reading.address(text);
    return port ? { address, port: numbers.next() } : { address };
  };
  const views = [
    viewsOf(head.measures, (fact, measures) => (fact.measures = measures)),
    viewsOf(head.session, (fact, session) => (fact.session = session)),
    viewsOf(head.http, (fact, http) => (fact.http = http)),
    viewsOf(head.process, (fact, process) => (fact.process = process)),
    viewsOf(head.file, (fact, file) => (fact.file = file)),
    viewsOf(head.said, (fact, said) => (fact.said = said.flatMap((one) => head.saids[one] ?? []))),
  ];
  const next = (): Fact => {
    const bits = numbers.next();
    line += numbers.nextSigned();
    const at = reading.atOf(n);
    const time = (at - numbers.nextSigned()) as Instant;
    const event = text();
    const host = bits & has.host ? text() : undefined;
    const name = bits & has.name ? text() : undefined;
    const source = bits & has.source ? end((bits & has.sourcePort) !== 0) : undefined;
    const destination = bits & has.destination ? end((bits & has.destinationPort) !== 0) : undefined;
    const measures = measuresOf(
      bits & has.bytesOut ? numbers.next() : undefined,
      bits & has.bytesIn ? numbers.next() : undefined,
    );
    const id = reading.idOf(n);
    // nearly all have both ends: one shape that engines know
    const fact: Growing<Fact> =
      source && destination
        ? { id, at: at as Instant, time, sensor, from, line, event, measures, source, destination }
        : { id, at: at as Instant, time, sensor, from, line, event, measures };
    if (source && !destination) fact.source = source;
    if (destination && !source) fact.destination = destination;
    if (name !== undefined) fact.name = name;
    if (host !== undefined) fact.host = host;
    if (bits & has.dns) {
      const query = text();
      const type = bits & has.dnsType ? text() : undefined;
      const rcode = bits & has.dnsCode ? text() : undefined;
      fact.dns = questionOf(query, type, rcode);
    }
    if (bits & has.plainHttp) fact.http = {};
    for (const view of views) view(n, fact);
    n++;
    return fact;
  };
  return (upTo) => {
    const facts: Fact[] = [];
    while (n < Math.min(upTo, reading.facts)) facts.push(next());
    return facts;
  };
};

/** Gives facts what few have, asked for one after the other. */
const viewsOf = <T>(rows: Rows<T>, put: (fact: Growing<Fact>, value: T) => void) => {
  let row = 0;
  let of = rows[0]?.[0];
  return (n: number, fact: Growing<Fact>): void => {
    if (of !== n) return;
    const value = rows[row]?.[1];
    if (value !== undefined) put(fact, value);
    of = rows[++row]?.[0];
  };
};

const ascii = /^[\x20-\x7e]*$/;
const nothing = new Uint8Array(0);

const unmeasured: Measures = Object.freeze({});

const measuresOf = (bytesOut: number | undefined, bytesIn: number | undefined): Measures => {
  if (bytesOut === undefined) return bytesIn === undefined ? unmeasured : { bytesIn };
  return bytesIn === undefined ? { bytesOut } : { bytesOut, bytesIn };
};

const questionOf = (query: string, type: string | undefined, rcode: string | undefined): NonNullable<Fact["dns"]> => {
  if (rcode === undefined) return type === undefined ? { query } : { query, type };
  return type === undefined ? { query, rcode } : { query, type, rcode };
};

/** There is a size, and it is no whole number. */
const odd = -2;

/** -1: absent, or less than nothing. */
const wholeOf = (bytes = -1): number => (Number.isSafeInteger(bytes) ? Math.max(bytes, -1) : bytes > 0 ? odd : -1);

const sizesOf = ({ bytesOut = -1, bytesIn = -1 }: Measures): Measures => ({
  ...(bytesOut < 0 ? {} : { bytesOut }),
  ...(bytesIn < 0 ? {} : { bytesIn }),
});

const isEmpty = (view: object): boolean => {
  for (const _ in view) return false;
  return true;
};

const numberOf = (numbers: Map<Said, number>, said: Said): number => {
  const known = numbers.get(said);
  if (known !== undefined) return known;
  numbers.set(said, numbers.size);
  return numbers.size - 1;
};
