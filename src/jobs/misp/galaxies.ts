import { no, type Result } from "#core/result.ts";
import { truth } from "#misp/scalar.ts";
import type { MispCall } from "./asked.ts";
import { changeAttribute } from "./attributes.ts";
import { done, eventToChange, isJson, type Json, json, keepingOf, keyOf, type MispDo, type MispHere } from "./call.ts";
import { editEvent } from "./keep.ts";
import { eventOut } from "./read.ts";
import { organisationNumber, tagNumber } from "./shape.ts";

/** Events looked through for galaxies, newest first. */
const eventsRead = 1000;
const clustersAtMost = 1000;

/** Galaxies of events the asker may see: waglan keeps what its partners say, and no catalogue of its own. */
const galaxiesSeen = async (here: MispHere): Promise<readonly Json[]> => {
  const reader = here.reader();
  const rows = await here.tx.misp.events({ deleted: "no" }, reader.reach, {
    order: [{ by: "Event.timestamp", down: true }],
    limit: eventsRead,
    offset: 0,
  });
  const seen = new Map<string, Record<string, unknown> & { GalaxyCluster: Json[] }>();
  for (const row of rows) {
    const out = eventOut(row, 0, reader);
    const list = out?.value.event["Galaxy"];
    for (const galaxy of Array.isArray(list) ? list.filter(isJson) : []) {
      const key = String(galaxy["uuid"] ?? galaxy["type"]);
      const one = seen.get(key) ?? {
        ...galaxy,
        id: organisationNumber(key),
        uuid: galaxy["uuid"] ?? "",
        GalaxyCluster: [],
      };
      for (const cluster of Array.isArray(galaxy["GalaxyCluster"]) ? galaxy["GalaxyCluster"].filter(isJson) : [])
        if (!one.GalaxyCluster.some((other) => other["value"] === cluster["value"]))
          one.GalaxyCluster.push({
            ...cluster,
            id: clusterNumber(cluster),
            uuid: cluster["uuid"] ?? "",
            tag_name: tagNameOf(galaxy, cluster),
            galaxy_id: one["id"],
          });
      seen.set(key, one);
    }
  }
  return [...seen.values()];
};

export const listGalaxies: MispDo = async (here, call) => {
  const wanted = String(call.input["value"] ?? "").toLowerCase();
  const found = (await galaxiesSeen(here)).filter((one) =>
    `${String(one["name"])} ${String(one["type"])} ${String(one["uuid"])}`.toLowerCase().includes(wanted),
  );
  return json(
    found.map((one) => ({
      Galaxy: Object.fromEntries(Object.entries(one).filter(([name]) => name !== "GalaxyCluster")),
    })),
  );
};

export const viewGalaxy: MispDo = async (here, call) => {
  const found = (await galaxiesSeen(here)).find(
    (one) => one["id"] === call.params[0] || one["uuid"] === call.params[0],
  );
  if (found === undefined) return no("WGL_ABSENT");
  const { GalaxyCluster, ...galaxy } = found;
  return json({ Galaxy: galaxy, GalaxyCluster });
};

const tagNameOf = (galaxy: Json, cluster: Json): string =>
  typeof cluster["tag_name"] === "string" && cluster["tag_name"] !== ""
    ? cluster["tag_name"]
    : `misp-galaxy:${String(cluster["type"] || galaxy["type"])}="${String(cluster["value"])}"`;

const clusterNumber = (cluster: Json): string => organisationNumber(String(cluster["uuid"] ?? cluster["value"]));

interface SeenCluster {
  readonly galaxy: Json;
  readonly cluster: Json;
}

const clustersSeen = async (here: MispHere): Promise<readonly SeenCluster[]> =>
  (await galaxiesSeen(here)).flatMap(({ GalaxyCluster, ...galaxy }) =>
    (Array.isArray(GalaxyCluster) ? GalaxyCluster.filter(isJson) : []).map((cluster) => ({ galaxy, cluster })),
  );

const clusterJson = ({ galaxy, cluster }: SeenCluster): Json => {
  const meta = isJson(cluster["meta"]) ? cluster["meta"] : {};
  return {
    GalaxyCluster: {
      ...cluster,
      Galaxy: galaxy,
      GalaxyElement: Object.entries(meta).flatMap(([key, value]) =>
        [value].flat().map((one) => ({ galaxy_cluster_id: cluster["id"], key, value: String(one) })),
      ),
    },
  };
};

/** `galaxyClusters/view`: by id, UUID or the name of its tag. */
export const viewCluster: MispDo = async (here, call) => {
  const wanted = (call.params[0] ?? "").toLowerCase();
  const found = (await clustersSeen(here)).find(({ cluster }) => isCalled(cluster, wanted));
  return found === undefined ? no("WGL_ABSENT") : json(clusterJson(found));
};

const isCalled = (cluster: Json, wanted: string): boolean =>
  wanted !== "" && ["id", "uuid", "tag_name"].some((name) => String(cluster[name] ?? "").toLowerCase() === wanted);

/** Members of a cluster that `galaxyClusters/restSearch` asks for, each a text or a list of them. */
const askable = ["id", "uuid", "value", "type", "tag_name", "description", "source", "version"] as const;

const asksFor = (asked: unknown, held: unknown): boolean => {
  const words = [asked].flat().map((one) => String(one).toLowerCase());
  const text = String(held ?? "").toLowerCase();
  return words.some((word) => (word.includes("%") ? text.includes(word.replaceAll("%", "")) : text === word));
};

const filtered = async (here: MispHere, input: Json, galaxy: string | undefined): Promise<readonly SeenCluster[]> => {
  const anywhere = String(input["searchall"] ?? "").toLowerCase();
  return (await clustersSeen(here)).filter(
    ({ galaxy: of, cluster }) =>
      (galaxy === undefined || of["id"] === galaxy || of["uuid"] === galaxy) &&
      askable.every((name) => input[name] === undefined || asksFor(input[name], cluster[name])) &&
      (input["galaxy_uuid"] === undefined || asksFor(input["galaxy_uuid"], of["uuid"])) &&
      (anywhere === "" ||
        askable.some((name) =>
          String(cluster[name] ?? "")
            .toLowerCase()
            .includes(anywhere),
        )),
  );
};

const paged = (all: readonly SeenCluster[], input: Json): readonly SeenCluster[] => {
  const limit = Math.min(clustersAtMost, Math.max(1, Number(input["limit"] ?? clustersAtMost) || clustersAtMost));
  const page = Math.max(1, Number(input["page"] ?? 1) || 1);
  return all.slice((page - 1) * limit, page * limit);
};

/** `galaxyClusters/restSearch`; `minimal` is what a pull asks first. */
export const searchClusters: MispDo = async (here, call) => {
  const found = paged(await filtered(here, call.input, undefined), call.input);
  const minimal = truth(call.input["minimal"]) === true;
  return json({
    response: found.map((one) =>
      minimal
        ? { GalaxyCluster: { uuid: one.cluster["uuid"], version: one.cluster["version"] ?? "1" } }
        : clusterJson(one),
    ),
  });
};

/** `galaxyClusters/index/<galaxy>` */
export const listClusters: MispDo = async (here, call) =>
  json(paged(await filtered(here, call.input, call.params[0]), call.input).map(clusterJson));

/** A cluster's tag, "misp-galaxy:threat-actor="Sofacy"": what ties it to an event even where nobody has described it. */
const clusterTag = /^misp-galaxy:([^=]+)="(.+)"$/i;

/**
 * `galaxies/attachCluster/<target>/<event|attribute>`: by the cluster's id, UUID or tag. The tag is put on, and the cluster
 * beside it, as far as anybody described it here.
 */
export const attachCluster: MispDo = async (here, call) => {
  const inner = isJson(call.body) && isJson(call.body["Galaxy"]) ? call.body["Galaxy"] : call.input;
  const asked = [inner["target_id"] ?? call.params[2] ?? []].flat().flatMap((one) => listed(one));
  const local = truth(call.input["local"]) === true;
  const seen = await clustersSeen(here);
  const wanted: SeenCluster[] = [];
  for (const one of asked) {
    const known = seen.find(({ cluster }) => isCalled(cluster, one.toLowerCase()));
    const named = clusterTag.exec(one);
    if (known !== undefined) wanted.push(known);
    else if (named?.[1] !== undefined && named[2] !== undefined) {
      const [, type, value] = named;
      wanted.push({ galaxy: { name: type, type }, cluster: { type, value, tag_name: one } });
    } else return no("WGL_ABSENT");
  }
  if (wanted.length === 0) return no("WGL_MISP_FIELD", { field: "target_id", what: "galaxy", wanted: "a cluster" });
  const changed = await onTarget(here, call, (galaxies) => ({
    Tag: wanted.map(({ galaxy, cluster }) => ({ name: tagNameOf(galaxy, cluster), ...(local ? { local } : {}) })),
    Galaxy: wanted.reduce(
      (all, { galaxy, cluster }) => withCluster(all, galaxy, local ? { ...cluster, local } : cluster),
      galaxies,
    ),
  }));
  return changed.ok ? done("Cluster attached.", { check_publish: true }) : changed;
};

/** PyMISP sends one id, MISP's own pages a list as JSON. */
const listed = (one: unknown): readonly string[] => {
  const text = String(one);
  if (!text.startsWith("[")) return [text];
  try {
    const read: unknown = JSON.parse(text);
    return Array.isArray(read) ? read.map(String) : [];
  } catch {
    return [text];
  }
};

/** `galaxyClusters/detach/<target>/<event|attribute>/<tag>`: tag and cluster go. */
export const detachCluster: MispDo = async (here, call) => {
  const wanted = String(call.params[2] ?? call.input["tag"] ?? "");
  let gone = false;
  const changed = await onTarget(here, call, (galaxies, tags) => {
    const found = tags.find(
      (tag) => String(tag["name"]).toLowerCase() === wanted.toLowerCase() || tagNumber(String(tag["name"])) === wanted,
    );
    const name = found === undefined ? undefined : String(found["name"]);
    gone = name !== undefined;
    return {
      Tag: name === undefined ? [] : [{ name, deleted: true }],
      Galaxy: name === undefined ? galaxies : withoutCluster(galaxies, name),
    };
  });
  if (!changed.ok) return changed;
  return gone ? done("Galaxy successfully detached.") : no("WGL_ABSENT");
};

const withCluster = (galaxies: readonly Json[], galaxy: Json, cluster: Json): readonly Json[] => {
  const tag = tagNameOf(galaxy, cluster).toLowerCase();
  const others = withoutCluster(galaxies, tag);
  const same = others.find((one) => one["type"] === galaxy["type"]);
  const inside = same === undefined ? [] : (same["GalaxyCluster"] as readonly Json[]);
  const one = { ...galaxy, ...same, GalaxyCluster: [...inside, cluster] };
  return same === undefined ? [...others, one] : others.map((other) => (other === same ? one : other));
};

/** Without the cluster of this tag, and without galaxies of which nothing is left. */
export const withoutCluster = (galaxies: readonly Json[], tag: string): readonly Json[] =>
  galaxies.flatMap((galaxy) => {
    const clusters = Array.isArray(galaxy["GalaxyCluster"]) ? galaxy["GalaxyCluster"].filter(isJson) : [];
    const left = clusters.filter((one) => tagNameOf(galaxy, one).toLowerCase() !== tag.toLowerCase());
    return left.length === 0 && clusters.length > 0 ? [] : [{ ...galaxy, GalaxyCluster: left }];
  });

/** Changes tags and galaxies of an event or attribute, named as MISP's pages name them. */
const onTarget = async (
  here: MispHere,
  call: MispCall,
  change: (galaxies: readonly Json[], tags: readonly Json[]) => Json,
): Promise<Result<unknown>> => {
  const [target, kind] = call.params;
  const jsons = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isJson) : []);
  if (kind !== "attribute") {
    const found = await eventToChange(here, target);
    if (!found.ok) return found;
    const { rest } = found.value;
    const said = change(jsons(rest["Galaxy"]), jsons(rest["Tag"]));
    return editEvent(here.tx, found.value, { ...said, published: false }, keepingOf(here, found.value), true);
  }
  const key = keyOf(here, target);
  const held =
    key && (await here.tx.misp.attribute(key, { ...here.keeping.whole, own: here.keeping.sender.party ?? "" }));
  if (held === undefined) return no("WGL_ABSENT");
  const { rest } = held.attribute;
  return changeAttribute(here, {
    ...call,
    params: [held.attribute.uuid],
    body: change(jsons(rest["Galaxy"]), jsons(rest["Tag"])),
  });
};
