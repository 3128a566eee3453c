import { after, day, type Instant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import { isEmpty, type Silence, silenceDaysAtMost, silences } from "#incidents/silence.ts";
import { letGo, reweighStories } from "./mute.ts";
import type { State } from "#jobs/ports.ts";

/**
 * Silences findings for a while, those there are and those to come. They are recorded and counted, and tell nobody; when
 * it ends they reappear. Evidence has a leaf.
 *
 * @returns how many findings it holds now | WGL_SILENCE_EMPTY, WGL_SILENCE_UNTIL, WGL_ACT_REASON
 */
export const silenceFindings = (state: State, silence: Silence, now: Instant): Promise<Result<number>> =>
  state.act(async (tx) => {
    const { id, matcher, reason, who, until } = silence;
    if (isEmpty(matcher)) return no("WGL_SILENCE_EMPTY");
    if (reason.trim() === "") return no("WGL_ACT_REASON", { act: "silence" });
    if (until <= now || until > after(now, silenceDaysAtMost * day))
      return no("WGL_SILENCE_UNTIL", { days: silenceDaysAtMost });
    // as who records hits: nobody records under the old silences what is silenced here
    await tx.incidents.lockIncidents();
    const n = await tx.incidents.putSilence(silence);
    const held = (await tx.incidents.silenceable(matcher)).filter((one) => silences(matcher, one));
    await tx.incidents.silence(held.map((one) => ({ n: one.n, hits: 0, silence: n })));
    await tx.incidents.events(
      held.map((one) => ({ finding: one.n, at: now, who, what: "silenced" as const, note: reason })),
    );
    await reweighStories(tx, await tx.incidents.findingsById(held.map((one) => one.id)));
    await tx.evidence.leaf({
      ...{ kind: "policy", subject: `silence ${id}`, at: now },
      data: { act: "silence", who, reason, until, holds: held.length, ...matcher },
    });
    return ok(held.length);
  });

/** Ends a silence before its time: what it held back reappears, and who may be told is told. @returns WGL_ABSENT, WGL_ACT_REASON */
export const endSilence = (
  state: State,
  { id, who, reason }: { readonly id: string; readonly who: string; readonly reason: string },
  now: Instant,
): Promise<Result<number>> =>
  state.act(async (tx) => {
    if (reason.trim() === "") return no("WGL_ACT_REASON", { act: "silence" });
    await tx.incidents.lockIncidents();
    const silence = await tx.incidents.silenceById(id, now);
    if (silence === undefined) return no("WGL_ABSENT");
    await tx.incidents.endSilence(silence.n, who, reason, now);
    const back = await letGo(tx, await tx.incidents.unsilence([silence.n]), now);
    await tx.evidence.leaf({
      ...{ kind: "policy", subject: `silence ${id}`, at: now },
      data: { act: "end silence", who, reason, back },
    });
    return ok(back);
  });
