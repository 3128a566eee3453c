import type { ObservationRow } from "#jobs/history/rows.ts";
import { partsOf } from "#jobs/history/shapes.ts";

/** A row of `seen`: all values of a record. 64-bit numbers are text; the aliases keep its columns' names free for conditions. */
export interface StoredValues {
  readonly at: string;
  readonly organisation: string;
  readonly sensor: string;
  readonly direction: string;
  readonly shape: string;
  readonly batch: string;
  readonly line: number;
  readonly texts: readonly string[];
  readonly prints: readonly string[];
  readonly ports: readonly number[];
}

export const storedValues = `select toUnixTimestamp64Milli(time) as at, organisation, sensor, direction, shape, batch, line,
  value.text as texts, arrayMap(one -> toString(one), value.fingerprint) as prints, value.port as ports`;

/** In the order of their places. */
export const observationsIn = (row: StoredValues): readonly ObservationRow[] => {
  const { at, shape, texts, prints, ports, ...record } = row;
  return partsOf(shape).map(({ kind, where }, nth) => ({
    ...record,
    ...{ time: Number(at), kind, where, nth },
    ...{ value: texts[nth] ?? "", fingerprint: BigInt(prints[nth] ?? 0), port: ports[nth] ?? 0 },
  }));
};

/** A row of `observation`: one value, as they were kept before. */
export interface StoredValue extends Omit<ObservationRow, "time" | "where" | "fingerprint"> {
  readonly at: string;
  readonly fingerprint: string;
  readonly seen_where: string;
}

export const storedValue = `select toUnixTimestamp64Milli(time) as at, organisation, sensor, kind, value, fingerprint, seen_where,
  direction, port, batch, line, nth`;

export const observationOf = ({ at, seen_where, fingerprint, ...row }: StoredValue): ObservationRow => ({
  ...{ time: Number(at), where: seen_where, fingerprint: BigInt(fingerprint) },
  ...row,
});
