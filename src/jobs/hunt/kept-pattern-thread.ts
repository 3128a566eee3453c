import { parentPort, workerData } from "node:worker_threads";
import { type AskedRecord, KeptPattern, type PatternPage } from "./kept-pattern.ts";
import type { PatternAsk, PatternReady, PatternThreadData } from "./kept-pattern-messages.ts";
import { huntedPattern } from "./pattern-wanted.ts";
import type { ThreadReply } from "#jobs/rules/page-thread.ts";
import { formats } from "#telemetry/index.ts";

/** A thread that asks a pattern of kept records: expressions of outsiders and millions of lines take no time from who serves. */
const { pattern, walks, networks, open } = workerData as PatternThreadData;
type Reply = ThreadReply<PatternReady, PatternPage>;
const say = (reply: Reply): void => parentPort?.postMessage(reply);

const own = new Map(networks);
const hunted = huntedPattern(pattern);
if (!hunted.ok)
  throw new Error(`waglan is wrong: a pattern was hunted that cannot be asked: ${hunted.problem.message}`);
const kept = new KeptPattern(hunted.value.compiled, walks, (sensor) => own.get(sensor) ?? []);
kept.restore(open);
say({ ready: { formats: formats.map(({ id }) => id) } });

const read = (rows: readonly AskedRecord[]): Reply => {
  try {
    return { page: kept.read(rows) };
  } catch (error) {
    return { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
};

parentPort?.on("message", ({ rows }: PatternAsk) => say(read(rows)));
