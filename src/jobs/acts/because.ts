import type { FindingDetail } from "#api/finding.ts";
import { defang, defangText } from "#alerts/defang.ts";
import { storyOf } from "#alerts/story.ts";
import { gradeWeight, printGrade } from "#core/grade.ts";
import { printInstant } from "#core/instant.ts";
import { printAbout } from "#core/rsit.ts";
import { observableOfAsset } from "#jobs/findings/finding-asset.ts";
import type { FindingSeen } from "#jobs/views.ts";
import { sayBecause } from "#words/because.ts";
import { type Language, nameIn } from "#words/language.ts";
import { printList } from "#words/list.ts";
import { say } from "#words/say.ts";
import { printTime } from "#words/time.ts";
import type { Desk } from "./desk.ts";
import { feedTitle } from "./feed-named.ts";
import { findingRef } from "./finding-row.ts";
import { titleOf } from "./finding-title.ts";
import { isDetector } from "#jobs/findings/detector-source.ts";
import { directoryInventory } from "#intel/inventory/item.ts";
import { sayReason } from "#jobs/inventory/product-words.ts";
import { organisationName } from "./who.ts";

type Step = FindingDetail["because"][number];
type Rests = NonNullable<Step["evidence"]>;

/** The newest hit a step rests on: what is taken back when somebody says that it was not so. */
const restsOnHit = ({ hits }: FindingSeen): { readonly evidence?: Rests } => {
  const hit = hits.find((one) => !one.refuted) ?? hits[0];
  return hit === undefined
    ? {}
    : { evidence: { kind: "hit", id: hit.id, ...(hit.refuted ? { takenBack: "here" as const } : {}) } };
};

/** The source whose word a step is. */
const restsOn = (source: FindingSeen["sources"][number]): { evidence: Rests } => ({
  evidence: {
    kind: source.feed.startsWith("rule:") ? "rule" : source.feed.startsWith("behaviour:") ? "behaviour" : "claim",
    id: source.feed,
    ...(source.takenBack === undefined ? {} : { takenBack: source.takenBack }),
  },
});

/** Sources that stand in the chain; the finding's own list has all of them. */
const namedSources = 3;
const namedHostile = 3;

/** Seen, known bad, yours, also: each with who says so. `seen` is already what the viewer may know. */
export const becauseOf = (desk: Desk, seen: FindingSeen, language: Language): readonly Step[] => [
  ...(seen.finding.detector === "asset-reported" && seen.sources.length > 0
    ? toldSteps(desk, seen, language)
    : [seenStep(desk, seen, language), ...badSteps(desk, seen, language)]),
  yoursStep(desk, seen, language),
  ...seen.also.map(
    (other): Step => ({
      step: "also",
      text: say(language, "acts.because.also", {
        title: titleOf(other, language),
        asset: other.asset,
        organisation: organisationName(desk, other.organisation, language),
      }),
      source: findingRef(other.id),
      at: printInstant(other.lastSeen),
    }),
  ),
];

/** The other side, newest first, defanged. */
export const hostileOf = (seen: FindingSeen, language: Language): string => {
  const values = [...new Set(seen.hits.flatMap(({ indicator }) => indicator ?? []))].slice(0, namedHostile).map(defang);
  return language === "en" ? printList(language, values) : values.join("、");
};

const seenStep = (desk: Desk, seen: FindingSeen, language: Language): Step => {
  const { finding, hits } = seen;
  const [last] = hits;
  const at = printInstant(finding.lastSeen);
  if (storyOf[finding.detector] === "listed") {
    const titles = seen.sources.map((source) => feedTitle(desk, source.feed));
    return {
      step: "seen",
      text:
        titles.length === 0
          ? say(language, "acts.because.seen.reported", { asset: finding.asset })
          : say(language, "acts.because.seen.listed", { asset: finding.asset, count: titles.length }),
      source: titles.length === 0 ? communityName(desk, language) : printList(language, titles),
      at,
      ...restsOnHit(seen),
    };
  }
  if (storyOf[finding.detector] === "runs")
    return {
      step: "seen",
      ...runsSaid(finding.asset, last?.noticed?.title ?? "", last?.file ?? "", language),
      at,
    };
  if (storyOf[finding.detector] === "noticed")
    return {
      step: "seen",
      text: say(language, "acts.because.seen.noticed", { asset: finding.asset, count: finding.hits }),
      source: seen.sensor ?? say(language, "acts.source.telemetry"),
      at,
      ...restsOnHit(seen),
    };
  return {
    step: "seen",
    text: say(language, "acts.because.seen.contacted", {
      asset: finding.asset,
      hostile: hostileOf(seen, language) || say(language, "acts.because.seen.somebody"),
      where: say(language, `glossary.where.${last?.where ?? "destination"}`),
      direction: say(language, `glossary.direction.${last?.direction ?? "unknown"}`),
      count: finding.hits,
    }),
    source: seen.sensor ?? say(language, "acts.source.telemetry"),
    at,
    ...restsOnHit(seen),
  };
};

/** Who says that the product runs there: the directory names no place for it. */
const runsSaid = (
  asset: string,
  title: string,
  inventory: string,
  language: Language,
): { readonly text: string; readonly source: string } => {
  const product = defangText(title);
  return inventory === directoryInventory
    ? { text: say(language, "acts.because.seen.named", { product }), source: say(language, "acts.because.directory") }
    : {
        text: say(language, "acts.because.seen.runs", { asset, product }),
        source: say(language, "acts.because.inventory", { name: defangText(inventory) }),
      };
};

/** What others report of the member's own asset: nothing known to be bad was met, and their address is no danger to anybody. */
const toldSteps = (desk: Desk, { finding, sources }: FindingSeen, language: Language): readonly Step[] =>
  best(sources).map((source) => ({
    step: "seen",
    text: say(language, "acts.because.seen.told", {
      asset: finding.asset,
      labels: [...new Set([finding.problem.about, ...source.labels])]
        .filter((label) => label !== "")
        .map((label) => defangText(printAbout(label)))
        .join(", "),
    }),
    source: feedTitle(desk, source.feed),
    grade: printGrade(source.grade),
    at: printInstant(source.lastSeen),
    ...restsOn(source),
  }));

const best = (sources: FindingSeen["sources"]): FindingSeen["sources"] =>
  [...sources]
    .sort((a, b) => gradeWeight(b.grade) - gradeWeight(a.grade) || (a.feed < b.feed ? -1 : 1))
    .slice(0, namedSources);

const badSteps = (desk: Desk, seen: FindingSeen, language: Language): readonly Step[] => {
  if (seen.sources.length === 0)
    return [{ step: "known-bad", text: say(language, "acts.because.unnamed"), source: communityName(desk, language) }];
  if (storyOf[seen.finding.detector] === "runs") return weakSteps(desk, seen, language);
  return best(seen.sources).map((source) => {
    if (isDetector(source.feed))
      return {
        step: "seen",
        text: detectorSays(desk, seen, source.feed, language),
        source: feedTitle(desk, source.feed, language),
        grade: printGrade(source.grade),
        at: printInstant(source.lastSeen),
        ...restsOn(source),
      };
    const hit = seen.hits.find((one) => one.sources.includes(source.feed)) ?? seen.hits[0];
    const value = defang(hit?.indicator ?? seen.finding.asset);
    const labels = source.labels.map((label) => defangText(label)).join(", ");
    return {
      step: "known-bad",
      text:
        labels === ""
          ? say(language, "acts.because.listed", { value })
          : say(language, "acts.because.listed-as", { value, labels }),
      source: feedTitle(desk, source.feed),
      grade: printGrade(source.grade),
      at: printInstant(source.lastSeen),
      ...restsOn(source),
    };
  });
};

/** What makes a product weak, and how it was recognised: the reasons of its match, by the strongest source. */
const weakSteps = (desk: Desk, { finding, hits, sources }: FindingSeen, language: Language): readonly Step[] => {
  const [source] = best(sources);
  const reasons = hits[0]?.noticed?.because ?? [];
  const said = reasons.map((one) => defangText(sayReason(language, one, (feed) => feedTitle(desk, feed))));
  return [
    {
      step: "known-bad",
      text: [printAbout(finding.problem.about), ...said].join(language === "en" ? "; " : "；"),
      source: source === undefined ? communityName(desk, language) : feedTitle(desk, source.feed),
      ...(source === undefined ? {} : { grade: printGrade(source.grade), at: printInstant(source.lastSeen) }),
    },
  ];
};

/** A rule is named; a behaviour says its reasons. */
const detectorSays = (desk: Desk, seen: FindingSeen, source: string, language: Language): string => {
  const because = seen.hits.find((hit) => hit.sources.includes(source) && hit.noticed?.because)?.noticed?.because;
  const own = new Set([seen.finding.asset.toLowerCase()]);
  return because === undefined
    ? say(language, "acts.because.ruled", { title: defangText(feedTitle(desk, source)) })
    : because.map((one) => defangText(sayBecause(language, one), own)).join(language === "en" ? ". " : "；") +
        (language === "en" ? "." : "。");
};

const yoursStep = (desk: Desk, { finding, sensor }: FindingSeen, language: Language): Step => {
  const { known } = desk.directory;
  const organisation = organisationName(desk, finding.organisation, language);
  const owned = known.assets
    .owners(observableOfAsset(finding.asset), finding.lastSeen)
    .find((owner) => owner.organisation === finding.organisation)?.asset;
  if (owned) {
    const zone = known.organisation(finding.organisation)?.zone ?? known.directory.community.zone;
    const { value, from, proof } = owned;
    return {
      step: "yours",
      text:
        from === 0
          ? say(language, "acts.because.yours.always", { value, organisation })
          : say(language, "acts.because.yours.since", {
              ...{ value, organisation },
              date: printTime(language, from, zone, "day"),
            }),
      source: say(language, `acts.proof.${proof}`),
    };
  }
  if (sensor !== undefined)
    return {
      step: "yours",
      text: say(language, "acts.because.yours.sensor", { asset: finding.asset, sensor, organisation }),
      source: sensor,
    };
  return {
    step: "yours",
    text: say(language, "acts.because.yours.told", { asset: finding.asset, organisation }),
    source: say(language, "acts.source.directory"),
  };
};

const communityName = (desk: Desk, language: Language): string =>
  nameIn(desk.directory.known.directory.community.names, language);
