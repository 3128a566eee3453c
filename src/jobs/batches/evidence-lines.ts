import type { Instant } from "#core/instant.ts";
import { endOf } from "#detect/fact.ts";
import type { End } from "#detect/hit.ts";
import { directionOf, type Networks } from "#detect/networks.ts";
import { splitterFor } from "#telemetry/cut.ts";
import { type KeyedHash, policyText } from "#telemetry/field-policy.ts";
import type { Direction, Format } from "#telemetry/format.ts";

/** A record as evidence shows it. */
export interface EvidenceLine {
  readonly line: number;
  /** After the field policy. */
  readonly text: string;
  readonly source?: End;
  readonly destination?: End;
  readonly direction: Direction;
}

/** Evidence is read by people; a line beyond it is cut. */
const textAtMost = 8_192;

/** These records of a body, for the evidence. A line that cannot be read again is left out. */
export const evidenceLines = (
  body: Uint8Array,
  format: Format,
  { own, hash, received }: { readonly own: Networks; readonly hash: KeyedHash; readonly received: Instant },
  wanted: ReadonlySet<number>,
): readonly EvidenceLine[] => {
  const found: EvidenceLine[] = [];
  const reader = format.open({ received });
  const decoder = new TextDecoder();
  const splitter = splitterFor(body, format);
  const onLine = (buffer: Uint8Array, start: number, end: number, line: number): void => {
    // headers are told to the reader however few lines are wanted: at the top, or wherever a "#" begins a line
    if (!wanted.has(line) && line > headLines && buffer[start] !== 0x23) return;
    const raw = decoder.decode(buffer.subarray(start, end));
    const read = reader.parse(raw);
    if (!read?.ok || !wanted.has(line)) return;
    const record = read.value;
    const source = endOf(record, record.source, "source");
    const destination = endOf(record, record.destination, "destination");
    const text = policyText(raw, record.fields, format.policy, hash, record.event);
    found.push({
      ...{ line, text: text.length > textAtMost ? `${text.slice(0, textAtMost - 1)}…` : text },
      ...(source ? { source } : {}),
      ...(destination ? { destination } : {}),
      direction: directionOf(record, own),
    });
  };
  const pass = (): void => {};
  splitter.push(body, onLine, pass);
  splitter.end(onLine, pass);
  return found;
};

const headLines = 64;
