import { useSyncExternalStore } from "react";

let ahead = 0;
let shown = Date.now();
const listeners = new Set<() => void>();

/** The server's clock is the one that counts: due times are its. Called with `Me.now`. */
export const setServerTime = (iso: string): void => {
  const told = Date.parse(iso);
  if (Number.isFinite(told)) ahead = told - Date.now();
  tick();
};

/** Milliseconds since 1970 on the server's clock. */
export const serverNow = (): number => Date.now() + ahead;

/** The present moment, renewed every ten seconds: minutes are the finest thing shown. */
export const useNow = (): number =>
  useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    () => shown,
  );

const tick = (): void => {
  shown = serverNow();
  for (const changed of listeners) changed();
};

setInterval(tick, 10_000);
