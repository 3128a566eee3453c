import type { Sensor } from "#community/sensor.ts";
import type { Instant } from "#core/instant.ts";
import type { Hit } from "#detect/hit.ts";
import type { StandingWord } from "#incidents/ports.ts";
import { indicatorId } from "#intel/indicator.ts";
import type { LiveClaim } from "#intel/ports.ts";
import type { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import type { CausePage, CauseStep } from "./cause.ts";
import type { HuntCause, VeiledFinding } from "./cause-port.ts";
import type { State, Tx } from "#jobs/ports.ts";
import { type ClaimedHit, type Community, hitId, recordHits, veiledId } from "#jobs/findings/record-hits.ts";

/** What letting a feed's past speak needs. */
export interface FeedHunting {
  readonly state: State;
  readonly directory: Pick<DirectoryMemory, "known">;
  readonly community: Community;
  /** Of the deployment, in hexadecimal digits. */
  readonly secret: string;
}

/** Findings unveiled in one turn; each has its hits with it. */
const findingsAtOnce = 20;
const indicatorsAtOnce = 40_000;

/**
 * A feed leaves shadow. What it listed while in shadow was matched and recorded veiled, for staff alone: these hits are now
 * told under the ids they would have had, at the times they were seen, also of what it lists no more. Then all that it lists
 * is said to be looked at again, by hunting over the past and by the join with own assets.
 */
export const huntFeed =
  (hunting: FeedHunting): CauseStep =>
  (cause: HuntCause, now: Instant) =>
    hunting.state.act(async (tx): Promise<CausePage> => {
      const { phase = "veiled", after } = (cause.place ?? {}) as { phase?: string; after?: number | string };
      if (phase === "veiled") {
        const some = await tx.hunts.veiledOf(cause.subject, Number(after ?? 0), findingsAtOnce);
        let [found, opened] = [0, 0];
        for (const one of some) {
          const told = await unveil(tx, hunting, one, now);
          [found, opened] = [found + told.hits, opened + told.opened];
        }
        const last = some.at(-1);
        const place =
          some.length === findingsAtOnce && last !== undefined ? { phase, after: last.finding.n } : { phase: "claims" };
        return { read: some.length, found, opened, place };
      }
      const some = await tx.hunts.indicatorsAfter(after as string | undefined, indicatorsAtOnce, cause.subject);
      await tx.hunts.touch(
        cause.subject,
        some.map(({ id }) => id),
        now,
      );
      const last = some.at(-1);
      return {
        ...{ read: some.length, found: some.length, opened: 0 },
        ...(some.length === indicatorsAtOnce && last !== undefined ? { place: { phase, after: last.id } } : {}),
      };
    });

/** Records what a veiled finding's hits say as if they had never been veiled. Where that is all of them it is over. */
const unveil = async (
  tx: Tx,
  hunting: FeedHunting,
  { finding, hits, sources }: VeiledFinding,
  now: Instant,
): Promise<{ readonly hits: number; readonly opened: number }> => {
  const { known } = hunting.directory;
  if (known.organisation(finding.organisation) === undefined) return { hits: 0, opened: 0 };
  const sensors = known.directory.sensors.filter((one) => one.organisation === finding.organisation);
  const reported = new Map(
    finding.detector === "asset-reported"
      ? (await tx.reports.reports(sources.map(({ indicator }) => indicator))).map((one) => [one.id, one])
      : [],
  );
  const digests = [...reported.values()].flatMap(({ id, instances }) =>
    instances.map(({ digest }) => hitId(["asset-reported", finding.organisation, id, digest])),
  );
  const claimed = hits.flatMap((hit): ClaimedHit[] => {
    const claims = claimsOf(hit, sources, hunting.secret);
    if (!claims.some((claim) => claim.voice === "alert" && isShown(claim))) return [];
    const id = [...idsOf(hit, sensors), ...digests].find((one) => veiledId({ id: one }) === hit.id);
    return id === undefined ? [] : [{ hit: { ...hit, id }, claims }];
  });
  if (claimed.length === 0) return { hits: 0, opened: 0 };
  const recorded = await recordHits(tx, claimed, undefined, hunting.community, now);
  if (claimed.length === hits.length) {
    await tx.incidents.setState(finding.n, "merged", now, { closed: true });
    await tx.incidents.event(finding.n, { at: now, what: "unveiled" });
  }
  return { hits: recorded.fresh, opened: recorded.opened.length };
};

/** Ids that the hit can have had before it was veiled, as `claimMatches` and `claimRuled` make them. */
const idsOf = (hit: Hit, sensors: readonly Sensor[]): readonly string[] =>
  sensors.map((sensor) =>
    hit.noticed === undefined
      ? hitId([
          ...["indicator-match", sensor.id, hit.time, hit.where, hit.observable.value],
          ...[hit.indicator?.value ?? "", hit.evidence.text],
        ])
      : hitId(["sigma", sensor.id, hit.noticed.id, hit.time, hit.evidence.text]),
  );

const isShown = ({ tlp, shadow }: LiveClaim): boolean => tlp !== "red" && tlp !== "amber+strict" && !shadow;

/** What spoke for the hit: the finding's sources that the hit names, with their shadow as it is now. */
const claimsOf = (hit: Hit, sources: readonly StandingWord[], secret: string): readonly LiveClaim[] => {
  const own =
    hit.detector === "indicator-match" && hit.indicator !== undefined ? indicatorId(secret, hit.indicator) : "";
  return sources
    .filter(({ feed, indicator }) => hit.sources.includes(feed) && (own === "" || indicator === own))
    .map(({ indicator, feed, grade, labels, tlp, pap, voice, shadow, claimed }) => ({
      ...{ indicator, feed, grade, labels, tlp, pap, voice, shadow, licence: "own", flags: [] },
      ...(claimed === undefined ? {} : claimed),
    }));
};
