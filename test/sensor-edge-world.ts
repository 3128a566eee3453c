import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { instant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import { fingerprintKey } from "#intel/fingerprint.ts";
import type { EdgeEntry } from "#jobs/edge/edge-state.ts";
import type { PackedRows } from "#jobs/edge/log-port.ts";
import { RowPacker } from "#jobs/edge/rows.ts";
import { Fingerprint64 } from "#jobs/history/value-fingerprint.ts";
import type { Where } from "#telemetry/format.ts";

export const secret = "cd".repeat(32);
export const fingerprint = (): Fingerprint64 => new Fingerprint64(fingerprintKey(Buffer.from(secret)));
export const t0 = instant(Date.parse("2026-11-19T08:00:00Z"));

export const emptyFolder = (): string => mkdtempSync(join(tmpdir(), "waglan-edge-"));

/** A record of the history: its values, its two ends first. */
export interface SomeRecord {
  readonly time: number;
  readonly seen: readonly (Observable & { readonly where: Where; readonly port?: number })[];
}

export const packed = (
  records: readonly SomeRecord[],
  known: (value: bigint) => boolean = () => false,
): PackedRows | undefined => {
  const packer = new RowPacker(
    fingerprint(),
    (value, where) => (where === "mail-to" ? `hash of ${value}` : value),
    known,
  );
  for (const [n, { time, seen }] of records.entries()) {
    for (const [nth, { where, port = 0, ...value }] of seen.entries())
      packer.observed({ time: instant(time), seen: value, where, direction: "outbound", port, line: n + 1, nth });
    const end = (where: Where): string | undefined => seen.find((one) => one.where === where)?.value;
    const [source, destination] = [end("source"), end("destination")];
    packer.recorded({
      ...{ time: instant(time), event: "flow", line: n + 1, text: `record ${n} at ${time}` },
      ...(source === undefined ? {} : { source }),
      ...(destination === undefined ? {} : { destination }),
    });
  }
  return packer.end({ sensor: "htd-edge-1", format: "suricata-eve", received: t0 });
};

export const batchEntry = (n: number): EdgeEntry => ({
  ...{ kind: "batch", at: instant(t0 + n), received: t0, format: "suricata-eve", lines: n, rejected: {}, lagMs: 0 },
  ...{ out: [], days: [] },
});
