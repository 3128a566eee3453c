import type { Grade } from "#core/grade.ts";
import { after, day, type Instant } from "#core/instant.ts";
import type { Feed, RawIndicator, Row } from "#feeds/feed.ts";
import { type FeedReading, readFeed, type ReadPolicy } from "#feeds/read.ts";
import { bothClaims } from "#intel/both-claims.ts";
import { indicatorDigest, uuidOf } from "#intel/indicator.ts";
import type { ClaimRow } from "#intel/ports.ts";

/** Rows that were read elsewhere, under the value policy every feed is under. */
export const admitted = (feed: Feed, rows: readonly Row[], policy: ReadPolicy): FeedReading =>
  readFeed({ ...feed, parts: () => [{ name: "", rows }] }, new Uint8Array(0), "", policy);

/** What a feed of news says of values, one claim each. */
export const claimsOf = (
  secret: string,
  feed: Feed,
  raws: readonly RawIndicator[],
  now: Instant,
): readonly ClaimRow[] => {
  const claims = new Map<string, ClaimRow>();
  for (const raw of raws) {
    const seenAt = raw.seenAt ?? now;
    const row: ClaimRow = {
      id: uuidOf(indicatorDigest(secret, raw.observable)),
      observable: raw.observable,
      parts: raw.by ?? [""],
      seenAt,
      liveUntil: raw.validUntil ?? after(seenAt, feed.liveDays * day),
      grade: raw.grade === undefined ? feed.grade : gradeOf(raw.grade, feed.grade),
      labels: raw.labels,
      flags: raw.flags ?? [],
      tlp: raw.tlp ?? feed.tlp,
      pap: feed.pap,
      licence: feed.licence,
    };
    const twin = claims.get(row.id);
    claims.set(row.id, twin === undefined ? row : bothClaims(twin, row));
  }
  return [...claims.values()];
};

/** What grades only its statement keeps the letter of its source. */
const gradeOf = (row: Grade, feed: Grade): Grade =>
  row.source === "F" ? { source: feed.source, statement: row.statement } : row;
