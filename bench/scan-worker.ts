import { closeSync, openSync, readSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { LineMatcher } from "#detect/indicator-match/line-matcher.ts";
import { networks } from "#detect/networks.ts";
import { openMatchIndex } from "#intel/match-reader.ts";
import type { MatchHandles } from "#intel/match-table.ts";
import { formatById } from "#telemetry/index.ts";
import { LineSplitter } from "#telemetry/lines.ts";

export interface ToScan {
  readonly file: string;
  readonly handles: MatchHandles;
  /** The last is the one that counts. */
  readonly rounds: number;
}

export interface Scanned {
  readonly lines: number;
  /** Of this thread, user and system. */
  readonly cpu: number;
  readonly seconds: number;
}

/** A thread that matches a file of EVE lines over somebody else's table. */
const { file, handles, rounds } = workerData as ToScan;
const format = formatById("suricata-eve");
if (format === undefined) throw new Error("no format");
const index = openMatchIndex(handles);
const round = (): Scanned => {
  const matcher = new LineMatcher(format.open(), index, networks());
  const splitter = new LineSplitter();
  const from = openSync(file, "r");
  const [cpu, began] = [process.threadCpuUsage(), performance.now()];
  const buffer = new Uint8Array(65_536);
  const onLine = (bytes: Uint8Array, start: number, end: number): void => void matcher.line(bytes, start, end);
  for (let read = readSync(from, buffer); read > 0; read = readSync(from, buffer))
    splitter.push(buffer.subarray(0, read), onLine, () => {});
  closeSync(from);
  const { user, system } = process.threadCpuUsage(cpu);
  return { lines: splitter.lines, cpu: (user + system) / 1e6, seconds: (performance.now() - began) / 1000 };
};
let last = round();
for (let done = 1; done < rounds; done++) last = round();
parentPort?.postMessage(last);
