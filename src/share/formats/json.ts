import { printGrade } from "#core/grade.ts";
import { commentText, type ListFormat } from "./format.ts";

const time = (instant: number): string => new Date(instant).toISOString();

/** One document, a value a line: it can be read whole, and by lines. */
export const json: ListFormat = {
  type: "application/json; charset=utf-8",
  head: (about) =>
    `{"community":${JSON.stringify(commentText(about.community))},"list":${JSON.stringify(about.name)},"values":[\n`,
  row: ({ value: row, note }) =>
    JSON.stringify({
      id: row.id,
      kind: row.kind,
      value: row.value,
      labels: row.labels ?? [],
      ...(row.sources === undefined || row.sources === "" ? {} : { sources: row.sources.split("; ") }),
      ...(row.grade === undefined ? {} : { grade: printGrade(row.grade) }),
      tlp: note.tlp,
      pap: note.pap,
      licence: note.licence,
      ...(row.firstSeen === undefined ? {} : { firstSeen: time(row.firstSeen) }),
      ...(row.lastSeen === undefined ? {} : { lastSeen: time(row.lastSeen) }),
      ...(row.liveUntil === undefined ? {} : { liveUntil: time(row.liveUntil) }),
    }),
  between: ",\n",
  foot: ({ count, tlp }) => `\n],"count":${count},"tlp":"${tlp}"}\n`,
};
