import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { figure } from "./figure.ts";

// One file of 1 GiB (or as many MiB as BENCH_SCAN_MIB says) of EVE lines, of which each hundredth shows a listed address,
// scanned by one thread and by two, with the rules that come with waglan: every line is parsed. Seconds of the clock, start
// and compilation included; on a machine that others use at the same time the ratio says less than it could.
const folder = mkdtempSync(join(tmpdir(), "wgl-scan-"));
const file = join(folder, "eve.json");
const mebibytes = Number(process.env["BENCH_SCAN_MIB"] ?? 1024);

const line = (at: number): string =>
  JSON.stringify({
    ...{ timestamp: new Date(1_795_000_000_000 + at * 10).toISOString(), flow_id: at, event_type: "dns", proto: "UDP" },
    ...{ src_ip: `10.20.${at % 250}.${at % 199}`, src_port: 1024 + (at % 60_000), dest_port: 53 },
    dest_ip: at % 100 === 0 ? "198.51.100.7" : "10.20.0.53",
    dns: { type: "query", id: at % 65_536, rrname: `host-${at % 9973}.parks.example`, rrtype: "A", tx_id: 0 },
  });

const fill = (): number => {
  const to = openSync(file, "w");
  let [bytes, lines] = [0, 0];
  while (bytes < mebibytes * 1_048_576) {
    const some = Array.from({ length: 10_000 }, () => `${line(lines++)}\n`).join("");
    bytes += writeSync(to, some);
  }
  closeSync(to);
  return lines;
};

const scan = (jobs: number): Promise<{ readonly seconds: number; readonly said: string }> =>
  new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(
      process.execPath,
      [
        ...["-C", "source", "src/main.ts", "scan", "--json", "--jobs", String(jobs)],
        ...["--indicators", join(folder, "bad.txt"), "--rules", "sample/rules", "--", file],
      ],
      { cwd: fileURLToPath(new URL("../", import.meta.url)), stdio: ["ignore", "pipe", "ignore"] },
    );
    let [hits, last] = [0, ""];
    child.stdout.on("data", (bytes: Buffer) => {
      const text = bytes.toString();
      hits += text.split("\n").length - 1;
      last = text.slice(-400);
    });
    child.once("error", reject);
    child.once("close", () => resolve({ seconds: (performance.now() - began) / 1000, said: `${hits} ${last}` }));
  });

try {
  const lines = fill();
  writeFileSync(join(folder, "bad.txt"), "198.51.100.7\n");
  const size = statSync(file).size / 1_048_576;
  const one = await scan(1);
  const two = await scan(2);
  if (one.said !== two.said) throw new Error("two threads say something else than one");
  figure(`scan: one file of ${Math.round(size)} MiB, ${lines} lines, one thread`, one.seconds, "s", "–");
  figure("scan: the same on two threads", two.seconds, "s", "–");
  figure("scan: one thread's time over two threads'", one.seconds / two.seconds, "×", "≥ 1.7");
  process.stderr.write(`scan: ${availableParallelism()} cores\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
