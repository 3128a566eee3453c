import type { ReactNode } from "react";
import { useSingleKeys } from "@web/frame/shortcuts.ts";

/** The key of an act in its small frame; gone when single keys are switched off. */
export const Key = ({ name }: { readonly name: string }): ReactNode =>
  useSingleKeys() ? (
    <kbd className="key" aria-hidden="true">
      {name}
    </kbd>
  ) : null;
