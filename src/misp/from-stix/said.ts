import { clusterOf, labelled } from "./cluster-of.ts";
import { type Entry } from "./entry.ts";
import { authorsOf, isCluster, opinions, referenceTo, refsOf, timesOf, uuidOf } from "./pieces.ts";
import { listIn, own, textIn } from "#misp/own.ts";
import { valueText } from "#misp/scalar.ts";
import type { StixObject } from "#misp/stix-object.ts";
import { mispTime } from "#misp/timestamps.ts";
import type { Board } from "./board.ts";

const bookkeeping: ReadonlySet<string> = new Set([
  "relationship",
  "sighting",
  "opinion",
  "marking-definition",
  "extension-definition",
  "language-content",
]);

/** Everything else: galaxies, people, places, notes, and the ties between them. */
export const takeSaid = (board: Board, author: StixObject | undefined, source: string | undefined): void => {
  const watchers = new Set(
    board.scope.flatMap((one) => [...listIn(one, "where_sighted_refs"), own(one, "x_misp_author_ref")]),
  );
  const clusters = new Map<string, ReturnType<typeof clusterOf>>();
  for (const object of board.scope) {
    const isPerson = object.type === "identity" && (object === author || watchers.has(object.id));
    if (board.entryOf.has(object.id) || board.done.has(object.id) || bookkeeping.has(object.type) || isPerson) continue;
    if (object.type === "note") note(board, object);
    else if (isCluster(object)) clusters.set(object.id, clusterOf(object, source));
    else if (object.type === "identity") board.domain(object, "identity");
    else if (object.type === "location") board.domain(object, "geolocation");
    else if (object.type === "malware-analysis") board.domain(object, "malware-analysis");
    else if (object.type !== "observed-data" || refsOf(object).length === 0) board.placeless(object);
  }
  const tied = ties(board, clusters);
  for (const [id, { galaxy, tag }] of clusters) {
    if (tied.has(id)) continue;
    board.galaxies.push(galaxy);
    if (tag !== undefined) board.tags.push(tag);
  }
};

const ties = (board: Board, clusters: ReadonlyMap<string, ReturnType<typeof clusterOf>>): ReadonlySet<string> => {
  const tied = new Set<string>();
  for (const tie of board.scope) {
    if (tie.type !== "relationship" || tie["relationship_type"] === "based-on") continue;
    const [from, to] = [String(tie["source_ref"]), String(tie["target_ref"])];
    const [a, b, cluster] = [board.entryOf.get(from), board.entryOf.get(to), clusters.get(to)];
    if (a !== undefined && cluster !== undefined) {
      tied.add(to);
      a.galaxies.push(cluster.galaxy);
      if (cluster.tag !== undefined) a.tags.push(cluster.tag);
    } else if (a !== undefined && b !== undefined && a !== b && a.template !== "")
      a.references.push({ ...referenceTo(a.uuid, b.uuid, String(tie["relationship_type"])), uuid: uuidOf(tie.id) });
  }
  for (const object of board.scope) {
    const entry = board.entryOf.get(object.id);
    if (object.type !== "note" || entry?.template !== "annotation") continue;
    const about = new Set(refsOf(object).flatMap((ref) => board.entryOf.get(ref)?.uuid ?? []));
    for (const uuid of about) entry.references.push(referenceTo(entry.uuid, uuid, "annotates"));
  }
  return tied;
};

const note = (board: Board, object: StixObject): void => {
  const text = textIn(object, "content") ?? "";
  const isEmpty = text === "This MISP Event is empty and contains no attribute, object, galaxy or tag.";
  if (isEmpty) return;
  if (labelled(object, "misp:context-layer") !== undefined) {
    board.notes.push({ uuid: uuidOf(object.id), note: text, ...authorsOf(object), ...timesOf(object) });
    return;
  }
  const time = mispTime(object["modified"]);
  board.reports.push({
    uuid: uuidOf(object.id),
    name: textIn(object, "abstract") ?? text.slice(0, 80),
    content: text,
    ...(time === undefined ? {} : { timestamp: time }),
    Note: [],
    Opinion: [],
  });
};

export const takeSightings = (board: Board): void => {
  for (const object of board.scope) {
    if (object.type === "sighting") {
      const entry = board.entryOf.get(String(object["sighting_of_ref"]));
      if (entry === undefined) board.placeless(object);
      else sighted(board, entry, object, "0", listIn(object, "where_sighted_refs")[0]);
    } else if (object.type === "opinion") {
      const entry = refsOf(object).flatMap((ref) => board.entryOf.get(ref) ?? [])[0];
      const isSighting = textIn(object, "explanation")?.endsWith(" Sighting") === true;
      if (entry !== undefined && isSighting)
        sighted(
          board,
          entry,
          object,
          object["opinion"] === "strongly-disagree" ? "1" : "2",
          own(object, "x_misp_author_ref"),
        );
      else {
        const comment = textIn(object, "explanation");
        const value = valueText(own(object, "x_misp_opinion")) ?? opinions[String(object["opinion"])] ?? "50";
        board.opinions.push({
          uuid: uuidOf(object.id),
          opinion: value,
          ...(comment === undefined ? {} : { comment }),
          ...authorsOf(object),
          ...timesOf(object),
        });
      }
    }
  }
};

const sighted = (board: Board, entry: Entry, object: StixObject, type: string, who: unknown): void => {
  const organisation = typeof who === "string" ? board.byId.get(who) : undefined;
  entry.sightings.push({
    uuid: uuidOf(object.id),
    type,
    date_sighting: mispTime(object["last_seen"] ?? object["created"]) ?? "0",
    ...(organisation === undefined
      ? {}
      : { Organisation: { name: textIn(organisation, "name") ?? "", uuid: uuidOf(organisation.id) } }),
  });
};
