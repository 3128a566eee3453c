import { hash } from "node:crypto";
import { hour, instant, minute } from "#core/instant.ts";
import type { Fact } from "#detect/behaviour.ts";
import { made } from "./behaviour-world.ts";

const gigabyte = 1_000_000_000;

/** 400 GB leave in twelve hours to a place nobody knew, in parts of two minutes. */
export const leaking = (from: number, source = "10.20.1.22", destination = "198.51.100.205"): Fact[] => {
  const parts = 360;
  return Array.from({ length: parts }, (_, n) => ({
    ...made(
      {
        ...{ time: instant(from + n * 2 * minute), at: instant(from + (n + 1) * 2 * minute) },
        ...{ source: { address: source, port: 50_000 }, destination: { address: destination, port: 443 } },
        measures: { bytesOut: (400 * gigabyte) / parts, bytesIn: gigabyte / parts },
      },
      n,
    ),
    id: `leak-${from}-${String(n).padStart(6, "0")}`,
  }));
};

/** One of ours tries a door of 300 machines. */
export const knocking = (from: number, source = "10.20.1.23"): Fact[] =>
  Array.from({ length: 300 }, (_, n) => ({
    ...made(
      {
        ...{ time: instant(from + n * 1000), source: { address: source, port: 50_000 } },
        ...{
          destination: { address: `10.20.${Math.floor(n / 250)}.${n % 250}`, port: 445 },
          measures: { bytesOut: 60, bytesIn: 0 },
        },
      },
      n,
    ),
    id: `knock-${from}-${String(n).padStart(6, "0")}`,
  }));

/** Data in names. */
export const tunnelling = (from: number, source = "10.20.1.24"): Fact[] =>
  Array.from({ length: 400 }, (_, n) => ({
    ...made(
      {
        ...{ time: instant(from + n * 500), event: "dns", source: { address: source, port: 40_000 } },
        ...{ destination: { address: "10.20.0.16", port: 53 } },
        dns: { query: `${encoded(n)}.t.exfil.example`, type: "TXT" },
      },
      n,
    ),
    id: `tunnel-${from}-${String(n).padStart(6, "0")}`,
  }));

/** A program calls home every minute, for three hours. */
export const beaconing = (from: number, source = "10.20.1.25", destination = "198.51.100.206"): Fact[] =>
  Array.from({ length: (3 * hour) / minute }, (_, n) => ({
    ...made(
      {
        ...{ time: instant(from + n * minute), at: instant(from + n * minute + 200) },
        ...{ source: { address: source, port: 50_000 }, destination: { address: destination, port: 443 } },
        measures: { bytesOut: 420, bytesIn: 180 },
      },
      n,
    ),
    id: `beacon-${from}-${String(n).padStart(6, "0")}`,
  }));

const encoded = (n: number): string => hash("sha256", `data ${n}`, "hex").slice(0, 44);
