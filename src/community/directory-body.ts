import { no, ok, type Problem, problem, type Result } from "#core/result.ts";
import type { Directory } from "./directory.ts";

/** What a file gave: all of it that is good, and all that is wrong. Apply it only when nothing is wrong. */
export interface DirectoryRead {
  readonly directory: Directory;
  readonly problems: readonly Problem[];
}

/** Opaque public ids, made by the caller: the same kind and key give the same id. */
export type Ids = (kind: "organisation" | "person" | "asset" | "sensor" | "group", key: string) => string;

/**
 * Bytes. As CSV about 200 000 assets, read in 1 CPU-s; as YAML about 120 000, in 8 CPU-s and 900 MB of memory: larger
 * communities bring their assets as CSV, in several files if need be.
 */
export const largestDirectory: number = 10 * 1024 * 1024;

/** The text of a directory file: UTF-8, of bounded size, a byte order mark taken away. */
export const directoryText = (body: Uint8Array): Result<string> => {
  if (body.length > largestDirectory) return no("WGL_DIRECTORY_SIZE", { length: body.length, limit: largestDirectory });
  try {
    return ok(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return no("WGL_DIRECTORY_TEXT");
  }
};

/**
 * Collects problems, in the order in which they stand in the file, and at most `mostProblems` of them: a hostile file
 * must not become a hostile answer.
 */
export interface Problems {
  /** Lines and columns count from 1; without them it stands before all others. */
  readonly add: (problem: Problem, line?: number, column?: number) => void;
  readonly all: () => readonly Problem[];
}

export const collectProblems = (): Problems => {
  const found: { readonly problem: Problem; readonly line: number; readonly column: number }[] = [];
  let more = 0;
  return {
    add: (one, line = 0, column = 0) => {
      if (found.length < mostProblems) found.push({ problem: one, line, column });
      else more++;
    },
    all: () => {
      const inOrder = found.toSorted((a, b) => a.line - b.line || a.column - b.column).map((one) => one.problem);
      return more === 0 ? inOrder : [...inOrder, problem("WGL_DIRECTORY_MORE", { count: more })];
    },
  };
};

const mostProblems = 10_000;
