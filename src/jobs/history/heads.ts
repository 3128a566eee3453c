import { day } from "#core/instant.ts";
import type { RecordKeeper } from "#jobs/batches/read.ts";
import type { Constants, HeadRow } from "./rows.ts";
import type { Heading, TelemetryRecord } from "#telemetry/format.ts";
import { HeadFollower } from "#telemetry/heads.ts";

/** Rows of one batch: a year of a log that begins anew each day, some times over. */
const rowsAtMost = 5_000;

/** A keeper that also keeps what stands above the records it hands on. */
export class HeadsOfBatch implements RecordKeeper {
  readonly #keeper: RecordKeeper;
  readonly #constants: Pick<Constants, "organisation" | "batch">;
  readonly #follower: HeadFollower;
  /** By the line of a head: the days of its records. */
  readonly #days = new Map<number, Set<number>>();
  #rows = 0;

  constructor(keeper: RecordKeeper, constants: Pick<Constants, "organisation" | "batch">, heading: Heading) {
    this.#keeper = keeper;
    this.#constants = constants;
    this.#follower = new HeadFollower(heading);
  }

  add(record: TelemetryRecord, line: number, text: string): void {
    this.#keeper.add(record, line, text);
    const head = this.#follower.head;
    if (head === undefined || this.#rows > rowsAtMost) return;
    let days = this.#days.get(head.line);
    if (days === undefined) this.#days.set(head.line, (days = new Set()));
    const of = Math.floor(record.time / day) * day;
    if (days.has(of)) return;
    days.add(of);
    this.#rows++;
  }

  passed(text: string, line: number): void {
    this.#follower.passed(text, line);
  }

  /** None at all when they would be too many: one that is missing would let an older one speak for its records. */
  end(): readonly HeadRow[] {
    if (this.#rows > rowsAtMost) return [];
    return this.#follower.heads.flatMap(({ line, lines }) =>
      [...(this.#days.get(line) ?? [])].map((of): HeadRow => {
        const { organisation, batch } = this.#constants;
        return { day: of, organisation, batch, line, lines };
      }),
    );
  }
}
