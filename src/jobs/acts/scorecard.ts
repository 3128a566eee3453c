import type { Scorecard } from "#api/scorecard.ts";
import { hour, type Instant, printInstant } from "#core/instant.ts";
import type { FeedState, Turn } from "#intel/ports.ts";
import { casesAtLeast, suggestedLetter } from "#intel/scorecard.ts";
import type { Desk } from "./desk.ts";
import { feedTitle } from "./feed-named.ts";

/** A source's record as it was last counted; undefined: it never was. */
export const scorecardOf = async (
  desk: Desk,
  state: FeedState,
  turns: readonly Turn[],
): Promise<Scorecard | undefined> => {
  const found = await desk.state.act((tx) => tx.care.scorecard(state.feed));
  if (found === undefined) return undefined;
  const { card, at, overlaps } = found;
  const letter = suggestedLetter(card);
  const rows = turns.reduce((sum, turn) => sum + turn.rows, 0);
  const rejected = turns.reduce((sum, turn) => sum + Object.values(turn.rejected).reduce((all, n) => all + n, 0), 0);
  return {
    at: printInstant(at),
    ...{ live: card.live, alone: card.alone },
    ...(card.leadHours === undefined ? {} : { leadHours: tenths(card.leadHours) }),
    ...{ confirmed: card.confirmed, disputed: card.disputed },
    ...{ falseFindings: card.falseFindings, benign: card.benign, duplicates: card.duplicates, verdicts: card.verdicts },
    ...{ cases: card.right + card.wrong, casesWanted: casesAtLeast },
    ...(card.trust === undefined ? {} : { trust: card.trust }),
    ...(letter === undefined ? {} : { suggestedGrade: letter }),
    ...(state.lastGood === undefined ? {} : { silentHours: tenths(hoursSince(state.lastGood, desk.now())) }),
    rejectedShare: rows === 0 ? 0 : rejected / rows,
    overlaps: overlaps.map(({ other, shared, leadHours }) => ({
      ...{ id: other, title: feedTitle(desk, other), shared, share: card.live === 0 ? 0 : shared / card.live },
      ...(leadHours === undefined ? {} : { leadHours: tenths(leadHours) }),
    })),
  };
};

const hoursSince = (then: Instant, now: Instant): number => Math.max(0, now - then) / hour;
const tenths = (hours: number): number => Math.round(hours * 10) / 10;
