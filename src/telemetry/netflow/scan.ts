import { type Sink, scanned, type Where, wheres } from "#telemetry/format.ts";

/** Where in a row the two addresses stand. */
export interface Plan {
  readonly columns: number;
  readonly source: number;
  readonly destination: number;
}

export const planOf = (columns: readonly string[]): Plan => ({
  columns: columns.length,
  source: columns.indexOf("sa"),
  destination: columns.indexOf("da"),
});

const source = wheres.indexOf("source" satisfies Where);
const destination = wheres.indexOf("destination" satisfies Where);

/**
 * A row as bytes. It begins with a digit (its time); headers, summaries, JSON and rows of another width are left to
 * `parse`, which also knows the ports and who began: rows name them in columns of their own.
 */
export const scanFlow = (plan: Plan | undefined, buffer: Uint8Array, start: number, end: number, sink: Sink): void => {
  let to = end;
  while (to > start && isBlank(buffer[to - 1])) to--;
  if (to === start) return;
  const first = buffer[start] as number;
  if (plan === undefined || first < 0x30 || first > 0x39) return sink.slow();
  let column = 0;
  let from = start;
  let sourceFrom = 0;
  let sourceTo = 0;
  let destinationFrom = 0;
  let destinationTo = 0;
  for (let i = start; i <= to; i++) {
    if (i < to && buffer[i] !== 0x2c) continue;
    if (column === plan.source) {
      sourceFrom = from;
      sourceTo = i;
    } else if (column === plan.destination) {
      destinationFrom = from;
      destinationTo = i;
    }
    column++;
    from = i + 1;
  }
  if (column !== plan.columns) return sink.slow();
  report(buffer, sourceFrom, sourceTo, source, sink);
  report(buffer, destinationFrom, destinationTo, destination, sink);
};

/** nfdump pads addresses with blanks. */
const report = (buffer: Uint8Array, start: number, end: number, where: number, sink: Sink): void => {
  let from = start;
  let to = end;
  while (from < to && isBlank(buffer[from])) from++;
  while (to > from && isBlank(buffer[to - 1])) to--;
  for (let i = from; i < to; i++) if ((buffer[i] as number) >= 0x80) return sink.slow();
  sink.value(scanned.ip, from, to, where, 0);
};

const isBlank = (b: number | undefined): boolean => b === 0x20 || b === 0x09 || b === 0x0d;
