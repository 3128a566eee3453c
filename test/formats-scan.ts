import { instant } from "#core/instant.ts";
import { urlParts } from "#core/url.ts";
import { type Format, type Scanned, type Seen, type Sink, scanned, type Where, wheres } from "#telemetry/format.ts";
import { hostIn, pathIn, urlIn } from "#telemetry/observed.ts";

const received = instant(Date.UTC(2026, 10, 20));

export const linesOf = (bytes: Uint8Array): readonly string[] => new TextDecoder().decode(bytes).split("\n");

/**
 * What `parse` sees in a stream and `scan` does not report, line by line. A URL counts as reported when it is itself,
 * or its host is: it is put together from two fields, and the matcher asks for its host. A line given to `slow` is
 * reported whole.
 */
export const missedByScan = (format: Format, stream: Uint8Array): readonly string[] => {
  const missed: string[] = [];
  const fast = format.open({ received });
  const slow = format.open({ received });
  if (fast.scan === undefined) {
    for (const line of linesOf(stream)) slow.parse(line);
    return missed;
  }
  let line = 0;
  for (let start = 0; start <= stream.length; line++) {
    const newline = stream.indexOf(0x0a, start);
    const end = newline < 0 ? stream.length : newline;
    const told = new Set<string>();
    let gaveUp = false;
    const sink: Sink = {
      value: (kind, from, to, where, port) => {
        const text = new TextDecoder().decode(stream.subarray(from, to));
        for (const value of canonical[kind](text)) {
          told.add(`${wheres[where]} ${value}`);
          told.add(`${wheres[where]} ${value} ${port}`);
          told.add(`anywhere ${value}`);
          told.add(`anywhere ${value} ${port}`);
        }
      },
      slow: () => {
        gaveUp = true;
      },
    };
    fast.scan(stream, start, end, sink);
    const read = slow.parse(new TextDecoder().decode(stream.subarray(start, end)));
    if (!gaveUp && read !== undefined) {
      if (read.ok) for (const seen of read.value.seen) if (!reported(seen, told)) missed.push(say(line, seen));
      if (!read.ok && read.problem.code.endsWith("_COLUMNS"))
        missed.push(`line ${line + 1}: a cut row is not given to parse`);
    }
    start = end + 1;
  }
  return missed;
};

const say = (line: number, seen: Seen): string => `line ${line + 1}: ${seen.where} ${seen.kind} ${seen.value}`;

/** With its port, or with none: 0 says that the scanner does not know it. Without a port, any: more is told than seen. */
const reported = (seen: Seen, told: ReadonlySet<string>): boolean => {
  // Only of a URL's host the matcher asks where it stood; elsewhere the place is parse's to say (a reply names its ends
  // the other way round, and bytes do not know that yet).
  const places: readonly (Where | "anywhere")[] = seen.kind === "url" ? ["http-host", seen.where] : ["anywhere"];
  const values = seen.kind === "url" ? [seen.value, urlParts(seen.value).host] : [seen.value];
  return places.some((where) =>
    values.some((value) =>
      seen.port === undefined
        ? told.has(`${where} ${value}`)
        : told.has(`${where} ${value} 0`) || told.has(`${where} ${value} ${seen.port}`),
    ),
  );
};

/** A host as `scanValue` reads it: with a port, in brackets, with a final dot, or as it is; names by any suffix. */
const host = (text: string): readonly string[] => {
  const found = hostIn(text);
  return found === undefined ? [] : [found.value];
};

/** The values that the matcher reads in reported bytes, by kind. */
const canonical: Readonly<Record<Scanned, (text: string) => readonly string[]>> = {
  [scanned.ip]: host,
  [scanned.host]: host,
  [scanned.url]: (text) => {
    const url = urlIn(text);
    if (url === undefined) return host(text);
    const { host: name, path } = urlParts(url.value);
    return [url.value, name, ...host(name), path, pathIn(path)?.value ?? ""];
  },
  [scanned.hash]: (text) => [text.toLowerCase().replaceAll(":", "")],
  [scanned.email]: (text) => [text],
  [scanned.path]: (text) => [pathIn(text)?.value ?? ""],
};
