import type { Instant } from "#core/instant.ts";
import type { Feed, RawAdvisory } from "#feeds/feed.ts";
import type { PartReading } from "#feeds/read.ts";
import { advisoryDigest, advisoryRowOf, contentOf } from "#intel/advisory.ts";
import { uuidOf } from "#intel/indicator.ts";
import { ListDiff } from "#intel/list-diff.ts";
import type { State } from "#jobs/ports.ts";

/** Rows merged in one transaction: a second's work at most. */
const batchRows = 4000;

export interface CollectingAdvisories {
  readonly state: State;
  readonly secret: string;
  readonly now: Instant;
  /** The rows are added to what their list holds: nothing that is absent was taken back. */
  readonly add?: boolean;
}

export interface AdvisoriesTaken {
  readonly added: number;
  readonly changed: number;
  readonly delisted: number;
}

/**
 * The advisories of one list: what is new or changed is merged; from a feed that gives the whole, what is absent was
 * taken back. Unchanged rows touch no row of the database.
 */
export const collectAdvisories = async (
  { state, secret, now, add }: CollectingAdvisories,
  feed: Feed,
  part: Pick<PartReading, "name" | "advisories">,
): Promise<AdvisoriesTaken> => {
  const news = feed.gives === "news";
  const past = news ? undefined : (await state.act((tx) => tx.advisories.lists(feed.id))).get(part.name);
  if (part.advisories.length === 0 && (past === undefined || past.byteLength === 0)) return nothing;
  const diff = news ? undefined : new ListDiff(past ?? new Uint8Array(0));
  const taken = { added: 0, changed: 0, delisted: 0 };
  let due: { readonly raw: RawAdvisory; readonly digest: Buffer }[] = [];
  const flush = async (): Promise<void> => {
    const rows = due.map(({ raw, digest }) => advisoryRowOf(raw, feed, uuidOf(digest), now));
    due = [];
    if (rows.length === 0) return;
    const delta = await state.act((tx) => tx.advisories.merge(feed.id, rows, now));
    taken.added += delta.added;
    taken.changed += delta.changed;
  };
  for (const raw of part.advisories) {
    const digest = advisoryDigest(secret, feed.id, raw.id);
    if (diff !== undefined) {
      const how = diff.see(digest, contentOf(raw).readUInt32BE(0));
      if (how === "same" || how === "twice") continue;
    }
    due.push({ raw, digest });
    if (due.length >= batchRows) await flush();
  }
  await flush();
  if (diff === undefined) return taken;
  const gone = add === true ? [] : [...diff.gone()].map(uuidOf);
  for (let at = 0; at < gone.length; at += batchRows)
    taken.delisted += await state.act((tx) => tx.advisories.delist(feed.id, gone.slice(at, at + batchRows), now));
  // remembered last: a turn cut short before it is simply done again
  const items = add === true ? diff.union() : diff.items();
  await state.act((tx) => tx.advisories.rememberList(feed.id, part.name, items));
  return taken;
};

const nothing: AdvisoriesTaken = { added: 0, changed: 0, delisted: 0 };
