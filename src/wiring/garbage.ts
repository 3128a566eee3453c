import { setFlagsFromString } from "node:v8";

/**
 * How eagerly the engine looks for what nobody uses any more. While batches come, what comes is mostly bodies and rows, gone in a
 * second, beside rules and indices that stay, and it would go through all that stays (100 MB of the thread that answers, 60 of
 * each that reads) once a second: a third of all the processor time of this process. With heaps that may grow to three times
 * of what lives it does so a third as often. When no more come, all of that goes back to the machine at once; nobody waits then.
 */
export const garbage = (busy: boolean): void => {
  setFlagsFromString(`--heap-growing-percent=${busy ? 200 : 0}`);
  if (!busy) collectNow();
};

/** There is `gc` where waglan is started as it should be (bin/waglan). Pages that are kept in reserve are given back too. */
const collectNow = (): void => void globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
