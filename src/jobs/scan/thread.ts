import { parentPort, workerData } from "node:worker_threads";
import type { Fact } from "#detect/behaviour.ts";
import { networks } from "#detect/networks.ts";
import { openMatchIndex } from "#intel/match-reader.ts";
import { type MatchedRecord, type ScanFor, ScanStream } from "./scan.ts";
import { aboutOf, type ScanAsk, type ScanReply, type ScanThreadData } from "./messages.ts";
import { openScanRules } from "./rules.ts";
import { formats } from "#telemetry/index.ts";

/** One thread of a scan: it reads one file at a time and touches nothing but the bytes it is given. */
const data = workerData as ScanThreadData;
let facts: Fact[] = [];
let matched: MatchedRecord[] = [];
const rules = data.rules && openScanRules(data.rules);
const looksFor: ScanFor = {
  index: openMatchIndex(data.index),
  own: networks(data.networks),
  about: aboutOf(data.about),
  ...(rules ? { rules } : {}),
  ...(data.overTime
    ? { overTime: { fact: (fact: Fact) => facts.push(fact), matched: (one: MatchedRecord) => matched.push(one) } }
    : {}),
  ...(data.since === undefined ? {} : { since: data.since }),
};
const asked = data.formats.flatMap((id) => formats.find((format) => format.id === id) ?? []);
let stream: ScanStream | undefined;

const reply = (failed?: string): void => {
  if (!stream) return;
  const answer: ScanReply = {
    hits: stream.found.splice(0),
    facts,
    matched,
    counts: stream.counts,
    ...(failed === undefined ? {} : { failed }),
  };
  facts = [];
  matched = [];
  parentPort?.postMessage(answer);
};

parentPort?.on("message", (ask: ScanAsk) => {
  try {
    if (ask.kind === "open") {
      const received = ask.received === undefined ? {} : { received: ask.received };
      const { stretch } = ask;
      const known = stretch === undefined ? asked : asked.filter(({ id }) => id === stretch.format);
      const heading = stretch === undefined ? {} : { heading: stretch.heading };
      stream = new ScanStream({ ...looksFor, file: ask.file, formats: known, ...received, ...heading });
      return;
    }
    if (ask.kind === "chunk") stream?.push(ask.bytes);
    else stream?.end();
    reply();
  } catch (error) {
    reply(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
});
