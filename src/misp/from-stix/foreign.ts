import { ruleMade, templateOfLanguage } from "./domain-of.ts";
import { type Entry, newEntry } from "./entry.ts";
import { type Fact, patternFacts } from "./facts.ts";
import { flag, flat, referenceTo, refsOf, sameValue, uuidOf, withPayload } from "./pieces.ts";
import { insideOf, madeUnder, ownFacts, referencesFrom, shapeOfFacts } from "./seen.ts";
import type { Made } from "./templates.ts";
import { listIn, textIn } from "#misp/own.ts";
import type { StixObject } from "#misp/stix-object.ts";
import { mispTime } from "#misp/timestamps.ts";
import type { Board } from "./board.ts";

/** Observables of other authors, with or without observed-data around them. */
export const takeSeen = (board: Board): void => {
  const around = new Map<string, StixObject[]>();
  for (const observed of board.scope)
    if (observed.type === "observed-data" && !board.done.has(observed.id))
      for (const ref of refsOf(observed)) around.set(ref, [...(around.get(ref) ?? []), observed]);
  const named = [...around.keys()].flatMap((ref) => board.byId.get(ref) ?? []);
  const objects = [...new Set([...board.scope, ...named])].filter(
    ({ id }) => !board.done.has(id) && !board.entryOf.has(id),
  );
  const taken = new Set<string>();
  const drafts = objects.flatMap((object) => {
    const { facts, taken: inner } = ownFacts(object, board.lookup);
    const shape = shapeOfFacts(object.type, facts);
    if (shape === undefined) return [];
    for (const id of inner) taken.add(id);
    return [{ object, facts, shape }];
  });
  const aliased = new Set(
    drafts
      .flatMap(({ object }) => (object.type === "domain-name" ? referencesFrom(object) : []))
      .flatMap(({ from, to }) => [from, to]),
  );
  for (const { object, facts, shape } of drafts) {
    board.done.add(object.id);
    if (taken.has(object.id)) continue;
    const isAliased =
      object.type === "domain-name" && aliased.has(object.id) && shape.template === "" && isAlias(board, object);
    const entry = foreign(
      board,
      object,
      facts,
      isAliased ? { template: "domain-ip", meta: "network", made: madeUnder("domain-ip", facts) } : shape,
    );
    for (const observed of around.get(object.id) ?? []) {
      board.entryOf.set(observed.id, entry);
      board.done.add(observed.id);
      entry.comment = [entry.comment, `Observed Data ID: ${observed.id}`]
        .filter((part) => part !== undefined)
        .join(" - ");
      const [first, last] = [textIn(observed, "first_observed"), textIn(observed, "last_observed")];
      if (first !== undefined && first !== last) {
        entry.first = first;
        if (last !== undefined) entry.last = last;
      }
    }
  }
  for (const { object } of drafts)
    for (const { from, to, relation } of referencesFrom(object)) {
      const [a, b] = [board.entryOf.get(from), board.entryOf.get(to)];
      if (a !== undefined && b !== undefined && a !== b && a.template !== "")
        a.references.push(referenceTo(a.uuid, b.uuid, relation));
    }
};

/** A name that resolves to another name, or is resolved to: the two are told apart only as objects. */
const isAlias = (board: Board, object: StixObject): boolean => {
  return referencesFrom(object).some(({ to }) => board.byId.get(to)?.type === "domain-name");
};

const foreign = (
  board: Board,
  object: StixObject,
  facts: readonly Fact[],
  shape: { readonly template: string; readonly meta: string; readonly made: readonly Made[] },
): Entry => {
  const uuid = uuidOf(object.id);
  const { rest, inside } = insideOf(shape.template, facts, uuid);
  const made = inside.length === 0 ? shape.made : madeUnder(shape.template, rest);
  const time = mispTime(object["modified"]) ?? mispTime(board.report?.["modified"]);
  const entry = newEntry(
    { uuid, template: shape.template, meta: shape.meta, timestamp: time },
    withPayload(made, object),
    false,
  );
  board.take(object, entry);
  for (const one of board.inside(entry, inside, false)) board.push(one);
  return entry;
};

/** Indicators of other authors: they flag what was seen, or make attributes of their own. */
export const takeLookedFor = (board: Board): void => {
  for (const object of board.scope) {
    if (object.type !== "indicator" || board.done.has(object.id) || board.entryOf.has(object.id)) continue;
    const pattern = textIn(object, "pattern") ?? "";
    const language = textIn(object, "pattern_type") ?? "stix";
    if (language !== "stix") foreignRule(board, object, language, pattern);
    else foreignPattern(board, object, pattern);
  }
};

const foreignRule = (board: Board, object: StixObject, language: string, pattern: string): void => {
  const template = templateOfLanguage(language);
  const isNamed = textIn(object, "name") !== undefined || listIn(object, "external_references").length > 0;
  if (template === undefined || !isNamed) {
    const entry = board.rule(object, template === undefined ? "text" : language, pattern);
    const description = textIn(object, "description");
    if (description !== undefined) entry.comment = description;
  } else {
    const made = (ruleMade(template, object) ?? []).filter(({ relation }) => relation !== "version");
    board.take(
      object,
      newEntry(
        { uuid: uuidOf(object.id), template, meta: "misc", timestamp: mispTime(object["modified"]) },
        made,
        undefined,
      ),
    );
  }
};

const foreignPattern = (board: Board, object: StixObject, pattern: string): void => {
  const read = patternFacts(pattern);
  const uuid = uuidOf(object.id);
  const template = read === undefined ? undefined : shapeOfFacts(read.type, read.facts);
  const { rest, inside } =
    read === undefined || template === undefined
      ? { rest: [], inside: [] }
      : insideOf(template.template, read.facts, uuid);
  const shape =
    read === undefined || template === undefined
      ? undefined
      : inside.length === 0
        ? template
        : { ...template, made: madeUnder(template.template, rest) };
  const description = textIn(object, "description");
  if (shape === undefined || shape.made.length === 0) {
    const entry = board.rule(object, "stix2-pattern", pattern);
    if (description !== undefined) entry.comment = description;
    return;
  }
  const said = [...shape.made, ...inside.flatMap(flat)];
  const seen =
    inside.length > 0
      ? []
      : (board.holding.get(`${shape.template}|${said[0]?.value ?? ""}`) ?? []).filter((entry) =>
          said.every((one) => entry.made.some((draft) => sameValue(draft, one))),
        );
  if (seen.length > 0) {
    for (const entry of seen) {
      flag(entry, said, `Indicator ID: ${object.id}`);
      board.entryOf.set(object.id, entry);
      board.mark(entry, object);
    }
    return;
  }
  const entry = newEntry(
    { uuid, template: shape.template, meta: shape.meta, timestamp: mispTime(object["modified"]) },
    withPayload(shape.made, object),
    true,
  );
  if (description !== undefined) entry.comment = description;
  board.take(object, entry);
  for (const one of board.inside(entry, inside, true)) board.push(one);
};
