import { createSocket, type RemoteInfo } from "node:dgram";
import { readFileSync } from "node:fs";
import type { SyslogInput } from "#jobs/config/inputs.ts";
import { refusedToListen } from "./refused.ts";
import { type SensorOf, sensorOf } from "./senders.ts";
import type { Listener, Sink } from "./sink.ts";
import { lineOf } from "./syslog-frames.ts";

/** Bytes the system may hold for us while we are busy; it gives less where net.core.rmem_max says so. */
const receiveBuffer = 4_194_304;

/** Syslog over UDP: a datagram is a message (RFC 5426 §3.1). What cannot be taken at once is dropped, and counted. */
export const listenUdp = async (input: SyslogInput, sink: Sink): Promise<Listener> => {
  const of: SensorOf = sensorOf(input);
  const socket = createSocket({ type: input.host.includes(":") ? "udp6" : "udp4", recvBufferSize: receiveBuffer });
  socket.on("message", (message: Uint8Array, from: RemoteInfo) => {
    const sensor = of({ address: from.address, names: [], signed: false });
    if (sensor === undefined) return sink.dropped(input.listen, "unknown-sender", from.address);
    if (!sink.knows(sensor)) return sink.dropped(input.listen, "no-sensor", sensor, sensor);
    if (!sink.hasRoom(sensor)) return sink.dropped(input.listen, "queue-full", from.address, sensor);
    const line = lineOf(message);
    if (line.length > 0) sink.take(sensor, input.format, line);
  });
  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => reject(refusedToListen(input.listen, error));
    socket.once("error", failed);
    socket.bind(input.port, input.host, () => {
      socket.off("error", failed);
      resolve();
    });
  });
  // a later fault (the interface went) must not end the process; the system tells it again with the next datagram
  socket.on("error", (error: NodeJS.ErrnoException) =>
    sink.dropped(input.listen, "unreadable", error.code ?? error.message),
  );
  const { port } = socket.address();
  let lostBefore = lostByKernel(port);
  return {
    input: input.listen,
    port,
    resume: () => {},
    look: () => {
      const lost = lostByKernel(port);
      sink.dropped(input.listen, "kernel", "", undefined, lost - lostBefore);
      lostBefore = lost;
    },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
};

/** Datagrams that the system had no room for, on sockets of this port; 0 where it does not tell (proc_net_udp is Linux's). */
export const lostByKernel = (port: number): number => {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return ["/proc/self/net/udp", "/proc/self/net/udp6"].reduce((sum, file) => {
    let text: string;
    try {
      text = readFileSync(file, "utf8");
    } catch {
      return sum;
    }
    const rows = text.split("\n").map((row) => row.trim().split(/\s+/));
    return rows.reduce((lost, row) => (row[1]?.endsWith(suffix) ? lost + Number(row.at(-1)) : lost), sum);
  }, 0);
};
