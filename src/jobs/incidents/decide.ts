import type { Instant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { IncidentState } from "#incidents/correlate.ts";
import type { IncidentAct } from "#incidents/state.ts";
import type { State } from "#jobs/ports.ts";

const leadsTo = {
  confirm: "confirmed",
  contain: "contained",
  close: "closed",
  dismiss: "dismissed",
  reopen: "suspected",
} as const satisfies Record<IncidentAct, IncidentState>;

/** What makes sense for an incident as it stands. */
export const incidentActsOn = (state: IncidentState): readonly IncidentAct[] => {
  switch (state) {
    case "suspected":
      return ["confirm", "close", "dismiss"];
    case "confirmed":
      return ["contain", "close", "dismiss"];
    case "contained":
      return ["close", "dismiss"];
    case "closed":
    case "dismissed":
      return ["reopen"];
  }
};

/**
 * What staff decide about a potential incident; evidence has a leaf. What comes after it was closed is a new one; one
 * that was dismissed keeps what still comes to its findings.
 *
 * @returns problems WGL_ABSENT, WGL_ACT_NOW, WGL_ACT_REASON
 */
export const decideIncident = (
  state: State,
  deciding: { readonly incident: string; readonly act: IncidentAct; readonly who: string; readonly reason?: string },
  now: Instant,
): Promise<Result<void>> =>
  state.act(async (tx) => {
    const { incident, act, who, reason } = deciding;
    const story = await tx.incidents.storyById(incident);
    if (story === undefined) return no("WGL_ABSENT");
    if (!incidentActsOn(story.state).includes(act)) return no("WGL_ACT_NOW", { act, state: story.state });
    if ((act === "dismiss" || act === "close") && (reason === undefined || reason.trim() === ""))
      return no("WGL_ACT_REASON", { act });
    await tx.incidents.setStory(story.n, leadsTo[act], now);
    await tx.evidence.leaf({
      ...{ kind: "policy", subject: story.id, at: now },
      data: { act: `${act} incident`, who, ...(reason === undefined ? {} : { reason }) },
    });
    return ok(undefined);
  });
