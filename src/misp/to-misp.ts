import { type Problem, problem, ok, no, type Result } from "#core/result.ts";
import { attributesOf, objectOf } from "./from-stix/entry.ts";
import { Board } from "./from-stix/board.ts";
import { takeLookedFor, takeSeen } from "./from-stix/foreign.ts";
import { takeMade } from "./from-stix/made.ts";
import { takeSaid, takeSightings } from "./from-stix/said.ts";
import { tagsOfMarkings } from "./from-stix/markings-of.ts";
import { distinct, labelsOf, merged, refsOf, uuidOf } from "./from-stix/pieces.ts";
import type { MispEvent, MispOrg } from "./model.ts";
import { isObject, listIn, own, textIn } from "./own.ts";
import type { StixObject } from "./stix-object.ts";
import { mispTime } from "./timestamps.ts";

export interface ToMisp {
  readonly events: readonly MispEvent[];
  /** What a MISP event has no place for, each with its place in the bundle. */
  readonly problems: readonly Problem[];
}

/**
 * A STIX 2.1 bundle as MISP events: one for each report and grouping, or one for all. What MISP made comes back as it was
 * (its labels say so); of other authors, observables become attributes and objects, indicators set the detection flag on
 * what was seen with them or make attributes of their own, and domain objects become galaxy clusters.
 * @returns problems WGL_STIX_ENVELOPE
 */
export const toMisp = (bundle: unknown): Result<ToMisp> => {
  const objects = own(bundle, "type") === "bundle" ? listIn(bundle, "objects") : undefined;
  if (objects === undefined) return no("WGL_STIX_ENVELOPE");
  const problems: Problem[] = [];
  const readable: StixObject[] = [];
  for (const [index, object] of objects.entries()) {
    if (isStixObject(object)) readable.push(object);
    else problems.push(problem("WGL_STIX_OBJECT", { property: "type", wanted: "a STIX object" }, `/objects/${index}`));
  }
  const byId = new Map(readable.map((object) => [object.id, object] as const));
  const reports = readable.filter(({ type }) => type === "report" || type === "grouping");
  const claimed = new Set(reports.flatMap((report) => refsOf(report)));
  const free = readable.filter((object) => !claimed.has(object.id) && !reports.includes(object));
  const id = uuidOf(textIn(bundle, "id") ?? "");
  const heads: readonly (StixObject | undefined)[] = reports.length === 0 ? [undefined] : reports;
  const events = heads.map((report, index) => {
    const own_ = report === undefined ? [] : refsOf(report).flatMap((ref) => byId.get(ref) ?? []);
    // What no report names belongs to the first, so that nothing stays behind.
    const scope = index === 0 ? [...own_, ...free] : own_;
    return eventOf(new Board(byId, [...new Set(scope)], report, id, problems));
  });
  return ok({ events, problems });
};

const isStixObject = (value: unknown): value is StixObject =>
  isObject(value) && typeof value["type"] === "string" && typeof value["id"] === "string" && value["id"].includes("--");

const eventOf = (board: Board): MispEvent => {
  const author = authorOf(board);
  const creator = author === undefined ? undefined : textIn(author, "name");
  if (creator !== undefined) board.tags.push({ name: `misp-galaxy:producer="${creator}"` });
  if (board.report !== undefined) {
    board.tags.push(...tagsOfMarkings(board.report, board.lookup));
    board.tags.push(...labelsOf(board.report).map((name) => ({ name })));
  }
  takeMade(board);
  takeSeen(board);
  takeLookedFor(board);
  takeSaid(board, author, creator);
  takeSightings(board);
  const uuid = board.report === undefined ? board.bundle : uuidOf(board.report.id);
  const time = mispTime(board.report?.["modified"]);
  const org: MispOrg | undefined =
    author === undefined ? undefined : { name: textIn(author, "name") ?? "", uuid: uuidOf(author.id) };
  const published = mispTime(board.report?.["published"]);
  return {
    uuid,
    info: (board.report === undefined ? undefined : textIn(board.report, "name")) ?? `STIX 2.1 bundle--${board.bundle}`,
    distribution: "0",
    ...(board.report?.type === "report" ? { published: true } : { published: false }),
    ...(time === undefined ? {} : { timestamp: time, date: new Date(Number(time) * 1000).toISOString().slice(0, 10) }),
    ...(published === undefined ? {} : { publish_timestamp: published }),
    ...(org === undefined ? {} : { Orgc: org }),
    Tag: distinct(board.tags),
    Attribute: board.entries.filter(({ template }) => template === "").flatMap((entry) => attributesOf(entry)),
    Object: board.entries.filter(({ template }) => template !== "").map(objectOf),
    Galaxy: merged(board.galaxies),
    EventReport: board.reports,
    Note: board.notes,
    Opinion: board.opinions,
  };
};

const authorOf = (board: Board): StixObject | undefined => {
  const ref =
    textIn(board.report, "created_by_ref") ?? board.scope.flatMap((one) => textIn(one, "created_by_ref") ?? [])[0];
  return ref === undefined ? undefined : board.lookup(ref);
};
