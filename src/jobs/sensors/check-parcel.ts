import type { Sensor } from "#community/sensor.ts";
import { endpointParts } from "#core/endpoint.ts";
import { type Observable, observableKey } from "#core/observable.ts";
import { no, ok, type Result } from "#core/result.ts";
import { concerned } from "#detect/indicator-match/match.ts";
import { weight } from "#detect/indicator-match/weight.ts";
import { directionOf, type Networks, networks, ownEnd } from "#detect/networks.ts";
import { buildMatchIndex, type MatchIndex } from "#intel/match-index.ts";
import type { BatchRuled, SpokenRule } from "#jobs/batches/rules.ts";
import type { BatchMatch } from "#jobs/batches/read.ts";

/** What a sensor says of a record, against what can be known without the record. */
export interface ParcelChecks {
  /** The match as the server would have made it. @returns WGL_PARCEL_MEETS */
  readonly match: (match: BatchMatch) => Result<BatchMatch>;
  /** What is said of the rule is taken from the rule that is in force here. @returns WGL_PARCEL_RULE */
  readonly ruled: (ruled: BatchRuled) => Result<BatchRuled>;
}

/**
 * Direction, weight and whose end it is follow from the two ends and the sensor's networks as the directory has them; whether a
 * value meets what is listed, from the two values. So a sensor can make up a record, and nothing else.
 *
 * @param listed every indicator that the matches name
 * @param secret of the deployment
 */
export const parcelChecks = (
  sensor: Pick<Sensor, "networks">,
  listed: readonly Observable[],
  secret: string,
  rule: (id: string) => SpokenRule | undefined,
): ParcelChecks => {
  const own = networks(sensor.networks);
  const distinct = [...new Map(listed.map((one) => [observableKey(one), one])).values()];
  const index = buildMatchIndex(
    distinct.map((observable, id) => ({ id, observable })),
    Buffer.from(secret),
  );
  return {
    match: (match) =>
      meets(index, match)
        ? ok(seenFromHere(match, own))
        : no("WGL_PARCEL_MEETS", { seen: match.seen.value, listed: match.indicator.value }),
    ruled: (ruled) => {
      const known = rule(ruled.rule.rule);
      if (known === undefined) return no("WGL_PARCEL_RULE", { rule: ruled.rule.rule });
      const ends = endsOf(ruled);
      const asset = ruled.asset ?? ownEnd(ends, own);
      return ok({
        ...{ ...ruled, rule: known, direction: directionOf(ends, own) },
        ...(asset === undefined ? {} : { asset }),
      });
    },
  };
};

const meets = (index: MatchIndex, { seen, indicator }: BatchMatch): boolean => {
  // the port a value was seen at is told only of the two ends; that of a listed endpoint must have been it
  const port = indicator.kind === "endpoint" ? endpointParts(indicator.value).port : 0;
  return index.lookup(seen, port).some(({ observable }) => observableKey(observable) === observableKey(indicator));
};

const endsOf = ({ source, destination }: Pick<BatchMatch, "source" | "destination">) => ({
  ...(source ? { source: source.address } : {}),
  ...(destination ? { destination: destination.address } : {}),
});

const seenFromHere = (match: BatchMatch, networksOf: Networks): BatchMatch => {
  const { own: _, ...rest } = match;
  const ends = endsOf(match);
  const direction = directionOf(ends, networksOf);
  const own = concerned(ends, match, networksOf);
  return {
    ...{
      ...rest,
      direction,
      weight: weight({ where: match.where, direction, seen: { ...match.seen, where: match.where } }),
    },
    ...(own === undefined ? {} : { own }),
  };
};
