import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { connect as connectTls } from "node:tls";
import { X509Certificate } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { Registry } from "prom-client";
import { after, type Instant, minute } from "#core/instant.ts";
import { WaglanError } from "#core/result.ts";
import { lenient } from "#core/value-policy.ts";
import { feedById } from "#feeds/index.ts";
import { BatchThreads } from "#jobs/batches/threads.ts";
import { collect } from "#jobs/collect/collect.ts";
import { readConfig } from "#jobs/config/config.ts";
import { matchTelemetry } from "#jobs/batches/match-telemetry.ts";
import { MatchMemory } from "#jobs/batches/match-memory.ts";
import { pieceOf } from "#jobs/pieces.ts";
import { statusOf } from "#jobs/acts/status.ts";
import { buildExclusions } from "#intel/exclusions.ts";
import { lostByKernel } from "#listen/syslog-udp.ts";
import { streamLive } from "#store/intel.ts";
import { openInputs, type RunningInputs } from "#wiring/inputs.ts";
import { type ActsWorld, ask, openActsWorld } from "./acts-world.ts";
import { caughtUp } from "./cluster.ts";
import { certificate, privateKey } from "./test-certificate.ts";

interface Listening extends ActsWorld {
  readonly inputs: RunningInputs;
  readonly port: number;
  /** What a counter says: 'waglan_input_lines_total{sensor="edge"}'. */
  readonly counts: (sample: string, n: number) => Promise<void>;
  /** Stops, and gives what was taken: sensor and line, in order. */
  readonly taken: () => Promise<readonly string[]>;
  readonly drops: () => Promise<readonly string[]>;
}

const listen = async (
  t: TestContext,
  entry: string,
  some: { readonly world?: ActsWorld; readonly waiting?: number } = {},
): Promise<Listening> => {
  const world = some.world ?? (await openActsWorld(t));
  const data = mkdtempSync(join(tmpdir(), "listen-"));
  t.after(() => rmSync(data, { recursive: true, force: true }));
  writeFileSync(join(data, "cert.pem"), certificate);
  writeFileSync(join(data, "key.pem"), privateKey);
  writeFileSync(join(data, "bad.pem"), "nothing");
  const config = readConfig(
    `inputs: { syslog: [${entry}] }`,
    {},
    {
      data,
      "telemetry.waiting": String(some.waiting ?? 500),
    },
  );
  assert.ok(config.ok, JSON.stringify(config));
  const metrics = new Registry();
  const { state, directory, now } = world.desk;
  const inputs = await openInputs(
    { config: config.value, state, directory, now },
    metrics,
    () => {},
    (_, error) => {
      throw error;
    },
  );
  let open = true;
  const close = async (): Promise<void> => {
    if (open) await inputs.close();
    open = false;
  };
  t.after(close);
  return {
    ...world,
    inputs,
    port: inputs.listeners[0]?.port ?? 0,
    counts: async (sample, n) => {
      for (let tries = 0; ; tries++) {
        const line = (await metrics.metrics()).split("\n").find((one) => one.startsWith(`${sample} `));
        if (Number(line?.slice(sample.length + 1)) === n) return;
        assert.ok(tries < 500, `${sample} is ${line}, wanted ${n}\n${await metrics.metrics()}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    taken: async () => {
      await close();
      const rows =
        await world.sql`select s.key, b.body from telemetry_batch b join sensor s on s.id = b.sensor order by b.n`;
      return rows.flatMap((row) =>
        gunzipSync(row["body"] as Uint8Array)
          .toString("latin1")
          .split("\n")
          .slice(0, -1)
          .map((one) => `${row["key"] as string} ${one}`),
      );
    },
    drops: async () => {
      await close();
      const kept = await state.act((tx) => tx.inputs.drops(0 as Instant));
      return kept.map(({ sensor, reason, n }) => `${sensor ?? "-"} ${reason} ${n}`).toSorted();
    },
  };
};

const lines = (sensor: string): string => `waglan_input_lines_total{sensor="${sensor}"}`;
const drops = (input: string, sensor: string, reason: string): string =>
  `waglan_input_dropped_total{input="${input}",sensor="${sensor}",reason="${reason}"}`;

const dial = (port: number, host = "127.0.0.1"): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, host, () => resolve(socket));
    socket.once("error", reject);
  });
const written = (socket: Socket, bytes: string | Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => void socket.write(bytes, (error) => (error ? reject(error) : resolve())));
const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.on("error", () => {});
    socket.resume();
    if (socket.closed) resolve();
    else socket.once("close", () => resolve());
  });

const datagrams = async (port: number, sent: readonly (string | Uint8Array)[]): Promise<void> => {
  const socket = createSocket("udp4");
  for (const one of sent)
    await new Promise<void>((resolve, reject) =>
      socket.send(one, port, "127.0.0.1", (error) => (error ? reject(error) : resolve())),
    );
  socket.close();
};

test("UDP: a datagram is a line, of whoever may send; bytes that are no UTF-8 go on as they are", async (t) => {
  const on = "udp://127.0.0.1:0";
  const world = await listen(t, `{ listen: "${on}", sensor: { 127.0.0.0/8: edge }, format: syslog }`);
  await datagrams(world.port, ["<14>a\n", "<14>b\n<14>forged", Uint8Array.of(0x3c, 0x31, 0x3e, 0xff, 0x80), "\n"]);
  await world.counts(lines("edge"), 3);
  assert.deepEqual(await world.taken(), ["edge <14>a", "edge <14>b <14>forged", "edge <1>\xff\x80"]);
  assert.deepEqual(await world.drops(), []);
  const [row] = await world.sql`select distinct format, key like 'syslog-%-0' as named from telemetry_batch`;
  assert.deepEqual({ ...row }, { format: "syslog", named: true });
});

test("senders and sensors nobody knows are counted, refused, and an alarm for staff alone", async (t) => {
  const [udp, tcp] = ["udp://127.0.0.1:0", "tcp://127.0.0.1:0"];
  const world = await listen(
    t,
    `{ listen: "${udp}", sensor: { 192.0.2.0/24: edge } }, { listen: "${tcp}", sensor: nobody }`,
  );
  await datagrams(world.port, ["<14>a", "<14>b"]);
  await world.counts(drops(udp, "", "unknown-sender"), 2);
  await closed(await dial(world.inputs.listeners[1]?.port ?? 0));
  await world.counts(drops(tcp, "nobody", "no-sensor"), 1);
  assert.deepEqual(await world.drops(), ["- unknown-sender 2", "nobody no-sensor 1"]);
  assert.deepEqual(await world.taken(), []);
  const status = await statusOf(world.desk, await world.viewer("lo"), "en");
  const alarms = status.alarms.filter(({ about }) => about === "input");
  assert.deepEqual(alarms.map(({ name, state }) => [name, state]).toSorted(), [
    [`nobody ${tcp}`, "failing"],
    [udp, "failing"],
  ]);
  assert.match(
    alarms.find(({ name }) => name === udp)?.says ?? "",
    /^sender not in the configuration: 2 in all, last at .* \(127\.0\.0\.1\)$/,
  );
  for (const language of ["zh-Hant-HK", "zh-Hans"] as const)
    assert.match(
      (await statusOf(world.desk, await world.viewer("lo"), language)).alarms.map(({ says }) => says).join(),
      /[一-鿿]/,
    );
  const chan = await statusOf(world.desk, await world.viewer("chan"), "en");
  assert.deepEqual(
    chan.alarms.filter(({ about }) => about === "input"),
    [],
  );
  world.clock.now = after(world.clock.now, 61 * minute);
  const later = await statusOf(world.desk, await world.viewer("lo"), "en");
  assert.deepEqual(
    later.alarms.filter(({ about }) => about === "input"),
    [],
  );
});

test("TCP: both framings, torn anywhere, from connections at the same time; each sensor's in its order", async (t) => {
  const world = await listen(t, '{ listen: "tcp://127.0.0.1:0", sensor: edge }');
  const [a, b] = [await dial(world.port), await dial(world.port)];
  for (let n = 0; n < 20; n++) {
    // torn in the middle of a length and of a message, the other's between
    const counted = `10 <14>a ${String(n).padStart(4, "0")}`;
    const line = `<14>b ${String(n).padStart(4, "0")}\n`;
    await written(a, counted.slice(0, 1 + (n % 9)));
    await written(b, line.slice(0, 2 + (n % 8)));
    await written(a, counted.slice(1 + (n % 9)));
    await written(b, line.slice(2 + (n % 8)));
  }
  await written(a, "20 <14>half of");
  a.end();
  b.end("<14>last, without its end");
  await Promise.all([closed(a), closed(b)]);
  await world.counts(lines("edge"), 41);
  const taken = await world.taken();
  for (const who of ["a", "b"])
    assert.deepEqual(
      taken.filter((one) => one.includes(`>${who} `)),
      Array.from({ length: 20 }, (_, n) => `edge <14>${who} ${String(n).padStart(4, "0")}`),
    );
  assert.ok(taken.includes("edge <14>last, without its end"));
  assert.deepEqual(await world.drops(), ["edge torn 1"]);
});

test("TCP: a line of 10 MB is counted, the next is taken; too many connections and silent ones are closed", async (t) => {
  const on = "tcp://127.0.0.1:0";
  const world = await listen(t, `{ listen: "${on}", sensor: edge, connections: 1, idleSeconds: 1 }`);
  const one = await dial(world.port);
  await written(one, Buffer.concat([Buffer.alloc(10_000_000, 0x78), Buffer.from("\n<14>after\n")]));
  await world.counts(lines("edge"), 1);
  await closed(await dial(world.port));
  await world.counts(drops(on, "", "connections"), 1);
  await closed(one);
  assert.deepEqual(await world.drops(), ["- connections 1", "edge idle 1", "edge too-long 1"]);
  assert.deepEqual(await world.taken(), ["edge <14>after"]);
});

test("a full queue: TCP waits and loses nothing, UDP is counted", async (t) => {
  const [udp, tcp] = ["udp://127.0.0.1:0", "tcp://127.0.0.1:0"];
  const world = await listen(t, `{ listen: "${udp}", sensor: edge }, { listen: "${tcp}", sensor: edge }`, {
    waiting: 10,
  });
  const socket = await dial(world.inputs.listeners[1]?.port ?? 0);
  const all = 400;
  const sending = written(socket, `<14>${"x".repeat(100_000)}\n`.repeat(all));
  const until = async (done: () => boolean): Promise<void> => {
    for (let tries = 0; !done(); tries++) {
      assert.ok(tries < 1000);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  // ten batches are taken, and what may wait waits
  await until(() => world.inputs.waiting() >= 16_777_216);
  await world.counts("waglan_input_waiting_bytes", world.inputs.waiting());
  assert.ok(world.inputs.waiting() < 16_777_216 + 1_000_000, "what waits is bounded");
  await datagrams(world.port, ["<14>lost"]);
  await world.counts(drops(udp, "edge", "queue-full"), 1);
  const matching = setInterval(() => {
    world.clock.now = after(world.clock.now, minute);
    void world.sql`update telemetry_batch set matched = now() where matched is null`.then(() => {});
  }, 20);
  try {
    await sending;
    await world.counts(lines("edge"), all);
    await until(() => world.inputs.waiting() === 0);
  } finally {
    clearInterval(matching);
  }
  assert.equal((await world.taken()).length, all);
  assert.deepEqual(await world.drops(), ["edge queue-full 1"]);
  socket.destroy();
});

test("TLS: who is signed by the authority speaks by name, who is pinned by fingerprint; others are counted", async (t) => {
  const fingerprint = new X509Certificate(certificate).fingerprint256;
  const tls = "tls: { cert: cert.pem, key: key.pem, ca: cert.pem }";
  const send = async (port: number, line: string, mine: boolean): Promise<void> => {
    const socket = connectTls({
      port,
      host: "127.0.0.1",
      ca: certificate,
      ...(mine ? { cert: certificate, key: privateKey } : {}),
    });
    socket.on("error", () => {});
    socket.on("secureConnect", () => socket.end(line));
    await closed(socket);
  };
  const on = "tls://127.0.0.1:0";
  const world = await listen(
    t,
    `{ listen: "${on}", sensor: { "name:feeds.example": edge }, ${tls} },
     { listen: "${on}", sensor: { "sha256:${fingerprint}": gate }, tls: { cert: cert.pem, key: key.pem } }`,
  );
  const [named = 0, pinned = 0] = world.inputs.listeners.map(({ port }) => port);
  await send(named, "8 <14>name", true);
  await world.counts(lines("edge"), 1);
  await send(pinned, "<14>pin\n", true);
  await world.counts(lines("gate"), 1);
  await send(named, "<14>stranger\n", false);
  await world.counts(drops(on, "", "handshake"), 1);
  await send(pinned, "<14>stranger\n", false);
  await world.counts(drops(on, "", "unknown-sender"), 1);
  const clear = await dial(named);
  await written(clear, "<14>in clear\n");
  await closed(clear);
  await world.counts(drops(on, "", "handshake"), 2);
  assert.deepEqual((await world.taken()).toSorted(), ["edge <14>name", "gate <14>pin"]);
});

test("an input that cannot work stops the start with its reason, and leaves nothing open", async (t) => {
  const first = await listen(t, '{ listen: "tcp://127.0.0.1:0", sensor: edge }');
  const code = (entry: string): Promise<string> =>
    listen(t, entry, { world: first }).then(
      () => "none",
      (error: unknown) => (error instanceof WaglanError ? error.code : String(error)),
    );
  assert.equal(await code(`{ listen: "tcp://127.0.0.1:${first.port}", sensor: edge }`), "WGL_LISTEN_PLACE");
  assert.equal(
    await code('{ listen: "udp://192.0.2.1:0", sensor: { 192.0.2.0/24: edge }, clear: true }'),
    "WGL_LISTEN_PLACE",
  );
  assert.equal(
    await code('{ listen: "tls://127.0.0.1:0", sensor: edge, tls: { cert: bad.pem, key: key.pem } }'),
    "WGL_LISTEN_TLS",
  );
  assert.equal(
    await code('{ listen: "tls://127.0.0.1:0", sensor: edge, tls: { cert: none.pem, key: key.pem } }'),
    "WGL_INPUT_PATH",
  );
  assert.equal(await code('{ listen: "udp://127.0.0.1:0", sensor: edge, format: sylog }'), "WGL_INPUT_FORMAT");
});

test("what the system lost is read where it says so", () => {
  assert.equal(lostByKernel(1), 0);
});

test("end to end: a line that came by syslog and names a listed address is a finding, delivered twice it is one", async (t) => {
  const world = await openActsWorld(t);
  const { state, directory, idOf, now } = world.desk;
  const feed = feedById.get("abusech-feodo");
  assert.ok(feed);
  const list =
    '"first_seen_utc","dst_ip","dst_port","c2_status","last_online","malware"\n"2026-11-01 06:10:04","198.51.100.77","443","online","2026-11-19","Tugboat"\n';
  await collect(
    { state, secret: "test", policy: { ...lenient, now: now() }, now: now(), elapsed: () => 0, shadow: false },
    feed,
    pieceOf(Buffer.from(list), "list.csv"),
    "list.csv",
  );
  await caughtUp(world.sql);
  const nothing = { read: async () => undefined, write: async () => {} };
  const memory = new MatchMemory(
    state,
    (at, each) => streamLive(world.sql, at, each),
    Buffer.alloc(32, 1),
    buildExclusions([], { allow: ["198.51.100.0/24"] }),
    { ...nothing, about: "test" },
  );
  await memory.refresh(now());
  assert.equal(memory.index.size > 0, true);
  const threads = new BatchThreads(1, "00".repeat(32), () => memory.index);
  t.after(() => threads.close());

  const on = await listen(
    t,
    '{ listen: "tcp://127.0.0.1:0", sensor: edge, format: fortigate }, { listen: "udp://127.0.0.1:0", sensor: edge, format: fortigate }',
    { world },
  );
  const stamp = new Date(now() - minute).toISOString();
  const line = `<189>date=${stamp.slice(0, 10)} time=${stamp.slice(11, 19)} devname="FG" tz="+0000" logid="0000000013" type="traffic" subtype="forward" level="notice" srcip=10.20.4.31 srcport=59859 dstip=198.51.100.77 dstport=443 proto=6 action="close" service="HTTPS"`;
  const socket = await dial(on.port);
  socket.end(`${line}\nno such format at all\n${Buffer.byteLength(line)} ${line}`);
  await closed(socket);
  await datagrams(on.inputs.listeners[1]?.port ?? 0, [line]);
  await on.counts(lines("edge"), 4);
  await on.inputs.close();
  const matched = await matchTelemetry({
    ...{ state, threads, directory, secret: "test", contacted: () => "c2-server", now },
    community: { shadow: () => false, worth: () => "normal", idOf },
  });
  assert.deepEqual(
    { lines: matched?.lines, hits: matched?.hits, opened: matched?.opened },
    { lines: 4, hits: 1, opened: 1 },
  );
  const found = await world.acts.findings(await world.viewer("lo"), { view: "open", limit: 10 }, ask);
  assert.ok(found.ok);
  assert.deepEqual(
    found.value.findings.map(({ asset }) => asset),
    ["10.20.4.31"],
  );
  // what lied about its format is counted, with its reason
  const [row] = await world.sql`select events::int, rejected::int from sensor_heard`;
  assert.deepEqual({ ...row }, { events: 3, rejected: 1 });
});
