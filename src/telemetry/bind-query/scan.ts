import { type Sink, scanned, type Where, wheres } from "#telemetry/format.ts";

const place = (where: Where): number => wheres.indexOf(where);
const source = place("source");
const destination = place("destination");
const dnsQuery = place("dns-query");

const mark = new TextEncoder().encode(": query: ");
const blank = 0x20;

/** The usual line as bytes: the address before the one "#", the name behind the one ": query: ", the server at the end. */
export const scanBind = (buffer: Uint8Array, start: number, end: number, sink: Sink): void => {
  let to = end;
  while (to > start && isBlank(buffer[to - 1])) to--;
  if (to === start) return;
  let number = -1;
  let name = -1;
  for (let i = start; i < to; i++) {
    const b = buffer[i] as number;
    if (b === 0x5c || b >= 0x7f || b < blank) return sink.slow();
    if (b === 0x23) {
      if (number >= 0) return sink.slow();
      number = i;
    } else if (b === 0x3a && isMark(buffer, i, to)) {
      if (name >= 0) return sink.slow();
      name = i + mark.length;
    }
  }
  if (number < 0 || name < number) return sink.slow();
  let from = number;
  while (from > start && buffer[from - 1] !== blank) {
    // "fe80::1%eth0": parse knows.
    if (buffer[from - 1] === 0x25) return sink.slow();
    from--;
  }
  let nameEnd = name;
  while (nameEnd < to && buffer[nameEnd] !== blank) nameEnd++;
  // A line that was cut off
  if (nameEnd === to) return sink.slow();
  sink.value(scanned.ip, from, number, source, 0);
  sink.value(scanned.host, name, nameEnd, dnsQuery, 0);
  for (let i = nameEnd; i < to; i++) {
    if (buffer[i] !== 0x28) continue;
    let close = i + 1;
    while (close < to && buffer[close] !== 0x29 && buffer[close] !== 0x25) close++;
    sink.value(scanned.ip, i + 1, close, destination, 0);
  }
};

const isMark = (buffer: Uint8Array, at: number, end: number): boolean => {
  if (at + mark.length > end) return false;
  for (let i = 1; i < mark.length; i++) if (buffer[at + i] !== mark[i]) return false;
  return true;
};

const isBlank = (b: number | undefined): boolean => b === 0x20 || b === 0x09 || b === 0x0d;
