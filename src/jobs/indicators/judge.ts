import { after, type Instant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { State } from "#jobs/ports.ts";
import { type Reweighed, reweigh } from "#jobs/findings/reweigh.ts";
import { again } from "#jobs/findings/reweigh-queued.ts";

/** What a person says of a value, or of what one source says of it. */
export interface Judging {
  /** Public id of the indicator. */
  readonly indicator: string;
  /** Only this source's claim; absent: the value itself. */
  readonly feed?: string;
  readonly verdict: "false" | "restored";
  readonly who: string;
  /** Why; at least a word, for whoever asks later. */
  readonly reason: string;
}

/**
 * A person judges a value a false positive, or takes that back. At once, in one transaction: it leaves the match and every
 * list (change feed), findings that rest on nothing else are taken back and those who were told are told so, who received
 * it is queued for recall, and the evidence says who and why. Undone, everything stands as it stood.
 *
 * @returns problems WGL_ABSENT (no such indicator, or no such claim), WGL_ACT_REASON
 */
export const judgeIndicator = (
  state: State,
  judging: Judging,
  excluded: (observable: Observable) => boolean,
  now: Instant,
): Promise<Result<Reweighed>> =>
  state.act(async (tx) => {
    const { indicator, feed, verdict, who, reason } = judging;
    if (reason.trim() === "") return no("WGL_ACT_REASON", { act: verdict });
    if (!(await tx.intel.judge(judging, now))) return no("WGL_ABSENT");
    const weighed = await reweigh(tx, await tx.incidents.standingOn([indicator]), excluded, now, who);
    // what a process recorded meanwhile that had not heard of it
    await tx.queue.put("reweigh", `judged ${indicator}`, { indicators: [indicator] }, after(now, again));
    const named = feed === undefined ? {} : { feed };
    if (verdict === "false")
      await tx.queue.put("recall", `${indicator} ${feed ?? ""}`, { indicator, why: "false", ...named }, now);
    // what was hidden from partners' machines with it stands again
    else await tx.queue.put("recall", `${indicator} restored`, { restored: indicator }, now);
    await tx.evidence.leaf({
      kind: "policy",
      subject: indicator,
      at: now,
      data: {
        ...{ act: "judge indicator", verdict, who, reason, ...(feed === undefined ? {} : { feed }) },
        ...{ takenBack: weighed.takenBack, restored: weighed.restored },
      },
    });
    return ok(weighed);
  });
