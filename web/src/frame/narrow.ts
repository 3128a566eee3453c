import { useSyncExternalStore } from "react";

/** Below it the pane becomes a page (VISUAL §4); the same figure stands in the style sheets. */
const query = matchMedia("(max-width: 899.98px)");

export const useNarrow = (): boolean =>
  useSyncExternalStore(
    (changed) => {
      query.addEventListener("change", changed);
      return () => query.removeEventListener("change", changed);
    },
    () => query.matches,
  );
