import type { Instant } from "#core/instant.ts";
import type { Severity } from "#core/severity.ts";

/** An alert as the store keeps it; `input` is the whole of what was said, so that it can be shown again unchanged. */
export interface StoredAlert {
  readonly n: number;
  readonly id: string;
  /** "WG-2026-7K2Q9D": what people read out on the telephone. */
  readonly ref: string;
  readonly finding: number;
  readonly version: number;
  readonly at: Instant;
  readonly due: Instant;
  readonly severity: Severity;
  readonly input: Readonly<Record<string, unknown>>;
}

/** What alerts needs from state; defined by `test/store-alerts.test.ts`. */
export interface AlertState {
  readonly latest: (finding: number) => Promise<StoredAlert | undefined>;
  readonly byId: (id: string) => Promise<StoredAlert | undefined>;
  /** Is some alert called that already? */
  readonly isRef: (ref: string) => Promise<boolean>;
  readonly save: (alert: Omit<StoredAlert, "n">) => Promise<number>;
  readonly recipient: (alert: number, person: string, channel: string, messageId: string) => Promise<void>;
  readonly answers: (
    finding: number,
  ) => Promise<readonly { who: string; answer: string; note?: string; at: Instant }[]>;
}
