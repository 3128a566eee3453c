import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

const folder = new URL("../src/telemetry/", import.meta.url);

/**
 * Starts a log format: a folder with declaration, parser and a sample that has a bad row, and its line in
 * `src/telemetry/index.ts`. Returns what the author does next.
 *
 * @throws Error when the id is no kebab-case word or the format exists
 */
export const newFormat = (id: string): string => {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(id))
    throw new Error(
      `Cannot start format "${id}", wanted the program and its log in kebab-case, such as "suricata-eve"`,
    );
  const home = new URL(`${id}/`, folder);
  if (existsSync(home)) throw new Error(`Cannot start format "${id}", src/telemetry/${id} is there already`);
  mkdirSync(home);
  writeFileSync(new URL("format.ts", home), declaration(id));
  writeFileSync(new URL("parse.ts", home), parser(id));
  writeFileSync(new URL("sample.log", home), sample(id));
  register(id);
  return [
    `src/telemetry/${id}/format.ts   say how its first bytes look, and which fields are dropped or hashed before storage`,
    `src/telemetry/${id}/parse.ts    one line: record, problem or nothing; each value seen says where`,
    `src/telemetry/${id}/sample.log  lines as the program writes them, bad ones too; RFC 5737/3849 addresses, .example names`,
    "npm run golden                  writes sample.expected.json: read it like code",
    "npm run ok                      and the format is done; add a byte scanner (scan) when `npm run bench` says it pays",
  ].join("\n");
};

const declaration = (id: string): string => `import type { Format } from "#telemetry/format.ts";
import { parse } from "./parse.ts";

/** Whose log it is, which versions were seen, and how one line looks. */
export const format: Format = {
  id: "${id}",
  title: "${id}",
  accepts: (head) => new TextDecoder().decode(head).startsWith("#${id}\\n"),
  open: () => ({ parse }),
  // what people typed and who they are, by its path in \`fields\`: "drop" or "hash"
  policy: {},
};
`;

const parser = (id: string): string => `import { parseInstant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { Seen, TelemetryRecord } from "#telemetry/format.ts";
import { addressIn } from "#telemetry/observed.ts";

/**
 * One line of ${id}: \`TIME SOURCE DESTINATION\`.
 *
 * @returns WGL_ROW_CELLS, or the problem of its time; nothing for blank lines and comments
 */
export const parse = (line: string): Result<TelemetryRecord> | undefined => {
  if (line.trim() === "" || line.startsWith("#")) return undefined;
  const cells = line.trim().split(/\\s+/);
  const [when, source, destination] = cells;
  if (when === undefined || source === undefined || destination === undefined || cells.length > 3)
    return no("WGL_ROW_CELLS", { cells: cells.length, wanted: 3 });
  const time = parseInstant(when);
  if (!time.ok) return time;
  const ends = { source: addressIn(source), destination: addressIn(destination) };
  const seen: Seen[] = [];
  if (ends.source) seen.push({ ...ends.source, where: "source" });
  if (ends.destination) seen.push({ ...ends.destination, where: "destination" });
  return ok({
    time: time.value,
    event: "conn",
    fields: { when, source, destination },
    seen,
    measures: {},
    ...(ends.source ? { source: ends.source.value } : {}),
    ...(ends.destination ? { destination: ends.destination.value } : {}),
  });
};
`;

const sample = (id: string): string => `#${id}
2026-11-19T00:02:00Z 192.0.2.14 203.0.113.7
2026-11-19T00:02:01Z 192.0.2.14
yesterday 192.0.2.14 203.0.113.7
`;

/**
 * Puts a format into the register, before all others: the order is that of asking, and who knows one product's log exactly
 * is asked before those that know a shape many products have. `test/formats.test.ts` says when it claims another's sample.
 */
const register = (id: string): void => {
  const name = id.replace(/-([a-z0-9])/g, (_whole, letter: string) => letter.toUpperCase());
  const index = new URL("index.ts", folder);
  writeFileSync(
    index,
    readFileSync(index, "utf8")
      .replace(/\n\n/, `\nimport { format as ${name} } from "./${id}/format.ts";\n\n`)
      .replace(/(formats: readonly Format\[\] = \[)\s*/, `$1\n  ${name},\n  `),
  );
};
