// Takes seconds: laws on many made-up inputs.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { printConfig } from "#jobs/config/print.ts";
import { type Config, readConfig } from "#jobs/config/config.ts";
import { headerAfter, lastEnd, wideOf } from "#listen/file-lines.ts";
import { sensorOf } from "#listen/senders.ts";
import { lineOf, SyslogFrames } from "#listen/syslog-frames.ts";
import { longestLine } from "#telemetry/lines.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (raw: Uint8Array): string => new TextDecoder().decode(raw);

/** What comes out of a stream that arrives in pieces of these lengths, the last repeated. */
const framed = (stream: Uint8Array, lengths: readonly number[] = [65_536]): { said: string[]; broken: string[] } => {
  const frames = new SyslogFrames();
  const [said, broken]: [string[], string[]] = [[], []];
  for (let at = 0, turn = 0; at < stream.length; turn++) {
    const length = lengths[Math.min(turn, lengths.length - 1)] ?? 1;
    frames.push(
      stream.subarray(at, at + length),
      (one) => void said.push(text(one)),
      (why) => void broken.push(why),
    );
    at += length;
  }
  frames.end(
    (one) => void said.push(text(one)),
    (why) => void broken.push(why),
  );
  return { said, broken };
};

// messages as syslog has them: no line ends inside, nothing at the end that is taken off
const message = fc
  .tuple(fc.nat(191), fc.string({ unit: "binary", maxLength: 60 }))
  .map(([pri, rest]) => `<${pri}>${rest.replaceAll(/[\r\n\0]/g, "_")}`);

test("messages come out whole, counted or by lines, each told for itself, however the stream is torn", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ message, counted: fc.boolean(), end: fc.constantFrom("\n", "\r\n", "\0\n") }), {
        maxLength: 12,
      }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }),
      (sent, lengths) => {
        const stream = sent
          .map(({ message: one, counted, end }) => (counted ? `${bytes(one).length} ${one}` : `${one}${end}`))
          .join("");
        assert.deepEqual(framed(bytes(stream), lengths), { said: sent.map((one) => one.message), broken: [] });
      },
    ),
  );
});

test("any bytes at all give messages without line ends, the same however they are torn", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 50 }), (stream, length) => {
      const whole = framed(stream);
      assert.deepEqual(framed(stream, [length]), whole);
      assert.ok(whole.said.every((one) => one !== "" && !/[\r\n]/.test(one)));
    }),
  );
});

test("lines that begin with digits are lines; lengths that lie spoil up to the next newline", () => {
  assert.deepEqual(framed(bytes("192.0.2.7 - - x\n12 of 14\n007 bond\n123456789 <1>a\n9\n")).said, [
    ...["192.0.2.7 - - x", "12 of 14", "007 bond", "123456789 <1>a", "9"],
  ]);
  assert.deepEqual(framed(bytes("4 <14>hello\n<14>good\n")).said, ["<14>", "hello", "<14>good"]);
  assert.deepEqual(framed(bytes("16 <14>short\n<14>goes\n<14>good\n")).said, ["<14>short <14>go", "es", "<14>good"]);
});

test("half a counted message is torn, a line without its end is a line, and a stream that is cut gives neither", () => {
  assert.deepEqual(framed(bytes("<14>a\n30 <14>half")), { said: ["<14>a"], broken: ["torn"] });
  assert.deepEqual(framed(bytes("<14>a\n<14>b")), { said: ["<14>a", "<14>b"], broken: [] });
  assert.deepEqual(framed(bytes("12 ")), { said: ["12 "], broken: [] });
  const frames = new SyslogFrames();
  const broken: string[] = [];
  frames.push(
    bytes("<14>a"),
    () => assert.fail(),
    () => assert.fail(),
  );
  frames.cut((why) => void broken.push(why));
  frames.cut((why) => void broken.push(why));
  assert.deepEqual(broken, ["torn"]);
});

test("10 MB lines are counted and not kept, in either framing; the longest that may be is taken", () => {
  const long = "x".repeat(10_000_000);
  for (const sent of [`${long}\n<14>after\n`, `10000004 <14>${long}<14>after\n`, `${long}\n9 <14>after`])
    assert.deepEqual(framed(bytes(sent)), { said: ["<14>after"], broken: ["too-long"] });
  const most = "y".repeat(longestLine);
  assert.deepEqual(
    framed(bytes(`${most}\n`)).said.map(({ length }) => length),
    [longestLine],
  );
  assert.deepEqual(framed(bytes(`${most}y\n`)).broken, ["too-long"]);
  const before = performance.now();
  framed(bytes("z".repeat(1_000_000)), [1]);
  assert.ok(performance.now() - before < 5_000, "a byte at a time costs a byte at a time");
});

test("who writes into a message writes no records of his own", () => {
  assert.equal(text(lineOf(bytes("<14>user a\r\n<14>forged\n\0\r\n"))), "<14>user a  <14>forged");
  // no UTF-8: the bytes go on as they came
  assert.deepEqual(lineOf(Uint8Array.of(0x3c, 0xff, 0xfe, 0x80, 10)), Uint8Array.of(0x3c, 0xff, 0xfe, 0x80));
});

test("ends of lines in UTF-16 are whole characters", () => {
  const wide = Buffer.from("ab\nਊ\nc", "utf16le");
  assert.equal(wideOf(wide), "utf-16le");
  assert.equal(lastEnd(wide, "utf-16le"), 10);
  assert.equal(lastEnd(Buffer.from(wide).swap16(), "utf-16be"), 10);
  // U+0A0A and its neighbours hold the byte of a newline and are none
  assert.equal(lastEnd(Buffer.from("਀ਊĊ", "utf16le"), "utf-16le"), 0);
  assert.equal(lastEnd(bytes("a\nb"), undefined), 2);
});

test("the lines that name the columns go on before what follows", () => {
  const none = new Uint8Array(0);
  const zeek = "#separator \\x09\n#fields\tts\tuid\n1\ta\n";
  const head = headerAfter(bytes(zeek), none, true, false);
  assert.equal(text(head), "#separator \\x09\n#fields\tts\tuid\n");
  assert.equal(text(headerAfter(bytes("2\tb\n#close\n"), head, false, false)), text(head));
  assert.equal(
    text(headerAfter(bytes("2 b\n#Software: x\n#Fields: date\n3 c\n"), head, false, false)),
    "#Software: x\n#Fields: date\n",
  );
  assert.equal(text(headerAfter(bytes("ts,te\n1,2\n"), none, true, true)), "ts,te\n");
  assert.equal(text(headerAfter(bytes('{"a":1}\n'), none, true, true)), "");
});

const read = (yaml: string): Config => {
  const config = readConfig(yaml, {});
  assert.ok(config.ok, JSON.stringify(config));
  return config.value;
};
const codes = (yaml: string): readonly string[] => {
  const config = readConfig(yaml, {});
  return config.ok
    ? []
    : config.problem.map(({ code, with: says }) => `${code} ${String(says?.["key"] ?? says?.["listen"])}`);
};

test("inputs are read, printed and read again; every bad one is told", () => {
  const yaml = `
inputs:
  syslog:
    - { listen: "udp://127.0.0.1:5514", sensor: edge }
    - { listen: "tcp://[::1]:5514", sensor: { 192.0.2.0/24: edge, 192.0.2.9: core, "2001:db8::/32": six }, format: syslog }
    - listen: tls://0.0.0.0:6514
      sensor: { "name:Edge.example": edge, "sha256:${"ab:".repeat(31)}AB": core }
      tls: { cert: c.pem, key: k.pem, ca: ca.pem }
      idleSeconds: 60
  files: [{ path: /var/log/suricata/eve.json*, sensor: edge }]
`;
  const { inputs } = read(yaml);
  assert.deepEqual(
    inputs.syslog.map(({ transport, host, port }) => [transport, host, port]),
    [
      ["udp", "127.0.0.1", 5514],
      ["tcp", "::1", 5514],
      ["tls", "0.0.0.0", 6514],
    ],
  );
  assert.deepEqual(inputs.files, [{ path: "/var/log/suricata/eve.json*", sensor: "edge" }]);
  assert.deepEqual(read(printConfig(read(yaml))).inputs, inputs);
  const [, tcp, tls] = inputs.syslog;
  assert.ok(tcp && tls);
  const from = (address: string, some: object = {}) => ({ address, names: [], signed: false, ...some });
  // the narrowest network, mapped addresses too
  assert.equal(sensorOf(tcp)(from("192.0.2.9")), "core");
  assert.equal(sensorOf(tcp)(from("::ffff:192.0.2.8")), "edge");
  assert.equal(sensorOf(tcp)(from("2001:db8::1")), "six");
  assert.equal(sensorOf(tcp)(from("198.51.100.1")), undefined);
  assert.equal(sensorOf(tls)(from("192.0.2.9", { names: ["edge.example"], signed: true })), "edge");
  assert.equal(sensorOf(tls)(from("192.0.2.9", { names: ["edge.example"] })), undefined);
  assert.equal(sensorOf(tls)(from("192.0.2.9", { fingerprint: "ab".repeat(32) })), "core");

  const syslog = (entry: string): readonly string[] => codes(`inputs: { syslog: [${entry}] }`);
  assert.deepEqual(syslog('{ listen: "udp://0.0.0.0:514", sensor: { 192.0.2.0/24: edge } }'), [
    "WGL_INPUT_CLEAR udp://0.0.0.0:514",
  ]);
  assert.deepEqual(syslog('{ listen: "udp://0.0.0.0:514", sensor: { 192.0.2.0/24: edge }, clear: true }'), []);
  assert.deepEqual(syslog('{ listen: "tcp://192.0.2.1:514", sensor: edge, clear: true }'), [
    "WGL_INPUT_OPEN tcp://192.0.2.1:514",
  ]);
  assert.deepEqual(syslog('{ listen: "tls://127.0.0.1:6514", sensor: edge }'), ["WGL_CONFIG_NEEDS inputs.syslog[0]"]);
  assert.deepEqual(syslog('{ listen: "tls://127.0.0.1:6514", sensor: { "name:a": edge }, tls: { cert: a, key: b } }'), [
    "WGL_CONFIG_NEEDS inputs.syslog[0].sensor",
  ]);
  assert.deepEqual(syslog('{ listen: "udp://127.0.0.1:514", sensor: { edge.example: edge }, sensr: x }').toSorted(), [
    "WGL_CONFIG_KEY inputs.syslog[0].sensr",
    "WGL_CONFIG_VALUE inputs.syslog[0].sensor",
  ]);
  for (const bad of [
    "udp://127.0.0.1",
    "http://127.0.0.1:1",
    "udp://127.0.0.1:70000",
    "udp://::1:5",
    "udp://edge.example:5",
    "udp://300.1.1.1:5",
  ])
    assert.deepEqual(syslog(`{ listen: "${bad}", sensor: edge }`), ["WGL_CONFIG_VALUE inputs.syslog[0].listen"], bad);
  assert.deepEqual(codes("inputs: { files: [{ path: /x }, { sensor: a, path: /y, formt: z }], tail: 1 }").toSorted(), [
    ...["WGL_CONFIG_KEY inputs.files[1].formt", "WGL_CONFIG_KEY inputs.tail", "WGL_CONFIG_NEEDS inputs.files[0]"],
  ]);
  assert.deepEqual(codes("inputs: 7"), ["WGL_CONFIG_VALUE inputs"]);
});
