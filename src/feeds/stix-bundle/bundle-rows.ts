import type { Instant } from "#core/instant.ts";
import { type Marking, stricterTlp } from "#core/marking.ts";
import type { Grade } from "#core/grade.ts";
import { type Problem, problem } from "#core/result.ts";
import { BadBody } from "#feeds/bad-body.ts";
import type { RawIndicator, Row } from "#feeds/feed.ts";
import { jsonField } from "#feeds/json.ts";
import { labelsOf } from "#feeds/row.ts";
import { type MarkingDefinition, tlpOfRefs } from "#stix/marking-definition.ts";
import { observablesOf } from "#stix/pattern-observables.ts";
import { readPattern } from "#stix/read-pattern.ts";
import { parseTimestamp } from "#stix/timestamp.ts";

/**
 * The rows of a bundle: one for each value of each indicator, one for each object that is broken. Rows count from 1 in
 * `objects`. What an indicator indicates (malware, tools, intrusion sets) names it; nothing follows a reference further
 * than one step, so no circle of references can hold us.
 * @see STIX 2.1 §8 Bundle, §4.7 Indicator, §5.1 Relationship
 */
export const bundleRows = (document: unknown): readonly Row[] => {
  const objects = jsonField(document, "objects") ?? [];
  if (jsonField(document, "type") !== "bundle" || !Array.isArray(objects))
    throw new BadBody("WGL_BODY_SHAPE", { wanted: "a STIX bundle" });
  const context = contextOf(objects);
  return objects.flatMap((object: unknown, index) => rowsOf(object, index + 1, context));
};

interface Context {
  readonly markings: ReadonlyMap<string, MarkingDefinition>;
  /** Indicator id → names of what it indicates. */
  readonly names: ReadonlyMap<string, readonly string[]>;
}

const contextOf = (objects: readonly unknown[]): Context => {
  const markings = new Map<string, MarkingDefinition>();
  const named = new Map<string, string>();
  for (const object of objects) {
    const [id, type, name] = [jsonField(object, "id"), jsonField(object, "type"), jsonField(object, "name")];
    if (typeof id !== "string") continue;
    if (type === "marking-definition") {
      const [definition_type, definition] = [jsonField(object, "definition_type"), jsonField(object, "definition")];
      markings.set(id, { type, id, definition_type, definition, extensions: jsonField(object, "extensions") });
    } else if (typeof name === "string" && typeof type === "string" && indicated.has(type)) named.set(id, name);
  }
  const names = new Map<string, string[]>();
  for (const object of objects) {
    const [from, to] = [jsonField(object, "source_ref"), jsonField(object, "target_ref")];
    const isIndicates =
      jsonField(object, "type") === "relationship" && jsonField(object, "relationship_type") === "indicates";
    const name = isIndicates && typeof to === "string" ? named.get(to) : undefined;
    if (name === undefined || typeof from !== "string") continue;
    const before = names.get(from);
    if (before === undefined) names.set(from, [name]);
    else before.push(name);
  }
  return { markings, names };
};

const indicated: ReadonlySet<string> = new Set(["malware", "tool", "intrusion-set", "threat-actor", "campaign"]);

const rowsOf = (object: unknown, row: number, context: Context): readonly Row[] => {
  const type = jsonField(object, "type");
  if (typeof type !== "string") return [wrong(row, "type", "a string")];
  if (type === "relationship" && jsonField(object, "source_ref") === jsonField(object, "target_ref")) {
    const id = jsonField(object, "id");
    return [refused(row, problem("WGL_STIX_SELF", { id: typeof id === "string" ? id : "" }))];
  }
  return type === "indicator" ? indicatorRows(object, row, context) : [];
};

const indicatorId = /^indicator--[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const indicatorRows = (object: unknown, row: number, context: Context): readonly Row[] => {
  const id = jsonField(object, "id");
  if (typeof id !== "string" || !indicatorId.test(id)) return [wrong(row, "id", "an indicator id")];
  const pattern = jsonField(object, "pattern");
  if (typeof pattern !== "string") return [wrong(row, "pattern", "a string")];
  if (jsonField(object, "revoked") === true) return [legal(refused(row, problem("WGL_STIX_REVOKED", { id })))];
  // STIX 2.0 has no pattern_type: every pattern was one of its own.
  const type = jsonField(object, "pattern_type") ?? "stix";
  if (type !== "stix") return [legal(refused(row, problem("WGL_STIX_PATTERN_TYPE", { type: String(type) })))];
  const from = parseTimestamp(jsonField(object, "valid_from"), "valid_from");
  if (!from.ok) return [refused(row, from.problem)];
  const ast = readPattern(pattern);
  const values = ast.ok ? observablesOf(ast.value) : ast;
  if (!values.ok) {
    const unread = refused(row, values.problem);
    return [values.problem.code === "WGL_STIX_PATTERN_UNSUPPORTED" ? legal(unread) : unread];
  }
  const said = saidOf(object, id, from.value, context);
  return values.value.map(({ observable, flags }) => ({
    row,
    result: { ok: true, value: { observable, ...said, ...(flags.length === 0 ? {} : { flags }) } },
  }));
};

const saidOf = (object: unknown, id: string, from: Instant, context: Context): Omit<RawIndicator, "observable"> => {
  const modified = parseTimestamp(jsonField(object, "modified"), "modified");
  const seenAt = modified.ok && modified.value > from ? modified.value : from;
  const tlp = tlpOf(object, context);
  const grade = gradeOf(jsonField(object, "confidence"));
  const labels = labelsOf([
    ...(context.names.get(id) ?? []),
    ...stringsIn(jsonField(object, "indicator_types")),
    ...stringsIn(jsonField(object, "labels")),
  ]);
  return { labels, seenAt, ...(tlp === undefined ? {} : { tlp }), ...(grade === undefined ? {} : { grade }) };
};

/** Granular markings mark parts; an indicator's value is one part, so the strictest of all binds the whole. */
const tlpOf = (object: unknown, { markings }: Context): Marking["tlp"] | undefined => {
  const whole = tlpOfRefs(jsonField(object, "object_marking_refs"), markings);
  const granular = jsonField(object, "granular_markings");
  const refs = Array.isArray(granular)
    ? granular.map((mark: unknown) => jsonField(mark, "marking_ref")).filter((ref) => ref !== undefined)
    : [];
  const parts = refs.length === 0 ? undefined : tlpOfRefs(refs, markings);
  return whole === undefined || parts === undefined ? (whole ?? parts) : stricterTlp(whole, parts);
};

/** STIX 2.1 Appendix A, Admiralty credibility: 80–100 → 1, 60–79 → 2, 40–59 → 3, 20–39 → 4, 0–19 → 5. The source stays unknown. */
const gradeOf = (confidence: unknown): Grade | undefined => {
  if (typeof confidence !== "number" || !Number.isInteger(confidence) || confidence < 0 || confidence > 100)
    return undefined;
  const statement = confidence >= 80 ? 1 : confidence >= 60 ? 2 : confidence >= 40 ? 3 : confidence >= 20 ? 4 : 5;
  return { source: "F", statement };
};

const stringsIn = (list: unknown): readonly string[] =>
  Array.isArray(list) ? list.filter((item): item is string => typeof item === "string").slice(0, 64) : [];

const refused = (row: number, why: Problem): Row => ({
  row,
  result: { ok: false, problem: { ...why, at: `/objects/${row - 1}` } },
});

const legal = (row: Row): Row => ({ ...row, legal: true });

const wrong = (row: number, property: string, wanted: string): Row =>
  refused(row, problem("WGL_STIX_OBJECT", { property, wanted }));
