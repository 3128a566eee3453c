import type { AlertInput, UpdateReason } from "#alerts/alert-input.ts";
import { storyOf } from "#alerts/story.ts";
import { proven } from "#community/asset.ts";
import type { Organisation } from "#community/organisation.ts";
import type { Instant } from "#core/instant.ts";
import type { FindingSource } from "#incidents/finding.ts";
import type { StoredFinding, StoredHit } from "#incidents/ports.ts";
import type { Known } from "#jobs/community/directory-memory.ts";
import { gradeWeight } from "#core/grade.ts";
import { observableOfAsset } from "#jobs/findings/finding-asset.ts";
import type { ProductDigest } from "#jobs/inventory/port.ts";

/** Sightings and evidence lines put into an alert; the portal has all of them. */
const instancesAtMost = 5;
const evidenceAtMost = 3;

export interface AlertParts {
  readonly reference: string;
  readonly version: number;
  readonly reason?: UpdateReason;
  readonly finding: StoredFinding;
  readonly organisation: Organisation;
  readonly sources: readonly FindingSource[];
  readonly hits: readonly StoredHit[];
  readonly known: Known;
  readonly titleOf: (feed: string) => string;
  /** Told with this finding (inventory-tell.ts). */
  readonly digest?: ProductDigest;
  readonly due: Instant;
  /** Days before it was known that it was first seen. */
  readonly foundBack?: number;
  readonly portal: string;
  readonly phone?: string;
}

/**
 * What is said to the organisation, as data, without the person: only claims it may see are named, and none when a
 * person released a hidden finding. Kept with the alert, so that what was said can be shown again unchanged.
 */
export const alertInput = (parts: AlertParts): AlertInput => {
  const { finding, organisation, known } = parts;
  const asset = observableOfAsset(finding.asset);
  const owner = known.assets.owners(asset, finding.lastSeen).find((one) => one.organisation === finding.organisation);
  const shown = parts.sources.filter((source) => source.mayBeShown && source.voice !== "context");
  const grades = new Map<string, FindingSource["grade"]>();
  for (const source of shown)
    if (gradeWeight(source.grade) > gradeWeight(grades.get(source.feed) ?? { source: "E", statement: 5 }))
      grades.set(source.feed, source.grade);
  const story = storyOf[finding.detector];
  return {
    reference: parts.reference,
    version: parts.version,
    ...(parts.reason === undefined ? {} : { reason: parts.reason }),
    finding: finding.id,
    sender: known.directory.community.names,
    organisation: organisation.names,
    audience: organisation.sector === "sme" ? "sme" : "it",
    problem: finding.problem,
    story,
    severity: finding.severity,
    certainty: finding.certainty,
    sources: [...grades]
      .map(([feed, grade]) => ({ title: parts.titleOf(feed), grade }))
      .sort((a, b) => gradeWeight(b.grade) - gradeWeight(a.grade) || (a.title < b.title ? -1 : 1)),
    asset: {
      observable: asset,
      proof: owner && proven(owner.asset) ? owner.asset.proof : "declared",
    },
    hostile:
      story === "listed"
        ? []
        : [
            ...new Map(
              parts.hits.flatMap(({ indicator }) =>
                indicator === undefined ? [] : [[`${indicator.kind} ${indicator.value}`, indicator] as const],
              ),
            ).values(),
          ].slice(0, 5),
    instances:
      finding.detector === "own-asset-listed" || finding.detector === "product-advisory"
        ? []
        : parts.hits.slice(0, instancesAtMost).map((hit) => ({
            time: hit.time,
            where: hit.where,
            direction: hit.direction,
            ...(hit.source ? { source: hit.source } : {}),
            ...(hit.destination ? { destination: hit.destination } : {}),
            // of what others report the ends say all there is
            value:
              finding.detector === "asset-reported" && hit.source
                ? hit.source.address
                : (hit.noticed?.title ?? hit.observable.value),
          })),
    evidence: parts.hits.slice(0, evidenceAtMost).map((hit) => hit.evidence),
    ...(parts.digest === undefined ? {} : { products: { named: parts.digest.products, more: parts.digest.more } }),
    firstSeen: finding.firstSeen,
    ...(parts.foundBack === undefined ? {} : { foundBack: parts.foundBack }),
    lastSeen: finding.lastSeen,
    count: finding.hits,
    zone: organisation.zone,
    due: parts.due,
    tlp: finding.marking.tlp,
    portal: `${parts.portal}/findings/${finding.id}`,
    ...(parts.phone === undefined
      ? {}
      : { verify: { phone: parts.phone, code: verifyCode(finding.id, parts.version) } }),
  };
};

/** Six digits the duty desk reads out; from the finding's opaque id, so that the desk finds it in the portal. */
const verifyCode = (id: string, version: number): string =>
  String((Number.parseInt(id.replaceAll("-", "").slice(0, 10), 16) + version) % 1_000_000).padStart(6, "0");
