import type { Instant } from "#core/instant.ts";
import { type Marking, type OrganisationId, type Tlp } from "#core/marking.ts";
import { no, ok, type Problem, problem, type Result } from "#core/result.ts";
import { type Micros, printMicros } from "#share/taxii-date.ts";
import { type MarkingDefinition, tlpOfRefs } from "#stix/marking-definition.ts";
import { contentOf, versionOf } from "#stix/version.ts";
import type { Slice } from "#stix/object-slices.ts";
import { timeKey } from "#stix/time-key.ts";
import { tlpOfMarking } from "#stix/tlp-markings.ts";
import type { StixCollection, StixNew, StixRow } from "./objects-port.ts";
import type { Tx } from "#jobs/ports.ts";
import { definitionOf, isMarkingId, isPersonal, markingOf } from "./marking.ts";

type Fields = Readonly<Record<string, unknown>>;

/** An object that was read and can be kept. */
export interface StixComing {
  readonly object: Fields;
  readonly id: string;
  readonly type: string;
  readonly spec: string;
  /** "" for objects without versions: they get the moment of their arrival. */
  readonly key: string;
  readonly written: string;
  readonly revoked: boolean;
  readonly body: string;
}

/** What one object of a batch is before the store is asked: to be kept, or refused with a reason. */
export type StixRead =
  | { readonly ok: true; readonly coming: StixComing }
  | { readonly ok: false; readonly id: string; readonly version: string; readonly problem: Problem };

/**
 * What became of one object, in the order in which they came.
 *   success     kept                        duplicate   was here already; as good as kept (TAXII 2.1 §5.5)
 *   failure     not kept, and why
 */
export interface StixOutcome {
  readonly kind: "success" | "duplicate" | "failure";
  readonly id: string;
  readonly version: string;
  readonly problem?: Problem;
}

export interface KeepStix {
  readonly collection: StixCollection;
  /**
   * Whose objects these are. AMBER and stricter reach nobody but its sender, its sender's clients and staff, since it owns them; CLEAR and
   * GREEN go as far as they say. Absent: the community's own (a feed, the CERT), of which AMBER reaches every member.
   */
  readonly sender?: OrganisationId;
  /** Why they are staff's alone for now; absent: they are not. */
  readonly shadow?: string;
  /** What holds where an object says nothing; absent: the collection's. */
  readonly defaults?: Pick<Marking, "tlp" | "pap" | "licence">;
  readonly objects: readonly StixRead[];
  /** May the sender know that this row is here? What it may not see never changes what it is told. */
  readonly sees: (row: StixRow) => boolean;
  readonly now: Instant;
}

/**
 * Reads one object. Problems inside an object are its own: the others are kept. Without an id nobody could say which one
 * failed, so that the whole batch is refused.
 *
 * @param n counts from 0, for the message
 * @returns WGL_TAXII_OBJECT for what has no id or type
 */
export const readStix = (slice: Slice, n: number): Result<StixRead> => {
  const lenient = slice.problems.length > 0 ? slice.readLeniently() : slice.read();
  if (!lenient.ok || typeof lenient.value !== "object" || lenient.value === null || Array.isArray(lenient.value))
    return no("WGL_TAXII_OBJECT", { n, property: "id" }, `/objects/${n}`);
  const object = lenient.value as Fields;
  const { id, type } = object;
  for (const [name, value] of [
    ["type", type],
    ["id", id],
  ] as const)
    if (typeof value !== "string" || value === "")
      return no("WGL_TAXII_OBJECT", { n, property: name }, `/objects/${n}`);
  if (typeof id !== "string" || typeof type !== "string") return no("WGL_TAXII_OBJECT", { n, property: "id" });
  const written = [object["modified"], object["created"]].find((one): one is string => typeof one === "string") ?? "";
  const failed = (why: Problem): Result<StixRead> =>
    ok({
      ok: false,
      id: id.slice(0, 200),
      version: written.slice(0, 64),
      problem: { ...why, at: `/objects/${n}${why.at ?? ""}` },
    });
  const [first] = slice.problems;
  if (first !== undefined) return failed(first);
  if (type === "bundle") return failed(problem("WGL_TAXII_BUNDLE"));
  if (!typeShape.test(type)) return failed(problem("WGL_STIX_OBJECT", { property: "type", wanted: "a STIX type" }));
  if (id.slice(0, -38) !== type || id.slice(-38, -36) !== "--" || !uuid.test(id.slice(-36)))
    return failed(problem("WGL_STIX_OBJECT", { property: "id", wanted: `${type}-- and a UUID` }));
  const spec = specOf(object);
  if (spec === undefined) return failed(problem("WGL_STIX_OBJECT", { property: "spec_version", wanted: "2.0 or 2.1" }));
  const version = versionOf(object);
  if (!version.ok) return failed(version.problem);
  const { key, revoked } = version.value;
  return ok({
    ok: true,
    coming: { object, id, type, spec, key, written: version.value.written, revoked, body: slice.text },
  });
};

/** STIX 2.1 §3.1: letters, digits and hyphens, 3 to 250 of them. */
const typeShape = /^[a-z0-9][a-z0-9-]{1,248}[a-z0-9]$/;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Without `spec_version`: 2.0 has none but on bundles, and 2.1 lets only cyber-observable objects go without (§3.2). */
const specOf = (object: Fields): string | undefined => {
  const said = object["spec_version"];
  if (said === undefined) return Object.hasOwn(object, "created") ? "2.0" : "2.1";
  return said === "2.0" || said === "2.1" ? said : undefined;
};

/**
 * Keeps a batch, whole, in one transaction: an answer for every object, in order. The collection is locked from the first
 * look to the commit, so that dates of arrival rise in the order of commits.
 *
 * What decides: the same version with the same content is a duplicate, with other content a failure (only its creator may
 * make a version; STIX 2.1 §3.6.1); a version after a revocation is a failure, for that is for ever; a version that names
 * another `created_by_ref` is a failure. Of objects without versions other content is another version. All of it is judged
 * by what the sender may see: rows of others that are hidden from it stay where they are, in a lane of their own.
 */
export const keepObjects = async (tx: Tx, keep: KeepStix): Promise<readonly StixOutcome[]> => {
  const { collection } = keep;
  const before = await tx.stix.lock(collection.n);
  const coming = keep.objects.flatMap((one) => (one.ok ? [one.coming] : []));
  const ids = [...new Set(coming.map(({ id }) => id))];
  const [held, defined] = await Promise.all([
    ids.length === 0 ? [] : tx.stix.held(collection.n, ids),
    definitions(tx, keep, coming),
  ]);
  const lanes = new Map<string, Standing[]>();
  // what one party was told is no version of anybody's
  for (const row of held)
    if (row.addressee === undefined || row.addressee === keep.sender) push(lanes, row.id, standingOf(row, keep));
  const some = new Set(held.map(({ id }) => id));
  const start = Math.max(before, keep.now * 1000 - 1);

  const rows: StixNew[] = [];
  const crowded = new Set<string>(some);
  const outcomes = keep.objects.map((read): StixOutcome => {
    if (!read.ok) return { kind: "failure", id: read.id, version: read.version, problem: read.problem };
    const addedAt = start + rows.length + 1;
    const verdict = judge(read.coming, lanes.get(read.coming.id) ?? none);
    const { id } = read.coming;
    if (verdict.kind !== "success") return { ...verdict, id, version: verdict.version };
    const row = rowOf(read.coming, keep, defined, addedAt);
    if (lanes.has(id)) crowded.add(id);
    push(lanes, id, standingOf(row, keep, read.coming));
    rows.push(row);
    return { kind: "success", id, version: row.written };
  });

  if (rows.length > 0) {
    const lonely = rows.map((row) => (crowded.has(row.id) ? { ...row, alone: false } : row));
    await tx.stix.insert(collection.n, lonely);
    if (crowded.size > 0) await tx.stix.settle(collection.n, [...crowded]);
    let last = start + rows.length;
    for (const row of rows) if (row.type === "marking-definition") last = await tellWaiting(tx, keep, row, last);
    await tx.stix.setClock(collection.n, last);
  }
  return outcomes;
};

/** A version that is here, as far as the sender is concerned. */
interface Standing {
  readonly spec: string;
  readonly key: string;
  readonly written: string;
  readonly versioned: boolean;
  readonly revoked: boolean;
  readonly body: string;
  readonly object: () => Fields;
}
const none: readonly Standing[] = [];

const standingOf = (row: StixRow, keep: KeepStix, from?: StixComing): Standing | undefined =>
  row.sender === keep.sender || keep.sees(row)
    ? {
        spec: row.spec,
        key: row.key,
        written: row.written,
        versioned: from === undefined ? hasVersion(row.body) : from.key !== "",
        revoked: row.revoked,
        body: row.body,
        object: () => from?.object ?? (JSON.parse(row.body) as Fields),
      }
    : undefined;

const hasVersion = (body: string): boolean => {
  const object = JSON.parse(body) as Fields;
  return Object.hasOwn(object, "modified") || Object.hasOwn(object, "created");
};

type Verdict =
  | { readonly kind: "success" }
  | { readonly kind: "duplicate" | "failure"; readonly version: string; readonly problem?: Problem };

const judge = (coming: StixComing, here: readonly Standing[]): Verdict => {
  if (here.length === 0) return { kind: "success" };
  const same = here.filter(
    (one) => one.spec === coming.spec && (coming.key === "" ? !one.versioned : one.key === coming.key),
  );
  const twin = same.find((one) => one.body === coming.body || contentOf(one.object()) === contentOf(coming.object));
  if (twin !== undefined) return { kind: "duplicate", version: twin.written };
  const { id, written: version } = coming;
  const refuse = (why: Problem): Verdict => ({ kind: "failure", version, problem: why });
  if (coming.key === "") return { kind: "success" };
  if (same.length > 0) return refuse(problem("WGL_STIX_CONFLICT", { id, version }));
  if (here.some((one) => one.revoked && one.key < coming.key))
    return refuse(problem("WGL_STIX_REVOKED_BEFORE", { id, version }));
  const creator = coming.object["created_by_ref"];
  if (here.some((one) => one.versioned && one.object()["created_by_ref"] !== creator))
    return refuse(problem("WGL_STIX_CREATOR", { id }));
  return { kind: "success" };
};

const rowOf = (
  coming: StixComing,
  keep: KeepStix,
  defined: ReadonlyMap<string, MarkingDefinition>,
  addedAt: Micros,
): StixNew => {
  const defaults = keep.defaults ?? keep.collection.defaults;
  const said = markingOf(coming.object, defined);
  const tlp = said.awaits.length > 0 ? "red" : (said.tlp ?? defaults.tlp);
  const arrived = coming.key === "" ? printMicros(addedAt) : undefined;
  return {
    addedAt,
    id: coming.id,
    type: coming.type,
    spec: coming.spec,
    key: arrived === undefined ? coming.key : (timeKey(arrived) ?? coming.key),
    written: arrived ?? coming.written,
    revoked: coming.revoked,
    ...(keep.sender === undefined ? {} : { sender: keep.sender }),
    marking: {
      ...(keep.sender === undefined ? {} : { owner: keep.sender }),
      ...{ tlp, pap: defaults.pap, licence: defaults.licence },
    },
    ...(keep.shadow === undefined ? {} : { shadow: keep.shadow }),
    personal: isPersonal(coming.object),
    ...(said.parts === undefined ? {} : { parts: said.parts }),
    body: coming.body,
    ...(said.tlp === undefined ? {} : { tlpKnown: said.tlp }),
    awaits: said.awaits,
    alone: true,
  };
};

/**
 * Marking definitions that speak for this batch: those in it, and those its sender or the community brought before. Never
 * another party's: whoever could define a marking could lower it.
 */
const definitions = async (
  tx: Tx,
  keep: KeepStix,
  coming: readonly StixComing[],
): Promise<ReadonlyMap<string, MarkingDefinition>> => {
  const found = new Map<string, MarkingDefinition>();
  const wanted = new Set<string>();
  for (const { object } of coming) {
    const own = definitionOf(object);
    if (own) found.set(own.id, own);
    for (const ref of refsOf(object)) if (isMarkingId(ref) && !tlpOfMarking.has(ref)) wanted.add(ref);
  }
  const missing = [...wanted].filter((ref) => !found.has(ref));
  if (missing.length > 0)
    for (const body of await tx.stix.definitions(keep.collection.n, missing, keep.sender)) {
      const definition = definitionOf(JSON.parse(body) as Fields);
      if (definition) found.set(definition.id, definition);
    }
  return found;
};

const refsOf = (object: Fields): readonly string[] => {
  const whole = object["object_marking_refs"];
  const granular = object["granular_markings"];
  return [
    ...(Array.isArray(whole) ? whole : []),
    ...(Array.isArray(granular) ? granular.map((mark: Fields | null) => mark?.["marking_ref"]) : []),
  ].filter((ref): ref is string => typeof ref === "string");
};

/** Rows that came before the definition of their marking learn it now, and arrive anew for whom they were hidden. */
const tellWaiting = async (tx: Tx, keep: KeepStix, row: StixNew, from: Micros): Promise<Micros> => {
  const definition = definitionOf(JSON.parse(row.body) as Fields);
  if (definition === undefined) return from;
  const tlp: Tlp | undefined = tlpOfRefs([row.id], new Map([[row.id, definition]]));
  return tx.stix.defined(
    keep.collection.n,
    {
      id: row.id,
      ...(tlp === undefined ? {} : { tlp }),
      ...(keep.sender === undefined ? {} : { sender: keep.sender }),
    },
    (keep.defaults ?? keep.collection.defaults).tlp,
    from,
  );
};

const push = <V>(map: Map<string, V[]>, key: string, value: V | undefined): void => {
  if (value === undefined) return;
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
};
