import { parentPort, workerData } from "node:worker_threads";
import { fingerprintKey } from "#intel/fingerprint.ts";
import { behaviours } from "#detect/behaviours.ts";
import { networks } from "#detect/networks.ts";
import { openMatchIndex, type MatchReader } from "#intel/match-reader.ts";
import type { MatchHandles } from "#intel/match-table.ts";
import { FactsOfBatch } from "./facts.ts";
import { BatchRules } from "./rules.ts";
import { Room, sent } from "#jobs/history/slabs.ts";
import { openTables } from "#jobs/history/tables.ts";
import { Fingerprint64 } from "#jobs/history/value-fingerprint.ts";
import type { BatchAsk, BatchReply, Sent, Task } from "./messages.ts";
import { fieldHash, fieldKeyOf } from "./field-hash.ts";
import { HistoryOfBatch } from "./history.ts";
import { HeadsOfBatch } from "#jobs/history/heads.ts";
import { owned, release } from "./memory.ts";
import { formatOf, keepBatch, matchBatch } from "./read.ts";
import { unpacked } from "./unpack-body.ts";
import type { KeyedHash } from "#telemetry/field-policy.ts";
import { formats } from "#telemetry/index.ts";

/** One thread that reads batches: unpacks, matches, or lays out for history. It touches nothing but the bytes it is given. */
const secret = (workerData as { readonly secret: string }).secret;
const hash = fieldHash(secret);
const fingerprint = new Fingerprint64(fingerprintKey(Buffer.from(secret)));
const memory = new Room();
const tables = openTables(memory);
let index: MatchReader | undefined;
let rules: BatchRules | undefined;

/** Of the organisation whose records are read. */
const hashFor = ({ organisation }: Task): KeyedHash =>
  remembering(organisation === undefined ? hash : fieldHash(fieldKeyOf(secret, organisation)));

/** Values a batch hashes anew at most; a batch names the same few people over and over. */
const hashesKept = 4096;
const shortValue = 256;

const remembering = (of: KeyedHash): KeyedHash => {
  const known = new Map<string, string>();
  return (value) => {
    if (value.length > shortValue) return of(value);
    const before = known.get(value);
    if (before !== undefined) return before;
    const made = of(value);
    if (known.size < hashesKept) known.set(value, made);
    return made;
  };
};

const run = (task: Task): Sent => {
  const body = unpacked(task.body);
  release(task.body);
  if (!(body instanceof Uint8Array)) return { kind: "unreadable", problem: body };
  try {
    return readWhole(task, body);
  } finally {
    release(body);
  }
};

/** @param body unpacked; nothing of it is in what is answered */
const readWhole = (task: Task, body: Uint8Array): Sent => {
  const format = formatOf(formats, task.format, body);
  if ("problem" in format) return { kind: "unreadable", problem: format.problem };
  const hashed = hashFor(task);
  const reading = { body, format, own: networks(task.networks), hash: hashed, received: task.received };
  memory.use(task.slab);
  const history = task.keep && new HistoryOfBatch(task.keep, format.id, reading.own, fingerprint, hash, tables);
  const { heading } = format;
  const heads = task.keep && history && heading && new HeadsOfBatch(history, task.keep, heading);
  if (task.kind === "match") {
    if (!index) throw new Error("waglan is wrong: a thread was asked to match before it had an index");
    const facts = task.home && new FactsOfBatch(behaviours, networks(task.home), format, hashed);
    const matched = matchBatch(reading, index, rules, facts, heads ?? history);
    return {
      ...{ kind: "matched", format: format.id, ...matched },
      ...(history ? { history: sent(memory.settled(history.end())), heads: heads?.end() ?? [] } : {}),
    };
  }
  if (!history) throw new Error("waglan is wrong: a thread was asked to observe for nobody");
  keepBatch(reading, heads ?? history);
  return { kind: "observed", history: sent(memory.settled(history.end())), heads: heads?.end() ?? [] };
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
  parentPort?.postMessage(reply, movedOf(reply.result));
});

/** Buffers that are the reply's own: they change hands, and the rest of a reply, which is little, is copied. */
const movedOf = (result: BatchReply["result"]): ArrayBuffer[] => {
  if (result === undefined || result.kind === "unreadable") return [];
  const facts = result.kind === "matched" && result.facts ? owned(result.facts.body) : [];
  return [
    ...facts,
    ...Object.values(result.history ?? {}).flatMap(({ pieces }) =>
      pieces.flatMap((piece) => (piece instanceof Uint8Array ? owned(piece) : [])),
    ),
  ];
};
