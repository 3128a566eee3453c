/** Keyset of the findings list: the sort key of the last row read, so that no page shifts when rows arrive. */
export interface FindingsKey {
  /** Critical findings of the row's organisation. */
  readonly critical: number;
  /** When the oldest of its findings opened, ISO 8601 with microseconds as state gives it. */
  readonly oldest: string;
  readonly organisation: string;
  /** Place of the severity in core/severity.ts, from 1. */
  readonly rank: number;
  readonly id: string;
}

export const writeFindingsCursor = ({ critical, oldest, organisation, rank, id }: FindingsKey): string =>
  Buffer.from(JSON.stringify([critical, oldest, organisation, rank, id])).toString("base64url");

/** Undefined for what no cursor of ours ever was. */
export const readFindingsCursor = (text: string): FindingsKey | undefined => {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(text, "base64url").toString());
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts) || parts.length !== 5) return undefined;
  const [critical, oldest, organisation, rank, id] = parts as readonly unknown[];
  if (!Number.isSafeInteger(critical) || !Number.isSafeInteger(rank)) return undefined;
  if (typeof oldest !== "string" || !time.test(oldest) || Number.isNaN(Date.parse(oldest))) return undefined;
  if (typeof organisation !== "string" || organisation.length > 100 || organisation.includes("\0")) return undefined;
  if (typeof id !== "string" || !uuid.test(id)) return undefined;
  return { critical: critical as number, oldest, organisation, rank: rank as number, id };
};

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
