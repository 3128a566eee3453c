import type { Where } from "#telemetry/format.ts";
import type { RawMatch } from "./match.ts";

/**
 * Whether a match is worth somebody's time.
 *
 *   finding     one of ours reached for something listed: connected to it, asked its name, opened its page, fetched its
 *               file, or got its file or mail. It means that our side did, or was made to do, something
 *   background  something listed reached for us and nothing says that it got anywhere: the internet knocks on every
 *               door all day, and an alert for each teaches people to close alerts. It is kept and counted, and tells
 *               more once our side has answered (a finding of its own)
 *
 * In between, decided so:
 *   - A listed address in a DNS *answer* is background: shared hosting is listed all the time, and if our side then
 *     connects, the connection says so. A listed *name* in an answer (an alias) is a finding: nobody shares it.
 *   - Inbound names (`Host` header, SNI, DNS query) are what a stranger claims: background. Inbound file hashes and mail
 *     senders are what arrived: findings.
 *   - Our own address as the listed one is `own-asset-listed`'s to tell, not ours: background.
 *   - Where the direction is not known, nobody can say who began; a destination, name, page or file is then taken for
 *     ours (a wrong finding is closed in a minute, a silent bot stays for months), a source is not.
 */
export const weight = (match: Pick<RawMatch, "where" | "direction" | "seen">): "finding" | "background" => {
  const { direction, seen } = match;
  if (direction === "inbound") return arrives.has(match.where) ? "finding" : "background";
  if (match.where === "source") return direction === "internal" ? "finding" : "background";
  if (match.where === "dns-answer") return seen.kind === "domain" ? "finding" : "background";
  return claimed.has(match.where) ? "background" : "finding";
};

/** What reaches us with a stranger's connection, and stays. */
const arrives: ReadonlySet<Where> = new Set<Where>(["file-hash", "mail-from"]);

/** What a header says of others on the way: no act of ours. */
const claimed: ReadonlySet<Where> = new Set<Where>(["original-source", "x-forwarded-for"]);
