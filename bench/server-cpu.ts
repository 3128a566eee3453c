import { readFileSync } from "node:fs";

/**
 * CPU-seconds of the embedded PostgreSQL's processes, and of those of its that ended: what a piece of work cost the server,
 * whatever else the machine was doing. Linux counts them in hundredths.
 */
export const serverCpu = (pid: number): number => {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim().split(/\s+/).filter(Boolean);
  return (ticksOf(String(pid), 11, 15) + children.reduce((sum, child) => sum + ticksOf(child, 11, 13), 0)) / 100;
};

/** Fields of /proc/PID/stat behind the name, from utime on (proc(5)). */
const ticksOf = (pid: string, from: number, to: number): number => {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    // it ended between the two looks; its parent has counted it
    return 0;
  }
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields.slice(from, to).reduce((sum, one) => sum + Number(one), 0);
};
