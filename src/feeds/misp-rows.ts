import { type Instant, instant, parseInstant } from "#core/instant.ts";
import { type Problem, problem } from "#core/result.ts";
import { meantForDetection } from "#misp/attribute-types.ts";
import { attributeObservables, isWatched, portBeside } from "#misp/attribute-observables.ts";
import type { MispAttribute, MispEvent, MispObject } from "#misp/model.ts";
import { isObject, own } from "#misp/own.ts";
import { printAttribute, printEvent } from "#misp/print-event.ts";
import { readDocument } from "#misp/read-event.ts";
import { restrictionOf } from "#misp/restriction.ts";
import { gradeOfTags, labelsOfTags } from "#misp/tags.ts";
import { BadBody } from "./bad-body.ts";
import type { Frame, Part, RawIndicator, Row } from "./feed.ts";
import { labelsOf } from "./row.ts";

/**
 * The lists of a MISP document: each event is one, so that it is compared with its own past; a lone event and attributes
 * without one are the body's own list. Rows count attributes, those of objects after the event's.
 *
 * @param received false: the instance is our own that was, so that its distribution levels and PAP bind too
 */
export const mispParts = (document: unknown, received = true): readonly Part[] => {
  const read = readDocument(document);
  if (!read.ok)
    throw new BadBody("WGL_BODY_SHAPE", { wanted: "a MISP event, or what a search of a MISP instance gives" });
  const { events, attributes, objects } = read.value.value;
  const loose = attributes.length > 0 || objects.length > 0;
  const many = events.length > 1 || loose;
  const parts = events.map((event, index) => ({
    name: many ? (event.uuid ?? String(index)) : "",
    rows: rowsOf(event, event.Attribute, event.Object, index === 0 ? read.value.problems : [], received),
    frame: frameOf(event),
  }));
  if (!loose && parts.length > 0) return parts;
  const problems = events.length === 0 ? read.value.problems : [];
  return [
    ...parts,
    { name: "", rows: rowsOf(undefined, attributes, objects, problems, received), frame: attributesFrame },
  ];
};

const attributesFrame: Frame = { before: '{"Attribute":[', between: ",", after: "]}" };

/** A refused attribute is replayed inside its own event: its tags say how far it may go. */
const frameOf = (event: MispEvent): Frame => {
  const head = JSON.stringify({ ...printEvent(event).Event, Attribute: [], Object: [] });
  const cut = head.lastIndexOf('"Attribute":[]');
  return cut < 0
    ? attributesFrame
    : { before: `{"Event":${head.slice(0, cut)}"Attribute":[`, between: ",", after: `]${head.slice(cut + 14)}}` };
};

function* rowsOf(
  event: MispEvent | undefined,
  attributes: readonly MispAttribute[],
  objects: readonly MispObject[],
  problems: readonly Problem[],
  received: boolean,
): Generator<Row, void, undefined> {
  let row = 0;
  for (const attribute of attributes) yield* attributeRows(++row, event, undefined, attribute, received);
  for (const object of objects)
    for (const attribute of object.Attribute) yield* attributeRows(++row, event, object, attribute, received);
  // What could not be read at all comes last, each with its place in the document.
  for (const one of problems) if (isLost(one)) yield { row: ++row, result: { ok: false, problem: one } };
}

/** Problems after which something is missing from the document's rows; others left their attribute standing. */
const lostFields: ReadonlySet<string> = new Set(["type", "value", "name"]);
const isLost = (one: Problem): boolean =>
  one.code !== "WGL_MISP_FIELD" || lostFields.has(String(one.with?.["field"])) || one.with?.["what"] === "document";

function* attributeRows(
  row: number,
  event: MispEvent | undefined,
  object: MispObject | undefined,
  attribute: MispAttribute,
  received: boolean,
): Generator<Row, void, undefined> {
  const { type } = attribute;
  const skip = (why: Problem): Row => ({
    row,
    legal: true,
    result: { ok: false, problem: { ...why, at: `row ${row}` } },
  });
  if (attribute.deleted === true || object?.deleted === true) return yield skip(problem("WGL_MISP_DELETED", { type }));
  if (!isWatched(type)) return yield skip(problem("WGL_MISP_TYPE", { type }));
  if (!meantForDetection(attribute)) return yield skip(problem("WGL_MISP_CONTEXT", { type }));
  const port = object === undefined ? undefined : portBeside(object, attribute);
  const read = attributeObservables(
    port === undefined ? attribute : { type: "ip-dst|port", value: `${attribute.value}|${port}` },
  );
  if (!read.ok) {
    const text = JSON.stringify(printAttribute(attribute));
    return yield { row, result: { ok: false, problem: { ...read.problem, at: `row ${row}` } }, text };
  }
  const said = saidOf(event, object, attribute, received);
  for (const { observable, flags } of read.value)
    yield {
      row,
      result: { ok: true, value: { observable, ...said, ...(flags.length === 0 ? {} : { flags }) } },
    };
}

const saidOf = (
  event: MispEvent | undefined,
  object: MispObject | undefined,
  attribute: MispAttribute,
  received: boolean,
): Omit<RawIndicator, "observable"> => {
  const tags = [...attribute.Tag, ...(event?.Tag ?? [])];
  const clusters = [...attribute.Galaxy, ...(event?.Galaxy ?? [])].flatMap(({ GalaxyCluster }) =>
    GalaxyCluster.map(({ type, value }) => ({ name: `misp-galaxy:${type}="${value}"` })),
  );
  const restriction = restrictionOf(event, object, attribute, received);
  // a claim takes its PAP from its feed: what is stricter than any feed's is staff's alone
  const tlp = !received && restriction.pap === "red" ? "red" : restriction.tlp;
  const grade = gradeOfTags(attribute.Tag) ?? gradeOfTags(event?.Tag ?? []);
  const seenAt = seenOf(event, object, attribute);
  return {
    labels: labelsOf(labelsOfTags([...clusters, ...tags])),
    ...(seenAt === undefined ? {} : { seenAt }),
    ...(grade === undefined ? {} : { grade }),
    ...(tlp === undefined ? {} : { tlp }),
  };
};

/** When it was last seen, else when its author last touched it. */
const seenOf = (
  event: MispEvent | undefined,
  object: MispObject | undefined,
  attribute: MispAttribute,
): Instant | undefined => {
  for (const text of [attribute.last_seen, object?.last_seen, attribute.first_seen, object?.first_seen]) {
    const read = text === undefined ? undefined : parseInstant(text);
    if (read?.ok === true) return read.value;
  }
  const seconds = Number(attribute.timestamp ?? object?.timestamp ?? event?.timestamp ?? 0);
  if (Number.isSafeInteger(seconds) && seconds > 0 && seconds <= 253_402_300_799) return instant(seconds * 1000);
  const day = event?.date === undefined ? undefined : parseInstant(event.date);
  return day?.ok === true ? day.value : undefined;
};

/** A feed's manifest: UUID → what its event is about. */
export const isManifest = (document: unknown): boolean => {
  if (!isObject(document) || own(document, "Event") !== undefined || own(document, "response") !== undefined)
    return false;
  const entries = Object.values(document);
  return entries.every((entry) => isObject(entry) && own(entry, "timestamp") !== undefined);
};
