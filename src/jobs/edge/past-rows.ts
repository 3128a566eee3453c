import type { RecordRow } from "#jobs/history/rows.ts";
import type { RecordPlace } from "#jobs/hunt/past.ts";
import { headAt } from "#telemetry/heads.ts";
import type { Row, RowsAbout } from "./log-port.ts";

/** A record of the local history with where it came from. */
export interface PastRow {
  readonly place: RecordPlace;
  readonly row: Row;
  readonly about: RowsAbout;
}

interface Period {
  readonly from: number;
  /** Excluded. */
  readonly to: number;
}

/** What asking rules needs of the local history, beside `Past`: they ask of the whole of it. */
export interface PastRows {
  /**
   * Records of the period, in the order in which they came, a segment in memory at a time.
   *
   * @param wanted formats whose records are asked for
   * @param after  where the page before ended: `batch` is a segment, `line` the record's number there
   */
  readonly everyRow: (
    period: Period,
    wanted: (format: string) => boolean,
    after: Pick<RecordPlace, "batch" | "line"> | undefined,
    limit: number,
  ) => Promise<readonly PastRow[]>;
  /** Records of the period at most: those of every segment that may hold some. */
  readonly rowsIn: (period: Period) => number;
}

/** As the centre's history has it. Its organisation is who the sensor stands inside, and nobody else. */
export const recordRowOf = ({ place, row, about }: PastRow): RecordRow => {
  const heading = headAt(about.heads ?? [], row.line)?.lines;
  return {
    ...{
      time: row.time,
      organisation: place.organisation,
      sensor: about.sensor,
      format: about.format,
      event: row.event,
    },
    ...{ text: row.text, batch: place.batch, line: row.line },
    ...(heading === undefined ? {} : { heading }),
    ...(row.source === undefined ? {} : { source: row.source }),
    ...(row.destination === undefined ? {} : { destination: row.destination }),
  };
};
