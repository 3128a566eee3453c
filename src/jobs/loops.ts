/** Work that goes on while waglan runs: `turn` does one piece and says whether there may be more at once. */
export interface Loop {
  readonly name: string;
  readonly turn: () => Promise<boolean>;
  /** Milliseconds to rest when there is nothing to do; a wake ends the rest. */
  readonly restMs: number;
}

export interface Loops {
  readonly wake: (name: string) => void;
  /** The last turn of this loop ended well, or none ended yet. */
  readonly well: (name: string) => boolean;
  /** Ends when every turn under way has. */
  readonly stop: () => Promise<void>;
}

/** Milliseconds to rest after a failure: long enough not to fill the log, short enough to resume by itself. */
const afterFailureMs = 1000;

/** Runs each loop by itself, one turn at a time; a turn that fails is told and tried again, it never ends the loop. */
export const startLoops = (loops: readonly Loop[], failed: (loop: string, error: unknown) => void): Loops => {
  const sleepers = new Map<string, () => void>();
  const woken = new Set<string>();
  const unwell = new Set<string>();
  let stopped = false;

  const rest = (name: string, milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      if (woken.delete(name) || stopped) return resolve();
      const timer = setTimeout(end, milliseconds);
      function end(): void {
        clearTimeout(timer);
        sleepers.delete(name);
        woken.delete(name);
        resolve();
      }
      sleepers.set(name, end);
    });

  const run = async (loop: Loop): Promise<void> => {
    while (!stopped) {
      let wait = loop.restMs;
      try {
        if (await loop.turn()) wait = 0;
        unwell.delete(loop.name);
      } catch (error) {
        unwell.add(loop.name);
        wait = afterFailureMs;
        if (!stopped) failed(loop.name, error);
      }
      if (wait > 0) await rest(loop.name, wait);
      else await new Promise((resolve) => setImmediate(resolve));
    }
  };

  const running = loops.map(run);
  return {
    wake: (name) => {
      const sleeper = sleepers.get(name);
      if (sleeper) sleeper();
      else woken.add(name);
    },
    well: (name) => !unwell.has(name),
    stop: async () => {
      stopped = true;
      for (const sleeper of [...sleepers.values()]) sleeper();
      await Promise.all(running);
    },
  };
};
