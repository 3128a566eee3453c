import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { observableOf } from "#core/recognise.ts";
import { networks } from "#detect/networks.ts";
import { buildMatchIndex, type MatchIndex } from "#intel/match-index.ts";
import { matchBatch, observeBatch } from "#jobs/batches/read.ts";
import { headOf, splitterFor } from "#telemetry/cut.ts";
import type { Format } from "#telemetry/format.ts";
import { detectFormat, formatById } from "#telemetry/index.ts";
import { longestLine } from "#telemetry/lines.ts";
import { bytesOf, received } from "./formats-bytes.ts";

const formatNamed = (id: string): Format => {
  const format = formatById(id);
  assert.ok(format, id);
  return format;
};
const cut = (bytes: Uint8Array, format: Format, size: number): readonly string[] => {
  const texts: string[] = [];
  const splitter = splitterFor(bytes, format);
  const take = (buffer: Uint8Array, start: number, end: number): void => {
    texts.push(new TextDecoder("utf-8", { ignoreBOM: true }).decode(buffer.subarray(start, end)));
  };
  const refused = (line: number, problem: { code: string }): void => {
    texts.push(`${line} ${problem.code}`);
  };
  for (let at = 0; at < bytes.length; at += size) splitter.push(bytes.subarray(at, at + size), take, refused);
  splitter.end(take, refused);
  return texts;
};

test("law: splitterFor() gives the same records whatever the encoding and the chunks", () => {
  const lines = fc.array(
    fc.string({ unit: "grapheme", minLength: 1 }).map((text) => `x${text.replaceAll(/[\r\n\0\ufeff]/g, "")}`),
    {
      minLength: 1,
      maxLength: 6,
    },
  );
  const syslog = formatNamed("syslog");
  fc.assert(
    fc.property(lines, fc.integer({ min: 1, max: 50 }), (given, size) => {
      const text = ["ab", ...given].join("\r\n");
      const wanted = cut(bytesOf(text), syslog, size);
      assert.deepEqual(wanted, ["ab", ...given]);
      const le = Buffer.from(text, "utf16le");
      const marked = Buffer.from(`\ufeff${text}`, "utf16le");
      for (const bytes of [
        le,
        marked,
        Buffer.from(le).swap16(),
        Buffer.from(marked).swap16(),
        Buffer.from(`\ufeff${text}`),
      ])
        assert.deepEqual(cut(bytes, syslog, size), wanted);
    }),
  );
});

test("headOf() is at most 4 KiB of UTF-8, without a mark, half a character left out", () => {
  const text = "a海".repeat(5000);
  for (const bytes of [Buffer.from(`\ufeff${text}`), Buffer.from(`\ufeff${text}`, "utf16le"), Buffer.from(text)]) {
    const head = headOf(bytes);
    assert.ok(head.length <= 4096 && head.length >= 4000);
    assert.ok(new TextDecoder().decode(head).startsWith("a海a海"));
  }
  assert.deepEqual(headOf(new Uint8Array(0)), new Uint8Array(0));
});

test("a line above the limit is refused in UTF-16 as in UTF-8, and what follows is read", () => {
  const text = `first\n${"x".repeat(longestLine + 1)}\nlast`;
  for (const bytes of [bytesOf(text), Buffer.from(`\ufeff${text}`, "utf16le")])
    assert.deepEqual(cut(bytes, formatNamed("syslog"), 100_000), ["first", "2 WGL_LINE_LONG", "last"]);
});

const indexOf = (...texts: readonly string[]): MatchIndex =>
  buildMatchIndex(
    texts.map((text, id) => {
      const observable = observableOf(text);
      assert.ok(observable.ok, text);
      return { id, observable: observable.value };
    }),
    new Uint8Array([1, 2, 3]),
  );
const hash = (value: string): string => `#${value.length}`;

test("matchBatch() finds what is listed in an event log file, at its record, and shows the record without the person", () => {
  const body = readFileSync(fileURLToPath(new URL("../src/telemetry/evtx/sample.evtx", import.meta.url)));
  const format = detectFormat(headOf(body));
  assert.equal(format?.id, "evtx");
  const reading = { body, format, own: networks(["192.0.2.0/24"]), hash };
  const { matches, rejected, lines } = matchBatch(reading, indexOf("203.0.113.7", "https://bad.example/stage2"));
  assert.deepEqual(
    matches.map(({ line, where, direction }) => [line, where, direction]),
    [
      [1, "http-url", "unknown"],
      [2, "destination", "outbound"],
    ],
  );
  assert.ok(matches[0]?.text.includes("stage2") && !matches[0].text.includes("chan"), matches[0]?.text);
  assert.deepEqual({ ...rejected }, { WGL_EVTX_CHUNK: 1, WGL_EVTX_RECORD: 1 });
  assert.equal(lines, 4);
});

test("observeBatch() dates yearless lines by when the batch came, and says which it cannot without", () => {
  const body = bytesOf("Nov 19 08:00:00 web3 sshd[1]: Accepted password for lo from 198.51.100.23 port 50000 ssh2\n");
  const reading = { body, format: formatNamed("syslog"), own: networks([]), hash };
  const times: number[] = [];
  observeBatch(
    { ...reading, received },
    () => {},
    ({ time }) => times.push(time),
  );
  assert.deepEqual(times, [Date.UTC(2026, 10, 19, 8)]);
  const { rejected } = observeBatch(
    reading,
    () => {},
    () => assert.fail(),
  );
  assert.deepEqual({ ...rejected }, { WGL_LOG_YEAR: 1 });
});
