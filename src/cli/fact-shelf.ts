import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FactShelf } from "#jobs/scan/over-time.ts";

/** Facts of a long scan, by the hour, in a folder of its own that goes when the scan ends. */
export const openFactShelf = (): FactShelf & { readonly close: () => void } => {
  let folder: string | undefined;
  const at = (hour: number): string => join((folder ??= mkdtempSync(join(tmpdir(), "waglan-scan-"))), `${hour}.ndjson`);
  return {
    put: (hour, lines) => appendFileSync(at(hour), lines, { mode: 0o600 }),
    take: (hour) => readFileSync(at(hour), "utf8"),
    close: () => {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
};
