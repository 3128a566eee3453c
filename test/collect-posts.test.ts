import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { after, hour, instant, type Instant } from "#core/instant.ts";
import { lenient } from "#core/value-policy.ts";
import { feed as shadowserver } from "#feeds/shadowserver/feed.ts";
import { collectFeed, type CollectingFeeds } from "#jobs/collect/feed.ts";
import { walkLimits, type WalkLimits } from "#jobs/collect/walk-feed.ts";
import { openEgress } from "#net/egress.ts";
import { openArchive } from "#store/archive.ts";
import { mailFolder } from "#store/mail-folder.ts";
import { stateOf } from "#store/state.ts";
import { testDatabase } from "./cluster.ts";

// A source that is asked by POST, each question signed: the same way out with the same bounds.

const csv = (...hosts: readonly string[]): string =>
  ['"timestamp","severity","ip","protocol","port","hostname","tag","asn","banner"']
    .concat(hosts.map((ip) => `"2026-11-20 04:12:09","medium","${ip}","tcp",23,"","telnet",64500,"login:"`))
    .join("\n");

interface Asked {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const api = async (t: TestContext, limits: Partial<WalkLimits> = {}) => {
  const asked: Asked[] = [];
  const files = new Map<string, string>();
  let answer: ((path: string, response: ServerResponse) => boolean) | undefined;
  const onAsked = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const sent = Buffer.concat(chunks);
    const path = request.url ?? "";
    if (answer?.(path, response)) return;
    const isSigned = request.headers["hmac2"] === createHmac("sha256", "secret").update(sent).digest("hex");
    const body = JSON.parse(sent.toString()) as Record<string, unknown>;
    asked.push({ path, body });
    if (request.method !== "POST" || !isSigned || body["apikey"] !== "key") {
      response.writeHead(401).end();
      return;
    }
    const listed = [...files.keys()].filter((file) => file.startsWith(String(body["date"])));
    if (path === "/api2/reports/list")
      response.end(JSON.stringify(listed.map((file) => ({ id: file.replace(/\W/g, ""), file }))));
    else response.end([...files].find(([file]) => file.replace(/\W/g, "") === body["id"])?.[1]);
  };
  const server = createServer((request, response) => void onAsked(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const { sql } = await testDatabase(t);
  const folder = mkdtempSync(join(tmpdir(), "waglan-posts-"));
  t.after(() => rmSync(folder, { recursive: true }));
  let now: Instant = instant(Date.parse("2026-11-21T08:00:00Z"));
  const egress = openEgress({ hosts: new Set(["127.0.0.1"]), ports: [port], allowAddresses: ["127.0.0.1/32"] });
  const collecting: CollectingFeeds = {
    state: stateOf(sql),
    fetching: {
      get: egress.get,
      post: egress.post,
      read: async () => Buffer.from("key:secret\n"),
      archive: openArchive(folder),
      folder: mailFolder,
    },
    ...{ secret: "test", policy: () => lenient, now: () => now, elapsed: () => 0, random: () => 0 },
    walkLimits: { ...walkLimits, ...limits },
  };
  const turn = (some: { key?: string; keyFile?: string } = { keyFile: "shadowserver.key" }) => {
    asked.length = 0;
    now = after(now, hour);
    return collectFeed(collecting, {
      feed: shadowserver,
      url: `http://127.0.0.1:${port}/api2/`,
      trusted: true,
      ...some,
    });
  };
  /** Of a file on this machine, instead of the API. */
  const collect = (from: { readonly path: string }, body?: string) =>
    collectFeed(
      body === undefined
        ? collecting
        : { ...collecting, fetching: { ...collecting.fetching, read: async () => Buffer.from(body) } },
      { feed: shadowserver, trusted: true, ...from },
    );
  return {
    ...{ asked, files, turn, collect, sql, port },
    answers: (some: typeof answer) => {
      answer = some;
    },
  };
};

test("reports are listed and fetched by signed posts, each once; a file that cannot be read spoils nothing beside it", async (t) => {
  const { asked, files, turn, sql } = await api(t);
  files.set("2026-11-20-scan_telnet-city.csv", csv("203.0.113.24", "203.0.113.25"));
  files.set("2026-11-21-no_such_family-city.csv", "a,b\n1,2\n");
  const first = await turn();
  assert.deepEqual(
    [first?.state, first?.added, first?.rejected],
    ["healthy", 2, { WGL_BODY_REPORT: 1 }],
    JSON.stringify(first?.reason),
  );
  assert.deepEqual(
    asked.map(({ path, body }) => [path, body["date"] ?? body["id"]]),
    [
      ["/api2/reports/list", "2026-11-18"],
      ["/api2/reports/list", "2026-11-19"],
      ["/api2/reports/list", "2026-11-20"],
      ["/api2/reports/download", "20261120scan_telnetcitycsv"],
      ["/api2/reports/list", "2026-11-21"],
      ["/api2/reports/download", "20261121no_such_familycitycsv"],
    ],
  );
  const reports = await sql`select asset_value, about, count from report order by 1`;
  assert.deepEqual(
    reports.map((row) => [row["asset_value"], row["about"], row["count"]]),
    [
      ["203.0.113.24", "telnet", 1],
      ["203.0.113.25", "telnet", 1],
    ],
  );
  files.set("2026-11-21-scan_telnet-city.csv", csv("203.0.113.24", "203.0.113.26").replaceAll("11-20", "11-21"));
  const second = await turn();
  assert.deepEqual([second?.state, second?.added, second?.changed], ["healthy", 1, 1]);
  assert.equal(asked.filter(({ path }) => path.endsWith("download")).length, 1);
  const third = await turn();
  assert.deepEqual([third?.state, third?.added, asked.length], ["healthy", 0, 4]);
});

test("reports that lie in a file here need no key, and nobody is asked", async (t) => {
  const { asked, collect } = await api(t);
  const turn = await collect({ path: "2026-11-20-scan_telnet-city.csv" }, csv("203.0.113.24"));
  assert.deepEqual([turn?.state, turn?.added, asked.length], ["healthy", 1, 0], JSON.stringify(turn?.reason));
});

test("what another program writes into a folder is read body by body, once, and moved; what is being written is left", async (t) => {
  const { asked, collect, sql } = await api(t);
  const folder = mkdtempSync(join(tmpdir(), "waglan-drop-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const put = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  put("2026-11-20-scan_telnet-city.csv", csv("203.0.113.24"));
  put("2026-11-21-scan_telnet-city.csv", csv("203.0.113.25"));
  put("2026-11-22-nothing.csv", "a,b\n");
  put(".2026-11-23-scan_telnet-city.csv", "half a");
  await collect({ path: `${folder}/` });
  assert.deepEqual(
    [readdirSync(join(folder, "done")).length, readdirSync(join(folder, "refused"))],
    [2, ["2026-11-22-nothing.csv"]],
  );
  put("again.csv", csv("203.0.113.24"));
  await collect({ path: `${folder}/` });
  assert.deepEqual(readdirSync(folder).toSorted(), [".2026-11-23-scan_telnet-city.csv", "done", "refused"]);
  assert.equal(
    (await sql`select sum(count)::int as n from report`)[0]?.["n"],
    2,
    "the same body under another name is no news",
  );
  assert.equal(asked.length, 0);
});

test("a key without its second half, a key that is refused, an answer that leads elsewhere or is endless: named, and nothing taken", async (t) => {
  const { asked, files, turn, answers, sql, port } = await api(t, { bytes: 100_000 });
  files.set("2026-11-20-scan_telnet-city.csv", csv("203.0.113.24"));
  const half = await turn({ key: "onlyakey" });
  assert.deepEqual([half?.state, half?.reason?.code, asked.length], ["failing", "WGL_FEED_KEY_PAIR", 0]);
  assert.equal((await turn({}))?.reason?.code, "WGL_FEED_KEY");
  const wrong = await turn({ key: "key:wrong" });
  assert.deepEqual([wrong?.state, wrong?.reason?.code], ["failing", "WGL_FEED_KEY_REFUSED"]);
  answers((_path, response) => {
    response.writeHead(302, { location: `http://127.0.0.1:${port}/elsewhere` }).end();
    return true;
  });
  assert.equal((await turn())?.reason?.code, "WGL_EGRESS_REDIRECTS", "what is signed is carried nowhere else");
  answers((path, response) => {
    if (!path.endsWith("download")) return false;
    response.end("x".repeat(200_000));
    return true;
  });
  const endless = await turn();
  assert.deepEqual([endless?.state, endless?.reason?.code], ["failing", "WGL_WALK_LONG"]);
  answers((_path, response) => {
    response.end('{"error":"the list is gone"}');
    return true;
  });
  const error = await turn();
  assert.deepEqual([error?.state, error?.reason?.code], ["failing", "WGL_BODY_SHAPE"]);
  assert.equal((await sql`select 1 from report`).length, 0);
  // none of it stands where people read it
  const told = await sql`select reason::text as reason from feed_turn`;
  assert.ok(!told.some((row) => /secret|wrong"/.test(String(row["reason"]))));
  answers(undefined);
  assert.equal((await turn())?.added, 1, "nothing was lost");
});
