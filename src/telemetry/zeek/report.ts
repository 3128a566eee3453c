import { type Sink, scanned, type Where, wheres } from "#telemetry/format.ts";

const colon = 0x3a;
const slash = 0x2f;

/**
 * A host as a header or a query has it: `name`, `name.`, `name:8080`, `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]:80`,
 * `2001:db8::1`, `*.name` in a certificate. Port, brackets, final dot and "*." are left off. False: read it the slow way.
 */
export const reportHost = (sink: Sink, buffer: Uint8Array, start: number, end: number, where: number): boolean => {
  let from = buffer[start] === 0x2a && buffer[start + 1] === 0x2e && end - start > 2 ? start + 2 : start;
  let to = end;
  if (buffer[from] === 0x5b) {
    let close = from + 1;
    while (close < to && buffer[close] !== 0x5d) close++;
    if (close === to) return false;
    from++;
    to = close;
  } else {
    let colons = 0;
    let at = -1;
    for (let i = from; i < to; i++)
      if (buffer[i] === colon) {
        colons++;
        at = i;
      }
    if (colons === 1) to = at;
  }
  if (to > from && buffer[to - 1] === 0x2e) to--;
  if (to > from) sink.value(scanned.host, from, to, where, 0);
  return true;
};

/** A request's target: `/path?query`, `name:443` after CONNECT; a whole URL (to a proxy) is read the slow way. */
export const reportUri = (sink: Sink, buffer: Uint8Array, start: number, end: number, where: number): boolean => {
  if (buffer[start] === slash) {
    sink.value(scanned.path, start, end, where, 0);
    return true;
  }
  for (let i = start; i + 2 < end; i++)
    if (buffer[i] === colon && buffer[i + 1] === slash && buffer[i + 2] === slash) return false;
  return reportHost(sink, buffer, start, end, connectHost);
};

const connectHost = wheres.indexOf("http-host" satisfies Where);

/** The common name of `O=…,CN=www.bad.example,L=…`; where there is none, nothing. */
export const reportCommonName = (
  sink: Sink,
  buffer: Uint8Array,
  start: number,
  end: number,
  where: number,
): boolean => {
  for (let i = start; i + 2 < end; i++) {
    // "CN=" at the start, after a comma, or after a comma and spaces
    if (buffer[i] !== 0x43 || buffer[i + 1] !== 0x4e || buffer[i + 2] !== 0x3d) continue;
    let before = i - 1;
    while (before >= start && buffer[before] === 0x20) before--;
    if (before >= start && buffer[before] !== 0x2c) continue;
    let to = i + 3;
    while (to < end && buffer[to] !== 0x2c) to++;
    return reportHost(sink, buffer, i + 3, to, where);
  }
  return true;
};
