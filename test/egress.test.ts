import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, createServer as createTcpServer, type Server as TcpServer } from "node:net";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import type { ErrorCode } from "#core/errors.ts";
import type { WaglanError } from "#core/result.ts";
import { type EgressEntry, type EgressOptions, type Fetched, openEgress } from "#net/egress.ts";
import type { HttpClient } from "#net/http-client.ts";
import { plainClient } from "#net/plain-client.ts";
import { inNetworks, specialRange } from "#net/reachable.ts";
import { undiciClient } from "#net/undici-client.ts";
import { certificate, privateKey } from "./test-certificate.ts";

/** What the far side does, by path. */
type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;
const body = Buffer.from("198.51.100.7\n");
const behaviours: Record<string, Behaviour> = {
  "/list": (request, response) => {
    if (request.headers["if-none-match"] === '"v1"' || request.headers["if-modified-since"] !== undefined)
      response.writeHead(304, { etag: '"v1"' }).end();
    else response.writeHead(200, { etag: '"v1"', "last-modified": "Thu, 19 Nov 2026 08:42:00 GMT" }).end(body);
  },
  "/headers": (request, response) => response.end(JSON.stringify(request.headers)),
  "/packed": (request, response) =>
    request.headers["accept-encoding"] === "gzip"
      ? response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(body))
      : response.end(body),
  "/fails": (_request, response) => response.writeHead(503, { "retry-after": "60" }).end("busy"),
  "/slow": (_request, response) => void response.writeHead(200).write("a"), // and never more
  "/silent": () => undefined,
  "/endless": (_request, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write("x".repeat(16_384)));
    };
    response.on("drain", more);
    more();
  },
  "/promises": (_request, response) => response.writeHead(200, { "content-length": "99999999" }).end(),
  "/short": (_request, response) => {
    response.writeHead(200, { "content-length": "1000" });
    response.write("only this");
    setImmediate(() => response.destroy());
  },
  "/cookies": (_request, response) => response.writeHead(302, { location: "/headers", "set-cookie": "a=1" }).end(),
  "/loop": (_request, response) => response.writeHead(302, { location: "/loop" }).end(),
  "/inside": (_request, response) =>
    response.writeHead(302, { location: "http://169.254.169.254/latest/meta-data" }).end(),
  "/script": (_request, response) => response.writeHead(302, { location: "javascript:alert(1)" }).end(),
  "/file": (_request, response) => response.writeHead(302, { location: "file:///etc/passwd" }).end(),
  "/nowhere": (_request, response) => response.writeHead(302).end("no location"),
  "/headers-endless": (_request, response) => {
    response.socket?.write(`HTTP/1.1 200 OK\r\n${`x: ${"y".repeat(1000)}\r\n`.repeat(100)}\r\n`);
  },
};
const behave: Behaviour = (request, response) => {
  const path = (request.url ?? "").split("?")[0] ?? "";
  const hop = /^\/hop\/(\d)$/.exec(path)?.[1];
  if (hop !== undefined) response.writeHead(301, { location: hop === "1" ? "/list" : `/hop/${Number(hop) - 1}` }).end();
  else if (path === "/to-mirror") response.writeHead(302, { location: `http://mirror.example:${port}/headers` }).end();
  else if (path === "/to-stranger")
    response.writeHead(302, { location: `http://stranger.example:${port}/headers` }).end();
  else if (path === "/to-clear") response.writeHead(302, { location: `http://feeds.example:${port}/list` }).end();
  else (behaviours[path] ?? ((_, answer) => answer.writeHead(404).end()))(request, response);
};

const listen = (server: TcpServer): Promise<number> =>
  new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));

let clear: Server;
let tls: Server;
let port = 0;
let tlsPort = 0;
before(async () => {
  clear = createServer(behave);
  tls = createTlsServer({ cert: certificate, key: privateKey }, behave);
  port = await listen(clear);
  tlsPort = await listen(tls);
});
after(() => {
  for (const server of [clear, tls]) {
    server.closeAllConnections();
    server.close();
  }
});

/** Who speaks in the test under way. */
let client: HttpClient = undiciClient;
const everyClient = (name: string, work: () => Promise<void>): void => {
  for (const [by, one] of Object.entries({ undici: undiciClient, hand: plainClient }))
    test(`${name}, by ${by}`, async () => {
      client = one;
      await work();
    });
};

const here: EgressOptions["resolve"] = async () => ["127.0.0.1"];
const options = (more: Partial<EgressOptions> = {}): EgressOptions => ({
  hosts: new Set(["feeds.example", "mirror.example"]),
  ports: [port, tlsPort],
  allowAddresses: ["127.0.0.1/32"],
  ca: certificate,
  resolve: here,
  client,
  ...more,
});
const request = { purpose: "feed:test", maxBytes: 100_000, deadlineMs: 5_000 } as const;
const fetch = (path: string, more: Partial<EgressOptions> = {}, asked: object = {}): Promise<Fetched> =>
  openEgress(options(more)).get(`http://feeds.example:${port}${path}`, { ...request, ...asked });
const refused = (promise: Promise<Fetched>, code: ErrorCode): Promise<void> =>
  assert.rejects(promise, { name: "WaglanError", code });

everyClient("get() fetches a list once and again only when it changed", async () => {
  const first = await fetch("/list?key=secret");
  assert.equal(first.status, 200);
  assert.deepEqual(Buffer.from(first.body), body);
  assert.equal(first.headers["etag"], '"v1"');
  assert.equal(first.notModified, false);
  for (const asked of [{ etag: '"v1"' }, { lastModified: first.headers["last-modified"] }]) {
    const again = await fetch("/list", {}, asked);
    assert.deepEqual([again.status, again.notModified, again.body.byteLength], [304, true, 0]);
  }
  const failing = await fetch("/fails");
  assert.deepEqual(
    [failing.status, failing.headers["retry-after"], Buffer.from(failing.body).toString()],
    [503, "60", "busy"],
  );
});

everyClient("get() sends what it must and no more, and decodes nothing", async () => {
  const { connection, ...sent } = JSON.parse(
    Buffer.from((await fetch("/cookies", {}, { headers: { "X-Key": "k" } })).body).toString(),
  ) as Record<string, unknown>;
  assert.match(String(connection), /^(keep-alive|close)$/);
  assert.deepEqual(sent, {
    host: `feeds.example:${port}`,
    "user-agent": "waglan",
    accept: "*/*",
    "accept-encoding": "identity",
    "x-key": "k",
  });
  const packed = await fetch("/packed", {}, { headers: { "accept-encoding": "gzip" } });
  assert.equal(packed.headers["content-encoding"], "gzip");
  assert.deepEqual(Buffer.from(packed.body), gzipSync(body));
  await assert.rejects(
    fetch("/list", {}, { headers: { Host: "other.example" } }),
    /egress sets the header Host itself/,
  );
  await assert.rejects(fetch("/list", {}, { headers: { cookie: "a=1" } }));
});

everyClient("get() follows three redirects, checks each, and carries no key to another host", async () => {
  const third = await fetch("/hop/3");
  assert.equal(third.url, `http://feeds.example:${port}/list`);
  await refused(fetch("/hop/4"), "WGL_EGRESS_REDIRECTS");
  await refused(fetch("/loop"), "WGL_EGRESS_REDIRECTS");
  const mirror = await fetch("/to-mirror", {}, { headers: { authorization: "Bearer k" }, etag: '"v1"' });
  const seen = JSON.parse(Buffer.from(mirror.body).toString()) as Record<string, string>;
  assert.equal(seen["host"], `mirror.example:${port}`);
  assert.equal(seen["authorization"] ?? seen["if-none-match"], undefined);
  await refused(fetch("/to-stranger"), "WGL_EGRESS_HOST");
  await refused(fetch("/inside"), "WGL_EGRESS_HOST");
  await refused(fetch("/inside", { hosts: { has: () => true }, ports: [port, 80] }), "WGL_EGRESS_ADDRESS");
  await refused(fetch("/script"), "WGL_EGRESS_URL");
  await refused(fetch("/file"), "WGL_EGRESS_URL");
  assert.equal((await fetch("/nowhere")).status, 302); // without Location it is an answer
});

everyClient("get() speaks TLS to whom the certificate names, and never steps down from it", async () => {
  const egress = openEgress(options());
  const secure = await egress.get(`https://feeds.example:${tlsPort}/list`, request);
  assert.deepEqual(Buffer.from(secure.body), body);
  await refused(egress.get(`https://feeds.example:${tlsPort}/to-clear`, request), "WGL_EGRESS_DOWNGRADE");
  const other = openEgress(options({ hosts: new Set(["other.example"]) }));
  await refused(other.get(`https://other.example:${tlsPort}/list`, request), "WGL_EGRESS_BROKEN"); // not in the certificate
  const { ca: _ca, ...unknown } = options();
  await refused(openEgress(unknown).get(`https://feeds.example:${tlsPort}/list`, request), "WGL_EGRESS_BROKEN");
});

everyClient("get() ends at its deadline, wherever the far side hangs", async () => {
  const soon = { deadlineMs: 60 };
  await refused(fetch("/slow", {}, soon), "WGL_EGRESS_DEADLINE");
  await refused(fetch("/silent", {}, soon), "WGL_EGRESS_DEADLINE");
  await refused(fetch("/list", { resolve: () => new Promise(() => undefined) }, soon), "WGL_EGRESS_DEADLINE");
});

everyClient("get() holds bodies and headers to their caps, and hands out no broken body", async () => {
  await refused(fetch("/endless"), "WGL_EGRESS_LARGE");
  await refused(fetch("/promises"), "WGL_EGRESS_LARGE");
  await refused(fetch("/short"), "WGL_EGRESS_BROKEN");
  await refused(fetch("/headers-endless"), "WGL_EGRESS_BROKEN");
  assert.equal((await fetch("/list", {}, { maxBytes: body.byteLength })).status, 200);
  await refused(fetch("/list", {}, { maxBytes: body.byteLength - 1 }), "WGL_EGRESS_LARGE");
  const closed = createTcpServer();
  const gone = await listen(closed);
  await new Promise((done) => closed.close(done));
  await refused(
    openEgress(options({ ports: [gone] })).get(`http://feeds.example:${gone}/`, request),
    "WGL_EGRESS_BROKEN",
  );
});

everyClient("get() asks for a name once and connects to that answer (TRUST D2)", async () => {
  let asked = 0;
  // First a harmless answer, then the inside one: whoever resolved again would connect there.
  const rebinding = async (): Promise<readonly string[]> => (asked++ === 0 ? ["127.0.0.1"] : ["127.0.0.2"]);
  const answer = await fetch("/list", { resolve: rebinding });
  assert.equal(answer.status, 200);
  assert.equal(asked, 1);
  await refused(fetch("/list", { resolve: async () => ["127.0.0.2"] }), "WGL_EGRESS_ADDRESS");
  await refused(fetch("/list", { resolve: async () => ["127.0.0.1", "10.0.0.1"] }), "WGL_EGRESS_ADDRESS");
  await refused(fetch("/list", { resolve: async () => [] }), "WGL_EGRESS_NAME");
  await refused(fetch("/list", { resolve: () => Promise.reject(new Error("ENOTFOUND")) }), "WGL_EGRESS_NAME");
  await refused(fetch("/list", { resolve: async () => ["not an address"] }), "WGL_EGRESS_ADDRESS");
});

everyClient("get() refuses hosts and ports that are not on the list, and URLs that are not plain", async () => {
  await refused(openEgress(options()).get(`http://evil.example:${port}/`, request), "WGL_EGRESS_HOST");
  await refused(openEgress(options()).get(`http://feeds.example.evil.example:${port}/`, request), "WGL_EGRESS_HOST");
  await refused(openEgress(options()).get("http://feeds.example:22/", request), "WGL_EGRESS_PORT");
  await refused(openEgress(options()).get("http://feeds.example/", request), "WGL_EGRESS_PORT"); // 80, not listed here
  for (const url of [
    "",
    "feeds.example",
    "//feeds.example/",
    "ftp://feeds.example/",
    "file:///etc/passwd",
    "data:,x",
    "gopher://feeds.example/",
    `http://a:b@feeds.example:${port}/`,
    `http://evil.example@feeds.example:${port}/`,
    "http://",
  ])
    await refused(openEgress(options()).get(url, request), "WGL_EGRESS_URL");
});

/** TRUST D1: ways to write an address that is not for strangers; the allow-list would already stop each, so it lets all pass here. */
const inside = [
  "127.0.0.1",
  "127.1",
  "0x7f000001",
  "0x7f.0.0.1",
  "2130706433",
  "0177.0.0.1",
  "017700000001",
  "①②⑦.⓪.⓪.①",
  "127。0。0。1",
  "127.0.0.1.",
  "0.0.0.0",
  "0",
  "[::]",
  "[::1]",
  "[::ffff:7f00:1]",
  "[::ffff:127.0.0.1]",
  "[::127.0.0.1]",
  "[::ffff:0:127.0.0.1]",
  "[64:ff9b::7f00:1]",
  "[64:ff9b:1::7f00:1]",
  "[2002:7f00:1::]",
  "[fd00:ec2::254]",
  "[fe80::1]",
  "[ff02::1]",
  "[2001:0:7f00:1::]",
  "169.254.169.254",
  "100.100.100.200",
  "168.63.129.16",
  "192.0.0.192",
  "10.0.0.1",
  "172.16.0.1",
  "192.168.0.1",
  "198.18.0.1",
  "224.0.0.1",
  "255.255.255.255",
];

everyClient("get() refuses every way to write an inner address (TRUST D1)", async () => {
  const resolved: string[] = [];
  const egress = openEgress({
    hosts: { has: () => true },
    resolve: async (host) => {
      resolved.push(host);
      return host === "localhost" ? ["127.0.0.1", "::1"] : [];
    },
  });
  for (const host of inside) await refused(egress.get(`http://${host}/`, request), "WGL_EGRESS_ADDRESS");
  await refused(egress.get("http://localhost./", request), "WGL_EGRESS_ADDRESS");
  await refused(egress.get("http://feeds.example@127.0.0.1/", request), "WGL_EGRESS_URL");
  assert.deepEqual(resolved, ["localhost"]);
  assert.ok(inside.length >= 25);
  // A name that answers with such an address is no better.
  for (const address of [
    "::ffff:127.0.0.1",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "fd00:ec2::254",
    "169.254.169.254",
  ])
    await refused(
      openEgress({ hosts: { has: () => true }, resolve: async () => [address] }).get("http://feeds.example/", request),
      "WGL_EGRESS_ADDRESS",
    );
});

test("an allowed address is that address alone, not its other writings", () => {
  assert.equal(inNetworks("127.0.0.1", ["127.0.0.1/32"]), true);
  for (const other of ["127.0.0.2", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "::1", "", "localhost"])
    assert.equal(inNetworks(other, ["127.0.0.1/32"]), false, other);
  assert.equal(inNetworks("2001:db8::9", ["10.0.0.0/8", "2001:db8::/32"]), true);
  assert.throws(() => inNetworks("127.0.0.1", ["127.0.0.1"]), /is not a network/);
});

test("specialRange() lets public unicast pass and every smuggled IPv4 address not", () => {
  for (const address of [
    "8.8.8.8",
    "1.1.1.1",
    "100.63.255.255",
    "172.32.0.1",
    "198.17.255.255",
    "2606:4700::1111",
    "2a00:1450:4001::1",
  ])
    assert.equal(specialRange(address), undefined, address);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (n) => {
      const high = ((n >>> 16) & 0xffff).toString(16);
      const low = (n & 0xffff).toString(16);
      for (const form of [
        `::${high}:${low}`,
        `::ffff:${high}:${low}`,
        `::ffff:0:${high}:${low}`,
        `64:ff9b::${high}:${low}`,
        `2002:${high}:${low}::1`,
        `2001:0:${high}:${low}::1`,
      ])
        assert.notEqual(specialRange(form), undefined, form);
    }),
    { numRuns: 300 },
  );
});

everyClient("get() goes through the proxy alone when one is set, and still holds to the list", async () => {
  const tunnels: string[] = [];
  const forwarded: string[] = [];
  const proxy = createServer((asked, response) => {
    forwarded.push(`${asked.url} ${asked.headers["proxy-authorization"] ?? ""}`);
    response.end("from the proxy");
  });
  proxy.on("connect", (asked: IncomingMessage, socket) => {
    tunnels.push(asked.url ?? "");
    const far = connect(tlsPort, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      far.pipe(socket).pipe(far);
    });
    far.on("error", () => socket.destroy());
    socket.on("error", () => far.destroy());
  });
  const proxyPort = await listen(proxy);
  const egress = openEgress(
    options({
      proxy: `http://us:er@127.0.0.1:${proxyPort}`,
      resolve: () => Promise.reject(new Error("nobody resolves here")),
    }),
  );
  assert.equal(
    Buffer.from((await egress.get(`http://feeds.example:${port}/list`, request)).body).toString(),
    "from the proxy",
  );
  assert.deepEqual(forwarded, [`http://feeds.example:${port}/list Basic dXM6ZXI=`]);
  assert.deepEqual(Buffer.from((await egress.get(`https://feeds.example:${tlsPort}/list`, request)).body), body);
  assert.deepEqual(tunnels, [`feeds.example:${tlsPort}`]);
  await refused(egress.get(`http://evil.example:${port}/`, request), "WGL_EGRESS_HOST");
  await refused(
    openEgress(options({ proxy: `http://127.0.0.1:${proxyPort}`, hosts: { has: () => true } })).get(
      `http://10.0.0.1:${port}/`,
      request,
    ),
    "WGL_EGRESS_ADDRESS",
  );
  proxy.closeAllConnections();
  proxy.close();
});

everyClient("each hop is logged with its purpose, the address and no key", async () => {
  const log: EgressEntry[] = [];
  const logged = { log: (entry: EgressEntry) => void log.push(entry) };
  await fetch("/hop/1?key=secret", logged);
  await refused(fetch("/endless", logged), "WGL_EGRESS_LARGE");
  await refused(
    openEgress(options(logged)).get(`http://evil.example:${port}/x?key=secret`, request),
    "WGL_EGRESS_HOST",
  );
  assert.deepEqual(
    log.map(({ tookMs, bytes, ...entry }) => ({
      ...entry,
      bytes: bytes > 100_000 ? "capped" : bytes,
      timed: tookMs >= 0,
    })),
    [
      {
        purpose: "feed:test",
        url: `http://feeds.example:${port}/hop/1`,
        address: "127.0.0.1",
        status: 301,
        bytes: 0,
        timed: true,
      },
      {
        purpose: "feed:test",
        url: `http://feeds.example:${port}/list`,
        address: "127.0.0.1",
        status: 200,
        bytes: body.byteLength,
        timed: true,
      },
      {
        purpose: "feed:test",
        url: `http://feeds.example:${port}/endless`,
        address: "127.0.0.1",
        status: 200,
        bytes: "capped",
        code: "WGL_EGRESS_LARGE",
        timed: true,
      },
      { purpose: "feed:test", url: `http://evil.example:${port}/x`, bytes: 0, code: "WGL_EGRESS_HOST", timed: true },
    ],
  );
});

everyClient("a key that stands in an address is shown nowhere: neither in the log nor in an error", async () => {
  const entries: EgressEntry[] = [];
  const egress = openEgress({ ...options(), log: (entry) => entries.push(entry) });
  const secrets = ["k3y/of us", encodeURIComponent("k3y/of us")];
  const at = (path: string): string => `http://feeds.example:${port}${path.replace("{key}", secrets[1] ?? "")}`;
  const keyed = { ...request, secrets };
  await egress.get(at("/data/{key}/list?k={key}"), keyed);
  for (const [url, code] of [
    [at("/promises?{key}"), "WGL_EGRESS_LARGE"],
    [at("/hop/9?{key}"), "WGL_EGRESS_REDIRECTS"],
    [`gopher://${secrets[1]}/`, "WGL_EGRESS_URL"],
  ] as const)
    await assert.rejects(egress.get(url, keyed), (error: WaglanError) => {
      assert.equal(error.code, code);
      assert.doesNotMatch(`${error.message} ${JSON.stringify(error)}`, /k3y/);
      return true;
    });
  assert.ok(entries.length >= 3);
  assert.ok(entries[0]?.url.includes("/data/…/list"));
  assert.doesNotMatch(JSON.stringify(entries), /k3y/);
});
