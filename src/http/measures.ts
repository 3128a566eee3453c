import { Gauge, Histogram, type Registry } from "prom-client";
import type { ChangeStreams } from "./change-stream.ts";

/** Counts each answer, and shows how many streams are open. */
export const measures = (
  metrics: Registry,
  streams: ChangeStreams,
): ((method: string, route: string, status: number, ms: number) => void) => {
  const seconds = new Histogram({
    name: "waglan_http_request_seconds",
    help: "Time from a request's first byte to its answer's last, by route pattern",
    labelNames: ["method", "route", "status"],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [metrics],
  });
  new Gauge({
    name: "waglan_http_streams",
    help: "Open server-sent event streams",
    registers: [metrics],
    collect() {
      this.set(streams.count());
    },
  });
  return (method, route, status, ms) => {
    seconds.observe({ method: method in known ? method : "other", route, status: String(status) }, ms / 1000);
  };
};

/** A stranger's invented method must not become a label. */
const known = { GET: 1, HEAD: 1, POST: 1, DELETE: 1 };
