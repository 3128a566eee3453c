import type { Properties } from "./bundle.ts";
import type { MispEventReport, MispOpinion, MispSighting } from "#misp/model.ts";
import type { StixObject } from "#misp/stix-object.ts";
import { stixDate, stixTime } from "#misp/timestamps.ts";
import { derivedUuid } from "#misp/uuid.ts";
import type { Bundle } from "./bundle.ts";

/** Sightings of an attribute: seen is a sighting, false positive and expiry are opinions. */
export const putSightings = (bundle: Bundle, sightings: readonly MispSighting[], main: string): void => {
  for (const [index, sighting] of sightings.entries()) {
    const time = stixTime(sighting.date_sighting) ?? bundle.holder.time;
    const who = sighting.Organisation === undefined ? undefined : bundle.organisation(sighting.Organisation);
    const uuid = sighting.uuid ?? derivedUuid(`${main}|${sighting.type}|${sighting.date_sighting}|${who ?? index}`);
    const common = { spec_version: "2.1", ...bundle.common(time) };
    if (sighting.type === "0")
      bundle.add({
        type: "sighting",
        id: `sighting--${uuid}`,
        ...common,
        ...bundle.sightingOf(main),
        ...(who === undefined ? {} : { where_sighted_refs: [who] }),
      });
    else
      bundle.add({
        type: "opinion",
        id: `opinion--${uuid}`,
        ...common,
        explanation: sighting.type === "1" ? "False positive Sighting" : "Expiration Sighting",
        ...(sighting.Organisation === undefined ? {} : { authors: [sighting.Organisation.name] }),
        opinion: sighting.type === "1" ? "strongly-disagree" : "disagree",
        object_refs: bundle.allOf(main),
        ...(who === undefined ? {} : { x_misp_author_ref: who }),
      });
  }
};

/** A report of an event is a note about it. */
export const putReport = (bundle: Bundle, report: MispEventReport): void => {
  if (report.deleted === true) return;
  const uuid = report.uuid ?? derivedUuid(`${report.name}|${report.content}`);
  const time = stixTime(report.timestamp) ?? bundle.holder.time;
  const refs = [...report.content.matchAll(/@!?\[(?:attribute|object)\]\(([0-9a-fA-F-]{36})\)/g)].flatMap(
    ([, named]) => bundle.main.get((named ?? "").toLowerCase()) ?? [],
  );
  const id = bundle.add({
    type: "note",
    spec_version: "2.1",
    id: `note--${uuid}`,
    ...bundle.common(time),
    abstract: report.name,
    content: report.content,
    // STIX 2.1 §4.13: a note is about something; one that names nothing is about all of the event
    object_refs: refs.length > 0 ? [...new Set(refs)] : [...new Set(bundle.refs)],
    labels: ['misp:data-layer="Event Report"'],
  });
  putOpinions(bundle, report.Note, report.Opinion, id);
};

/** Analyst data: notes and opinions. */
export const putOpinions = (
  bundle: Bundle,
  notes: readonly MispOpinion[],
  opinions: readonly MispOpinion[],
  about: string,
): void => {
  for (const [index, note] of [...notes, ...opinions].entries()) {
    const isNote = index < notes.length;
    const text = isNote ? note.note : note.comment;
    const uuid = note.uuid ?? derivedUuid(`${about}|${note.created ?? ""}|${text ?? ""}`);
    const created = stixDate(note.created)?.replace("Z", ".000Z") ?? bundle.holder.time;
    const type = isNote ? "note" : "opinion";
    bundle.add({
      type,
      spec_version: "2.1",
      id: `${type}--${uuid}`,
      ...bundle.common(created),
      modified: stixDate(note.modified)?.replace("Z", ".000Z") ?? created,
      ...(isNote ? { content: text ?? "" } : opinionOf(note, text)),
      ...(note.authors === undefined ? {} : { authors: [note.authors] }),
      ...(note.language === undefined ? {} : { lang: note.language }),
      object_refs: bundle.allOf(about),
      labels: [`misp:context-layer="Analyst ${isNote ? "Note" : "Opinion"}"`],
    });
  }
};

/** What an event without contents refers to, as a grouping must refer to something (STIX 2.1 §4.4). */
export const emptyNote = (bundle: Bundle, uuid: string): StixObject => {
  return {
    type: "note",
    spec_version: "2.1",
    id: `note--${uuid}`,
    ...bundle.common(bundle.holder.time),
    content: "This MISP Event is empty and contains no attribute, object, galaxy or tag.",
    object_refs: [`grouping--${uuid}`],
  };
};

/** 0 to 100 on STIX's five steps (§10.20 opinion-enum). */
const opinionOf = (note: MispOpinion, text: string | undefined): Properties => {
  const value = Number(note.opinion ?? 50);
  const steps = ["strongly-disagree", "disagree", "neutral", "agree", "strongly-agree"] as const;
  const step = value === 100 ? 4 : value > 50 ? 3 : value === 50 ? 2 : value > 0 ? 1 : 0;
  return { ...(text === undefined ? {} : { explanation: text }), opinion: steps[step], x_misp_opinion: value };
};
