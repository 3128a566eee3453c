import { parentPort, workerData } from "node:worker_threads";
import { gunzipSync } from "node:zlib";
import { fingerprintKey } from "#intel/fingerprint.ts";
import { networks } from "#detect/networks.ts";
import { openMatchIndex, type MatchReader } from "#intel/match-reader.ts";
import type { MatchHandles } from "#intel/match-table.ts";
import { BatchRules } from "#jobs/batch-rules.ts";
import { Fingerprint64 } from "#jobs/value-fingerprint.ts";
import type {
  BatchAsk,
  BatchReply,
  CoveredRow,
  Matched,
  Observed,
  ObservedRow,
  RecordedRow,
  Task,
  Unreadable,
} from "#jobs/batch-messages.ts";
import { fieldHash } from "#jobs/field-hash.ts";
import { coversOf } from "#jobs/hunt-keys.ts";
import { Ndjson } from "#jobs/ndjson.ts";
import { formatOf, matchBatch, observeBatch } from "#jobs/read-batch.ts";
import { problem, type Problem } from "#core/result.ts";
import { formats } from "#telemetry/index.ts";

/** Bytes of a batch after unpacking; 8 MiB of gzip is some 100 MiB of log. More is a bomb. */
const bodyAtMost = 268_435_456;

/** One thread that reads batches: unpacks, matches, or lays out for history. It touches nothing but the bytes it is given. */
const secret = (workerData as { readonly secret: string }).secret;
const hash = fieldHash(secret);
const fingerprint = new Fingerprint64(fingerprintKey(Buffer.from(secret)));
let index: MatchReader | undefined;
let rules: BatchRules | undefined;

/** Whom mail was sent to is nobody's business here: the fingerprint still finds it, the value is a keyed hash. */
const keptValue = (value: string, where: string): string => (where === "mail-to" ? hash(value) : value);

const unpacked = (body: Uint8Array): Uint8Array | Problem => {
  try {
    const sent = gunzipSync(body, { maxOutputLength: bodyAtMost });
    // A sender may post a rotated log as it lies there, packed.
    return sent[0] === 0x1f && sent[1] === 0x8b ? gunzipSync(sent, { maxOutputLength: bodyAtMost }) : sent;
  } catch (error) {
    return problem(
      (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE" ? "WGL_BATCH_SIZE" : "WGL_BATCH_GZIP",
      {
        limit: bodyAtMost,
      },
    );
  }
};

const run = (task: Task): Matched | Observed | Unreadable => {
  const body = unpacked(task.body);
  if (!(body instanceof Uint8Array)) return { kind: "unreadable", problem: body };
  const format = formatOf(formats, task.format, body);
  if ("problem" in format) return { kind: "unreadable", problem: format.problem };
  const reading = { body, format, own: networks(task.networks), hash, received: task.received };
  if (task.kind === "match") {
    if (!index) throw new Error("waglan is wrong: a thread was asked to match before it had an index");
    return { kind: "matched", format: format.id, ...matchBatch(reading, index, rules) };
  }
  const observations = new Ndjson();
  const records = new Ndjson();
  const covers = new Ndjson();
  const covered = new Map<number, Set<bigint>>();
  observeBatch(
    reading,
    (one) => {
      const value = fingerprint.of(one.seen);
      const month = new Date(one.time).getUTCMonth();
      const known = covered.get(month) ?? new Set();
      if (known.size === 0) covered.set(month, known);
      if (!known.has(value)) {
        known.add(value);
        for (const cover of coversOf(one.seen))
          covers.add({
            ...{ time: one.time, cover: String(fingerprint.of(cover)), fingerprint: String(value) },
          } satisfies CoveredRow);
      }
      observations.add({
        ...{ time: one.time, kind: one.seen.kind, value: keptValue(one.seen.value, one.where) },
        ...{ fingerprint: String(value), where: one.where, direction: one.direction },
        ...{ port: one.port, line: one.line, nth: one.nth },
      } satisfies ObservedRow);
    },
    (one) => records.add(one satisfies RecordedRow),
  );
  return {
    ...{ kind: "observed", format: format.id, observations: observations.end(), records: records.end() },
    covers: covers.end(),
  };
};

parentPort?.on("message", (ask: BatchAsk) => {
  if (ask.kind === "index") {
    index = openMatchIndex(ask.handles as MatchHandles);
    return;
  }
  if (ask.kind === "rules") {
    rules = new BatchRules(ask.texts, rules);
    return;
  }
  let reply: BatchReply;
  try {
    reply = { id: ask.id, result: run(ask.task) };
  } catch (error) {
    reply = { id: ask.id, failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  const moved =
    reply.result?.kind === "observed"
      ? [...reply.result.observations, ...reply.result.records, ...reply.result.covers]
      : [];
  parentPort?.postMessage(
    reply,
    moved.map((piece) => piece.buffer as ArrayBuffer),
  );
});
