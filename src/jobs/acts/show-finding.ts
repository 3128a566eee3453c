import type { FindingDetail } from "#api/finding.ts";
import { audienceOf } from "#alerts/audience.ts";
import { defang } from "#alerts/defang.ts";
import { stepsFor } from "#alerts/remedies/steps.ts";
import { storyOf } from "#alerts/story.ts";
import { may } from "#community/may.ts";
import type { Viewer } from "#community/viewer.ts";
import { printGrade } from "#core/grade.ts";
import { printInstant } from "#core/instant.ts";
import { answers } from "#incidents/answer.ts";
import { actsOn } from "#incidents/state.ts";
import { observableOfAsset } from "#jobs/findings/finding-asset.ts";
import type { FindingSeen, SeenHit } from "#jobs/views.ts";
import { type Language, nameIn } from "#words/language.ts";
import { say } from "#words/say.ts";
import { becauseOf, hostileOf } from "./because.ts";
import type { Desk } from "./desk.ts";
import { feedTitle } from "./feed-named.ts";
import { historyOf } from "./finding-history.ts";
import { findingRef, findingRow } from "./finding-row.ts";
import { titleOf } from "./finding-title.ts";
import { knownTo } from "./known-to.ts";

/** Everything about a finding that this viewer may know. Whether they may reach it was decided when it was read. */
export const showFinding = (
  desk: Desk,
  viewer: Viewer,
  all: FindingSeen,
  names: FindingDetail["names"],
  language: Language,
): FindingDetail => {
  const seen = knownTo(viewer, all);
  const { finding } = seen;
  const { known } = desk.directory;
  const staff = viewer.kind === "staff";
  const theirs = staff || belongs(viewer, finding.organisation);
  const organisation = known.organisation(finding.organisation);
  const community = known.directory.community;
  return {
    finding: findingRow(desk, finding, staff, language),
    because: becauseOf(desk, seen, language),
    evidence: seen.hits.map((hit) => ({
      time: printInstant(hit.time),
      file: hit.file,
      line: hit.line,
      text: hit.text,
      match: matchIn(hit),
      where: hit.where,
      direction: hit.direction,
    })),
    evidenceTotal: finding.hits,
    instances: seen.instances.map((one) => ({
      key: one.key,
      firstSeen: printInstant(one.firstSeen),
      lastSeen: printInstant(one.lastSeen),
      count: one.hits,
    })),
    sources: seen.sources.map((source) => ({
      feed: source.feed,
      title: feedTitle(desk, source.feed, language),
      grade: printGrade(source.grade),
      labels: [...source.labels],
      firstSeen: printInstant(source.firstSeen),
      lastSeen: printInstant(source.lastSeen),
    })),
    names,
    history: historyOf(
      seen.history,
      viewer,
      nameIn(community.names, language),
      organisation?.zone ?? community.zone,
      language,
    ),
    answers: theirs
      ? seen.answers.flatMap(({ at, who, answer, note }) => {
          const said = answers.find((one) => one === answer);
          return said === undefined
            ? []
            : [{ at: printInstant(at), who, answer: said, ...(note === undefined ? {} : { note }) }];
        })
      : [],
    steps: stepsOf(seen, organisation?.sector === "sme" ? "sme" : "it", language),
    ...(seen.alert && theirs ? { alert: alertOf(seen.alert) } : {}),
    audience: theirs && organisation ? audienceSaid(desk, seen, organisation, language) : [],
    acts:
      staff && may(viewer, "findings.decide")
        ? [
            ...actsOn({
              state: finding.state,
              shadow: finding.shadow !== undefined,
              snoozed: finding.snoozedUntil !== undefined,
              ...(finding.verdict === undefined ? {} : { verdict: finding.verdict }),
            }),
          ]
        : [],
    mayAnswer: !staff && may(viewer, "findings.answer", finding.organisation),
    ...(seen.muter === undefined
      ? {}
      : {
          mutedBy: {
            ...{ id: seen.muter.id, ref: findingRef(seen.muter.id), title: titleOf(seen.muter, language) },
          },
        }),
    mutes: seen.mutes,
    mayTakeBack: staff && may(viewer, "findings.decide"),
  };
};

const belongs = (viewer: Viewer, organisation: string): boolean =>
  viewer.kind === "person"
    ? viewer.seats.some((seat) => seat.organisation === organisation)
    : viewer.kind === "party" && viewer.seat.organisation === organisation;

/** As it stands in the line, whatever its case there; "" when the line has it in another form. */
const matchIn = ({ text, observable }: SeenHit): string => {
  const at = text.toLowerCase().indexOf(observable.toLowerCase());
  return at < 0 ? "" : text.slice(at, at + observable.length);
};

const stepsOf = (seen: FindingSeen, audience: "sme" | "it", language: Language): FindingDetail["steps"] => {
  const { finding } = seen;
  const { kind } = observableOfAsset(finding.asset);
  const story = storyOf[finding.detector];
  // as in the mail: their own name stands plain, unless it is itself what is bad
  const plain = story !== "listed" || kind === "ipv4" || kind === "ipv6" || kind === "cidr";
  const about = {
    asset: plain ? finding.asset : defang(finding.asset),
    hostile: story === "contacted" ? hostileOf(seen, language) : "",
  };
  return stepsFor(language, finding.problem.type, story, audience, about).map(({ what, who, byWhen }) => ({
    ...{ what, who, when: byWhen },
  }));
};

const alertOf = (alert: NonNullable<FindingSeen["alert"]>): NonNullable<FindingDetail["alert"]> => ({
  ref: alert.ref,
  version: alert.version,
  at: printInstant(alert.at),
  ...(alert.due ? { due: printInstant(alert.due) } : {}),
  deliveries: alert.deliveries.map(({ to, channel, state, at }) => ({
    ...{ to, channel, state },
    ...(at === undefined ? {} : { at: printInstant(at) }),
  })),
});

const audienceSaid = (
  desk: Desk,
  { finding }: FindingSeen,
  organisation: Parameters<typeof audienceOf>[0],
  language: Language,
): FindingDetail["audience"] =>
  audienceOf(organisation, desk.directory.known.directory.people, finding.severity).recipients.map(
    ({ person, role, languages }) => ({
      name: person.name,
      role: say(language, `acts.role.${role}`),
      channel: say(language, "acts.channel.email"),
      languages: [...languages],
    }),
  );
