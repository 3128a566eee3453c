import type { Instant } from "#core/instant.ts";
import { type Marking, stricterTlp } from "#core/marking.ts";
import type { Grade } from "#core/grade.ts";
import { type Problem, problem } from "#core/result.ts";
import { type MarkingDefinition, tlpOfRefs } from "#stix/marking-definition.ts";
import { observablesOf } from "#stix/pattern-observables.ts";
import { readPattern } from "#stix/read-pattern.ts";
import { parseTimestamp } from "#stix/timestamp.ts";
import { BadBody } from "./bad-body.ts";
import type { Frame, RawAdvisory, RawIndicator, Row } from "./feed.ts";
import { jsonField } from "./json.ts";
import { labelsOf } from "./row.ts";

/** Refused objects make a bundle again. */
export const bundleFrame: Frame = { before: '{"type":"bundle","objects":[', between: ",\n", after: "]}\n" };

/**
 * The rows of a bundle: one for each value of each indicator, each vulnerability, each sighting of an indicator that is
 * not in the bundle, and one for each object that is broken. Rows count from 1 in `objects`. What an indicator indicates
 * (malware, tools, intrusion sets) names it; nothing follows a reference further than one step, so no circle of references
 * can hold us. Of several versions of an indicator the newest speaks.
 *
 * @param statements each row carries its indicator's id, so that a later version, revocation or sighting finds it: for
 *                   sources that give news
 * @see STIX 2.1 §8 Bundle, §4.7 Indicator, §4.19 Vulnerability, §5.1 Relationship, §5.2 Sighting, §3.6 Versioning
 */
export const bundleRows = (document: unknown, statements = false): readonly Row[] => {
  const objects = jsonField(document, "objects") ?? [];
  if (jsonField(document, "type") !== "bundle" || !Array.isArray(objects))
    throw new BadBody("WGL_BODY_SHAPE", { wanted: "a STIX bundle" });
  const context = contextOf(objects, statements);
  return objects.flatMap((object: unknown, index) => {
    const rows = rowsOf(object, index + 1, context);
    return rows.map((row) => (row.result.ok || row.legal ? row : { ...row, text: JSON.stringify(object) }));
  });
};

interface Context {
  readonly markings: ReadonlyMap<string, MarkingDefinition>;
  /** Indicator id → names of what it indicates. */
  readonly names: ReadonlyMap<string, readonly string[]>;
  /** Indicator id → `modified` of its newest version here, as written and as an instant. */
  readonly newest: ReadonlyMap<string, Version>;
  /** Indicator id → when it was last sighted. */
  readonly sighted: ReadonlyMap<string, Instant>;
  readonly statements: boolean;
}

interface Version {
  readonly at: Instant;
  /** Authors write more digits than an instant has. */
  readonly written: string;
}

const contextOf = (objects: readonly unknown[], statements: boolean): Context => {
  const newest = new Map<string, Version>();
  const sighted = new Map<string, Instant>();
  for (const object of objects) {
    const [id, type] = [jsonField(object, "id"), jsonField(object, "type")];
    if (type === "indicator" && typeof id === "string") {
      const version = versionOf(object);
      const before = newest.get(id);
      if (version !== undefined && (before === undefined || isNewer(version, before))) newest.set(id, version);
    }
    const sighting = type === "sighting" ? sightingOf(object) : undefined;
    const before = sighting && sighted.get(sighting.by);
    if (sighting && (before === undefined || before < sighting.seenAt)) sighted.set(sighting.by, sighting.seenAt);
  }
  return { ...referencesOf(objects), newest, sighted, statements };
};

const versionOf = (object: unknown): Version | undefined => {
  const written = jsonField(object, "modified");
  const at = parseTimestamp(written, "modified");
  return at.ok && typeof written === "string" ? { at: at.value, written } : undefined;
};

/** Within a millisecond the digits behind it decide, however many there are. */
const isNewer = (a: Version, b: Version): boolean => a.at > b.at || (a.at === b.at && digits(a) > digits(b));
const digits = ({ written }: Version): string => (/\.(\d+)Z$/.exec(written)?.[1] ?? "").padEnd(24, "0");

/** A count of 0 says that it was looked for and not seen. */
const sightingOf = (object: unknown): { readonly by: string; readonly seenAt: Instant } | undefined => {
  const by = jsonField(object, "sighting_of_ref");
  if (typeof by !== "string" || !indicatorId.test(by)) return undefined;
  if (jsonField(object, "revoked") === true || jsonField(object, "count") === 0) return undefined;
  for (const property of ["last_seen", "modified", "created"]) {
    const time = parseTimestamp(jsonField(object, property), property);
    if (time.ok) return { by, seenAt: time.value };
  }
  return undefined;
};

const referencesOf = (objects: readonly unknown[]): Pick<Context, "markings" | "names"> => {
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
  if (type === "indicator") return indicatorRows(object, row, context);
  if (type === "vulnerability") return [{ row, result: { ok: true, value: vulnerabilityOf(object, context) } }];
  return type === "sighting" ? sightingRows(object, row, context) : [];
};

/** Of an indicator that stands beside it, its rows have the time already. */
const sightingRows = (object: unknown, row: number, context: Context): readonly Row[] => {
  const sighting = sightingOf(object);
  if (sighting === undefined || context.newest.has(sighting.by)) return [];
  return [{ ...legal(refused(row, problem("WGL_STIX_SIGHTING", { id: sighting.by }))), resights: sighting }];
};

const cve = /^CVE-\d{4}-\d{4,19}$/i;

const vulnerabilityOf = (object: unknown, context: Context): RawAdvisory => {
  const text = (key: string, most: number): string => {
    const value = jsonField(object, key);
    return typeof value === "string"
      ? value
          .replace(/[^\P{Cc}\n\t]/gu, " ")
          .trim()
          .toWellFormed()
          .slice(0, most)
      : "";
  };
  const references = jsonField(object, "external_references");
  const outside = (Array.isArray(references) ? references : []).slice(0, 64) as readonly unknown[];
  const strings = (key: string): readonly string[] =>
    outside.map((one) => jsonField(one, key)).filter((one): one is string => typeof one === "string");
  const cves = [...new Set([...strings("external_id"), text("name", 40)].filter((one) => cve.test(one)))].map((one) =>
    one.toUpperCase(),
  );
  const [created, modified] = ["created", "modified"].map((key) => parseTimestamp(jsonField(object, key), key));
  const tlp = tlpOf(object, context);
  return {
    is: "advisory",
    id: cves.length === 1 && cves[0] !== undefined ? cves[0] : text("id", 200),
    kind: "vulnerability",
    title: text("name", 500) || (cves[0] ?? text("id", 200)),
    summary: text("description", 20_000),
    ...(created?.ok ? { publishedAt: created.value } : {}),
    ...(modified?.ok ? { updatedAt: modified.value } : {}),
    cves: [...new Set(cves)],
    ...{ cwes: [], products: [], scores: [] },
    labels: labelsOf(stringsIn(jsonField(object, "labels"))),
    references: strings("url").filter((one) => /^https?:\/\//i.test(one) && one.length <= 2000),
    ...(tlp === undefined ? {} : { tlp }),
    ...(jsonField(object, "revoked") === true ? { withdrawn: true as const } : {}),
  };
};

const indicatorId = /^indicator--[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const indicatorRows = (object: unknown, row: number, context: Context): readonly Row[] => {
  const id = jsonField(object, "id");
  if (typeof id !== "string" || !indicatorId.test(id)) return [wrong(row, "id", "an indicator id")];
  const pattern = jsonField(object, "pattern");
  if (typeof pattern !== "string") return [wrong(row, "pattern", "a string")];
  const [version, newest] = [versionOf(object), context.newest.get(id)];
  if (version && newest && isNewer(newest, version)) return [legal(refused(row, problem("WGL_STIX_OLDER", { id })))];
  if (jsonField(object, "revoked") === true) {
    const values = valuesOf(pattern);
    const withdraws = (values.ok ? values.value : []).map(({ observable }) => ({
      observable,
      ...(context.statements ? { by: id } : {}),
    }));
    const revoked = legal(refused(row, problem("WGL_STIX_REVOKED", { id })));
    return [withdraws.length === 0 ? revoked : { ...revoked, withdraws }];
  }
  // STIX 2.0 has no pattern_type: every pattern was one of its own.
  const type = jsonField(object, "pattern_type") ?? "stix";
  if (type !== "stix") return [legal(refused(row, problem("WGL_STIX_PATTERN_TYPE", { type: String(type) })))];
  const from = parseTimestamp(jsonField(object, "valid_from"), "valid_from");
  if (!from.ok) return [refused(row, from.problem)];
  const values = valuesOf(pattern);
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

const valuesOf = (pattern: string): ReturnType<typeof observablesOf> => {
  const ast = readPattern(pattern);
  return ast.ok ? observablesOf(ast.value) : ast;
};

const saidOf = (object: unknown, id: string, from: Instant, context: Context): Omit<RawIndicator, "observable"> => {
  const modified = parseTimestamp(jsonField(object, "modified"), "modified");
  const spoken = modified.ok && modified.value > from ? modified.value : from;
  const sighted = context.sighted.get(id);
  const seenAt = sighted !== undefined && sighted > spoken ? sighted : spoken;
  const until = parseTimestamp(jsonField(object, "valid_until"), "valid_until");
  const tlp = tlpOf(object, context);
  const grade = gradeOf(jsonField(object, "confidence"));
  const labels = labelsOf([
    ...(context.names.get(id) ?? []),
    ...stringsIn(jsonField(object, "indicator_types")),
    ...stringsIn(jsonField(object, "labels")),
  ]);
  return {
    labels,
    seenAt,
    ...(tlp === undefined ? {} : { tlp }),
    ...(grade === undefined ? {} : { grade }),
    ...(until.ok ? { validUntil: until.value } : {}),
    ...(context.statements ? { by: [id] } : {}),
  };
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
