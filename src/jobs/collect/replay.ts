import { WaglanError } from "#core/result.ts";
import type { Feed } from "#feeds/feed.ts";
import type { Turn } from "#intel/ports.ts";
import type { Archive } from "./archive.ts";
import { collect, type Collecting } from "./collect.ts";
import { openBody } from "./intake.ts";
import type { Pieces } from "#jobs/pieces.ts";

/**
 * A turn with a body that an earlier turn kept: after a reader was mended, or a policy changed. It is compared with what
 * the lists hold now, like any other, so an old body of a whole list brings back the old list until the next turn.
 *
 * @param turn its number; absent: the newest one whose body was kept
 * @throws WGL_ARCHIVE_GONE
 */
export const replay = async (
  collecting: Collecting,
  archive: Archive,
  feed: Feed,
  turn?: number,
): Promise<Turn | undefined> => {
  const kept = await collecting.state.act((tx) => tx.intel.archivedTurn(feed.id, turn));
  const name = kept?.archive;
  const found = name === undefined ? undefined : await archive.open(feed.id, name);
  if (kept === undefined || name === undefined || found === undefined)
    throw new WaglanError("WGL_ARCHIVE_GONE", { feed: feed.id, turn: turn ?? kept?.n ?? 0 });
  const pieces = await reopened(feed, found, kept.file);
  return collect({ ...collecting, acceptHeld: true }, feed, pieces, kept.file, { archive: name });
};

/** A single body is read under the name it came with: readers look at its ending; mail is opened again. */
const reopened = async (feed: Feed, found: Pieces, file: string): Promise<Pieces> => {
  for await (const piece of found.each())
    if (piece.name === "") return (await openBody(feed, piece.body, file)).pieces;
    else break;
  return found;
};
