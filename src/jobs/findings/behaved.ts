import type { Certainty, Grade } from "#core/grade.ts";
import type { OrganisationId, Tlp } from "#core/marking.ts";
import type { Entity } from "#detect/behaviour.ts";
import { behaviours } from "#detect/behaviours.ts";
import type { End, Evidence, Hit } from "#detect/hit.ts";
import type { Networks } from "#detect/networks.ts";
import { type DetectorSource, detectorClaim, gradeOfStatus, ruleSource, shadowsOf } from "./detector-source.ts";
import { observableOfAsset } from "./finding-asset.ts";
import type { SpokenHit } from "#jobs/partitions/lane.ts";
import type { Tx } from "#jobs/ports.ts";
import { type ClaimedHit, type Community, hitId } from "./record-hits.ts";
import type { Direction } from "#telemetry/format.ts";
import { behaviours as words } from "#words/en/behaviours.ts";

/** A hit over time with what it rests on, as it may be shown: after the field policy. */
export interface BehavedHit {
  readonly hit: SpokenHit;
  readonly evidence: Evidence;
  /** Ends of the newest record it rests on. */
  readonly source?: End;
  readonly destination?: End;
  readonly direction?: Direction;
  /** What of ours is concerned where no entity is ours: the sensor's key. */
  readonly behind: string;
}

/** Where the hits were made. */
export interface BehavedAt {
  readonly organisation: OrganisationId;
  /** Networks of the whole organisation. */
  readonly own: Networks;
}

/** What behaviours and correlations say is told to the organisation concerned and no further. */
const tlp: Tlp = "amber";

/** The id of the source that a behaviour is. */
export const behaviourSource = (behaviour: string): string => `behaviour:${behaviour}`;

/** How far one hit is believed, by what its behaviour thinks of it; the finding's certainty is made of it (core/grade.ts). */
const gradeOf: Readonly<Record<Certainty, Grade>> = {
  "almost-certain": { source: "A", statement: 1 },
  likely: { source: "B", statement: 2 },
  possible: { source: "C", statement: 3 },
  unknown: { source: "D", statement: 4 },
};

/**
 * What behaviours and correlations said, as hits with the detector behind them as their source: in shadow, so that only
 * staff see them, until a person lets it speak. A hit that rests on something hidden stays with staff even then. The same
 * records give the same hit whoever says it, and however often.
 */
export const claimBehaved = async (
  tx: Tx,
  { community }: { readonly community: Community },
  at: BehavedAt,
  behaved: readonly BehavedHit[],
): Promise<readonly ClaimedHit[]> => {
  const sources = new Map(
    behaved.map(({ hit }): [string, DetectorSource] => [sourceOf(hit, community).id, sourceOf(hit, community)]),
  );
  const shadows = await shadowsOf(tx, sources);
  return behaved.map((one): ClaimedHit => {
    const source = sourceOf(one.hit, community);
    const shadow = one.hit.hidden === true || (shadows.get(source.id) ?? true);
    const grade = one.hit.rule ? source.grade : gradeOf[one.hit.certainty];
    return {
      claims: [{ ...detectorClaim(source, at.organisation, shadow, community.idOf), grade }],
      hit: hitOf(one, source.id, at),
    };
  });
};

const sourceOf = ({ behaviour, rule }: SpokenHit, { ruleTlp }: Community): DetectorSource =>
  rule
    ? {
        ...{ id: ruleSource(rule.rule), title: rule.title, publisher: rule.author === "" ? "Sigma" : rule.author },
        ...{ grade: gradeOfStatus[rule.status], tlp: ruleTlp?.(ruleSource(rule.rule)) ?? tlp },
      }
    : {
        ...{ id: behaviourSource(behaviour), title: titleOf(behaviour), publisher: "waglan" },
        ...{ grade: gradeOf.likely, tlp },
      };

const tacticsOf = (behaviour: string): readonly string[] =>
  behaviours.find(({ id }) => id === behaviour)?.tactics ?? [];

const titleOf = (behaviour: string): string => {
  const title: unknown = Object.entries(words).find(([key]) => key === `${behaviour}.title`)?.[1];
  return typeof title === "string" ? title : behaviour;
};

const hitOf = (one: BehavedHit, feed: string, { organisation, own }: BehavedAt): Hit => {
  const { hit, evidence, source, destination, direction = "unknown", behind } = one;
  const asset = assetOf(hit.entities, own) ?? behind;
  const { rule } = hit;
  return {
    id: behavedId(organisation, hit),
    detector: rule ? "sigma" : "behaviour",
    ...{ organisation, asset, observable: observableOfAsset(asset) },
    noticed: {
      ...(rule
        ? { id: rule.rule, title: rule.title, tactics: rule.tactics }
        : { id: hit.behaviour, title: titleOf(hit.behaviour), tactics: tacticsOf(hit.behaviour) }),
      because: hit.because,
    },
    ...{ sources: [feed], problem: hit.problem, where: "record", direction },
    ...(source ? { source } : {}),
    ...(destination ? { destination } : {}),
    ...{ time: hit.time, severity: hit.severity, attack: hit.attack, evidence },
  };
};

/**
 * Of what it says, of whom, when, and the newest record it rests on. Of a correlation: its rule, its group and the moment, which
 * are the same whether its records are looked at as they come or as they are kept, where a policy changed what stands in them.
 */
export const behavedId = (organisation: OrganisationId, hit: SpokenHit): string =>
  hit.rule
    ? hitId(["correlation", organisation, hit.rule.rule, hit.time, groupOf(hit)])
    : hitId([
        ...["behaviour", organisation, hit.behaviour, hit.because[0]?.says ?? "", hit.time],
        ...hit.entities.map(({ kind, value }) => `${kind} ${value}`),
        ...[hit.evidence.at(-1)?.id ?? "", hit.hidden ? "hidden" : ""],
      ]);

/** The group of a correlation's hit as it stands in its because, without regard to case. */
export const groupOf = ({ because }: Pick<SpokenHit, "because">): string =>
  String(because[0]?.with["group"] ?? "").toLowerCase();

/** Ours: a machine by name, an address of our networks, else an account. */
const assetOf = (entities: readonly Entity[], own: Networks): string | undefined => {
  const machine = entities.find(({ kind, value }) => kind === "host" || (kind === "address" && own.has(value)));
  return (machine ?? entities.find(({ kind }) => kind === "account"))?.value;
};

/** By day, of what is no finding: its behaviour calls it informational. */
export const behavedAside = (
  organisation: OrganisationId,
  hits: readonly SpokenHit[],
  why: "informational" | "beyond",
): Parameters<Tx["incidents"]["background"]>[0] => {
  const counts = new Map<string, { day: string; value: string; hits: number }>();
  for (const { behaviour, time, rule } of hits) {
    const day = new Date(time).toISOString().slice(0, 10);
    const known = counts.get(`${day} ${behaviour}`);
    if (known) known.hits++;
    else counts.set(`${day} ${behaviour}`, { day, value: rule?.rule ?? behaviour, hits: 1 });
  }
  return [...counts.values()].map((one) => ({ organisation, ...one, kind: "rule", why }));
};
