import { randomBytes } from "node:crypto";
import { Agent, request } from "node:http";
import { makeToken } from "#community/token.ts";
import type { Permission } from "#community/roles.ts";
import { openHttp } from "#http/server.ts";
import { acts } from "#jobs/acts/acts.ts";
import { accounts } from "#store/accounts.ts";
import { deskOf } from "#wiring/desk.ts";
import { openWaglan } from "#wiring/waglan.ts";
import { prepare } from "../test/crash-harness.ts";
import { figure } from "./figure.ts";

/**
 * TAXII over HTTP on loopback, with the PostgreSQL that comes with waglan, durable: POST of 1,000-object envelopes by two
 * clients at once, then pages of 1,000 from the first to the last. 100,000 objects; `--million` for ten times as many.
 * Client and server share the process and its core.
 */
const total = process.argv.includes("--million") ? 1_000_000 : 100_000;
const each = 1000;
const posters = 2;
const kinds = ["indicator", "malware", "attack-pattern", "relationship", "identity"] as const;

const prepared = await prepare("off");
const waglan = await openWaglan(prepared.config);
const failures: string[] = [];
const loops = waglan.loops((loop, error) => failures.push(`${loop}: ${String(error)}`));
const http = await openHttp({
  acts: acts(deskOf(waglan, loops)),
  portal: prepared.config.data,
  policy: { styles: [], trustedTypes: [] },
  security: { contacts: ["mailto:security@cert.example"], languages: ["en"] },
  version: "0.0.0",
});
const { sql } = waglan.database;
const member = waglan.directory.known.directory.organisations.find((one) => one.kind === "member" && !one.shadow);
if (!member) throw new Error("the community has no member out of shadow");
const made = makeToken(randomBytes(37));
const permissions: readonly Permission[] = ["indicators.read", "objects.write"];
await sql.begin((tx) =>
  accounts(tx).putToken(
    {
      id: "bench",
      prefix: made.prefix,
      kind: "party",
      organisation: member.id,
      permissions,
      title: "bench",
      made: waglan.now(),
    },
    made.hash,
  ),
);
const port = Number(new URL(await http.listen("127.0.0.1", 0)).port);
const agent = new Agent({ keepAlive: true, maxSockets: posters });
const type = "application/taxii+json;version=2.1";
const path = "/taxii2/waglan/collections/intel/objects/";

const ask = (method: string, url: string, body?: Buffer): Promise<{ status: number; body: Buffer }> =>
  new Promise((resolve, reject) => {
    const asked = request(
      {
        ...{ host: "127.0.0.1", port, agent, method, path: url },
        headers: {
          authorization: `Bearer ${made.text}`,
          accept: type,
          ...(body ? { "content-type": type, "content-length": body.byteLength } : {}),
        },
      },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(parts) }));
      },
    );
    asked.on("error", reject);
    asked.end(body);
  });

const envelope = (from: number): Buffer =>
  Buffer.from(
    JSON.stringify({
      objects: Array.from({ length: each }, (_, n) => {
        const at = from + n;
        const kind = kinds[at % 100 === 0 ? 1 + ((at / 100) % 4) : 0] ?? "indicator";
        const hex = at.toString(16).padStart(8, "0");
        return {
          type: kind,
          spec_version: "2.1",
          id: `${kind}--${hex}-3c1e-4b2f-9a57-${(at * 2654435761).toString(16).padStart(12, "0").slice(-12)}`,
          created_by_ref: "identity--f431f809-377b-45e0-aa1c-6a4751cae5ff",
          created: "2026-01-01T00:00:00.000Z",
          modified: "2026-01-01T00:00:00.000Z",
          name: `Address ${at} of a botnet`,
          description:
            "Seen in contact with hosts of several members; answered on port 443 with the certificate of the family.",
          pattern: `[ipv4-addr:value = '198.51.${(at >> 8) % 256}.${at % 256}' AND url:value = 'http://h${at}.example/gate.php']`,
          pattern_type: "stix",
          valid_from: "2026-01-01T00:00:00Z",
          labels: ["malicious-activity", "botnet"],
          external_references: [
            { source_name: "report", url: `https://reports.example/${at}`, external_id: `R-${at}` },
          ],
          object_marking_refs: ["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],
        };
      }),
    }),
  );

const post = async (from: number, count: number): Promise<number> => {
  let at = from;
  let spent = 0;
  const work = async (): Promise<void> => {
    while (at < from + count) {
      const body = envelope(at);
      at += each;
      const began = performance.now();
      const { status, body: said } = await ask("POST", path, body);
      spent += performance.now() - began;
      if (status !== 202) throw new Error(`POST: ${status} ${said.toString().slice(0, 300)}`);
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: posters }, work));
  void spent;
  return count / ((performance.now() - began) / 1000);
};

try {
  const warm = 20_000;
  await post(0, warm);
  const first = await post(warm, 20_000);
  if (total > 60_000) await post(warm + 20_000, total - 60_000);
  const last = await post(total - 20_000, 20_000);
  await sql`vacuum analyze stix_object`;
  figure(
    "taxii: POST of 1,000-object envelopes, durable, first 20,000 after a warm-up",
    first,
    "objects/s",
    "≥ 10,000",
  );
  figure(`taxii: POST, last 20,000 of ${total.toLocaleString("en")}`, last, "objects/s", "≥ 10,000, flat to 1 M");

  const firsts: number[] = [];
  for (let n = 0; n < 20; n++) {
    const began = performance.now();
    await ask("GET", `${path}?limit=100`);
    firsts.push(performance.now() - began);
  }
  firsts.sort((a, b) => a - b);
  figure(`taxii: first page of 100, ${total.toLocaleString("en")} objects there, p50`, firsts[10] ?? 0, "ms", "< 50");
  const one = performance.now();
  const page = await ask("GET", path);
  figure("taxii: first page of 1,000", performance.now() - one, "ms", "< 50");
  figure("taxii: bytes of an object, mean", page.body.byteLength / each, "B", "");

  const rates: number[] = [];
  let [next, seen, began, since]: [string | undefined, number, number, number] = ["", 0, performance.now(), 0];
  const whole = performance.now();
  while (next !== undefined) {
    const { status, body } = await ask("GET", `${path}?limit=1000${next === "" ? "" : `&next=${next}`}`);
    if (status !== 200) throw new Error(`GET: ${status} ${body.toString().slice(0, 300)}`);
    next = /^\{"more":true,"next":"([^"]+)"/.exec(body.subarray(0, 4000).toString("latin1"))?.[1];
    seen += each;
    if (seen - since < total / 10) continue;
    rates.push((seen - since) / ((performance.now() - began) / 1000));
    [began, since] = [performance.now(), seen];
  }
  if (seen !== total) throw new Error(`${seen} of ${total} objects were paged`);
  figure(
    "taxii: GET of all pages of 1,000, ledger and evidence written",
    total / ((performance.now() - whole) / 1000),
    "objects/s",
    "≥ 20,000",
  );
  figure("taxii: GET, first tenth", rates[0] ?? 0, "objects/s", "≥ 20,000 at any depth");
  figure("taxii: GET, last tenth", rates.at(-1) ?? 0, "objects/s", "≥ 20,000 at any depth");
  for (const [name, query] of [
    ["match[type] of one in 500, limit=10", "match[type]=malware&limit=10"],
    [
      "match[id]",
      `match[id]=indicator--${(7777).toString(16).padStart(8, "0")}-3c1e-4b2f-9a57-${(7777 * 2654435761).toString(16).padStart(12, "0").slice(-12)}`,
    ],
    ["match[version]=all, limit=1000", "match[version]=all"],
    ["match[spec_version]=2.1, limit=1000", "match[spec_version]=2.1"],
  ] as const) {
    await ask("GET", `${path}?${query}`);
    const began = performance.now();
    await ask("GET", `${path}?${query}`);
    figure(`taxii: GET ${name}`, performance.now() - began, "ms", "");
  }
  if (failures.length > 0) process.stderr.write(`${failures.join("\n")}\n`);
} finally {
  agent.destroy();
  await http.close();
  await loops.stop();
  await waglan.close();
  prepared.remove();
}
