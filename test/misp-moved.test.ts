import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { lenient } from "#core/value-policy.ts";
import { type KeepingMoved, keepMoved, keepMovedBefore } from "#jobs/misp/moved.ts";
import { type MispPlace, moveInMisp } from "#jobs/move-in/misp.ts";
import type { Problem } from "#core/result.ts";
import { event, type Misp, openMisp, uuid } from "./misp-world.ts";

const texts = (events: readonly object[], exported: boolean): MispPlace => ({
  ...{ place: "texts", exported },
  documents: async function* () {
    for (const [n, one] of events.entries())
      yield { name: `${n}`, body: async () => Buffer.from(JSON.stringify({ Event: one })) };
  },
});

/** Moves events in as the program does. */
const moving = (misp: Misp) => {
  const { desk } = misp.world;
  const problems: Problem[] = [];
  const keeping: Omit<KeepingMoved, "exported"> = {
    ...{ groups: [], uuid: randomUUID, now: desk.now, community: "Harbour CERT" },
    anchor: misp.world.organisation("cert"),
  };
  const shared = { state: desk.state, secret: "test", policy: lenient, elapsed: () => 0, now: desk.now };
  const telling = { problem: (one: Problem) => problems.push(one), reached: () => {} };
  return {
    problems,
    keeping,
    move: (events: readonly object[], exported = true, kept = true) => {
      const place = texts(events, exported);
      return moveInMisp(
        {
          ...shared,
          ...(kept
            ? {
                keepEvent: async (tx, one) => {
                  problems.push(...(await keepMoved(tx, one, { ...keeping, exported })));
                },
              }
            : {}),
        },
        telling,
        place,
      );
    },
  };
};

const moved = (n: number, more: Readonly<Record<string, unknown>> = {}) =>
  event(n, {
    date: "2024-02-03",
    timestamp: "1706918400",
    publish_timestamp: "1706918460",
    published: true,
    distribution: "3",
    Tag: [{ name: "tlp:green" }, { name: "harbour:ship" }],
    Orgc: { name: "Another CERT", uuid: uuid(77) },
    ...more,
  });

test("an instance that moves in is served with ids, dates, authors, tags and distribution; again nothing changes", async (t) => {
  const misp = await openMisp(t, { tlpMax: "green", purposes: ["detection"] });
  const { move, problems } = moving(misp);
  const events = [
    moved(1, { EventReport: [{ uuid: uuid(1100), name: "Story", content: "c", timestamp: "1706918401" }] }),
    moved(2, { distribution: "0", Tag: [] }),
    moved(3, { Tag: [], published: false, publish_timestamp: "0" }),
    moved(4, { distribution: "4", sharing_group_id: "9", SharingGroup: { uuid: uuid(9), name: "Harbour masters" } }),
  ];
  const run = await move(events);
  assert.equal(run.counts["new"], 4);
  const view = async (n: number, as: "cert" | "parks" | "oversea" | "staff" = "cert") =>
    (await misp.get(`events/view/${uuid(n)}`, as)).json?.Event;
  const one = await view(1);
  assert.deepEqual(
    [one.date, one.timestamp, one.publish_timestamp, one.published, one.distribution, one.Orgc.name, one.Orgc.uuid],
    ["2024-02-03", "1706918400", "1706918460", true, "3", "Another CERT", uuid(77)],
  );
  assert.deepEqual(
    one.Tag.map((tag: { name: string }) => tag.name),
    ["tlp:green", "harbour:ship"],
  );
  assert.deepEqual(
    one.Attribute.map(({ uuid: of, value }: { uuid: string; value: string }) => [of, value]),
    event(1).Attribute.map(({ uuid: of, value }) => [of, value]),
  );
  assert.deepEqual(
    one.EventReport.map(({ uuid: of }: { uuid: string }) => of),
    [uuid(1100)],
  );
  // GREEN goes to all; "your organisation only" stays with us; AMBER, for nobody said "publish", ends at the community
  const readers = async (n: number) =>
    Promise.all((["cert", "parks", "oversea", "staff"] as const).map(async (as) => (await view(n, as)) !== undefined));
  assert.deepEqual(await readers(1), [true, true, true, true]);
  assert.deepEqual(await readers(2), [true, false, false, true]);
  assert.deepEqual(await readers(3), [true, true, false, true]);
  assert.deepEqual(await readers(4), [true, false, false, true]);

  const before = await misp.world
    .sql`select n, xmin::text as x from misp_event union all select n, xmin::text from misp_attribute order by 1, 2`;
  assert.equal((await move(events)).counts["unchanged"], 4);
  assert.deepEqual(
    await misp.world
      .sql`select n, xmin::text as x from misp_event union all select n, xmin::text from misp_attribute order by 1, 2`,
    before,
  );
  // What came again newer is an edit; what staff edits here stays under the terms it came with
  const [address, ...others] = event(1).Attribute;
  await move([
    moved(1, {
      timestamp: "1706918500",
      info: "Later",
      Attribute: [{ ...address, comment: "newer", timestamp: "1706918499" }, ...others],
    }),
  ]);
  const later = await view(1);
  assert.deepEqual([later.info, later.Attribute[0].comment, later.Attribute.length], ["Later", "newer", 3]);
  assert.equal((await misp.post(`events/edit/${uuid(3)}`, { info: "by staff" }, "staff")).status, 200);
  assert.deepEqual(await readers(3), [true, true, false, true]);
  // What was deleted here does not come back
  await misp.post(`events/delete/${uuid(1)}`, undefined, "staff");
  await move([moved(1, { timestamp: "1706918600", info: "Again" })]);
  assert.equal(await view(1), undefined);
  assert.deepEqual(
    problems.filter(({ code }) => code !== "WGL_MOVE_GROUP"),
    [],
  );
});

test("what a feed published has terms nobody knows: it is served to the community's own people alone", async (t) => {
  const misp = await openMisp(t, { tlpMax: "green", purposes: ["detection"] });
  await moving(misp).move([moved(1, { Tag: [{ name: "tlp:clear" }] })], false);
  const seen = await Promise.all(
    (["cert", "parks", "oversea"] as const).map(async (as) => (await misp.get(`events/view/${uuid(1)}`, as)).status),
  );
  assert.deepEqual(seen, [200, 404, 404]);
  await misp.post(`attributes/add/${uuid(1)}`, { type: "domain", value: "more.example" }, "staff");
  assert.equal((await misp.get(`events/view/${uuid(1)}`, "parks")).status, 404);
});

test("events that moved in before they were served are kept at the next move, once", async (t) => {
  const misp = await openMisp(t);
  const { move, keeping, problems } = moving(misp);
  await move([moved(1), moved(2)], true, false);
  assert.equal((await misp.get(`events/view/${uuid(1)}`, "cert")).status, 404);
  const { state } = misp.world.desk;
  assert.equal(await keepMovedBefore(state, keeping, (one) => problems.push(one)), 2);
  assert.equal((await misp.get(`events/view/${uuid(1)}`, "cert")).json.Event.Attribute.length, 3);
  assert.equal(await keepMovedBefore(state, keeping, (one) => problems.push(one)), 0);
  assert.deepEqual(problems, []);
});
