import assert from "node:assert/strict";
import { test } from "node:test";
import { purposes } from "#community/agreement.ts";
import { after, day, minute } from "#core/instant.ts";
import { buildExclusions } from "#intel/exclusions.ts";
import { indicatorId } from "#intel/indicator.ts";
import { previewList } from "#jobs/lists/export.ts";
import { importDirectory } from "#jobs/community/import-directory.ts";
import type { Listing } from "#jobs/listing.ts";
import { recallIndicators } from "#jobs/recall/recall.ts";
import { recipientOf } from "#jobs/alerts/recipient-of.ts";
import { readList } from "#jobs/lists/release.ts";
import { formatIds } from "#share/formats/list-formats.ts";
import { ask } from "./acts-world.ts";
import { objectsOf, openTaxiiWorld } from "./taxii-world.ts";

const clear = ["marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"];
/** Whatever outlet says one of these has told of a person. */
const person = /mole@person\.example|mole\[@\]person|mole@person\[|Mole Digger|target@person\.example/;

test("personal data leaves by every outlet to who may have it, and by none to who may not: lists, TAXII, MISP, preview, recall by mail and webhook", async (t) => {
  const world = await openTaxiiWorld(t);
  const { desk, clock, sql } = world;
  const { state } = desk;
  const sign = async (terms: object): Promise<void> => {
    clock.now = after(clock.now, minute);
    const { directory } = desk.directory.known;
    const agreements = directory.agreements.map((one) => ({ ...one, ...terms }));
    await importDirectory(state, { ...directory, agreements }, "Lo", clock.now);
    await desk.directory.refresh();
    clock.now = after(clock.now, minute);
  };
  const made = await world.acts.makeToken(
    await world.viewer("root"),
    {
      ...{ kind: "party" as const, title: "all", organisation: world.id("organisation", "oversea") },
      permissions: ["lists.read", "indicators.read", "objects.write"],
    },
    ask,
  );
  assert.ok(made.ok);
  const token = made.value.secret;
  const collection = await world.collection();

  const observable = { kind: "email" as const, value: "mole@person.example" };
  await state.act(async (tx) => {
    await tx.intel.feed({ id: "list", liveDays: 30, voice: "alert" }, false);
    const row = {
      ...{ id: indicatorId("secret", observable), observable, parts: [""], seenAt: clock.now, labels: ["phish"] },
      ...{ liveUntil: after(clock.now, 20 * day), flags: [], grade: { source: "B", statement: 2 } as const },
      ...({ tlp: "clear", pap: "clear", licence: "CC0-1.0" } as const),
    };
    await tx.intel.merge("list", [row], clock.now);
  });
  const identity = {
    ...{ type: "identity", spec_version: "2.1", id: "identity--00000001-0000-4000-8000-000000000000" },
    ...{ created: "2026-01-01T00:00:00.000Z", modified: "2026-01-01T00:00:00.000Z" },
    ...{ name: "Mole Digger", identity_class: "individual", object_marking_refs: clear },
  };
  assert.equal((await world.post(objectsOf(collection), [identity], "transport")).json.success_count, 1);
  const misp = (path: string, body: unknown, key: string) =>
    world.send({
      ...{ method: "POST", path: `/misp/${path}`, as: "nobody" as const, body: JSON.stringify(body) },
      headers: { accept: "application/json", "content-type": "application/json", authorization: key },
    });
  const uuid = "00000001-0000-4000-8000-000000000001";
  const event = {
    ...{ uuid, info: "Phishing", distribution: "3", threat_level_id: "2", analysis: "1", Tag: [{ name: "tlp:green" }] },
    Attribute: [
      { type: "target-email", category: "Targeting data", value: "target@person.example", to_ids: true },
      { type: "domain", category: "Network activity", value: "lure.bad-host.net", to_ids: true },
    ],
  };
  assert.equal((await misp("events/add", event, world.token("transport"))).status, 200);
  assert.equal((await misp(`events/publish/${uuid}`, {}, world.token("transport"))).status, 200);

  const listing: Listing = {
    ...{ state, views: desk.views, idOf: desk.idOf, portal: desk.portal, titleOf: (feed) => feed },
    ...{ known: () => desk.directory.known, exclusions: () => buildExclusions([], { allow: [] }) },
  };
  const preview = async (): Promise<string> => {
    const recipient = recipientOf(desk.directory.known, world.organisation("oversea"));
    assert.ok(recipient);
    const asked = await readList(listing, recipient, "all", "txt", {});
    assert.ok(asked.ok);
    const rows: string[] = [];
    await previewList(
      listing,
      recipient,
      asked.value,
      desk.now(),
      async ({ does, value }) => rows.push(`${does} ${value}`) > 0,
    );
    return rows.join("\n");
  };
  /** What each outlet says to the party; by its name. */
  const outlets = async (): Promise<Readonly<Record<string, string>>> => {
    const said: Record<string, string> = {};
    for (const format of formatIds) {
      const list = ["edl", "rpz", "rules"].some((one) => format.includes(one)) ? "domains" : "all";
      const got = await world.send({
        path: `/lists/${list}.${format}`,
        as: "nobody",
        headers: { accept: "*/*", authorization: `Bearer ${token}` },
      });
      said[`list ${format}`] = got.text;
    }
    for (const view of ["objects", "manifest"])
      said[`taxii ${view}`] = (
        await world.get(`${objectsOf(collection).replace(/objects\/$/, "")}${view}/`, "oversea")
      ).text;
    for (const returnFormat of ["json", "csv", "text", "stix2", "openioc", "hashes", "cache"])
      for (const what of ["attributes", "events"])
        said[`misp ${what} ${returnFormat}`] = (await misp(`${what}/restSearch`, { returnFormat }, token)).text;
    return said;
  };

  await sign({ acceptsPii: true, purposes: [...purposes] });
  const open = await outlets();
  for (const outlet of [
    "list json",
    "list csv",
    "list txt",
    "taxii objects",
    "misp attributes json",
    "misp events csv",
  ])
    assert.match(open[outlet] ?? "", person, outlet);
  assert.match(await preview(), /^leaves mole@person\.example$/m);

  const hook = desk.idOf("webhook", "oversea");
  await state.act((tx) =>
    tx.out.putWebhook({
      ...{ id: hook, party: world.organisation("oversea"), url: "https://hook.example/", events: ["recall"] },
      ...{ algorithm: "v1", secret: "c2VjcmV0", challenge: "c", made: clock.now },
    }),
  );
  await sql`update webhook set proven = made`;
  await sign({ acceptsPii: false });
  const closed = await outlets();
  for (const [outlet, text] of Object.entries(closed)) assert.doesNotMatch(text, person, outlet);
  assert.match(closed["misp attributes json"] ?? "", /lure\.bad-host\.net/, "what is nobody's goes on");
  assert.match(await preview(), /^withheld mole@person\.example$/m);

  // what it had it is to remove, and the request does not say it again
  const recalling = {
    ...listing,
    from: { name: "CERT", address: "cert@cert.example" },
    now: () => desk.now(),
  };
  while ((await recallIndicators(recalling)) !== undefined);
  const mails = (await sql`select mail from outbox`).map((row) => JSON.stringify(row["mail"]));
  assert.equal(mails.length, 1);
  assert.doesNotMatch(mails.join(), person);
  assert.match(mails.join(), new RegExp(indicatorId("secret", observable)));
  const hooks = (await sql`select body from webhook_message`).map((row) => row["body"] as string);
  assert.equal(hooks.length, 1);
  assert.doesNotMatch(hooks.join(), person);
});
