import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { after, hour, instant, type Instant } from "#core/instant.ts";
import { feed as mispFeed } from "#feeds/misp-feed/feed.ts";
import { collectFeed, type CollectingFeeds } from "#jobs/collect/feed.ts";
import { openEgress } from "#net/egress.ts";
import { openArchive } from "#store/archive.ts";
import { mailFolder } from "#store/mail-folder.ts";
import { stateOf } from "#store/state.ts";
import { testDatabase } from "./cluster.ts";

const one = "10000000-0000-4000-8000-000000000001";
const two = "20000000-0000-4000-8000-000000000002";
const event = (uuid: string, ...domains: string[]): object => ({
  Event: {
    uuid,
    info: "x",
    timestamp: "1700000000",
    Attribute: domains.map((value) => ({ type: "domain", value, to_ids: true })),
  },
});

test("a walk that asks for what changed ends nothing by what it did not ask for, and what its manifest drops is delisted", async (t) => {
  let pages: Readonly<Record<string, object>> = {};
  let asked: string[] = [];
  const server = createServer((request, response) => {
    const name = request.url?.slice(1) ?? "";
    asked.push(name);
    const page = pages[name];
    response
      .writeHead(page === undefined ? 404 : 200, { "content-type": "application/json" })
      .end(JSON.stringify(page));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const { sql } = await testDatabase(t);
  const folder = mkdtempSync(join(tmpdir(), "waglan-parts-"));
  t.after(() => rmSync(folder, { recursive: true }));
  let now: Instant = instant(Date.parse("2026-11-21T08:00:00Z"));
  const egress = openEgress({ hosts: new Set(["127.0.0.1"]), ports: [port], allowAddresses: ["127.0.0.1/32"] });
  const collecting: CollectingFeeds = {
    state: stateOf(sql),
    fetching: {
      get: egress.get,
      post: egress.post,
      read: async () => assert.fail("nothing is read from files here"),
      archive: openArchive(folder),
      folder: mailFolder,
    },
    secret: "test",
    policy: () => ({ reserved: "reject", allow: [] }),
    now: () => now,
    elapsed: () => 0,
    random: () => 0,
  };
  const turn = async (options?: { acceptHeld?: boolean }) => {
    asked = [];
    now = after(now, hour);
    const taken = await collectFeed(
      collecting,
      { feed: mispFeed, url: `http://127.0.0.1:${port}/manifest.json`, trusted: true },
      options,
    );
    return [taken?.state, taken?.added, taken?.delisted];
  };
  const alive = async (): Promise<readonly string[]> =>
    (
      await sql`select i.value from claim c join indicator i on i.id = c.indicator where c.gone_at is null order by 1`
    ).map((row) => row["value"] as string);

  pages = {
    "manifest.json": { [one]: { timestamp: "100", info: "x" }, [two]: { timestamp: "100", info: "x" } },
    [`${one}.json`]: event(one, "a.bad-host.net", "b.bad-host.net"),
    [`${two}.json`]: event(two, "c.bad-host.net"),
  };
  assert.deepEqual(await turn(), ["healthy", 3, 0]);

  // only the second event is newer: the first is not asked for, and stands
  pages = {
    ...pages,
    "manifest.json": { [one]: { timestamp: "100", info: "x" }, [two]: { timestamp: "200", info: "x" } },
    [`${two}.json`]: event(two, "c.bad-host.net", "d.bad-host.net"),
  };
  assert.deepEqual(await turn(), ["healthy", 1, 0]);
  assert.deepEqual(asked, ["manifest.json", `${two}.json`]);
  assert.equal((await alive()).length, 4);

  // nothing new: nothing asked, nothing ended
  assert.equal((await turn())[0], "healthy");
  assert.equal((await alive()).length, 4);

  // the first event is dropped, while the second says more: its values are delisted
  pages = {
    "manifest.json": { [two]: { timestamp: "300", info: "x" } },
    [`${two}.json`]: event(two, "c.bad-host.net", "d.bad-host.net", "e.bad-host.net"),
  };
  assert.deepEqual(await turn(), ["healthy", 1, 2]);
  assert.deepEqual(await alive(), ["c.bad-host.net", "d.bad-host.net", "e.bad-host.net"]);

  // the last one is dropped: a feed that had rows and has none is held, until a person says that it is so
  pages = { "manifest.json": {} };
  assert.equal((await turn())[0], "held");
  assert.equal((await alive()).length, 3);
  assert.deepEqual(await turn({ acceptHeld: true }), ["healthy", 0, 3]);
  assert.deepEqual(await alive(), []);
});
