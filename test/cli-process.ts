import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** How a process of ours ended. */
export interface Ended {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
  /** Standard output, a JSON value a line. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

export const repository: string = fileURLToPath(new URL("../", import.meta.url));
const entry = join(repository, "test", "cli-entry.ts");

/** The program in a process of its own, without a store, in English. */
export const waglan = (args: readonly string[], how: How = {}): Promise<Ended> =>
  ended(process.execPath, ["-C", "source", entry, ...args], how);

export interface How {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
}

/** Runs a program to its end. Its environment is `env`, a PATH, and nothing of ours. */
export const ended = (
  program: string,
  args: readonly string[],
  { cwd = repository, env = {}, stdin = "" }: How,
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, [...args], {
      cwd,
      env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LANG: "C", ...env },
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.stdin.on("error", () => {});
    child.stdin.end(stdin);
    child.once("error", reject);
    child.once("close", (exit) => {
      const text = Buffer.concat(out).toString("utf8");
      resolve({
        ...{ exit, out: text, err: Buffer.concat(err).toString("utf8") },
        get rows() {
          return text
            .split("\n")
            .filter((line) => line !== "")
            .map((line) => JSON.parse(line) as Record<string, unknown>);
        },
      });
    });
  });

/** A folder of files, gone when the work is done. */
export const inFolder = async (
  files: Readonly<Record<string, string | Uint8Array>>,
  work: (folder: string) => Promise<void>,
): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "waglan-cli-"));
  try {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
};
