import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Instant } from "#core/instant.ts";
import { problem, type Result } from "#core/result.ts";
import type { Fact, Said } from "#detect/behaviour.ts";
import type { End } from "#detect/hit.ts";
import type { MatchedFields } from "#jobs/scan/rules.ts";
import type { Measures } from "#telemetry/format.ts";

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
 * Facts as columns, JSON under zstd: numbers as differences, texts by their number in one list. Views that few facts have
 * (a session, a request, a question) are rows of `[number of the fact, …]`.
 */
interface Packed {
  readonly version: 1;
  /** 16 characters each, one behind the other. */
  readonly ids: string;
  readonly lines: readonly number[];
  /** Each against the one before. */
  readonly at: readonly number[];
  /** `at − time`. */
  readonly before: readonly number[];
  readonly texts: readonly string[];
  /** Of each: number in `texts`, 0: absent. */
  readonly event: readonly number[];
  readonly host: readonly number[];
  readonly name: readonly number[];
  /** Address, then port (0: absent). */
  readonly source: readonly number[];
  readonly destination: readonly number[];
  /** -1: absent. */
  readonly bytesOut: readonly number[];
  readonly bytesIn: readonly number[];
  readonly session: readonly (readonly [number, NonNullable<Fact["session"]>])[];
  readonly http: readonly (readonly [number, NonNullable<Fact["http"]>])[];
  /** Numbers of those with a request nobody reads. */
  readonly plainHttp: readonly number[];
  /** Query, type and answer code, by their number in `texts`. */
  readonly dns: readonly (readonly [number, number, number, number])[];
  readonly process: readonly (readonly [number, NonNullable<Fact["process"]>])[];
  readonly file: readonly (readonly [number, NonNullable<Fact["file"]>])[];
  readonly saids: readonly Said[];
  readonly said: readonly (readonly [number, readonly number[]])[];
  readonly matched: readonly PackedMatched[];
}

/** zstd's fastest: facts are read once, soon. */
const compression = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** Bytes of one batch's facts unpacked; a batch has 268 MB at most and its facts are less. More is no body of ours. */
const unpackedAtMost = 536_870_912;

/** Numbers texts from 1. */
class Texts {
  readonly list: string[] = [""];
  readonly #numbers = new Map<string, number>();

  of(text: string | undefined): number {
    if (text === undefined) return 0;
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.list.push(text) - 1;
    this.#numbers.set(text, number);
    return number;
  }
}

export const packFacts = ({ facts, matched }: Facts): Uint8Array => {
  const texts = new Texts();
  const saidNumbers = new Map<Said, number>();
  const packed = {
    ...{ version: 1 as const, ids: facts.map(({ id }) => id).join(""), lines: facts.map(({ line }) => line) },
    at: differences(facts.map(({ at }) => at)),
    before: facts.map(({ at, time }) => at - time),
    event: facts.map(({ event }) => texts.of(event)),
    host: facts.map(({ host }) => texts.of(host)),
    name: facts.map(({ name }) => texts.of(name)),
    source: facts.flatMap(({ source }) => packedEnd(source, texts)),
    destination: facts.flatMap(({ destination }) => packedEnd(destination, texts)),
    bytesOut: facts.map(({ measures }) => measures.bytesOut ?? -1),
    bytesIn: facts.map(({ measures }) => measures.bytesIn ?? -1),
    session: rowsOf(facts, ({ session }) => session),
    http: rowsOf(facts, ({ http }) => (http && !isEmpty(http) ? http : undefined)),
    plainHttp: facts.flatMap(({ http }, n) => (http && isEmpty(http) ? n : [])),
    dns: facts.flatMap(({ dns }, n) =>
      dns ? [[n, texts.of(dns.query), texts.of(dns.type), texts.of(dns.rcode)] as const] : [],
    ),
    process: rowsOf(facts, ({ process }) => process),
    file: rowsOf(facts, ({ file }) => file),
    said: rowsOf(facts, ({ said }) => said?.map((one) => numberOf(saidNumbers, one))),
    matched,
  };
  const whole: Packed = { ...packed, texts: texts.list, saids: [...saidNumbers.keys()] };
  // a copy: the engine's buffer is larger than what is in it, and whole buffers go between threads
  return new Uint8Array(zstdCompressSync(JSON.stringify(whole), compression));
};

/** Where a batch's facts come from, as its keeper knows it. */
export interface FactsFrom {
  readonly sensor: string;
  readonly from: string;
}

/** Problems: WGL_FACTS_BODY. */
export const unpackFacts = (body: Uint8Array, origin: FactsFrom): Result<Facts> => {
  try {
    const text = zstdDecompressSync(body, { maxOutputLength: unpackedAtMost }).toString();
    const packed = JSON.parse(text) as Packed;
    if (packed.version !== 1) throw new Error(`version ${String(packed.version)}`);
    return { ok: true, value: { facts: factsOf(packed, origin), matched: packed.matched } };
  } catch (error) {
    return { ok: false, problem: problem("WGL_FACTS_BODY", { reason: error instanceof Error ? error.message : "" }) };
  }
};

type Growing = { -readonly [K in keyof Fact]: Fact[K] };

const factsOf = (packed: Packed, { sensor, from }: FactsFrom): readonly Fact[] => {
  const { ids, lines, texts } = packed;
  let at = 0;
  const facts = lines.map((line, n): Growing => {
    at += packed.at[n] ?? 0;
    const fact: Growing = {
      ...{ id: ids.slice(n * 16, n * 16 + 16), at: at as Instant, time: (at - (packed.before[n] ?? 0)) as Instant },
      ...{ sensor, from, line, event: texts[packed.event[n] ?? 0] ?? "" },
      measures: measuresOf(packed.bytesOut[n] ?? -1, packed.bytesIn[n] ?? -1),
    };
    const source = endOf(packed.source, n, texts);
    if (source) fact.source = source;
    const destination = endOf(packed.destination, n, texts);
    if (destination) fact.destination = destination;
    const [name, host] = [packed.name[n] ?? 0, packed.host[n] ?? 0];
    if (name > 0) fact.name = texts[name] ?? "";
    if (host > 0) fact.host = texts[host] ?? "";
    return fact;
  });
  const each = <T>(rows: readonly (readonly [number, T])[], put: (fact: Growing, value: T) => void): void => {
    for (const [n, value] of rows) {
      const fact = facts[n];
      if (fact) put(fact, value);
    }
  };
  each(packed.session, (fact, session) => (fact.session = session));
  each(packed.http, (fact, http) => (fact.http = http));
  for (const n of packed.plainHttp) if (facts[n]) facts[n].http = {};
  each(packed.process, (fact, process) => (fact.process = process));
  each(packed.file, (fact, file) => (fact.file = file));
  each(packed.said, (fact, said) => (fact.said = said.flatMap((one) => packed.saids[one] ?? [])));
  for (const [n, query, type, rcode] of packed.dns)
    if (facts[n])
      facts[n].dns = {
        query: texts[query] ?? "",
        ...(type > 0 ? { type: texts[type] ?? "" } : {}),
        ...(rcode > 0 ? { rcode: texts[rcode] ?? "" } : {}),
      };
  return facts;
};

const differences = (values: readonly number[]): number[] => values.map((value, n) => value - (values[n - 1] ?? 0));

const packedEnd = (end: End | undefined, texts: Texts): readonly [number, number] => [
  texts.of(end?.address),
  end?.port ?? 0,
];

const endOf = (ends: readonly number[], n: number, texts: readonly string[]): End | undefined => {
  const [address, port] = [ends[2 * n] ?? 0, ends[2 * n + 1] ?? 0];
  if (address === 0) return undefined;
  return port === 0 ? { address: texts[address] ?? "" } : { address: texts[address] ?? "", port };
};

const measuresOf = (bytesOut: number, bytesIn: number): Measures => ({
  ...(bytesOut < 0 ? {} : { bytesOut }),
  ...(bytesIn < 0 ? {} : { bytesIn }),
});

const rowsOf = <T>(facts: readonly Fact[], of: (fact: Fact) => T | undefined): (readonly [number, T])[] =>
  facts.flatMap((fact, n) => {
    const value = of(fact);
    return value === undefined ? [] : [[n, value] as const];
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
