import assert from "node:assert/strict";
import { test } from "node:test";
import { after, day, hour } from "#core/instant.ts";
import { previewList, type PreviewRow } from "#jobs/lists/export.ts";
import { judgeIndicator } from "#jobs/indicators/judge.ts";
import { recallIndicators } from "#jobs/recall/recall.ts";
import { queueHushed, queueTightened } from "#jobs/recall/queue.ts";
import { recipientOf } from "#jobs/alerts/recipient-of.ts";
import { readList } from "#jobs/lists/release.ts";
import type { ClaimRow } from "#intel/ports.ts";
import { checkObject } from "#stix/check-object.ts";
import { readRpz } from "./out-parsers.ts";
import { linesOf, openOutWorld, type OutWorld } from "./out-world.ts";

const ipv4 = (n: number) => ({ kind: "ipv4" as const, value: `198.51.100.${n}` });
const domain = (name: string) => ({ kind: "domain" as const, value: name });

test("a list is cut by kind, label, grade, score, TLP and time, of what its reader may have", async (t) => {
  const world = await openOutWorld(t);
  const { list, text, clock } = world;
  await list(
    { ...ipv4(1), labels: ["bot"] },
    { ...ipv4(2), labels: ["scan"], tlp: "green" },
    { ...ipv4(3), grade: { source: "D", statement: 4 } },
    { kind: "ipv6", value: "2001:db8::7" },
    { ...ipv4(4), tlp: "amber" },
    { ...ipv4(4), feed: "open", labels: ["open"] },
    { ...ipv4(5), tlp: "red" },
  );
  const values = async (words = {}, who = "transport") => linesOf(await text(who, "addresses", "txt", words));
  assert.deepEqual(await values(), ["198.51.100.1", "198.51.100.2", "198.51.100.3", "198.51.100.4", "2001:db8::7"]);
  assert.deepEqual(await values({ kind: "ipv6" }), ["2001:db8::7"]);
  assert.deepEqual(await values({ label: "scan,open" }), ["198.51.100.2", "198.51.100.4"]);
  assert.deepEqual(await values({ label: "open" }, "oversea"), ["198.51.100.4"]);
  assert.deepEqual(await values({ grade: "B2", kind: "ipv4" }), ["198.51.100.1", "198.51.100.2", "198.51.100.4"]);
  // D4: 0.4 × 0.4 = 16
  assert.deepEqual(await values({ score: "17", kind: "ipv4" }), ["198.51.100.1", "198.51.100.2", "198.51.100.4"]);
  assert.deepEqual(await values({ tlp: "clear", kind: "ipv4" }), ["198.51.100.1", "198.51.100.3", "198.51.100.4"]);
  assert.deepEqual(await values({ since: "2030-01-01" }), []);
  clock.now = after(clock.now, 10 * day);
  await world.sql`update feed_state set last_good = ${new Date(clock.now)}`;
  // 16 × 0.5 ^ (10 ÷ 14) = 9.75, below 10
  assert.deepEqual(await values({ kind: "ipv4" }), ["198.51.100.1", "198.51.100.2", "198.51.100.4"]);
});

test("labels, grade and score speak of claims that may go, and of no other", async (t) => {
  const { list, text } = await openOutWorld(t);
  await list(
    { ...ipv4(1), labels: ["open"], grade: { source: "C", statement: 3 } },
    { ...ipv4(1), feed: "hidden", tlp: "red", labels: ["secret"], grade: { source: "A", statement: 1 } },
    { ...ipv4(2), feed: "own", licence: "no-redistribution" },
    { ...ipv4(3), pap: "red" },
  );
  const json = JSON.parse(await text("oversea", "addresses", "json")) as { values: Record<string, unknown>[] };
  assert.deepEqual(
    json.values.map(({ value, labels, grade, tlp, sources }) => ({ value, labels, grade, tlp, sources })),
    [{ value: "198.51.100.1", labels: ["open"], grade: "C3", tlp: "clear", sources: undefined }],
  );
});

test("choosing by source is for those who are told the sources", async (t) => {
  const { desk, listing, organisation } = await openOutWorld(t);
  const recipient = recipientOf(desk.directory.known, organisation("oversea"));
  assert.ok(recipient);
  const refused = await readList(listing, recipient, "addresses", "txt", { feed: "list" });
  assert.equal(refused.ok ? "" : refused.problem.code, "WGL_LIST_SOURCES");
  const mixed = await readList(listing, recipient, "all", "edl", {});
  assert.equal(mixed.ok ? "" : mixed.problem.code, "WGL_LIST_MIXED");
  assert.ok((await readList(listing, recipient, "domains", "edl", {})).ok);
});

test("the same content is the same bytes with the same time; what the reader has is not sent and not written down", async (t) => {
  const world = await openOutWorld(t);
  const { list, send, clock, sql } = world;
  await list(domain("bad.example"), domain("worse.example"));
  const first = await send("transport", "domains", "rpz");
  clock.now = after(clock.now, 2 * hour);
  // A hidden statement changes nothing a reader sees, and neither does time: not even the serial
  await list({ ...domain("bad.example"), feed: "hidden", tlp: "red" });
  const second = await send("transport", "domains", "rpz");
  assert.deepEqual([second.etag, second.changed], [first.etag, first.changed]);
  const entries = async () => (await sql`select from release_ledger`).length;
  const before = await entries();
  assert.equal((await send("transport", "domains", "rpz", {}, { etags: [first.etag] })).packed, undefined);
  assert.equal((await send("transport", "domains", "rpz", {}, { since: first.changed })).packed, undefined);
  assert.ok((await send("transport", "domains", "rpz", {}, { etags: ["another"] })).packed);
  assert.equal(await entries(), before + 1);
  await list(domain("new.example"));
  const third = await send("transport", "domains", "rpz", {}, { etags: [first.etag] });
  assert.ok(third.packed && third.changed > first.changed);
  const zone = readRpz(await world.text("transport", "domains", "rpz"));
  assert.equal(zone.serial, Math.floor(third.changed / 1000));
  assert.equal(zone.names.length, 6);
});

test("a list forgets a value the moment it dies, is judged false, or its feed falls silent or into shadow", async (t) => {
  const world = await openOutWorld(t);
  const { list, text, clock, desk, idOfValue, sql } = world;
  await list(ipv4(1), { ...ipv4(2), until: after(clock.now, hour / 2) }, ipv4(3), { ...ipv4(4), feed: "other" });
  const values = async () => linesOf(await text("transport", "addresses"));
  assert.equal((await values()).length, 4);
  clock.now = after(clock.now, hour / 2);
  assert.deepEqual(await values(), ["198.51.100.1", "198.51.100.3", "198.51.100.4"]);
  const judging = { indicator: idOfValue(ipv4(3)), who: "Lo", reason: "ours", verdict: "false" as const };
  assert.ok((await judgeIndicator(desk.state, judging, () => false, clock.now)).ok);
  assert.deepEqual(await values(), ["198.51.100.1", "198.51.100.4"]);
  await desk.state.act((tx) => tx.intel.setShadow("other", true));
  assert.deepEqual(await values(), ["198.51.100.1"]);
  await sql`update claim set live_until = null`;
  await sql`update feed_state set last_good = ${new Date(clock.now)}`;
  await desk.state.act((tx) => tx.intel.setShadow("other", false));
  assert.equal((await values()).length, 3 - 0);
  clock.now = after(clock.now, 31 * day);
  assert.deepEqual(await values(), []);
});

test("previewList() is what sendList() sends, with what stays behind and every reason", async (t) => {
  const world = await openOutWorld(t);
  const { list, text, listing, desk, organisation, sql } = world;
  await list(
    domain("bad.example"),
    { ...domain("amber.example"), tlp: "amber" },
    { ...domain("theirs.example"), licence: "non-commercial", pap: "red" },
    { ...domain("x.transport.example") },
    { ...domain("both.example"), labels: ["secret"], tlp: "amber" },
    { ...domain("both.example"), feed: "open", labels: ["bot"] },
  );
  const recipient = recipientOf(desk.directory.known, organisation("oversea"));
  assert.ok(recipient);
  const asked = await readList(listing, recipient, "domains", "txt", {});
  assert.ok(asked.ok);
  const rows: PreviewRow[] = [];
  const totals = await previewList(listing, recipient, asked.value, desk.now(), async (row) => {
    rows.push(row);
    return true;
  });
  const sent = linesOf(await text("oversea", "domains"));
  assert.deepEqual(
    rows.flatMap((row) => (row.does === "leaves" ? [row.text] : [])),
    sent,
  );
  assert.deepEqual(sent, ["bad.example", "both.example"]);
  const by = new Map(rows.map((row) => [row.value, row]));
  assert.deepEqual(
    by.get("amber.example")?.kept[0]?.reasons.map(({ bound }) => bound),
    ["audience", "tlp"],
  );
  assert.deepEqual(by.get("theirs.example")?.kept[0]?.reasons, [
    { bound: "licence", value: "non-commercial", ceiling: "community" },
    { bound: "pap", value: "red", ceiling: "green" },
  ]);
  assert.equal(by.get("x.transport.example")?.aside, "own");
  const both = by.get("both.example");
  assert.deepEqual([both?.held.tlp, both?.note?.tlp, both?.kept[0]?.feed], ["amber", "clear", "list"]);
  assert.deepEqual(
    both?.fields.find(({ field }) => field === "labels"),
    { field: "labels", held: "bot, secret", sent: "bot", does: "changed", why: "audience" },
  );
  assert.equal(both?.fields.find(({ field }) => field === "sources")?.why, "anonymous");
  assert.deepEqual(totals, {
    leaves: 2,
    withheld: 2,
    aside: { own: 1 },
    bounds: { audience: 1, tlp: 1, licence: 1, pap: 1 },
  });
  assert.equal((await sql`select from release_ledger`).length, 1, "looking writes nothing");
  const page: string[] = [];
  await previewList(
    listing,
    recipient,
    asked.value,
    desk.now(),
    async (row) => page.push(row.value) < 2,
    domain("bad.example"),
  );
  assert.deepEqual(page, ["both.example", "theirs.example"]);
});

const recalling = (world: OutWorld) => ({
  ...{ ...world.listing, from: { name: "CERT", address: "cert@cert.example" }, now: () => world.desk.now() },
});

test("recall tells exactly those who received it, once, and nobody of what they never had", async (t) => {
  const world = await openOutWorld(t);
  const { list, text, clock, desk, idOfValue, sql, leaves, organisation } = world;
  await list(
    domain("bad.example"),
    domain("amber.example"),
    { ...domain("amber.example"), tlp: "amber" },
    domain("stays.example"),
  );
  await list({ ...domain("stays.example"), feed: "second" });
  await text("transport", "domains", "rpz");
  await text("oversea", "domains", "stix.json");
  await text("parks", "addresses");
  clock.now = after(clock.now, hour);
  await list(domain("late.example"));
  const judge = async (value: string, feed?: string, verdict: "false" | "restored" = "false") => {
    const judging = {
      indicator: idOfValue(domain(value)),
      who: "Lo",
      reason: "ours",
      verdict,
      ...(feed === undefined ? {} : { feed }),
    };
    assert.ok((await judgeIndicator(desk.state, judging, () => false, clock.now)).ok);
  };
  await judge("bad.example");
  await judge("amber.example");
  await judge("late.example");
  await judge("stays.example", "list");
  clock.now = after(clock.now, 1000);
  assert.equal(await recallIndicators(recalling(world)), 2);
  assert.equal(await recallIndicators(recalling(world)), undefined);

  const told = await sql`select indicator, party from recall order by party, indicator`;
  const expected = [
    [idOfValue(domain("amber.example")), organisation("transport")],
    [idOfValue(domain("bad.example")), organisation("transport")],
    [idOfValue(domain("bad.example")), organisation("oversea")],
  ];
  assert.deepEqual(
    told.map((row) => `${row["party"]} ${row["indicator"]}`).sort(),
    expected.map(([id, party]) => `${party} ${id}`).sort(),
  );
  const mails = (await sql`select mail from outbox order by n`).map(
    (row) => row["mail"] as { to: { address: string }; text: string; subject: string },
  );
  assert.deepEqual(mails.map(({ to }) => to.address).sort(), [
    "chan@transport.example",
    "head@transport.example",
    "team@oversea.example",
  ]);
  const abroad = mails.find(({ to }) => to.address === "team@oversea.example");
  assert.match(abroad?.text ?? "", /bad\[\.\]example/);
  assert.doesNotMatch(JSON.stringify(mails), /late|stays/);
  assert.doesNotMatch(abroad?.text ?? "", /amber\[/);
  const chan = mails.find(({ to }) => to.address === "chan@transport.example");
  assert.match(chan?.subject ?? "", /^TLP:AMBER 請移除/);
  assert.match(chan?.text ?? "", /\/lists\/domains\.rpz/);
  const recalls = (await leaves()).filter(({ subject }) => subject === "recall");
  assert.equal(recalls.length, 2);
  assert.equal((await sql`select from release_ledger where query = 'recall'`).length, 2);

  // Again the same: nobody is asked twice
  await judge("bad.example");
  assert.equal(await recallIndicators(recalling(world)), 0);
  assert.equal((await sql`select from outbox`).length, 3);

  // As STIX the value is revoked for who had it, and another object when it comes back
  interface Bundle {
    readonly objects: readonly { type: string; id: string; revoked?: boolean; name?: string; pattern?: string }[];
  }
  const gone = JSON.parse(await text("oversea", "domains", "stix.json")) as Bundle;
  assert.deepEqual(checkObject(gone).problems, []);
  const revoked = gone.objects.filter((one) => one.revoked === true);
  assert.deepEqual(
    revoked.map(({ pattern }) => pattern),
    ["[domain-name:value = 'bad.example']"],
  );
  const others = JSON.parse(await text("parks", "domains", "stix.json")) as Bundle;
  assert.equal(others.objects.filter((one) => one.revoked === true).length, 0);
  await judge("bad.example", undefined, "restored");
  const back = JSON.parse(await text("oversea", "domains", "stix.json")) as Bundle;
  const again = back.objects.find(({ name }) => name === "bad.example");
  assert.ok(again && again.id !== revoked[0]?.id);

  // Sent again, judged again: asked again
  clock.now = after(clock.now, hour);
  await judge("bad.example");
  clock.now = after(clock.now, 1000);
  assert.equal(await recallIndicators(recalling(world)), 1);
});

test("a marking that is tightened is told to who received the value under it, and to nobody who never could", async (t) => {
  const world = await openOutWorld(t);
  const { list, text, clock, desk, idOfValue, sql } = world;
  await list(domain("open.example"), domain("kept.example"), domain("licensed.example"), domain("seen.example"));
  await list({ ...domain("seen.example"), feed: "hidden", tlp: "amber" });
  await text("oversea", "domains");
  const row = (value: string, more: Partial<ClaimRow>): ClaimRow => ({
    ...{ id: idOfValue(domain(value)), observable: domain(value), parts: [""], seenAt: clock.now, flags: [] },
    liveUntil: after(clock.now, 20 * day),
    ...{ grade: { source: "B", statement: 2 }, labels: ["bot"], tlp: "clear", pap: "clear", licence: "CC0-1.0" },
    ...more,
  });
  const say = (feed: string, rows: readonly ClaimRow[]) =>
    desk.state.act(async (tx) => {
      await queueTightened(tx, feed, rows, clock.now);
      await tx.intel.merge(feed, rows, clock.now);
    });
  const waiting = async () => (await sql`select key from queue where kind = 'recall' order by key`).length;
  clock.now = after(clock.now, hour);
  await say("list", [row("open.example", {}), row("kept.example", { tlp: "green" })]);
  assert.equal(await waiting(), 1, "looser or the same tightens nothing");
  // the open source says no more of what a hidden one says; that one becomes stricter, which was never theirs to hear
  await desk.state.act((tx) => tx.intel.delist("list", "", [idOfValue(domain("seen.example"))], clock.now));
  await say("hidden", [row("seen.example", { tlp: "red" })]);
  await say("list", [row("open.example", { tlp: "amber" }), row("licensed.example", { licence: "non-commercial" })]);
  clock.now = after(clock.now, 1000);
  await text("parks", "domains");
  assert.equal(await recallIndicators(recalling(world)), 1);
  const mails = (await sql`select mail from outbox`).map(
    (one) => one["mail"] as { to: { address: string }; text: string },
  );
  assert.deepEqual(
    mails.map(({ to }) => to.address),
    ["team@oversea.example"],
  );
  assert.match(mails[0]?.text ?? "", /open\[\.\]example: no longer for you to have/);
  assert.match(mails[0]?.text ?? "", /licensed\[\.\]example: no longer for you to have/);
  assert.doesNotMatch(mails[0]?.text ?? "", /kept|seen/);
});

test("a source that is put back into shadow is taken back from who received it; what another says too stays", async (t) => {
  const world = await openOutWorld(t);
  const { list, text, clock, desk, sql } = world;
  await list(domain("lone.example"), domain("both.example"));
  await list({ ...domain("both.example"), feed: "second" });
  await text("oversea", "domains");
  clock.now = after(clock.now, hour);
  await desk.state.act(async (tx) => {
    await tx.intel.setShadow("list", true);
    await queueHushed(tx, clock.now);
  });
  clock.now = after(clock.now, 1000);
  assert.equal(await recallIndicators(recalling(world)), 1);
  const mails = (await sql`select mail from outbox`).map(
    (one) => one["mail"] as { to: { address: string }; text: string },
  );
  assert.deepEqual(
    mails.map(({ to }) => to.address),
    ["team@oversea.example"],
  );
  assert.match(mails[0]?.text ?? "", /lone\[\.\]example/);
  assert.doesNotMatch(mails[0]?.text ?? "", /both/);
  assert.equal((await text("oversea", "domains")).includes("lone.example"), false);
});
