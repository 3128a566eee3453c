import { closeSync, existsSync, openSync, readFileSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { WaglanError } from "#core/result.ts";
import { makeFolder, onDisk } from "./disk.ts";

/** Names this run of the machine, so that a process number of the run before holds nothing. */
const bootOf = (): string => {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "";
  }
};

/** Takes a data folder for this process; two sensors in one would write over each other. @throws WGL_SENSOR_HELD */
export const holdFolder = (data: string): (() => void) => {
  makeFolder(data);
  const path = join(data, "held");
  const mine = `${process.pid} ${bootOf()}`;
  for (let tries = 0; ; tries++)
    try {
      const file = openSync(path, "wx", 0o600);
      writeSync(file, mine);
      closeSync(file);
      return () => {
        if (existsSync(path) && readFileSync(path, "utf8") === mine) unlinkSync(path);
      };
    } catch (error) {
      if (!(error instanceof Error) || !("code" in error) || error.code !== "EEXIST")
        return onDisk(path, () => {
          throw error;
        });
      const [pid = "", boot = ""] = onDisk(path, () => readFileSync(path, "utf8")).split(" ");
      if ((boot === bootOf() && isAlive(Number(pid))) || tries > 0)
        throw new WaglanError("WGL_SENSOR_HELD", { path: data, pid: Number(pid) });
      onDisk(path, () => unlinkSync(path));
    }
};

const isAlive = (pid: number): boolean => {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
};
