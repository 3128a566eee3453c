import { createHash } from "node:crypto";
import { problem } from "#core/result.ts";
import type { Feed } from "#feeds/feed.ts";
import type { FeedState, Turn, TurnNext } from "#intel/ports.ts";
import { type Collecting, collect, failedTurn, unchangedTurn } from "./collect.ts";
import type { Archive } from "./archive.ts";
import { openBody } from "./intake.ts";
import type { State } from "#jobs/ports.ts";

/** A folder that a mail server delivers to, one file a mail; or that another program writes to, one file a body. */
export interface Folder {
  /**
   * Names of the files to read, in order of their names. mails: `.eml` files of the folder, and all of `new/` and `cur/` in
   * it. bodies: all files of the folder. Empty: none.
   */
  readonly list: (folder: string, holds: "mails" | "bodies") => Promise<readonly string[]>;
  readonly read: (folder: string, name: string) => Promise<Uint8Array>;
  /** Puts it into the folder `done` or `refused` beside; one of that name there is replaced. */
  readonly move: (folder: string, name: string, to: "done" | "refused") => Promise<void>;
}

/** Mails of one turn; the rest wait for the next, which follows at once in a minute. */
const mailsAtMost = 200;

/**
 * A turn of a feed whose bodies lie in a folder. Each is kept, collected, and moved when that is committed: a turn cut
 * short is done again, and a mail that comes twice is taken once, whatever its file is called. One that cannot be read is
 * moved to `refused`, where a person finds it.
 *
 * @returns the turn of the last mail that was refused, else of the last one; without mail, a turn that saw nothing new
 */
export const collectFolder = async (
  { state, archive: keeping, folder }: { readonly state: State; readonly archive: Archive; readonly folder: Folder },
  { feed, path }: { readonly feed: Feed; readonly path: string },
  past: FeedState,
  next: TurnNext,
  turnAs: Collecting,
): Promise<Turn | undefined> => {
  let told: Turn | undefined;
  let names: readonly string[];
  try {
    names = await folder.list(path, feed.opens === undefined ? "bodies" : "mails");
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code;
    if (reason === undefined) throw error;
    return failedTurn(state, feed, problem("WGL_FEED_FILE", { path, feed: feed.id, reason }), turnAs.now, next);
  }
  for (const name of names.slice(0, mailsAtMost)) {
    const body = await folder.read(path, name);
    const digest = createHash("sha256").update(body).digest("hex");
    if (await state.act((tx) => tx.intel.bodySeen(feed.id, digest))) {
      await folder.move(path, name, "done");
      continue;
    }
    const archive = await keeping.keep(feed.id, turnAs.now, body);
    const { pieces, file } = await openBody(feed, body, name);
    const turn = await collect(turnAs, feed, pieces, file, { ...next, archive });
    // another process is at this feed, and at this folder
    if (turn === undefined) return told;
    const isTaken = turn.state === "healthy" && (turn.accepted > 0 || Object.keys(turn.rejected).length === 0);
    if (isTaken) await state.act((tx) => tx.intel.seeBody(feed.id, digest, turnAs.now));
    await folder.move(path, name, isTaken ? "done" : "refused");
    if (told === undefined || told.state === "healthy" || turn.state !== "healthy") told = turn;
  }
  return told ?? unchangedTurn(state, feed, past, turnAs.now, next);
};
