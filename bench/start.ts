import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as wait } from "node:timers/promises";
import { sampleAccounts } from "#sample/accounts.ts";
import { figure } from "./figure.ts";
import { pssOf } from "./memory.ts";

/** From `npm start` (packages installed, portal built) to the queue on the first page; memory while it plays and at rest. */
const data = mkdtempSync(join(tmpdir(), "wgl-start-"));
const port = 18_420;
const base = `http://127.0.0.1:${port}`;
const waglan = fileURLToPath(new URL("../bin/waglan", import.meta.url));
const analyst = sampleAccounts[0];

const run = async (
  arguments_: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ seconds: number; child: ReturnType<typeof spawn>; peak: () => number }> => {
  const began = performance.now();
  const child = spawn(waglan, ["serve", "--sample", "--data", data, "--port", String(port), ...arguments_], {
    stdio: "ignore",
    env: { ...process.env, ...env },
  });
  let peak = 0;
  const watch = setInterval(() => {
    if (child.pid !== undefined) peak = Math.max(peak, pssOf(child.pid));
  }, 1000);
  child.once("exit", () => clearInterval(watch));
  for (;;) {
    await wait(250);
    if (child.exitCode !== null) throw new Error(`waglan ended with ${child.exitCode}`);
    if (performance.now() - began > 180_000) throw new Error("no queue within 180 s");
    try {
      const signIn = await fetch(`${base}/api/v1/session`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-waglan": "1" },
        body: JSON.stringify({ name: analyst.name, password: analyst.password }),
      });
      if (!signIn.ok) continue;
      const cookie = signIn.headers.getSetCookie()[0]?.split(";")[0] ?? "";
      const page = (await (await fetch(`${base}/api/v1/findings?view=open`, { headers: { cookie } })).json()) as {
        findings?: unknown[];
      };
      if ((page.findings?.length ?? 0) >= 8)
        return { seconds: (performance.now() - began) / 1000, child, peak: () => peak };
    } catch {
      // not listening yet
    }
  }
};
const stop = (child: ReturnType<typeof spawn>): Promise<void> =>
  new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
  });

try {
  const first = await run([]);
  figure("start: queue on the first page", first.seconds, "s", "≤ 60");
  await wait(45_000);
  figure(
    "start: at rest, PSS of all processes",
    first.child.pid === undefined ? 0 : pssOf(first.child.pid) / 2 ** 20,
    "MiB",
    "≤ 700",
  );
  figure("start: peak PSS", first.peak() / 2 ** 20, "MiB", "≤ 1229");
  await stop(first.child);
  const again = await run([]);
  figure("start: again, everything kept", again.seconds, "s", "≤ 10");
  await stop(again.child);
  const bare = await run([], { WAGLAN_HISTORY_OFF: "true" });
  await wait(15_000);
  figure(
    "start: without history, at rest",
    bare.child.pid === undefined ? 0 : pssOf(bare.child.pid) / 2 ** 20,
    "MiB",
    "≤ 450",
  );
  await stop(bare.child);
} finally {
  rmSync(data, { recursive: true, force: true });
}
