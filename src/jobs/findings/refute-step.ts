import type { Instant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { State } from "#jobs/ports.ts";
import { reweigh } from "./reweigh.ts";

/** A step of one finding's because-chain, and whether it stands. */
export interface Refuting {
  readonly finding: string;
  /** A hit by its id; else a source: the claim, rule or behaviour behind the finding. */
  readonly step: { readonly hit: string } | { readonly source: string };
  readonly stands: boolean;
  readonly who: string;
  readonly reason: string;
}

/**
 * A person takes a step back for this finding alone, or lets it stand again. What rests on nothing else is taken back with
 * it and who was told is told so; else it is weighed by what is left. The value itself is judged elsewhere (judge-indicator).
 *
 * @returns problems WGL_ABSENT (no such finding or step), WGL_ACT_REASON
 */
export const refuteStep = (
  state: State,
  { finding: id, step, stands, who, reason }: Refuting,
  excluded: (observable: Observable) => boolean,
  now: Instant,
): Promise<Result<void>> =>
  state.act(async (tx) => {
    if (!stands && reason.trim() === "") return no("WGL_ACT_REASON", { act: "false" });
    const finding = await tx.incidents.findingById(id);
    if (finding === undefined) return no("WGL_ABSENT");
    const found = await tx.incidents.refute(finding.n, step, stands ? undefined : { who, reason, at: now });
    if (!found) return no("WGL_ABSENT");
    const note = reason.trim() === "" ? {} : { note: reason.trim() };
    await tx.incidents.event(finding.n, { at: now, who, what: stands ? "step-restored" : "step-refuted", ...note });
    const weighed = await reweigh(tx, [finding.n], excluded, now, who, { anew: true });
    await tx.evidence.leaf({
      ...{ kind: "policy", subject: finding.id, at: now },
      data: {
        ...{ act: stands ? "restore step" : "refute step", who, reason, ...step },
        ...{ takenBack: weighed.takenBack, restored: weighed.restored },
      },
    });
    return ok(undefined);
  });
