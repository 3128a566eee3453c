import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Instant } from "#core/instant.ts";
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
 * Of what a body is, under zstd: one byte of version, the length of `Head` as JSON, `Head`, and of each fact in turn whole
 * numbers (whole-numbers.ts). First of them is what the fact has, then what it says:
 *
 *   has · line − line before · ±(at − at before) · at − time · event · [host] · [name] · [source] · [its port] ·
 *   [destination] · [its port] · [bytes out] · [bytes in] · [query] · [its type] · [its answer]
 *
 * A text is 0 for the next one of `texts`, else its place there from 1. Version 1 was JSON as a whole (facts-pack-1.ts).
 */
interface Head {
  readonly facts: number;
  readonly ids: readonly string[];
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
  readonly matched: readonly PackedMatched[];
}

type Rows<T> = (readonly [fact: number, value: T])[];

const version = 2;
/** Version and length of the head. */
const before = 5;

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
    this.#numbers.addSigned(fact.at - this.#at);
    this.#numbers.addSigned(fact.at - fact.time);
    this.#line = fact.line;
    this.#at = fact.at;
    this.#text(fact.event);
    if (host !== undefined) this.#text(host);
    if (name !== undefined) this.#text(name);
    if (source) this.#text(source.address);
    if (sourcePort > 0) this.#numbers.add(sourcePort);
    if (destination) this.#text(destination.address);
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
    const head: Head = {
      ...{ facts: this.#ids.length, ids: this.#ids, texts: this.#texts, measures: this.#measures },
      ...{ session: this.#session, http: this.#http, process: this.#process, file: this.#file },
      ...{ said: this.#said, saids: [...this.#saidNumbers.keys()], matched },
    };
    const json = Buffer.from(JSON.stringify(head));
    const whole = Buffer.concat([Buffer.alloc(before), json, this.#numbers.bytes]);
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

/** Problems: WGL_FACTS_BODY. */
export const unpackFacts = (body: Uint8Array, origin: FactsFrom): Result<Facts> => {
  try {
    const bytes = zstdDecompressSync(body, { maxOutputLength: unpackedAtMost });
    // version 1 began with a brace
    if (bytes[0] === 0x7b) {
      const packed = JSON.parse(bytes.toString()) as Packed1 & Pick<Head, "matched">;
      return { ok: true, value: { facts: factsOf1(packed, origin), matched: packed.matched } };
    }
    if (bytes[0] !== version) throw new Error(`version ${String(bytes[0])}`);
    const rows = before + bytes.readUInt32LE(1);
    const head = JSON.parse(bytes.toString("utf8", before, rows)) as Head;
    const facts = factsOf(head, new WholeNumberReader(bytes, rows), origin);
    return { ok: true, value: { facts, matched: head.matched } };
  } catch (error) {
    return { ok: false, problem: problem("WGL_FACTS_BODY", { reason: error instanceof Error ? error.message : "" }) };
  }
};

const factsOf = (head: Head, numbers: WholeNumberReader, { sensor, from }: FactsFrom): readonly Fact[] => {
  const { ids, texts } = head;
  let [line, at, known] = [0, 0, 0];
  const text = (): string => {
    const number = numbers.next();
    return texts[number === 0 ? known++ : number - 1] ?? "";
  };
  const end = (port: boolean): End => {
    const address = text();
    return port ? { address, port: numbers.next() } : { address };
  };
  const facts: Growing<Fact>[] = [];
  for (let n = 0; n < head.facts; n++) {
    const bits = numbers.next();
    line += numbers.nextSigned();
    at += numbers.nextSigned();
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
    const id = ids[n] ?? "";
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
    facts.push(fact);
  }
  each(facts, head.measures, (fact, measures) => (fact.measures = measures));
  each(facts, head.session, (fact, session) => (fact.session = session));
  each(facts, head.http, (fact, http) => (fact.http = http));
  each(facts, head.process, (fact, process) => (fact.process = process));
  each(facts, head.file, (fact, file) => (fact.file = file));
  each(facts, head.said, (fact, said) => (fact.said = said.flatMap((one) => head.saids[one] ?? [])));
  return facts;
};

const each = <T>(
  facts: readonly Growing<Fact>[],
  rows: Rows<T>,
  put: (fact: Growing<Fact>, value: T) => void,
): void => {
  for (const [n, value] of rows) {
    const fact = facts[n];
    if (fact) put(fact, value);
  }
};

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
