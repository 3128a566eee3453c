import { randomBytes } from "node:crypto";
import { Agent, request } from "node:http";
import type { Permission } from "#community/roles.ts";
import { makeToken } from "#community/token.ts";
import { openHttp } from "#http/server.ts";
import { acts } from "#jobs/acts/acts.ts";
import { accounts } from "#store/accounts.ts";
import { deskOf } from "#wiring/desk.ts";
import { openWaglan } from "#wiring/waglan.ts";
import { prepare } from "../test/crash-harness.ts";
import { figure } from "./figure.ts";

/**
 * MISP's API over HTTP on loopback, with the PostgreSQL that comes with waglan, durable: events of 20 attributes by two
 * clients at once, one of 10,000, then restSearch in pages of 5,000 to the end, as a member's machine reads. Client and
 * server share the process and its core.
 */
const events = 1000;
const each = 20;
const large = 10_000;
const posters = 2;

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
      ...{ id: "bench", prefix: made.prefix, kind: "party", title: "bench" },
      ...{ organisation: member.id, permissions, made: waglan.now() },
    },
    made.hash,
  ),
);
const port = Number(new URL(await http.listen("127.0.0.1", 0)).port);
const agent = new Agent({ keepAlive: true, maxSockets: posters });

const post = (path: string, body: unknown): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const text = Buffer.from(JSON.stringify(body));
    const asked = request(
      {
        ...{ host: "127.0.0.1", port, agent, method: "POST", path: `/misp/${path}` },
        headers: {
          ...{ authorization: made.text, accept: "application/json" },
          ...{ "content-type": "application/json", "content-length": text.byteLength },
        },
      },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.on("end", () => {
          const said = Buffer.concat(parts);
          if (answer.statusCode === 200) resolve(said);
          else reject(new Error(`${path}: ${answer.statusCode} ${said.toString().slice(0, 300)}`));
        });
      },
    );
    asked.on("error", reject);
    asked.end(text);
  });

const uuidOf = (n: number): string => `${n.toString(16).padStart(8, "0")}-3c1e-4b2f-9a57-f431f809377b`;
const eventOf = (n: number, size: number) => ({
  Event: {
    ...{ uuid: uuidOf(n), info: `Campaign ${n}`, distribution: "3", threat_level_id: "2", analysis: "2" },
    published: true,
    Tag: [{ name: "tlp:green" }, { name: 'misp-galaxy:ransomware="Kelp"' }],
    Attribute: Array.from({ length: size }, (_, at) => {
      const k = n * 20_000 + at;
      return at % 2 === 0
        ? { type: "domain", category: "Network activity", value: `h${k}.example`, to_ids: true }
        : { type: "sha256", category: "Payload delivery", value: k.toString(16).padStart(64, "0"), to_ids: true };
    }),
  },
});

try {
  for (let n = 0; n < 50; n++) await post("events/add", eventOf(n, each));
  let at = 50;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: posters }, async () => {
      while (at < 50 + events) await post("events/add", eventOf(at++, each));
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  figure(`misp: events/add of ${each} attributes each, durable`, events / seconds, "events/s", "");
  figure("misp: attributes in by these", (events * each) / seconds, "attributes/s", "");
  const one = performance.now();
  await post("events/add", eventOf(100_000, large));
  figure(
    `misp: events/add of one event with ${large.toLocaleString("en")} attributes`,
    large / ((performance.now() - one) / 1000),
    "attributes/s",
    "",
  );

  await sql`vacuum analyze misp_attribute`;
  for (const [returnFormat, name] of [
    ["json", "json, with tags of events"],
    ["csv", "csv"],
    ["text", "text"],
  ] as const) {
    let seen = 0;
    const since = performance.now();
    for (let page = 1; ; page++) {
      const body = await post("attributes/restSearch", {
        returnFormat,
        limit: 5000,
        page,
        includeEventTags: returnFormat === "json",
      });
      const text = body.toString();
      const rows =
        returnFormat === "json"
          ? (JSON.parse(text) as { response: { Attribute: unknown[] } }).response.Attribute.length
          : text.trim() === ""
            ? 0
            : text.trim().split("\n").length - (returnFormat === "csv" ? 1 : 0);
      if (rows <= 0) break;
      seen += rows;
    }
    const wanted = (events + 50) * each + large;
    if (seen !== wanted) throw new Error(`${returnFormat}: ${seen} of ${wanted} attributes`);
    figure(
      `misp: attributes/restSearch, ${name}, pages of 5,000, ledger and evidence written`,
      seen / ((performance.now() - since) / 1000),
      "attributes/s",
      "",
    );
  }
  const times: number[] = [];
  for (let n = 0; n < 50; n++) {
    const asked = performance.now();
    await post("attributes/restSearch", { returnFormat: "json", value: `h${n * 20_000 + 2}.example` });
    times.push(performance.now() - asked);
  }
  times.sort((a, b) => a - b);
  figure("misp: attributes/restSearch for one value, p50", times[25] ?? 0, "ms", "");
  const pulled = performance.now();
  let count = 0;
  for (let page = 1; ; page++) {
    const body = await post("events/restSearch", {
      returnFormat: "json",
      order: "Event.timestamp ASC",
      limit: 50,
      page,
    });
    const { response } = JSON.parse(body.toString()) as { response: unknown[] };
    if (response.length === 0) break;
    count += response.length;
  }
  figure(
    "misp: events/restSearch to the end, pages of 50 (OpenCTI)",
    count / ((performance.now() - pulled) / 1000),
    "events/s",
    "",
  );
  if (failures.length > 0) process.stderr.write(`${failures.join("\n")}\n`);
} finally {
  agent.destroy();
  await http.close();
  await loops.stop();
  await waglan.close();
  prepared.remove();
}
