import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { lenient } from "#core/value-policy.ts";
import { feed as taxiiCollection } from "#feeds/taxii-collection/feed.ts";
import { collectFeed } from "#jobs/collect/feed.ts";
import { joinStix } from "#jobs/stix/join.ts";
import { walkLimits } from "#jobs/collect/walk-feed.ts";
import { openEgress } from "#net/egress.ts";
import { openArchive } from "#store/archive.ts";
import { mailFolder } from "#store/mail-folder.ts";
import { stateOf } from "#store/state.ts";
import { testDatabase } from "./cluster.ts";
import { indicator, objectsOf, openTaxiiWorld, root, type Who } from "./taxii-world.ts";

test("a partner that may write has an inbox, listed for it and for staff alone; what it posts is a feed in shadow, and a client takes it from there", async (t) => {
  const world = await openTaxiiWorld(t);
  const { sql, desk, get, post, port, token } = world;
  const { state } = desk;
  const aliases = async (who: Who) =>
    ((await get(`${root}collections/`, who)).json as { collections?: { alias: string }[] }).collections?.map(
      ({ alias }) => alias,
    ) ?? [];
  const before = await aliases("transport");

  assert.ok((await aliases("oversea")).includes("inbox-oversea"));
  assert.ok((await aliases("oversea")).includes("inbox-oversea"), "and once only");
  assert.deepEqual(await aliases("transport"), before);
  assert.deepEqual(await aliases("reader"), before);
  assert.ok((await aliases("cert")).includes("inbox-oversea"));
  for (const path of ["", "objects/", "manifest/"])
    assert.equal((await get(`${root}collections/inbox-oversea/${path}`, "parks")).status, 404, path);
  assert.equal((await post(objectsOf("inbox-oversea"), [indicator(1)], "parks")).status, 404);
  assert.equal((await post(objectsOf("inbox-oversea"), [indicator(1)], "cert")).status, 403, "staff reads");

  const sent = [1, 2, 3].map((n) =>
    indicator(n, {
      pattern: `[domain-name:value = 'host${n}.bad-host.net']`,
      // GREEN by its own word; the others say nothing
      ...(n === 3 ? { object_marking_refs: ["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"] } : {}),
    }),
  );
  assert.equal((await post(objectsOf("inbox-oversea"), sent, "oversea")).json.success_count, 3);
  const made = (await world.leaves()).filter(({ subject }) => subject === "collection inbox-oversea");
  assert.equal(made.length, 1);

  const [job] = await state.act((tx) => tx.queue.take("join-stix", desk.now(), 1));
  assert.ok(job);
  const now = desk.now();
  await joinStix(
    { state, secret: "secret", policy: { reserved: "reject", allow: [] }, now, elapsed: () => 0 },
    job,
    (sender) => desk.directory.known.organisation(sender)?.key,
  );
  const [feed] = await sql`select feed, shadow, claims from feed_state where feed like 'taxii-posts-%'`;
  assert.deepEqual({ ...feed }, { feed: "taxii-posts-inbox-oversea-oversea", shadow: true, claims: 3 });

  // our own client of TAXII takes it from the inbox, as another waglan of the staff would
  const { sql: theirs } = await testDatabase(t);
  const folder = mkdtempSync(join(tmpdir(), "waglan-inbox-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const egress = openEgress({ hosts: new Set(["127.0.0.1"]), ports: [port], allowAddresses: ["127.0.0.1/32"] });
  const turn = await collectFeed(
    {
      state: stateOf(theirs),
      fetching: {
        get: egress.get,
        post: egress.post,
        read: () => assert.fail("nothing is read from files here"),
        archive: openArchive(folder),
        folder: mailFolder,
      },
      ...{ secret: "test", policy: () => lenient, now: () => now, elapsed: () => 0, random: () => 0 },
      walkLimits,
    },
    {
      feed: { ...taxiiCollection, id: "inbox" },
      url: `http://127.0.0.1:${port}${objectsOf("inbox-oversea")}`,
      key: `Bearer ${token("cert")}`,
      trusted: true,
    },
  );
  // what says nothing is AMBER+STRICT of its sender: people of the staff see it, no other machine does
  assert.deepEqual([turn?.state, turn?.reason], ["healthy", undefined]);
  assert.equal(turn?.added, 1);
});
