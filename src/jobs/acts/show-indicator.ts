import type { IndicatorDetail } from "#api/indicator.ts";
import { may } from "#community/may.ts";
import type { Viewer } from "#community/viewer.ts";
import { scopeOf } from "#community/visibility.ts";
import { printGrade } from "#core/grade.ts";
import { printInstant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import { registeredName } from "#core/registered-name.ts";
import { no, ok, type Result } from "#core/result.ts";
import { aroundOf } from "#intel/search-ask.ts";
import { type CurveClaim, scoreCurve } from "#intel/search-curve.ts";
import { placeOf } from "#intel/search-keys.ts";
import type { SearchStep } from "#intel/search-steps.ts";
import type { SeenClaim, SeenIndicator } from "#jobs/search/port.ts";
import type { Language } from "#words/language.ts";
import type { Desk } from "./desk.ts";
import { feedTitle } from "./feed-named.ts";
import { ageing, decayOf, indicatorRow } from "./indicator-row.ts";
import { namedLabels } from "./named-labels.ts";
import { organisationName } from "./who.ts";

/** Labels of which other values are shown, and how many of each. */
const labelsTied = 3;
const valuesTied = 6;

/** A listed value as this viewer may know it; one that is all hidden is not there. */
export const showIndicator = async (
  desk: Desk,
  viewer: Viewer,
  id: string,
  language: Language,
): Promise<Result<IndicatorDetail>> => {
  const scope = scopeOf(viewer, "indicators.read");
  const now = desk.now();
  const [seen] = uuid.test(id) ? await desk.views.indicatorsSeen(scope, [id], now) : [];
  if (seen === undefined) return no("WGL_ABSENT");
  const observable: Observable = { kind: seen.kind, value: seen.value };
  const rule = decayOf(desk);
  const excluded = desk.exclusions().excluded(observable);
  const labels = [...new Set(seen.claims.filter((claim) => claim.live).flatMap((claim) => claim.labels))].sort();
  const staff = viewer.kind === "staff";
  const [origin, tied, found, names, weaknesses] = await Promise.all([
    originOf(desk, observable),
    tiedTo(desk, viewer, seen, labels),
    desk.views.indicatorFindings(scopeOf(viewer, "findings.read"), scope, id),
    namedLabels(desk, viewer, labels),
    desk.views.weaknessesOf(
      scope,
      labels.filter((label) => cve.test(label)).map((label) => label.toUpperCase()),
    ),
  ]);
  const curve = scoreCurve(seen.claims.filter(counts).map(curveClaim), seen.kind, rule, now);
  return ok({
    indicator: indicatorRow(desk, seen, "is"),
    claims: seen.claims.map((claim) => ({
      feed: claim.feed,
      title: feedTitle(desk, claim.feed),
      grade: printGrade(claim.grade),
      says: [...claim.labels],
      tlp: claim.tlp,
      said: printInstant(claim.firstSeen),
      lastSeen: printInstant(claim.lastSeen),
      ...(endOf(claim) === undefined ? {} : { until: printInstant(endOf(claim) ?? now) }),
      state: claim.judgedFalse ? "false" : claim.withdrawn ? "withdrawn" : claim.live ? "stands" : "ended",
      shadow: claim.shadow,
    })),
    ...(excluded === undefined ? {} : { excluded: { ...excluded } }),
    curve: {
      from: printInstant(curve.from),
      until: printInstant(curve.until),
      halfLifeDays: rule.halfLifeDays[seen.kind],
      alertsAt: rule.alertsAt,
      blocksAt: rule.blocksAt,
      points: curve.points.map(({ at, score }) => ({ at: printInstant(at), score })),
      marks: curve.marks.map(({ at, score, claim }) => ({
        at: printInstant(at),
        score,
        grade: printGrade(claim.grade),
      })),
      ...(curve.falls === undefined
        ? {}
        : { fallsBelow: { level: curve.falls.level, at: printInstant(curve.falls.at) } }),
    },
    origin,
    names,
    weaknesses: weaknesses.map((one) => ({ ...one })),
    seen: {
      organisations: found.organisations,
      ...(found.community < 5 ? {} : { community: found.community - (found.community % 5) }),
      findings: found.findings.map((one) => ({
        id: one.id,
        organisation: organisationName(desk, one.organisation, language),
        asset: one.asset,
        severity: one.severity,
        state: one.state,
        lastSeen: printInstant(one.lastSeen),
      })),
    },
    tied,
    mayJudge: staff && may(viewer, "sources.decide"),
  });
};

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const cve = /^cve-\d{4}-\d{4,}$/i;

/** Context makes nothing surer, and what people judged false never did. */
const counts = (claim: SeenClaim): boolean => claim.voice !== "context" && !claim.judgedFalse;

const endOf = (claim: SeenClaim) => claim.goneAt ?? claim.liveUntil;

const curveClaim = (claim: SeenClaim): CurveClaim => {
  const end = endOf(claim);
  return { ...ageing(claim), firstSeen: claim.firstSeen, ...(end === undefined ? {} : { until: end }) };
};

const originOf = async (desk: Desk, observable: Observable): Promise<IndicatorDetail["origin"]> => {
  const place = placeOf(observable);
  if (place === undefined) return {};
  if (place.kind === "net") {
    const table = await desk.listed.origin();
    return { ...table?.of(place.value.split("/", 1)[0] ?? "") };
  }
  const { registered, suffix } = registeredName(place.value);
  return { ...(registered === undefined ? {} : { registered }), suffix };
};

/** Values beside it, and values that are called the same; each a search of its own, under the same scope. */
const tiedTo = async (
  desk: Desk,
  viewer: Viewer,
  seen: SeenIndicator,
  labels: readonly string[],
): Promise<IndicatorDetail["tied"]> => {
  const scope = scopeOf(viewer, "indicators.read");
  const around = aroundOf(seen);
  const steps: { readonly by: "around" | "label"; readonly label?: string; readonly step: SearchStep }[] = [
    ...(around === undefined ? [] : [{ by: "around" as const, step: { way: "around" as const, around } }]),
    ...labels
      .slice(0, labelsTied)
      .map((label) => ({ by: "label" as const, label, step: { way: "labelled" as const, label } })),
  ];
  const tied: IndicatorDetail["tied"] = [];
  for (const { by, label, step } of steps) {
    const { found } = await desk.views.search(scope, {
      steps: [step],
      filter: { alive: true },
      limit: valuesTied + 1,
      now: desk.now(),
    });
    const ids = found.map((one) => one.id).filter((id) => id !== seen.id);
    const values = (await desk.views.indicatorsSeen(scope, ids.slice(0, valuesTied), desk.now())).map((one) => ({
      ...{ id: one.id, kind: one.kind, value: one.value },
    }));
    if (values.length > 0) tied.push({ by, ...(label === undefined ? {} : { label }), values });
  }
  return tied;
};
