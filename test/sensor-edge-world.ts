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
  prints: Fingerprint64 = fingerprint(),
): PackedRows | undefined => {
  const packer = new RowPacker(prints, (value, where) => (where === "mail-to" ? `hash of ${value}` : value), known);
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

/** As sensors kept IPv4 addresses before they lay in their order: by their hashes. */
class HashedAddresses extends Fingerprint64 {
  override read(kind: Observable["kind"], value: string): { readonly hi: number; readonly lo: number } {
    const print = this.ofBefore({ kind, value });
    if (print === undefined) return super.read(kind, value);
    return { hi: Number(BigInt.asIntN(32, print >> 32n)), lo: Number(BigInt.asIntN(32, print)) };
  }
}

/** The same with the networks of each address as its covers. */
export const packedBefore = (records: readonly SomeRecord[]): PackedRows | undefined => {
  const prints = new HashedAddresses(fingerprintKey(Buffer.from(secret)));
  const rows = packed(records, undefined, prints);
  const covers = new Map(rows?.covers);
  for (const { seen } of records)
    for (const { kind, value } of seen)
      if (kind === "ipv4")
        covers.set(
          prints.of({ kind, value }),
          [value.replace(/\d+$/, "0/24"), value.replace(/\d+\.\d+$/, "0.0/16")].map((network) =>
            prints.of({ kind: "cidr", value: network }),
          ),
        );
  return rows && { ...rows, covers };
};

export const batchEntry = (n: number): EdgeEntry => ({
  ...{ kind: "batch", at: instant(t0 + n), received: t0, format: "suricata-eve", lines: n, rejected: {}, lagMs: 0 },
  ...{ out: [], days: [] },
});
