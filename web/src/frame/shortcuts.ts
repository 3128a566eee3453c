import { useSyncExternalStore } from "react";

const kept = "waglan.single-keys";
const listeners = new Set<() => void>();

/** Single-key shortcuts can be switched off (WCAG 2.2, 2.1.4), for people whose speech or hand types stray letters. */
export const useSingleKeys = (): boolean =>
  useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    () => localStorage.getItem(kept) !== "off",
  );

export const setSingleKeys = (on: boolean): void => {
  localStorage.setItem(kept, on ? "on" : "off");
  for (const changed of listeners) changed();
};
