import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writevSync } from "node:fs";
import { dirname } from "node:path";
import { WaglanError } from "#core/result.ts";

/** What the disk says when it does not do what it is asked; others of its errors are ours. */
export const onDisk = <T>(path: string, work: () => T): T => {
  try {
    return work();
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    throw new WaglanError("WGL_SENSOR_DISK", { path, code }, { cause: error });
  }
};

export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "syscall" in error && "code" in error ? String(error.code) : undefined;

/** Writes all of `parts` at the end of an open file. */
export const writeAll = (file: number, parts: readonly Uint8Array[]): void => {
  let left = parts.filter((part) => part.length > 0);
  while (left.length > 0) {
    let written = writevSync(file, left.slice(0, 512));
    while (left[0] !== undefined && written >= left[0].length) {
      written -= left[0].length;
      left = left.slice(1);
    }
    if (written > 0 && left[0] !== undefined) left = [left[0].subarray(written), ...left.slice(1)];
  }
};

/** So that a name that was given or taken outlives a power cut. */
export const syncFolder = (folder: string): void => {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
};

/** A file that is there whole or as it was before: written beside, synced, renamed. */
export const replaceFile = (path: string, bytes: Uint8Array | string): void =>
  onDisk(path, () => {
    const beside = `${path}.new`;
    const file = openSync(beside, "w", 0o600);
    try {
      writeAll(file, [typeof bytes === "string" ? Buffer.from(bytes) : bytes]);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
    syncFolder(dirname(path));
  });

export const makeFolder = (folder: string): void =>
  void onDisk(folder, () => mkdirSync(folder, { recursive: true, mode: 0o700 }));
