import type { Instant } from "#core/instant.ts";
import type { Fact, Said } from "#detect/behaviour.ts";
import type { End } from "#detect/hit.ts";
import type { Growing, Measures } from "#telemetry/format.ts";

/**
 * The first version of a body, which older servers and sensors wrote: facts as columns, JSON under zstd. Numbers are
 * differences, texts stand by their number in one list. Views that few facts have (a session, a request, a question) are
 * rows of `[number of the fact, …]`.
 */
export interface Packed1 {
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
}

/** Where the facts come from, as their keeper knows it. */
interface From {
  readonly sensor: string;
  readonly from: string;
}

/** @throws when it is of no version */
export const factsOf1 = (packed: Packed1, { sensor, from }: From): readonly Fact[] => {
  if (packed.version !== 1) throw new Error(`version ${String(packed.version)}`);
  const { ids, lines, texts } = packed;
  let at = 0;
  const facts = lines.map((line, n): Growing<Fact> => {
    at += packed.at[n] ?? 0;
    const fact: Growing<Fact> = {
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
  const each = <T>(rows: readonly (readonly [number, T])[], put: (fact: Growing<Fact>, value: T) => void): void => {
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

const endOf = (ends: readonly number[], n: number, texts: readonly string[]): End | undefined => {
  const [address, port] = [ends[2 * n] ?? 0, ends[2 * n + 1] ?? 0];
  if (address === 0) return undefined;
  return port === 0 ? { address: texts[address] ?? "" } : { address: texts[address] ?? "", port };
};

const measuresOf = (bytesOut: number, bytesIn: number): Measures => ({
  ...(bytesOut < 0 ? {} : { bytesOut }),
  ...(bytesIn < 0 ? {} : { bytesIn }),
});
