import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createGzip, gunzipSync } from "node:zlib";
import { instant } from "#core/instant.ts";
import type { PackFile } from "#detect/sigma/packs.ts";
import { readParcel } from "#jobs/sensors/read-parcel.ts";
import type { SensorAsk } from "#jobs/sensors/wire.ts";
import { planted } from "./sensor-load.ts";

/** A centre that gives one sensor a million indicators and rules, and takes its parcels: the wire and nothing behind it. */
export interface BenchCentre {
  readonly url: string;
  readonly token: string;
  readonly rules: number;
  /** What came in parcels so far. */
  readonly taken: { lines: number; hits: number; refused: number; looked: number };
  /** Values of the next delta. */
  deltaValues: number;
  /** What the sensor is asked. */
  asks: readonly SensorAsk[];
  /** One more rule, which is asked of all that the sensor keeps. */
  readonly addRule: (text: string) => void;
  readonly close: () => void;
}

const rulesBelow = (folder: string): readonly PackFile[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((path) => path.endsWith(".yml"))
        .map((path) => ({ path, text: readFileSync(join(folder, path), "utf8") }))
    : [];

/** Values of a delta, one a minute. */
const usualValues = 100;
const sensor = { key: "bench", format: "suricata-eve", networks: ["192.0.2.0/24"] };
const policy = { hash: "ab".repeat(32) };

function* whole(indicators: number): Generator<string> {
  yield `${JSON.stringify({ head: { version: 1, cursor: "1", full: true, sensor, policy } })}\n`;
  yield `${JSON.stringify({ add: { kind: "ipv4", value: planted } })}\n`;
  for (let n = 1; n < indicators; n++) {
    const kind = n % 10;
    const value =
      kind < 5
        ? { kind: "ipv4", value: `${100 + (n % 23)}.${(n >> 4) & 255}.${(n >> 12) & 255}.${n % 251}` }
        : kind < 8
          ? { kind: "domain", value: `host${n}.listed${n % 5000}.example` }
          : { kind: "sha256", value: n.toString(16).padStart(64, "0") };
    yield `${JSON.stringify({ add: { ...value, ...(n % 2 === 0 ? { until: 4_000_000_000_000 } : {}) } })}\n`;
  }
  yield `${JSON.stringify({ end: { cursor: "1", lines: indicators + 2 } })}\n`;
}

function* delta(cursor: number, values: number): Generator<string> {
  yield `${JSON.stringify({ head: { version: 1, cursor: String(cursor), full: false, sensor, policy } })}\n`;
  for (let n = 0; n < values; n++)
    yield `${JSON.stringify({ add: { kind: "domain", value: `delta${cursor}-${n}.example` } })}\n`;
  yield `${JSON.stringify({ end: { cursor: String(cursor), lines: values + 2 } })}\n`;
}

export const openBenchCentre = async (indicators: number, folder: string): Promise<BenchCentre> => {
  const files: PackFile[] = [...rulesBelow(folder)];
  const taken: BenchCentre["taken"] = { lines: 0, hits: 0, refused: 0, looked: 0 };
  let cursor = 1;
  let version = 1;
  const server = createServer((request, response) => {
    const url = request.url ?? "";
    if (url.startsWith("/api/v1/sensor/knowledge?since=")) {
      response.end([...delta(++cursor, centre.deltaValues)].join(""));
      centre.deltaValues = usualValues;
    } else if (url.startsWith("/api/v1/sensor/knowledge")) {
      const gzip = createGzip();
      response.writeHead(200, { "content-encoding": "gzip" });
      gzip.pipe(response);
      void (async () => {
        for (const line of whole(indicators))
          if (!gzip.write(line)) await new Promise<void>((done) => gzip.once("drain", done));
        gzip.end();
      })();
    } else if (url === "/api/v1/sensor/rules") {
      const etag = `"${version}"`;
      const known = request.headers["if-none-match"] === etag;
      const rules = { version: String(version), packs: [{ name: "bench", files }], decisions: [] };
      response.writeHead(known ? 304 : 200, { etag }).end(known ? "" : JSON.stringify(rules));
    } else if (url === "/api/v1/sensor/asks") response.end(JSON.stringify({ asks: centre.asks, cancelled: [] }));
    else {
      const parts: Uint8Array[] = [];
      request.on("data", (part: Uint8Array) => parts.push(part));
      request.on("end", () => {
        const parcel = readParcel(gunzipSync(Buffer.concat(parts)), instant(Date.now()));
        taken.refused += parcel.refused.length;
        for (const { said } of parcel.content) {
          if ("match" in said) taken.hits++;
          if ("state" in said) taken.lines += said.state.lines;
          if ("answer" in said) taken.looked = said.answer.looked?.read ?? taken.looked;
        }
        response.writeHead(202).end('{"batch":1,"duplicate":false}');
      });
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const centre: BenchCentre = {
    ...{ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: "wgl_a_token_of_the_bench" },
    ...{ rules: files.length, taken, deltaValues: usualValues, asks: [] },
    addRule: (text) => {
      files.push({ path: `added-${++version}.yml`, text });
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return centre;
};
