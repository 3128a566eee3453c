import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

const folder = new URL("../src/detect/", import.meta.url);

/**
 * Starts a detector: a folder with the function, telemetry that must fire and telemetry that must not, its test, and its
 * name in `src/detect/hit.ts`. Returns what the author does next.
 *
 * @throws Error when the id is no kebab-case word, the detector exists, or hit.ts no longer lists detectors as it did
 */
export const newDetector = (id: string): string => {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(id))
    throw new Error(`Cannot start detector "${id}", wanted what it finds in kebab-case, such as "own-asset-listed"`);
  const home = new URL(`${id}/`, folder);
  if (existsSync(home)) throw new Error(`Cannot start detector "${id}", src/detect/${id} is there already`);
  register(id);
  mkdirSync(new URL("cases/", home), { recursive: true });
  writeFileSync(new URL("detect.ts", home), detector(id));
  writeFileSync(new URL("cases/one.ndjson", home), line("203.0.113.7", 23));
  writeFileSync(new URL("benign.ndjson", home), line("203.0.113.7", 443) + line("192.0.2.30", 23));
  writeFileSync(new URL(`../test/detect-${id}.test.ts`, import.meta.url), test(id));
  return [
    `src/detect/${id}/detect.ts     what fires, with thresholds that say unit, range and why`,
    `src/detect/${id}/cases/        one file of telemetry a case: each must fire exactly once`,
    `src/detect/${id}/benign.ndjson what looks like it and must stay silent`,
    `npm test -- detect-${id}`,
    "npm run ok                     types now list where its findings need words (src/alerts/story.ts) and the act that calls it",
  ].join("\n");
};

/** Adds the name to the closed union, so that the compiler lists every place that must know it. */
const register = (id: string): void => {
  const file = new URL("hit.ts", folder);
  const text = readFileSync(file, "utf8");
  const line = /^( {2}readonly detector: (?:"[a-z0-9-]+"(?: \| )?)+);$/m;
  if (!line.test(text)) throw new Error("Cannot register the detector, src/detect/hit.ts has no list of them");
  writeFileSync(file, text.replace(line, `$1 | "${id}";`));
};

const detector = (id: string): string => `import type { TelemetryRecord } from "#telemetry/format.ts";
import type { Hit } from "#detect/hit.ts";

/** What only the detector knows of a hit; the act that calls it adds whose asset it is, and the evidence. */
export type Detected = Pick<Hit, "detector" | "observable" | "where" | "problem" | "severity" | "attack">;

/** Telnet, in clear: passwords typed into it can be read by everybody on the way (RFC 854). */
const telnet = 23;

/** One of ours opened telnet to somebody outside. Undefined: nothing of the kind. */
export const detect = (record: TelemetryRecord, own: { readonly has: (address: string) => boolean }): Detected | undefined => {
  const there = record.seen.find((seen) => seen.where === "destination" && seen.port === telnet);
  if (there === undefined || own.has(there.value)) return undefined;
  return {
    detector: "${id}",
    observable: { kind: there.kind, value: there.value },
    where: there.where,
    problem: { type: "vulnerable-system", about: "telnet" },
    severity: "medium",
    attack: [],
  };
};
`;

const line = (destination: string, port: number): string =>
  `${JSON.stringify({ timestamp: "2026-11-19T00:00:03.000000+0000", event_type: "flow", src_ip: "192.0.2.14", src_port: 40001, dest_ip: destination, dest_port: port, proto: "TCP" })}\n`;

const test = (id: string): string => `import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { detect } from "#detect/${id}/detect.ts";
import { detectFormat } from "#telemetry/index.ts";

const folder = new URL("../src/detect/${id}/", import.meta.url);
const own = { has: (address: string) => address.startsWith("192.0.2.") };

/** What the detector says of each record of a file; every line must be read. */
const saidOf = (path: string): readonly unknown[] => {
  const body = readFileSync(new URL(path, folder));
  const reader = detectFormat(body.subarray(0, 4096))?.open();
  assert.ok(reader, \`\${path} is in a format we read\`);
  return body
    .toString()
    .split("\\n")
    .map((line) => reader.parse(line))
    .flatMap((read) => {
      if (read === undefined) return [];
      assert.ok(read.ok, path);
      return detect(read.value, own) ?? [];
    });
};

test("${id}: each case fires once", () => {
  const cases = readdirSync(new URL("cases/", folder));
  assert.ok(cases.length > 0);
  for (const name of cases) assert.equal(saidOf(\`cases/\${name}\`).length, 1, name);
});

test("${id}: stays silent on benign telemetry", () => {
  assert.deepEqual(saidOf("benign.ndjson"), []);
});
`;
