import { breathe } from "#jobs/breathe.ts";

/** Work that may be laid down at each `yield`. */
export type InTurns<T> = Generator<void, T, void>;

/** Milliseconds between two turns: live records go first, and what a turn left behind is collected before the next leaves more. */
const restMs = 12;

/** All of it now. */
export const atOnce = <T>(work: InTurns<T>): T => {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
};

/** The same with rests, in which whatever waits is done. */
export const inTurns = async <T>(work: InTurns<T>): Promise<T> => {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    await breathe(restMs);
  }
};
