import { useEffect } from "react";

interface Listeners {
  /** How many findings changed, as the server counts. */
  readonly findings?: (changed: number) => void;
  readonly sources?: (changed: number) => void;
}

/** Own acts come back as events; within this time after one, nothing is "new". Too long and a real change waits for the next event. */
const echoMs = 2_000;
let lastAct = Number.NEGATIVE_INFINITY;

/** Call after an act of the reader, so that its echo is not announced as news. */
export const actedNow = (): void => {
  lastAct = performance.now();
};

/** Listens to /api/v1/stream while the caller is on the page; the browser reconnects by itself. Keep `listeners` stable. */
export const useStream = (listeners: Listeners): void => {
  useEffect(() => {
    const stream = new EventSource("/api/v1/stream");
    const hear = (tell: ((changed: number) => void) | undefined) => (event: MessageEvent<string>) => {
      const changed = changedIn(event.data);
      if (tell && changed > 0 && performance.now() - lastAct > echoMs) tell(changed);
    };
    stream.addEventListener("findings", hear(listeners.findings));
    stream.addEventListener("sources", hear(listeners.sources));
    return () => stream.close();
  }, [listeners]);
};

const changedIn = (data: string): number => {
  try {
    const told: unknown = JSON.parse(data);
    const changed = typeof told === "object" && told !== null && "changed" in told ? told.changed : 0;
    return typeof changed === "number" && Number.isFinite(changed) ? changed : 0;
  } catch {
    return 0;
  }
};
