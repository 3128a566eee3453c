import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after } from "node:test";
import type { Problem } from "#core/result.ts";
import { readEdgeConfig } from "#jobs/edge/edge-config.ts";
import { runSensor, type SensorRan } from "#wiring/sensor.ts";
import { openCentre, type TinyCentre, token } from "./sensor-edge-centre.ts";
import { emptyFolder } from "./sensor-edge-world.ts";

const centres: TinyCentre[] = [];
after(() => Promise.all(centres.map((one) => one.close())));
export const aCentre = async (): Promise<TinyCentre> => {
  const centre = await openCentre();
  centres.push(centre);
  return centre;
};

export const bad = "198.51.100.7";
export const event = (n: number, to: string, more: object = {}): string =>
  `${JSON.stringify({
    ...{
      timestamp: new Date(Date.now() - 60_000 + n).toISOString().replace("Z", "+0000"),
      event_type: "flow",
      flow_id: n,
    },
    ...{ src_ip: "192.0.2.14", src_port: 40_000 + n, dest_ip: to, dest_port: 443, proto: "TCP", ...more },
  })}\n`;

/** A department with a log that is followed, and its sensor as the command runs it. */
export interface Department {
  readonly folder: string;
  readonly log: string;
  readonly told: Problem[];
  readonly run: (
    more?: Parameters<typeof readEdgeConfig>[1],
    how?: { stop?: AbortSignal; yaml?: string; listening?: (input: string, port: number) => void },
  ) => Promise<SensorRan>;
}
export const department = (centre?: TinyCentre): Department => {
  const folder = emptyFolder();
  const log = join(folder, "eve.json");
  writeFileSync(join(folder, "token"), `${token}\n`);
  const told: Problem[] = [];
  return {
    ...{ folder, log, told },
    run: async (more = {}, { stop, yaml, listening } = {}) => {
      const read = readEdgeConfig(yaml, {
        ...{ sensor: "htd-edge-1", data: join(folder, "data"), follow: [log] },
        ...(centre === undefined ? {} : { server: centre.url, tokenFile: join(folder, "token") }),
        ...more,
      });
      if (!read.ok) throw new Error(read.problem.map(({ message }) => message).join("; "));
      return runSensor({
        ...{ config: read.value, cwd: folder, program: "0.0.0", once: stop === undefined, say: () => {} },
        stop: stop ?? new AbortController().signal,
        tell: (one) => told.push(one),
        ...(listening ? { listening } : {}),
      });
    },
  };
};
