import { labelled } from "./cluster-of.ts";
import { ruleMade } from "./domain-of.ts";
import { type Entry, newEntry } from "./entry.ts";
import { factsOf, patternFacts } from "./facts.ts";
import { byMain, refsOf, rootsOf, sameMade, uuidOf } from "./pieces.ts";
import { listIn, own, textIn } from "#misp/own.ts";
import { truth, valueText } from "#misp/scalar.ts";
import type { StixObject } from "#misp/stix-object.ts";
import { mispTime } from "#misp/timestamps.ts";
import { readUuid } from "#misp/uuid.ts";
import type { Board } from "./board.ts";

/** What MISP made, told by its labels. */
export const takeMade = (board: Board): void => {
  for (const object of board.scope) {
    const [type, name] = [labelled(object, "misp:type"), labelled(object, "misp:name")];
    if (object.type === "x-misp-attribute") customAttribute(board, object);
    else if (object.type === "x-misp-object") customObject(board, object);
    else if (object.type === "observed-data" && (type !== undefined || name !== undefined))
      observed(board, object, type, name);
    else if (object.type === "indicator" && (type !== undefined || name !== undefined) && !isBased(board, object))
      indicator(board, object, type, name);
    else if (type !== undefined && (object.type === "vulnerability" || object.type === "campaign"))
      board.attribute(object, type, [{ path: "name", value: textIn(object, "name") ?? "" }], undefined);
    else if (name !== undefined && object.type !== "observed-data" && object.type !== "indicator")
      board.domain(object, name);
  }
};

/** An indicator of the same thing as an observed-data of this event: it only sets the flag. */
const isBased = (board: Board, indicator: StixObject): boolean => {
  const observed = board.byId.get(indicator.id.replace("indicator--", "observed-data--"));
  if (observed !== undefined && sameMade(observed, indicator)) return true;
  return (board.bases.get(indicator.id) ?? []).some((one) => sameMade(one, indicator));
};

const indicatorOf = (board: Board, observed: StixObject): StixObject | undefined => {
  const same = board.byId.get(observed.id.replace("observed-data--", "indicator--"));
  if (same !== undefined && sameMade(observed, same)) return same;
  return (board.basing.get(observed.id) ?? []).find((one) => one.type === "indicator" && sameMade(observed, one));
};

const observed = (board: Board, observed: StixObject, type: string | undefined, name: string | undefined): void => {
  const indicator = indicatorOf(board, observed);
  const objects = refsOf(observed).flatMap((ref) => board.byId.get(ref) ?? []);
  for (const object of objects) board.done.add(object.id);
  const entry =
    type === undefined
      ? observedObject(board, observed, name ?? "", objects, indicator)
      : observedAttribute(board, observed, type, objects, indicator);
  if (entry === undefined) return;
  const [first, last] = [textIn(observed, "first_observed"), textIn(observed, "last_observed")];
  if (first !== undefined && last !== undefined && first !== last) {
    entry.first = first;
    entry.last = last;
  }
  board.entryOf.set(observed.id, entry);
  if (indicator === undefined) return;
  board.entryOf.set(indicator.id, entry);
  board.done.add(indicator.id);
};

const observedAttribute = (
  board: Board,
  observed: StixObject,
  type: string,
  objects: readonly StixObject[],
  indicator: StixObject | undefined,
): Entry | undefined => {
  const facts = objects.toSorted(byMain).flatMap((object) => factsOf(object, board.lookup));
  return board.attribute(observed, type, facts, indicator !== undefined);
};

const observedObject = (
  board: Board,
  observed: StixObject,
  name: string,
  objects: readonly StixObject[],
  indicator: StixObject | undefined,
): Entry | undefined => {
  const roots = rootsOf(objects);
  const facts = roots.flatMap((object) => factsOf(object, board.lookup));
  const wanted = indicator === undefined ? [] : (patternFacts(textIn(indicator, "pattern") ?? "")?.facts ?? []);
  return board.object(observed, name, facts, wanted, roots[0]);
};

const indicator = (board: Board, object: StixObject, type: string | undefined, name: string | undefined): void => {
  const pattern = textIn(object, "pattern") ?? "";
  const language = textIn(object, "pattern_type") ?? "stix";
  const description = textIn(object, "description");
  let entry: Entry | undefined;
  if (language !== "stix")
    entry = name === undefined ? board.rule(object, type ?? language, pattern) : ruleObject(board, object, name);
  else {
    const facts = patternFacts(pattern)?.facts;
    if (facts === undefined) entry = board.rule(object, "stix2-pattern", pattern);
    else if (type !== undefined) entry = board.attribute(object, type, facts, true);
    else entry = board.object(object, name ?? "", facts, [], undefined, true);
  }
  if (entry !== undefined && description !== undefined && language === "stix") entry.comment = description;
  if (entry !== undefined && description !== undefined && entry.template === "") entry.comment = description;
};

const ruleObject = (board: Board, object: StixObject, name: string): Entry | undefined => {
  const made = ruleMade(name, object);
  if (made === undefined) return board.placeless(object);
  const meta = labelled(object, "misp:meta-category") ?? "misc";
  return board.take(
    object,
    newEntry(
      { uuid: uuidOf(object.id), template: name, meta, timestamp: mispTime(object["modified"]) },
      made,
      undefined,
    ),
  );
};

const customAttribute = (board: Board, object: StixObject): void => {
  const type = textIn(object, "x_misp_type") ?? "other";
  const category = textIn(object, "x_misp_category");
  const comment = textIn(object, "x_misp_comment");
  const data = textIn(object, "x_misp_data");
  const value = valueText(own(object, "x_misp_value")) ?? "";
  board.take(
    object,
    newEntry(
      {
        uuid: uuidOf(object.id),
        template: "",
        timestamp: mispTime(object["modified"]),
        ...(category === undefined ? {} : { category }),
        ...(comment === undefined ? {} : { comment }),
      },
      [{ relation: type, type, value, ...(data === undefined ? {} : { data }) }],
      truth(own(object, "x_misp_to_ids")),
    ),
  );
};

const customObject = (board: Board, object: StixObject): void => {
  const name = textIn(object, "x_misp_name") ?? "misc";
  const meta = textIn(object, "x_misp_meta_category") ?? "misc";
  const entry = newEntry(
    { uuid: uuidOf(object.id), template: name, meta, timestamp: mispTime(object["modified"]) },
    [],
    undefined,
  );
  for (const attribute of listIn(object, "x_misp_attributes")) {
    const [type, value] = [textIn(attribute, "type"), valueText(own(attribute, "value"))];
    if (type === undefined || value === undefined) continue;
    const [data, uuid] = [textIn(attribute, "data"), readUuid(own(attribute, "uuid"))];
    entry.made.push({
      relation: textIn(attribute, "object_relation") ?? type,
      type,
      value,
      ids: truth(own(attribute, "to_ids")),
      ...(data === undefined ? {} : { data }),
      ...(uuid === undefined ? {} : { uuid }),
    });
  }
  board.take(object, entry);
};
