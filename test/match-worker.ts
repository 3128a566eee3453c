import { parentPort, workerData } from "node:worker_threads";
import type { Observable } from "#core/observable.ts";
import { openMatchIndex } from "#intel/match-reader.ts";

/** Answers look-ups in a thread of its own, over the memory it was handed. */
const index = openMatchIndex(workerData);
parentPort?.on("message", (observable: Observable) => {
  parentPort?.postMessage(index.lookup(observable));
});
