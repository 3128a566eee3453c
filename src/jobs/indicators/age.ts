import { after, day, type Instant, minute } from "#core/instant.ts";
import type { Archive } from "#jobs/collect/archive.ts";
import { endMuting } from "#jobs/findings/mute.ts";
import type { State } from "#jobs/ports.ts";

/** A told problem whose signal has been absent this long, while its sensor spoke, is gone: a bot that calls once a day is seen again before. */
export const quietDays = 3;
/**
 * Bodies of telemetry stay this long after they were matched and stored. They are the one place where a record stands
 * before the field policy, so: short.
 */
const bodyMinutes = 5;
/** Hits of detectors that may not speak are kept this long: as far back as slow intrusions are added up. */
const quietHitDays = 90;

/**
 * What time alone does: snoozed findings wake, quiet ones are gone, silences end, bodies of telemetry are let go. One transaction;
 * doing it twice changes nothing.
 */
export const age = (state: State, now: Instant): Promise<{ woken: number; gone: number; forgotten: number }> =>
  state.act(async (tx) => {
    const woken = await tx.incidents.awake(now);
    for (const finding of woken) {
      await tx.incidents.event(finding.n, { at: now, what: "woken" });
      if (finding.shadow === undefined) await tx.queue.put("alert", finding.id, {}, now);
    }
    const quiet = await tx.incidents.quiet(after(now, -quietDays * day));
    for (const finding of quiet) {
      await tx.incidents.setState(finding.n, "gone", now, { closed: true });
      await tx.incidents.event(finding.n, { at: now, what: "gone" });
    }
    await endMuting(tx, now);
    await tx.incidents.forgetQuiet(after(now, -quietHitDays * day));
    const forgotten = await tx.telemetry.forget(after(now, -bodyMinutes * minute));
    return { woken: woken.length, gone: quiet.length, forgotten };
  });

/** How long bodies and refused rows of feeds are kept. */
export interface Keeping {
  /** Days, where a feed does not say. */
  readonly days: number;
  readonly feeds: ReadonlyMap<string, number>;
}

/** Raw bodies, refused rows and digests of mails whose days are over are forgotten; doing it twice changes nothing. */
export const forgetKept = async (
  state: State,
  archive: Archive,
  { days, feeds }: Keeping,
  now: Instant,
): Promise<{ bodies: number; rows: number }> => {
  let rows = await state.act((tx) => tx.intel.forgetRejected(after(now, -days * day), { not: [...feeds.keys()] }));
  for (const [feed, own] of feeds)
    rows += await state.act((tx) => tx.intel.forgetRejected(after(now, -own * day), { only: feed }));
  const bodies = await archive.sweep((feed) => feeds.get(feed) ?? days, now);
  return { bodies, rows };
};
