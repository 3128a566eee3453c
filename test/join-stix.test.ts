import assert from "node:assert/strict";
import { test } from "node:test";
import type { Instant } from "#core/instant.ts";
import { joinStix } from "#jobs/stix/join.ts";
import { objectsOf, openTaxiiWorld } from "./taxii-world.ts";

const indicator = (n: number, domain: string, some: object = {}): object => ({
  type: "indicator",
  spec_version: "2.1",
  id: `indicator--00000000-0000-4000-8000-00000000000${n}`,
  created: "2026-11-20T08:00:00.000Z",
  modified: "2026-11-20T08:00:00.000Z",
  indicator_types: ["malicious-activity"],
  pattern: `[domain-name:value = '${domain}']`,
  pattern_type: "stix",
  valid_from: "2026-11-20T08:00:00Z",
  ...some,
});

test("indicators that a partner posts reach intel in shadow, as its own words, and a later post withdraws nothing", async (t) => {
  const world = await openTaxiiWorld(t);
  const { sql, desk } = world;
  const { state } = desk;
  const collection = await world.collection({ tlp: "amber" });
  const now = desk.now();
  const turn = async (): Promise<boolean> => {
    const [job] = await state.act((tx) => tx.queue.take("join-stix", (now + 3_600_000) as Instant, 1));
    if (!job) return false;
    const joined = await joinStix(
      {
        state,
        secret: "secret",
        policy: { reserved: "reject", allow: [] },
        now: (now + 60_000) as Instant,
        elapsed: () => 0,
      },
      job,
      (sender) => desk.directory.known.organisation(sender)?.key,
    );
    await state.act((tx) => tx.queue.done([job.n]));
    return joined !== undefined;
  };
  const claims = async (): Promise<readonly unknown[]> =>
    (
      await sql`select i.value, c.feed, c.tlp, c.gone_at is null as alive, f.shadow from claim c join indicator i on i.id = c.indicator join feed_state f using (feed) order by i.value`
    ).map((row) => Object.values(row).join(" "));

  assert.equal(
    (
      await world.post(
        objectsOf(collection),
        [indicator(1, "one.bad-host.net"), indicator(2, "two.bad-host.net")],
        "oversea",
      )
    ).status,
    202,
  );
  assert.equal(await turn(), true);
  const first = await claims();
  assert.equal(first.length, 2);
  for (const claim of first)
    assert.match(String(claim), /^(one|two)\.bad-host\.net taxii-posts-\S+-oversea amber\+strict true true$/);
  assert.equal(await turn(), false, "the job is done");

  // the next post says nothing of the first two, and takes back one
  const revoked = { modified: "2026-11-21T08:00:00.000Z", revoked: true };
  await world.post(
    objectsOf(collection),
    [indicator(3, "three.bad-host.net"), indicator(1, "one.bad-host.net", revoked)],
    "oversea",
  );
  assert.equal(await turn(), true);
  const alive = (await claims())
    .filter((claim) => String(claim).endsWith("true true"))
    .map((claim) => String(claim).split(" ")[0]);
  assert.deepEqual(alive, ["three.bad-host.net", "two.bad-host.net"]);
});
