import { problem } from "#core/result.ts";
import { bundleRows } from "#feeds/bundle-rows.ts";
import type { Feed, Row } from "#feeds/feed.ts";
import { jsonField } from "#feeds/json.ts";
import { feed as stixBundle } from "#feeds/stix-bundle/feed.ts";
import type { ReadPolicy } from "#feeds/read.ts";
import { uuidOf, indicatorDigest } from "#intel/indicator.ts";
import { keepObjects, readStix, type StixRead } from "#jobs/stix/keep.ts";
import type { State, Tx } from "#jobs/ports.ts";
import type { StixCollection } from "#jobs/stix/objects-port.ts";
import { objectSlices } from "#stix/object-slices.ts";
import { timeKey } from "#stix/time-key.ts";
import { admitted, claimsOf } from "./claims.ts";
import { objectsOf } from "./json-objects.ts";
import type { MoveInRun } from "./port.ts";
import { moveIn, type MovingIn, type Run, type Telling } from "./run.ts";

/** An OpenCTI instance, as a source of indicators: in shadow, and as far as its markings say. */
const feed: Feed = {
  ...stixBundle,
  ...{ id: "opencti", title: "OpenCTI, moved in", publisher: "the instance moved in from", gives: "news" },
};

/** Objects of one transaction. */
const batchObjects = 1000;

type Fields = Readonly<Record<string, unknown>>;

/**
 * A STIX export of OpenCTI: every object, byte for byte with its id, markings, dates and `x_opencti_*`, into the STIX
 * collection `opencti`, which nobody but staff reads until it is opened; and its indicators, in shadow, into what is watched
 * for. The export is read twice: an indicator may stand before the marking it names and the malware it indicates.
 *
 * An object that is here already changes nothing; a newer version is another one, and its indicator's claims change.
 */
export const moveInOpencti = (
  moving: MovingIn & { readonly policy: ReadPolicy; readonly collectionId: string },
  telling: Telling,
  place: string,
  chunks: () => AsyncIterable<Uint8Array>,
): Promise<MoveInRun> =>
  moveIn(moving, telling, "opencti", place, async (run) => {
    const context = await contextIn(chunks());
    const collection = await collectionOf(moving.state, moving.collectionId);
    let waiting: Waiting[] = [];
    const flush = async (): Promise<void> => {
      const some = waiting;
      waiting = [];
      await run.batch((tx) => keep(tx, moving, run, collection, context, some));
    };
    for await (const cut of objectsOf(chunks())) {
      const n = run.rows;
      if (!run.take(cut.ok ? cut.bytes : cut.problem.message)) continue;
      run.count("objects");
      if (cut.ok) waiting.push({ n, bytes: cut.bytes });
      else refuse(run, { ...cut.problem, at: `/objects/${n}` });
      if (waiting.length >= batchObjects) await flush();
    }
    if (run.rows === 0 && !(await isBundle(chunks())))
      run.refuse(problem("WGL_BODY_SHAPE", { wanted: "a STIX bundle" }));
    await flush();
  });

/** A bundle may be empty (STIX 2.1 §8); what has no objects and does not call itself one is something else. */
const isBundle = async (chunks: AsyncIterable<Uint8Array>): Promise<boolean> => {
  for await (const chunk of chunks)
    return /"type"\s*:\s*"bundle"/.test(Buffer.from(chunk.subarray(0, 4096)).toString("latin1"));
  return false;
};

const refuse = (run: Run, why: Parameters<Run["refuse"]>[0]): void => {
  run.count("refused");
  run.refuse(why);
};

interface Waiting {
  readonly n: number;
  readonly bytes: Uint8Array;
}

const collectionOf = (state: State, id: string): Promise<StixCollection> =>
  state.act(async (tx) => {
    const here = async (): Promise<StixCollection | undefined> =>
      (await tx.stix.collections()).find(({ alias }) => alias === "opencti");
    const made =
      (await here()) ??
      (await tx.stix.putCollection({
        ...{ id, alias: "opencti", title: "OpenCTI, moved in", readers: [], writers: [], purpose: "detection" },
        mediaTypes: ["application/stix+json;version=2.1", "application/stix+json;version=2.0"],
        defaults: { tlp: "amber", pap: "amber", licence: "unknown" },
      })) ??
      (await here());
    if (made === undefined) throw new Error("waglan is wrong: the collection opencti is neither here nor new");
    return made;
  });

/** What indicators refer to, wherever it stands. */
interface Context {
  readonly markings: readonly Fields[];
  /** Named things that are indicated, by id. */
  readonly named: ReadonlyMap<string, Fields>;
  /** By indicator: its relationships, and the last sighting. */
  readonly beside: ReadonlyMap<string, readonly Fields[]>;
  /** Of each indicator, the newest version's key. */
  readonly newest: ReadonlyMap<string, string>;
}

const namedTypes: ReadonlySet<unknown> = new Set(["malware", "tool", "intrusion-set", "threat-actor", "campaign"]);

/** Only of what an indicator needs, and only the members that are looked at: an export may have millions of objects. */
const contextIn = async (chunks: AsyncIterable<Uint8Array>): Promise<Context> => {
  const markings: Fields[] = [];
  const named = new Map<string, Fields>();
  const beside = new Map<string, Fields[]>();
  const newest = new Map<string, string>();
  const push = (id: unknown, object: Fields): void => {
    if (typeof id !== "string" || !id.startsWith("indicator--")) return;
    const list = beside.get(id);
    if (list === undefined) beside.set(id, [object]);
    else if (list.length < 64) list.push(object);
  };
  for await (const cut of objectsOf(chunks)) {
    const object = cut.ok ? parsed(cut.bytes) : undefined;
    const [id, type] = [object?.["id"], object?.["type"]];
    if (object === undefined || typeof id !== "string") continue;
    if (type === "marking-definition") markings.push(object);
    else if (namedTypes.has(type)) named.set(id, { id, type, name: object["name"] });
    else if (type === "relationship" && object["relationship_type"] === "indicates")
      push(object["source_ref"], only(object, ["id", "type", "relationship_type", "source_ref", "target_ref"]));
    else if (type === "sighting")
      push(
        object["sighting_of_ref"],
        only(object, ["id", "type", "sighting_of_ref", "last_seen", "modified", "created", "count", "revoked"]),
      );
    else if (type === "indicator") {
      const key = timeKey(String(object["modified"])) ?? "";
      if ((newest.get(id) ?? "") < key) newest.set(id, key);
    }
  }
  return { markings, named, beside, newest };
};

const only = (object: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(names.filter((name) => Object.hasOwn(object, name)).map((name) => [name, object[name]]));

const parsed = (bytes: Uint8Array): Fields | undefined => {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
};

const keep = async (
  tx: Tx,
  moving: MovingIn & { readonly policy: ReadPolicy },
  run: Run,
  collection: StixCollection,
  context: Context,
  waiting: readonly Waiting[],
): Promise<void> => {
  const now = moving.now();
  const objects: StixRead[] = [];
  for (const { n, bytes } of waiting) {
    // as a list of one: an object that has a list `objects` of its own is no envelope
    const sliced = objectSlices(Buffer.concat([Buffer.from("["), bytes, Buffer.from("]")]));
    const [slice] = sliced.ok ? sliced.value.objects : [];
    const read = slice === undefined ? undefined : readStix(slice, n);
    if (read?.ok === true) objects.push(read.value);
    else if (read !== undefined && !read.ok) refuse(run, { ...read.problem, at: `/objects/${n}` });
    else if (!sliced.ok) refuse(run, { ...sliced.problem, at: `/objects/${n}` });
  }
  if (objects.length === 0) return;
  const outcomes = await keepObjects(tx, {
    ...{ collection, shadow: "moved in", objects, sees: () => true, now },
  });
  const fresh: Fields[] = [];
  for (const [place, outcome] of outcomes.entries()) {
    const read = objects[place];
    if (outcome.kind === "failure" && outcome.problem !== undefined) refuse(run, outcome.problem);
    else run.count(outcome.kind === "success" ? "taken" : "known");
    if (outcome.kind !== "success" || read?.ok !== true || read.coming.type !== "indicator") continue;
    if ((context.newest.get(read.coming.id) ?? "") <= read.coming.key) fresh.push(read.coming.object);
  }
  if (fresh.length > 0) await watch(tx, moving, run, context, fresh);
};

/** New indicators, or new versions of them, are watched for; what they take back is not any more. */
const watch = async (
  tx: Tx,
  { secret, policy, now: clock }: MovingIn & { readonly policy: ReadPolicy },
  run: Run,
  context: Context,
  indicators: readonly Fields[],
): Promise<void> => {
  const now = clock();
  await tx.intel.feed(feed, true);
  const beside = indicators.flatMap(({ id }) => context.beside.get(String(id)) ?? []);
  const named = beside.flatMap((one) => context.named.get(String(one["target_ref"])) ?? []);
  const document = {
    type: "bundle",
    objects: [...indicators.map(scored), ...context.markings, ...new Set(named), ...beside],
  };
  const rows = bundleRows(document, true).filter(({ row }) => row <= indicators.length);
  const reading = admitted(feed, rows.map(withId(indicators)), policy);
  const claims = claimsOf(secret, feed, reading.indicators, now);
  if (claims.length > 0) await tx.intel.merge(feed.id, claims, now);
  run.count("values watched for", claims.length);
  const withdrawn = (reading.withdrawn ?? []).map(({ observable, by }) => ({
    id: uuidOf(indicatorDigest(secret, observable)),
    ...(by === undefined ? {} : { part: by }),
  }));
  const ended = withdrawn.length === 0 ? [] : await tx.intel.withdraw(feed.id, withdrawn, now);
  if (ended.length > 0)
    await tx.queue.put("reweigh", `withdrawn ${feed.id} ${ended[0] ?? ""}`, { indicators: ended }, now);
  // in shadow nobody was told of it, but a later run may come after a person let it speak
  for (const indicator of ended) await tx.queue.put("recall", indicator, { indicator, why: "withdrawn" }, now);
  run.count("values withdrawn", ended.length);
  // the object is kept all the same: it only is nothing that can be watched for
  for (const one of reading.problems) run.note(one);
};

/** A problem is told with the object's id: its place in a batch means nothing to a reader. */
const withId =
  (indicators: readonly Fields[]) =>
  (row: Row): Row => {
    if (row.result.ok) return row;
    const at = String(indicators[row.row - 1]?.["id"] ?? "");
    return { ...row, result: { ok: false, problem: { ...row.result.problem, at } } };
  };

/** OpenCTI's own extension of STIX, which newer exports use beside or in place of `x_opencti_…`. */
const extension = "extension-definition--ea279b3e-5c71-4632-ac08-831c66a786ba";

/**
 * For watching, never for keeping: a score stands for a confidence that is not said, and what OpenCTI says of use becomes a
 * label ("opencti:score=85", "opencti:not-for-detection").
 */
const scored = (indicator: Fields): Fields => {
  const own = jsonField(jsonField(indicator, "extensions"), extension);
  const score = indicator["x_opencti_score"] ?? jsonField(own, "score");
  const detection = indicator["x_opencti_detection"] ?? jsonField(own, "detection");
  const isScore = typeof score === "number" && Number.isInteger(score) && score >= 0 && score <= 100;
  const labels = Array.isArray(indicator["labels"]) ? (indicator["labels"] as readonly unknown[]) : [];
  const more = [
    ...(isScore ? [`opencti:score=${score}`] : []),
    ...(detection === false ? ["opencti:not-for-detection"] : []),
  ];
  return {
    ...indicator,
    ...(isScore && indicator["confidence"] === undefined ? { confidence: score } : {}),
    ...(more.length === 0 ? {} : { labels: [...labels, ...more] }),
  };
};
