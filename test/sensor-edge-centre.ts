import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync, gzipSync } from "node:zlib";
import { instant, type Instant } from "#core/instant.ts";
import type { ParcelContent, ReadParcel } from "#jobs/sensors/parcel.ts";
import { readParcel } from "#jobs/sensors/read-parcel.ts";
import type { KnownValue, SensorAsks, SensorRules } from "#jobs/sensors/wire.ts";

/** A centre in a few lines: the wire of `src/jobs/sensors/wire.ts` and nothing behind it. */
export interface TinyCentre {
  readonly url: string;
  /** Knowledge as it stands, by version; a cursor is the number of a version. */
  values: KnownValue[];
  version: number;
  /** Changes by the version that brought them. */
  readonly deltas: Map<number, { readonly add: readonly KnownValue[]; readonly drop: readonly KnownValue[] }>;
  rules: SensorRules;
  /** How they are sent; absent: as they are. */
  rulesBody?: (json: Uint8Array) => Uint8Array;
  asks: SensorAsks;
  /** How it answers; 200: as it should. */
  status: number;
  /** Breaks knowledge off after so many bytes. */
  breakAt: number | undefined;
  readonly parcels: Map<string, ReadParcel>;
  /** Every delivery, repeats too. */
  readonly deliveries: string[];
  readonly asked: string[];
  readonly change: (add: readonly KnownValue[], drop?: readonly KnownValue[]) => void;
  readonly content: () => readonly ParcelContent[];
  readonly close: () => Promise<void>;
}

export const token = "wgl_sensor_token_of_a_test";
const now = (): Instant => instant(Date.now());

export const openCentre = async (sensor = "htd-edge-1"): Promise<TinyCentre> => {
  const answer = async (
    request: IncomingMessage,
  ): Promise<{ status: number; body: string | Uint8Array; headers?: Record<string, string> }> => {
    const url = new URL(request.url ?? "/", "http://centre.example");
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    centre.asked.push(url.pathname + url.search);
    if (centre.status !== 200) return { status: centre.status, body: "" };
    if (request.headers.authorization !== `Bearer ${token}`) return { status: 401, body: "" };
    if (url.pathname === "/api/v1/sensor/rules") {
      if (request.headers["if-none-match"] === `"${centre.rules.version}"`) return { status: 304, body: "" };
      const json = Buffer.from(JSON.stringify(centre.rules));
      return { status: 200, body: centre.rulesBody?.(json) ?? json, headers: { etag: `"${centre.rules.version}"` } };
    }
    if (url.pathname === "/api/v1/sensor/asks") return { status: 200, body: JSON.stringify(centre.asks) };
    if (url.pathname === "/api/v1/sensor/knowledge") {
      const packed = gzipSync(knowledgeOf(centre, sensor, url.searchParams.get("since") ?? undefined));
      return {
        status: 200,
        body: centre.breakAt === undefined ? packed : packed.subarray(0, centre.breakAt),
        headers: { "content-encoding": "gzip" },
      };
    }
    const body = Buffer.concat(chunks);
    const key = String(request.headers["idempotency-key"]);
    centre.deliveries.push(key);
    const duplicate = centre.parcels.has(key);
    if (!duplicate) centre.parcels.set(key, readParcel(gunzipSync(body), now()));
    return { status: 202, body: JSON.stringify({ batch: 1, duplicate }) };
  };
  const server: Server = createServer((request, response) => {
    void answer(request).then(({ status, body, headers = {} }) => {
      response.writeHead(status, headers);
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const centre: TinyCentre = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    values: [],
    version: 1,
    deltas: new Map(),
    rules: { version: "none", packs: [], decisions: [] },
    asks: { asks: [], cancelled: [] },
    status: 200,
    breakAt: undefined,
    parcels: new Map(),
    deliveries: [],
    asked: [],
    change: (add, drop = []) => {
      centre.deltas.set(++centre.version, { add, drop });
      const gone = new Set(drop.map(({ kind, value }) => `${kind} ${value}`));
      centre.values = [...centre.values.filter(({ kind, value }) => !gone.has(`${kind} ${value}`)), ...add];
    },
    content: () => [...centre.parcels.values()].flatMap(({ content }) => content.map(({ said }) => said)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return centre;
};

export const networksOfTest = ["192.0.2.0/24"];
export const hashOfTest = "ab".repeat(32);

const knowledgeOf = ({ values, version, deltas }: TinyCentre, key: string, since: string | undefined): string => {
  const from = since === undefined ? undefined : Number(since);
  const full = from === undefined || from > version;
  const head = {
    ...{ version: 1, cursor: String(version), full },
    sensor: { key, format: "suricata-eve", networks: networksOfTest },
    policy: { hash: hashOfTest },
  };
  const lines: unknown[] = [{ head }];
  if (full) for (const value of values) lines.push({ add: value });
  else
    for (let at = from + 1; at <= version; at++) {
      for (const { kind, value } of deltas.get(at)?.drop ?? []) lines.push({ drop: { kind, value } });
      for (const value of deltas.get(at)?.add ?? []) lines.push({ add: value });
    }
  lines.push({ end: { cursor: String(version), lines: lines.length + 1 } });
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
};
