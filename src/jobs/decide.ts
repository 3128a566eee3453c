import type { Instant } from "#core/instant.ts";
import { no, ok, problem, type Result } from "#core/result.ts";
import { acted, actsOn, type FindingAct, judgedBy, listed } from "#incidents/state.ts";
import type { Event } from "#incidents/ports.ts";
import { reweighStories } from "#jobs/findings/mute.ts";
import type { State } from "#jobs/ports.ts";

export interface Deciding {
  readonly finding: string;
  readonly act: FindingAct;
  readonly who: string;
  readonly until?: Instant;
  readonly reason?: string;
  readonly maySee: (organisation: string) => boolean;
}

const eventOf = {
  release: "released",
  acknowledge: "acknowledged",
  confirm: "confirmed",
  snooze: "snoozed",
  wake: "woken",
  suppress: "suppressed",
  false: "false",
  benign: "benign",
  duplicate: "duplicate",
  "accept-risk": "risk-accepted",
  reopen: "reopened",
  note: "noted",
} as const satisfies Record<FindingAct, Event["what"]>;

/** Acts that need a reason: each takes a finding out of sight. */
const wantsReason: ReadonlySet<FindingAct> = new Set([
  ...(["suppress", "false", "benign", "duplicate", "accept-risk", "note"] as const),
]);

/**
 * What staff decide about a finding. Letting a shadow finding speak queues its alert in the same transaction.
 *
 * @returns problems WGL_ABSENT, WGL_ACT_NOW (it makes no sense as the finding stands), WGL_ACT_REASON, WGL_ACT_UNTIL
 */
export const decide = (state: State, deciding: Deciding, now: Instant): Promise<Result<void>> =>
  state.act(async (tx) => {
    const finding = await tx.incidents.findingById(deciding.finding);
    if (!finding || !deciding.maySee(finding.organisation)) return no("WGL_ABSENT");
    const { act, who, until, reason } = deciding;
    const may = actsOn({
      state: finding.state,
      shadow: finding.shadow !== undefined,
      snoozed: finding.snoozedUntil !== undefined,
      ...(finding.verdict === undefined ? {} : { verdict: finding.verdict }),
    });
    if (!may.includes(act)) return no("WGL_ACT_NOW", { act, state: finding.state });
    if (wantsReason.has(act) && (reason === undefined || reason.trim() === "")) return no("WGL_ACT_REASON", { act });
    if (act === "snooze" && (until === undefined || until <= now))
      return { ok: false, problem: problem("WGL_ACT_UNTIL", {}) };
    const next = acted(act);
    if (next !== undefined) await tx.incidents.setState(finding.n, next, now, { closed: listed[next] === "closed" });
    const judged = judgedBy(act);
    if (judged !== undefined) await tx.incidents.judge(finding.n, judged ?? undefined);
    if (next !== undefined || act === "release") await reweighStories(tx, [finding]);
    if (act === "release") {
      await tx.incidents.speak(finding.n, now);
      await tx.queue.put("alert", finding.id, {}, now);
    }
    if (act === "snooze") await tx.incidents.snooze(finding.n, until);
    if (act === "wake") await tx.incidents.snooze(finding.n, undefined);
    await tx.incidents.event(finding.n, {
      at: now,
      who,
      what: eventOf[act],
      ...(until === undefined ? {} : { detail: { until } }),
      ...(reason === undefined ? {} : { note: reason }),
    });
    if (act !== "note")
      await tx.evidence.leaf({
        kind: "policy",
        subject: finding.id,
        at: now,
        data: { act, who, ...(reason === undefined ? {} : { reason }) },
      });
    return ok(undefined);
  });
