import type { FindingDetail } from "#api/finding.ts";
import type { Viewer } from "#community/viewer.ts";
import { instant, printInstant } from "#core/instant.ts";
import { severities } from "#core/severity.ts";
import { answers } from "#incidents/answer.ts";
import type { Event } from "#incidents/ports.ts";
import { goneWhys } from "#jobs/inventory/port.ts";
import type { Language } from "#words/language.ts";
import { say } from "#words/say.ts";
import { printTime } from "#words/time.ts";

type Told = FindingDetail["history"][number];

/**
 * What happened, in words, newest first. What staff noted among themselves, and how the finding came to be told, stays
 * with staff; to the organisation it is the CERT that acts, not one of its people.
 */
export const historyOf = (
  history: readonly Event[],
  viewer: Viewer,
  community: string,
  zone: string,
  language: Language,
): Told[] =>
  history
    .filter((event) => viewer.kind === "staff" || !ofStaff.has(event.what))
    .map((event) => {
      const theirs = viewer.kind === "staff" || event.what === "answered";
      return {
        at: printInstant(event.at),
        who: event.who === undefined ? "waglan" : theirs ? event.who : community,
        what: said(event, zone, language),
        ...(theirs && event.note !== undefined ? { note: event.note } : {}),
      };
    });

const ofStaff: ReadonlySet<Event["what"]> = new Set([
  "released",
  "unveiled",
  "noted",
  "snoozed",
  "woken",
  "undeliverable",
]);

const said = ({ what, detail = {} }: Event, zone: string, language: Language): string => {
  switch (what) {
    case "told":
      return say(language, "acts.event.told", {
        alert: text(detail["alert"]),
        version: Number(detail["version"] ?? 1),
        count: Number(detail["people"] ?? 0),
      });
    case "answered": {
      const answer = answers.find((one) => one === detail["answer"]);
      return say(language, "acts.event.answered", {
        answer: answer === undefined ? text(detail["answer"]) : say(language, `answers.label.${answer}`),
      });
    }
    case "found-back":
      return say(language, "acts.event.found-back", { count: Number(detail["days"] ?? 0) });
    case "snoozed": {
      const until = Number(detail["until"]);
      return say(language, "acts.event.snoozed", {
        time: Number.isFinite(until) ? printTime(language, instant(until), zone) : "…",
      });
    }
    case "severity":
      return say(language, "acts.event.severity", {
        from: severity(detail["from"], language),
        to: severity(detail["to"], language),
      });
    case "gone": {
      const why = goneWhys.find((one) => one === detail["why"]);
      return why === undefined ? say(language, "acts.event.gone") : say(language, `acts.event.gone.${why}`);
    }
    case "undeliverable":
      return say(language, `acts.event.undeliverable.${detail["why"] === "release" ? "release" : "audience"}`);
    default:
      return say(language, `acts.event.${what}`);
  }
};

const text = (value: string | number | undefined): string => String(value ?? "");

const severity = (value: string | number | undefined, language: Language): string => {
  const found = severities.find((one) => one === value);
  return found === undefined ? text(value) : say(language, `glossary.severity.${found}`);
};
