import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { root } from "./import-graph.ts";

/** Seconds for the sample to be played on a busy machine. */
const patienceSeconds = 120;

/** Runs `work` while the sample community is served on loopback, as `npm start` serves it, from an empty folder. */
export const withSampleServer = async <T>(work: (address: string) => Promise<T>): Promise<T> => {
  const data = mkdtempSync(join(tmpdir(), "waglan-served-"));
  const server = spawn(join(root, "bin/waglan"), ["serve", "--sample", "--data", data, "--port", "0"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  server.stderr.on("data", (bytes: Buffer) => {
    said += bytes.toString();
  });
  const ended = once(server, "exit");
  try {
    for (let left = patienceSeconds * 4; !said.includes("sign in as"); left--) {
      if (left === 0 || server.exitCode !== null) throw new Error(`Cannot serve the sample:\n${said}`);
      await wait(250);
    }
    const address = /listens on (\S+)/.exec(said)?.[1];
    if (address === undefined) throw new Error(`Cannot tell where the sample listens:\n${said}`);
    return await work(address);
  } finally {
    if (server.exitCode === null) server.kill("SIGTERM");
    await ended;
    rmSync(data, { recursive: true, force: true });
  }
};
