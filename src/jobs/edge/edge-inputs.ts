import { gunzipSync } from "node:zlib";
import type { SensorId } from "#community/sensor.ts";
import type { Instant } from "#core/instant.ts";
import { WaglanError } from "#core/result.ts";
import type { Edge } from "./edge.ts";
import type { StoredFile } from "./edge-state.ts";
import type { BatchDoor } from "#jobs/batches/gather-lines.ts";
import type { KeptFile } from "#jobs/inputs-port.ts";
import type { FilePart, TakenFile } from "#jobs/collect/take-file.ts";

/** How followed files and listeners hand what they read to a sensor's log. */

export const storedFile = ({ header, ...file }: KeptFile): StoredFile => ({
  ...file,
  header: Buffer.from(header).toString("base64"),
});

export const keptFile = ({ header, ...file }: StoredFile): KeptFile => ({
  ...file,
  header: new Uint8Array(Buffer.from(header, "base64")),
});

/** Of an input that goes to this sensor, which is the only one there is. */
export const onlySensor = (key: string): SensorId => key as SensorId;

/**
 * Takes a part of a followed file and moves its place, in one entry of the log.
 *
 * @returns busy: the disk has no room; the file keeps it and is asked again. elsewhere: the place was moved meanwhile
 */
export const takePart = (edge: Edge, part: FilePart, now: Instant): TakenFile => {
  const { from, to, body, drop, format } = part;
  const at = edge.state.files.find(({ n }) => n === from.n);
  if (at?.position !== part.kept.position || at.generation !== part.kept.generation) return "elsewhere";
  const file = { kind: "kept", file: storedFile(to) } as const;
  try {
    if (drop !== undefined) edge.lost(drop.reason, drop.n);
    if (body === undefined || body.length === 0) edge.file(file);
    else {
      const named = format ?? edge.format;
      const header = new TextDecoder().decode(from.header);
      edge.take(
        {
          ...{ body, received: now },
          ...(named === undefined ? {} : { format: named }),
          ...(header === "" ? {} : { header }),
        },
        file,
      );
    }
    return "taken";
  } catch (error) {
    if (error instanceof WaglanError && error.code === "WGL_SENSOR_DISK") return "busy";
    throw error;
  }
};

/** Where gathered messages are committed. */
export const edgeDoor = (edge: Edge): BatchDoor => ({
  act: (work) =>
    work({
      telemetry: {
        accept: ({ body, format, received }) => {
          const named = format ?? edge.format;
          edge.take({ body: gunzipSync(body), received, ...(named === undefined ? {} : { format: named }) });
          return Promise.resolve({ kind: "accepted", n: 0 });
        },
      },
    }),
});
