import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { instant } from "#core/instant.ts";
import { lenient } from "#core/value-policy.ts";
import type { Feed, WalkAnswer } from "#feeds/feed.ts";
import { feedById } from "#feeds/index.ts";
import { readFeed } from "#feeds/read.ts";
import { meantForDetection } from "#misp/attribute-types.ts";
import { normaliseValue } from "#misp/attribute-value.ts";
import type { MispAttribute, MispEvent } from "#misp/model.ts";
import { readDocument } from "#misp/read-event.ts";
import { type Misp, openMisp } from "./misp-world.ts";

const corpora = new URL("../../shared/corpora/", import.meta.url);
const skip = existsSync(corpora) ? false : "the corpora are not beside this checkout";
const mispEvent = feedById.get("misp-event") as Feed;
const mispFeed = feedById.get("misp-feed") as Feed;

/** Documents of the kit and of two vendors' feeds: what is an event with a UUID and a title. */
const documents = function* (): Generator<readonly [from: string, Event: Readonly<Record<string, unknown>>]> {
  const lines = gunzipSync(readFileSync(new URL("standards/misp-events.jsonl.gz", corpora)));
  for (const line of lines.toString().trim().split("\n")) {
    const { name, event } = JSON.parse(line) as { name: string; event: Record<string, unknown> };
    for (const one of eventsIn(event)) yield [name, one];
  }
  for (const folder of ["feeds/infoblox-misp/", "feeds/eset-misp/"])
    for (const file of readdirSync(new URL(folder, corpora), { recursive: true, encoding: "utf8" }).toSorted()) {
      if (!/\.json(?:\.gz)?$/.test(file) || file.endsWith("EXPECTED.json")) continue;
      const bytes = readFileSync(new URL(folder + file, corpora));
      let read: unknown;
      try {
        read = JSON.parse((file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString());
      } catch {
        continue; // one file of the corpus is broken on purpose
      }
      for (const one of eventsIn(read)) yield [folder + file, one];
    }
};

const eventsIn = (document: unknown): readonly Record<string, unknown>[] => {
  const response = (document as { response?: unknown })?.response ?? document;
  return [response].flat().flatMap((one) => {
    const found = ((one as { Event?: unknown })?.Event ?? one) as Record<string, unknown>;
    return typeof found?.["uuid"] === "string" && typeof found["info"] === "string" && found["info"] !== ""
      ? [found]
      : [];
  });
};

/** What the server sets itself, and no client can say: MISP's answers differ from what was posted in the same. */
const serverSet: readonly string[] = [
  ...["id", "event_id", "object_id", "org_id", "orgc_id", "Org", "attribute_count", "RelatedEvent", "locked"],
  ...["proposal_email_lock", "event_creator_email", "user_id", "publish_timestamp", "sharing_group_id"],
];

const blank = (value: unknown): unknown => (value === "" || value === null ? undefined : value);
const tags = (of: { readonly Tag: readonly { readonly name: string }[] }): readonly string[] =>
  of.Tag.map(({ name }) => name).toSorted();

const attributeSaid = (one: MispAttribute, stamp: string): unknown => {
  const value = normaliseValue(one.type, one.value);
  return {
    ...{ uuid: one.uuid, type: one.type, category: one.category, relation: blank(one.object_relation) },
    ...{ value: value.ok ? value.value : one.value, toIds: meantForDetection(one), comment: one.comment ?? "" },
    ...{ timestamp: one.timestamp ?? stamp, distribution: one.distribution ?? "5", data: one.data },
    ...{ first: blank(one.first_seen), last: blank(one.last_seen), tags: tags(one) },
    galaxies: one.Galaxy.flatMap(({ GalaxyCluster }) => GalaxyCluster.map(({ value: name }) => name)).toSorted(),
    sightings: one.Sighting.map(({ uuid: of, type, date_sighting: at, source }) => [of, type, at, source ?? ""]),
  };
};

/** Everything an event says but what the server sets; deleted parts stay where they are and are not shown. */
const said = (event: MispEvent, stamp: string): unknown => ({
  ...{
    uuid: event.uuid,
    info: event.info,
    date: event.date,
    threat: event.threat_level_id ?? "4",
    analysis: event.analysis ?? "0",
  },
  ...{
    timestamp: event.timestamp ?? stamp,
    published: event.published ?? false,
    distribution: event.distribution ?? "1",
  },
  ...{ orgc: event.Orgc?.name, tags: tags(event), extends: blank(event.extends_uuid) },
  galaxies: event.Galaxy.flatMap(({ GalaxyCluster }) => GalaxyCluster.map(({ value }) => value)).toSorted(),
  reports: event.EventReport.filter(({ deleted }) => deleted !== true).map(({ uuid, name, content }) => [
    uuid,
    name,
    content,
  ]),
  attributes: event.Attribute.filter(({ deleted }) => deleted !== true).map((one) => attributeSaid(one, stamp)),
  objects: event.Object.filter(({ deleted }) => deleted !== true).map((one) => ({
    ...{ uuid: one.uuid, name: one.name, meta: one["meta-category"], comment: one.comment ?? "" },
    ...{ template: one.template_uuid, version: one.template_version, about: blank(one.description) },
    ...{ timestamp: one.timestamp ?? stamp, distribution: one.distribution ?? "5" },
    references: one.ObjectReference.filter(({ deleted }) => deleted !== true).map((ref) => [
      ref.uuid,
      ref.referenced_uuid,
      ref.relationship_type,
    ]),
    attributes: one.Attribute.filter(({ deleted }) => deleted !== true).map((inside) => attributeSaid(inside, stamp)),
  })),
});

const read = (document: unknown): MispEvent => {
  const result = readDocument(document);
  assert.ok(result.ok, "cannot read");
  const [event] = result.value.value.events;
  assert.ok(event);
  return event;
};

/** Parts of these documents that are refused, each told to who posted it, and what decides. */
const notTaken: Readonly<Record<string, readonly [parts: number, why: string]>> = {
  WGL_MISP_SIMILAR: [
    29,
    "an event holds a value of one type and category once (MISP core format §2.5, as events/add of MISP has it)",
  ],
  WGL_MISP_VALUE: [
    2,
    "an ssdeep with line breaks, and a TLSH that calls itself sha256 (MISP core format, Attribute: type)",
  ],
};

/** Drives our own walk over the feed that we publish. */
const walked = async (misp: Misp): Promise<ReadonlyMap<string, Uint8Array>> => {
  const taken = new Map<string, Uint8Array>();
  const walk = mispFeed.walk?.({ url: "https://feed.example/misp/feed/", cursor: undefined, now: instant(0) });
  assert.ok(walk);
  let answer: WalkAnswer | undefined;
  for (;;) {
    const { value, done } = walk.next(answer);
    answer = undefined;
    if (done === true) return taken;
    if ("ask" in value) {
      const got = await misp.get(`feed/${value.ask.replace("https://feed.example/misp/feed/", "")}`, "cert");
      answer = { status: got.status, headers: {}, body: Buffer.from(got.text) };
    } else if ("take" in value) taken.set(value.name, value.take);
  }
};

const valuesOf = (bytes: Uint8Array, name: string): ReadonlySet<string> =>
  new Set(
    readFeed(mispEvent, bytes, name, lenient).indicators.map(
      ({ observable }) => `${observable.kind} ${observable.value}`,
    ),
  );

test("every event of the kit, of Infoblox and of ESET: in by events/add, out by events/view and by the feed, equal but for what the server sets", {
  skip,
}, async (t) => {
  const misp = await openMisp(t);
  assert.ok(serverSet.length > 0);
  const differing: Record<string, string> = {};
  const count = { events: 0, attributes: 0, twice: 0 };
  const refused: Record<string, number> = {};
  const listed = new Map<string, ReadonlySet<string>>();
  for (const [from, document] of documents()) {
    const posted = await misp.post("events/add", { Event: document }, "cert");
    if (posted.json?.code === "WGL_MISP_EXISTS") {
      count.twice++;
      continue;
    }
    assert.equal(posted.status, 200, `${from}: ${posted.text.slice(0, 300)}`);
    const { errors } = posted.json as { errors?: Readonly<Record<string, readonly string[]>> };
    for (const [why] of Object.values(errors ?? {})) {
      const code = String(why).split(":")[0] ?? "";
      refused[code] = (refused[code] ?? 0) + 1;
    }
    const back = await misp.post(`events/view/${String(document["uuid"])}`, { includeAttachments: 1 }, "cert");
    const stamp = String((document["timestamp"] as string | undefined) ?? back.json.Event.timestamp);
    const [went, came] = [read({ Event: document }), read(back.json)];
    const kept = new Set(
      [...came.Attribute, ...came.Object.flatMap(({ Attribute }) => Attribute)].map(({ uuid }) => uuid),
    );
    const lost = [...went.Attribute, ...went.Object.flatMap(({ Attribute }) => Attribute)].filter(
      ({ uuid, deleted }) => uuid !== undefined && deleted !== true && !kept.has(uuid),
    ).length;
    // What was not taken was told, one by one
    if (lost > Object.keys(errors ?? {}).length)
      differing[from] = `${lost} lost, ${Object.keys(errors ?? {}).length} told`;
    const only = (event: MispEvent): MispEvent => ({
      ...event,
      Attribute: event.Attribute.filter(({ uuid }) => uuid !== undefined && kept.has(uuid)),
      Object: event.Object.map((one) => ({
        ...one,
        Attribute: one.Attribute.filter(({ uuid }) => uuid !== undefined && kept.has(uuid)),
      })),
    });
    const [wanted, got] = [only(went), only(came)].map((one) =>
      JSON.stringify(said({ ...one, Orgc: went.Orgc ?? one.Orgc } as MispEvent, stamp)),
    );
    count.events++;
    listed.set(
      String(document["uuid"]).toLowerCase(),
      // a reader passes over what its author has not published; below all of them are
      valuesOf(Buffer.from(JSON.stringify({ Event: { ...document, published: true } })), from.replace(/\.gz$/, "")),
    );
    count.attributes += kept.size;
    if (wanted !== got) {
      const at = [...(wanted ?? "")].findIndex((char, index) => char !== got?.[index]);
      differing[from] =
        `${wanted?.slice(Math.max(0, at - 60), at + 60)} ≠ ${got?.slice(Math.max(0, at - 60), at + 60)}`;
    }
  }
  t.diagnostic(JSON.stringify({ ...count, ...refused }));
  assert.deepEqual(differing, {});
  assert.deepEqual(refused, Object.fromEntries(Object.entries(notTaken).map(([code, [n]]) => [code, n])));
  assert.ok(count.events > 50 && count.attributes > 2000, JSON.stringify(count));

  // Published, and read by our own walk: the values that the vendors' own files give
  for (const uuid of listed.keys())
    assert.equal((await misp.post(`events/publish/${uuid}`, undefined, "cert")).status, 200);
  const taken = await walked(misp);
  assert.deepEqual([...taken.keys()].filter((name) => name !== "manifest").toSorted(), [...listed.keys()].toSorted());
  let values = 0;
  for (const [uuid, wanted] of listed) {
    assert.deepEqual(valuesOf(taken.get(uuid) ?? Buffer.alloc(0), uuid), wanted, uuid);
    values += wanted.size;
  }
  t.diagnostic(`${values} values through the feed`);
  assert.ok(values > 500);
});
