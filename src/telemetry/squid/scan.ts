import { type Sink, scanned, type Where, wheres } from "#telemetry/format.ts";

const place = (where: Where): number => wheres.indexOf(where);
const source = place("source");
const destination = place("destination");
const httpUrl = place("http-url");
const httpHost = place("http-host");

const blank = 0x20;

/** The native line as bytes: ten words, of which the third, the seventh and what is behind "/" in the ninth hold values. */
export const scanSquid = (buffer: Uint8Array, start: number, end: number, sink: Sink): void => {
  let to = end;
  while (to > start && isBlank(buffer[to - 1])) to--;
  if (to === start) return;
  let at = start;
  let word = 0;
  let client = 0;
  let clientEnd = 0;
  let url = 0;
  let urlEnd = 0;
  let peer = 0;
  let peerEnd = 0;
  let connect = false;
  while (at < to) {
    const from = at;
    while (at < to && buffer[at] !== blank) {
      const b = buffer[at] as number;
      if (b < 0x21 || b >= 0x7f || b === 0x5c || b === 0x22) return sink.slow();
      at++;
    }
    if (at === from) {
      // Only the time taken is padded with blanks.
      if (word !== 1) return sink.slow();
      at++;
      continue;
    }
    word++;
    if (word === 1 && !startsNumber(buffer, from, at)) return sink.slow();
    if (word === 3) {
      client = from;
      clientEnd = at;
    } else if (word === 6) {
      connect = at - from === 7 && ((buffer[from] as number) | 0x20) === 0x63;
    } else if (word === 7) {
      url = from;
      urlEnd = at;
    } else if (word === 9) {
      peer = from;
      while (peer < at && buffer[peer] !== 0x2f) peer++;
      peer++;
      peerEnd = at;
    }
    at++;
  }
  if (word < 10 || peer > peerEnd) return sink.slow();
  sink.value(scanned.ip, client, clientEnd, source, 0);
  if (connect) sink.value(scanned.host, url, urlEnd, httpHost, 0);
  else sink.value(buffer[url] === 0x2f ? scanned.path : scanned.url, url, urlEnd, httpUrl, 0);
  if (peerEnd - peer > 1) sink.value(scanned.ip, peer, peerEnd, destination, 0);
};

const startsNumber = (buffer: Uint8Array, start: number, end: number): boolean => {
  let dots = 0;
  for (let i = start; i < end; i++) {
    const b = buffer[i] as number;
    if (b === 0x2e) dots++;
    else if (b < 0x30 || b > 0x39) return false;
  }
  return dots === 1;
};

const isBlank = (b: number | undefined): boolean => b === 0x20 || b === 0x09 || b === 0x0d;
