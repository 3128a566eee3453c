import assert from "node:assert/strict";
import { test } from "node:test";
import { acts as actsOf } from "#jobs/acts/acts.ts";
import { feedById } from "#feeds/index.ts";
import { after, hour } from "#core/instant.ts";
import { buildExclusions } from "#intel/exclusions.ts";
import { collect } from "#jobs/collect/collect.ts";
import { countList } from "#jobs/lists/count.ts";
import { recipientOf } from "#jobs/alerts/recipient-of.ts";
import { readList } from "#jobs/lists/release.ts";
import { type DeliveringWebhooks, deliverWebhooks } from "#jobs/webhooks/deliver.ts";
import { lenient } from "#core/value-policy.ts";
import { ask, codeOf, openActsWorld } from "./acts-world.ts";
import { openOutWorld } from "./out-world.ts";

const domain = (value: string) => ({ kind: "domain", value }) as const;

test("verdicts in force and in the past are told with what they did, page by page, to analysts alone", async (t) => {
  const { acts, viewer, list, idOfValue, clock, sql } = await openOutWorld(t);
  const lo = await viewer("lo");
  await list(domain("a.example"), domain("b.example"), { ...domain("c.example"), tlp: "red" });
  for (const value of ["a.example", "b.example", "c.example"] as const) {
    clock.now = after(clock.now, hour);
    const verdict = { verdict: "false", reason: `${value} is shared` } as const;
    assert.ok((await acts.judgeIndicator(lo, idOfValue(domain(value)), verdict, ask)).ok);
  }
  clock.now = after(clock.now, hour);
  await sql`insert into recall (indicator, party, why, tlp, at) values (${idOfValue(domain("b.example"))}, 'x', 'false', 'green', ${new Date(clock.now)})`;
  const values: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await acts.verdicts(lo, { limit: 1, ...(cursor === undefined ? {} : { cursor }) }, ask);
    assert.ok(page.ok);
    for (const one of page.value.verdicts)
      values.push(`${one.value} ${one.tlp} ${one.who} ${one.reason} ${one.findings} ${one.parties}`);
    cursor = page.value.next;
  } while (cursor !== undefined);
  // c is red, and this analyst is not cleared for red
  assert.deepEqual(values, [
    "b.example clear Lo Wing-yan b.example is shared 0 1",
    "a.example clear Lo Wing-yan a.example is shared 0 0",
  ]);
  assert.ok(
    (await acts.judgeIndicator(lo, idOfValue(domain("a.example")), { verdict: "restored", reason: "not so" }, ask)).ok,
  );
  const history = await acts.careHistory(lo, { limit: 2 }, ask);
  assert.ok(history.ok);
  assert.deepEqual(
    history.value.events.map(({ act, about, takenBack, restored }) => [act, about?.value, takenBack, restored]),
    [
      ["restored", "a.example", 0, 0],
      ["judged-false", "b.example", 0, 0],
    ],
  );
  const older = await acts.careHistory(lo, { limit: 2, cursor: history.value.next ?? "" }, ask);
  assert.ok(older.ok);
  assert.deepEqual(
    older.value.events.map(({ act, about }) => [act, about?.value]),
    [["judged-false", "a.example"]],
  );
  for (const bad of ["x", "1_2_3", "9e9"]) {
    assert.equal(codeOf(await acts.verdicts(lo, { limit: 1, cursor: bad }, ask)), "WGL_CURSOR");
    assert.equal(codeOf(await acts.careHistory(lo, { limit: 1, cursor: bad }, ask)), "WGL_CURSOR");
  }
  for (const who of ["chan", "root", "abroad"] as const) {
    const other = await viewer(who);
    assert.equal(codeOf(await acts.verdicts(other, { limit: 1 }, ask)), "WGL_ABSENT");
    assert.equal(codeOf(await acts.careHistory(other, { limit: 1 }, ask)), "WGL_ABSENT");
  }
});

test("a value is asked whether it would be excluded; exclusions name the findings they set aside", async (t) => {
  const { acts, desk, viewer, find, sql } = await openActsWorld(t);
  const lo = await viewer("lo");
  const reason = "a shared host";
  const put = await acts.exclude(lo, { value: "shop[.]example", reason }, ask);
  assert.ok(put.ok);
  const kept = await desk.state.act((tx) => tx.care.exclusionLists());
  const over = { ...desk, exclusions: () => buildExclusions(kept) };
  const asking = actsOf(over);
  const exact = await asking.checkExclusion(lo, "shop[.]example", ask);
  assert.ok(exact.ok);
  assert.deepEqual(exact.value, {
    ...domain("shop.example"),
    excluded: { list: reason, exclusion: put.value.id },
  });
  const free = await asking.checkExclusion(lo, "other.example", ask);
  assert.deepEqual(free, { ok: true, value: domain("other.example") });
  const range = await asking.checkExclusion(lo, "10.1.2.3", ask);
  assert.ok(range.ok);
  assert.equal(range.value.excluded?.exclusion, undefined);
  assert.ok((range.value.excluded?.list ?? "") !== "");
  assert.equal((await asking.checkExclusion(lo, "no value at all", ask)).ok, false);
  assert.equal(codeOf(await asking.checkExclusion(await viewer("chan"), "shop.example", ask)), "WGL_ABSENT");

  await find({ value: "shop.example" });
  await sql`update finding_source set retracted = 'excluded', indicator = ${desk.listed.indicatorId(domain("shop.example"))}`;
  await sql`insert into indicator (id, kind, value, first_seen) values (${desk.listed.indicatorId(domain("shop.example"))}, 'domain', 'shop.example', now()) on conflict do nothing`;
  const listed = await asking.exclusions(lo, ask);
  assert.ok(listed.ok);
  assert.deepEqual(
    listed.value.exclusions.map(({ id: one, findings }) => [one, findings]),
    [[put.value.id, 1]],
  );
  // who reads sources and no findings is not told of findings
  const root = await asking.exclusions(await viewer("root"), ask);
  assert.ok(root.ok);
  assert.equal(root.value.exclusions[0]?.findings, 0);
  assert.ok((await acts.endExclusion(lo, put.value.id, { reason: "back" }, ask)).ok);
  const history = await acts.careHistory(lo, { limit: 10 }, ask);
  assert.ok(history.ok);
  assert.deepEqual(
    history.value.events.map(({ act, exclusion, entries }) => [act, exclusion, entries]),
    [
      ["let-in", "shop.example", undefined],
      ["excluded", "shop.example", 1],
    ],
  );
});

test("refused rows are repaired and replayed: what is taken is refused no more, what is not stands anew", async (t) => {
  const { acts, desk, viewer, clock, sql, leaves } = await openActsWorld(t);
  const feed = feedById.get("generic-lines");
  assert.ok(feed);
  const body = Buffer.from(["one.example", "two..example", "999.1.1.1", "three.example"].join("\n"));
  await collect(
    { state: desk.state, secret: "test", elapsed: () => 0, now: clock.now, policy: lenient, shadow: false },
    feed,
    body,
    "list.txt",
  );
  const lo = await viewer("lo");
  const refused = async () => {
    const page = await acts.rejectedRows(lo, feed.id, { limit: 10 }, ask);
    assert.ok(page.ok);
    return page.value.rows;
  };
  const rows = await refused();
  assert.deepEqual(rows.map(({ text }) => text).toSorted(), ["999.1.1.1", "two..example"]);
  const mended = rows.map(({ n, text = "" }) => ({ n, text: text === "two..example" ? "two.example" : "998.1.1.1" }));
  clock.now = after(clock.now, hour);
  const dry = await acts.repairRejected(lo, feed.id, { rows: mended, dryRun: true }, ask);
  assert.ok(dry.ok);
  assert.deepEqual([dry.value.taken, dry.value.accepted, dry.value.notTaken.length], [false, 1, 1]);
  assert.deepEqual(await refused(), rows, "a dry run takes nothing");
  for (const who of ["chan", "root"] as const)
    assert.equal(codeOf(await acts.repairRejected(await viewer(who), feed.id, { rows: mended }, ask)), "WGL_ABSENT");
  assert.equal(codeOf(await acts.repairRejected(lo, feed.id, { rows: [{ n: 9e9, text: "x" }] }, ask)), "WGL_ABSENT");
  const did = await acts.repairRejected(lo, feed.id, { rows: mended }, ask);
  assert.ok(did.ok, codeOf(did));
  assert.deepEqual([did.value.taken, did.value.accepted, did.value.added], [true, 1, 1]);
  assert.deepEqual(
    (await refused()).map(({ text }) => text),
    ["998.1.1.1"],
  );
  const alive = await sql`select i.value from claim c join indicator i on i.id = c.indicator where c.gone_at is null`;
  assert.deepEqual(
    alive.map((row) => row["value"] as string).toSorted(),
    ["one.example", "three.example", "two.example"],
    "nothing was delisted",
  );
  assert.ok((await leaves()).some(({ data }) => data["act"] === "repaired rows" && data["accepted"] === 1));
  const again = await acts.repairRejected(
    lo,
    feed.id,
    { rows: (await refused()).map(({ n }) => ({ n, text: "997.1.1.1" })) },
    ask,
  );
  assert.equal(codeOf(again), "WGL_INTAKE_EMPTY");
  assert.equal((await refused()).length, 1, "what could not be taken is still there");
});

test("a collection tells who sent, who reads and whom it is open to; its rights are changed with a reason", async (t) => {
  const { acts, viewer, id, leaves, sql } = await openActsWorld(t);
  const lo = await viewer("lo");
  const all = await acts.collections(lo, ask);
  assert.ok(all.ok);
  const [one] = all.value.collections;
  assert.ok(one);
  assert.deepEqual([one.objects, one.reads, one.lastAdded], [0, 0, undefined]);
  const [transport, oversea] = [id("organisation", "transport"), id("organisation", "oversea")];
  await sql`insert into stix_object (collection, date_added, id, type, spec, version, written, sender, tlp, pap, licence, shadow, personal, revoked, latest, mixed, alone, bytes, body)
    select n, 1795077720000000 + k, 'identity--' || k, 'identity', '2.1', 'v', 'v', case when k = 3 then '' else ${transport} end, 'green', 'clear', 'own', case when k = 2 then 'sender' end, false, false, true, false, true, 2, '{}'
    from stix_collection, generate_series(1, 3) k where id = ${one.id}`;
  await sql`insert into release_ledger (party, query, after, up_to, objects, content_hash, at)
    values (${oversea}, ${`/taxii2/waglan/collections/${one.id}/objects/?x`}, '0', '1', 3, 'h', '2026-11-19T08:00:00Z'),
      (${oversea}, ${`/taxii2/waglan/collections/${one.id}/manifest/?`}, '0', '1', 2, 'h', '2026-11-18T08:00:00Z'),
      (${oversea}, ${`/taxii2/waglan/collections/${one.id}/objects/?old`}, '0', '1', 9, 'h', '2026-01-01T00:00:00Z'),
      (${oversea}, '/lists/domains.txt', '0', '1', 9, 'h', '2026-11-19T08:00:00Z')`;
  const shown = await acts.collection(lo, one.id, ask);
  assert.ok(shown.ok);
  const { collection, senders, activity, choices, readers } = shown.value;
  assert.deepEqual([collection.objects, collection.reads, collection.lastRead], [3, 2, "2026-11-19T08:00:00.000Z"]);
  assert.deepEqual(
    senders.map(({ organisation, objects, shadow }) => [organisation?.name, objects, shadow]),
    [
      [undefined, 1, 0],
      ["Transport Department", 2, 1],
    ],
  );
  assert.deepEqual(
    activity.map(({ party, reads, objects }) => [party.name, reads, objects]),
    [["Overseas CERT", 2, 5]],
  );
  assert.deepEqual(
    readers.map(({ name }) => name),
    ["All members", "All partners"],
  );
  assert.ok(choices.some(({ audience }) => audience === `organisation:${oversea}`));

  const rights = { readers: ["members"], writers: [`organisation:${transport}`], reason: "only they write" };
  for (const who of ["chan", "abroad"] as const)
    assert.equal(codeOf(await acts.collectionRights(await viewer(who), one.id, rights, ask)), "WGL_HTTP_FORBIDDEN");
  assert.equal(codeOf(await acts.collectionRights(lo, "nothing", rights, ask)), "WGL_ABSENT");
  assert.equal(codeOf(await acts.collectionRights(lo, one.id, { ...rights, reason: " " }, ask)), "WGL_ACT_REASON");
  assert.equal(
    codeOf(await acts.collectionRights(lo, one.id, { ...rights, readers: ["organisation:nobody"] }, ask)),
    "WGL_NAME_UNKNOWN",
  );
  const changed = await acts.collectionRights(lo, one.id, rights, ask);
  assert.ok(changed.ok);
  assert.deepEqual([changed.value.readers, changed.value.writers], [rights.readers, rights.writers]);
  const leaf = (await leaves()).find(({ data }) => data["act"] === "rights");
  assert.deepEqual(leaf?.data["before"], { readers: ["members", "partners"], writers: ["members", "partners"] });
  assert.equal(codeOf(await acts.collection(await viewer("chan"), one.id, ask)), "WGL_HTTP_FORBIDDEN");
});

test("a webhook is paused, goes on and is tested; deliveries tell how each went", async (t) => {
  const { acts, desk, viewer, id, clock } = await openActsWorld(t);
  const party = id("organisation", "transport");
  const chan = await viewer("chan");
  const wanted = { url: "https://hook.example/in", events: ["recall"] } as const;
  const made = await acts.makeWebhook(chan, party, { ...wanted, events: [...wanted.events] }, ask);
  assert.ok(made.ok);
  const hook = made.value.id;
  const sent: string[] = [];
  let answers = true;
  const delivering: DeliveringWebhooks = {
    ...{ state: desk.state, known: () => desk.directory.known, idOf: desk.idOf, now: () => clock.now },
    from: { name: "waglan", address: "waglan@cert.example" },
    post: async (_url, _headers, body) => {
      const { type, data } = JSON.parse(body) as { type: string; data: { challenge?: string } };
      sent.push(type);
      return { status: answers ? 200 : 503, body: data.challenge ?? "" };
    },
  };
  const act = (name: "pause" | "resume" | "test") => acts.doWebhook(chan, party, hook, { act: name }, ask);
  const log = async (): Promise<readonly string[]> => {
    const page = await acts.webhookDeliveries(chan, party, hook, ask);
    assert.ok(page.ok);
    return page.value.deliveries.map(({ event, state, attempts, problem }) =>
      [event, state, attempts, ...(problem === undefined ? [] : [problem])].join(" "),
    );
  };
  const paused = await act("pause");
  assert.ok(paused.ok);
  assert.deepEqual([paused.value.why, paused.value.waiting], ["paused", 1]);
  assert.equal(await deliverWebhooks(delivering), undefined, "nothing is handed over meanwhile");
  assert.equal(codeOf(await act("test")), "WGL_WEBHOOK_OFF");
  const resumed = await act("resume");
  assert.ok(resumed.ok);
  assert.equal(resumed.value.disabled, undefined);
  assert.equal(await deliverWebhooks(delivering), 1);
  assert.deepEqual(await log(), ["challenge sent 1"]);
  clock.now = after(clock.now, hour);
  assert.ok((await act("test")).ok);
  assert.ok((await act("test")).ok, "pressed twice it is one test");
  answers = false;
  assert.equal(await deliverWebhooks(delivering), 0);
  assert.deepEqual(await log(), ["test waiting 1 HTTP 503", "challenge sent 1"]);
  answers = true;
  clock.now = after(clock.now, hour);
  assert.equal(await deliverWebhooks(delivering), 1);
  assert.deepEqual(sent, ["challenge", "test", "test"]);
  const ledger = await acts.sharingLedger(chan, party, { limit: 5 }, ask);
  assert.deepEqual(ledger, { ok: true, value: { entries: [] } }, "a test says nothing, and nothing left");
  const elsewhere = id("organisation", "oversea");
  assert.equal(codeOf(await acts.webhookDeliveries(chan, elsewhere, hook, ask)), "WGL_ABSENT");
  assert.equal(codeOf(await acts.doWebhook(chan, elsewhere, hook, { act: "pause" }, ask)), "WGL_ABSENT");
  assert.equal(codeOf(await acts.sharingLedger(chan, elsewhere, { limit: 5 }, ask)), "WGL_HTTP_FORBIDDEN");
});

test("a list is counted as it would be sent; what stays here is told to staff alone", async (t) => {
  const { acts, viewer, list, id, listing, desk } = await openOutWorld(t);
  await list(domain("a.example"), { ...domain("b.example"), tlp: "red" }, { kind: "ipv4", value: "198.51.100.7" });
  const party = id("organisation", "transport");
  const asked = { list: "all", format: "txt", words: {} } as const;
  const staff = await acts.listCount(await viewer("lo"), party, asked, ask);
  assert.ok(staff.ok);
  const own = await acts.listCount(await viewer("chan"), party, asked, ask);
  assert.ok(own.ok);
  assert.deepEqual([own.value.withheld, own.value.complete], [undefined, true]);
  assert.deepEqual([staff.value.leaves, staff.value.withheld], [own.value.leaves, 1]);
  assert.equal(own.value.leaves, 2);
  assert.equal(codeOf(await acts.listCount(await viewer("abroad"), party, asked, ask)), "WGL_ABSENT");
  assert.equal(
    codeOf(await acts.listCount(await viewer("lo"), party, { ...asked, words: { tlp: "purple" } }, ask)),
    "WGL_TLP",
  );
  const recipient = recipientOf(desk.directory.known, party as never);
  assert.ok(recipient);
  const read = await readList(listing, recipient, "all", "txt", {});
  assert.ok(read.ok);
  const bounded = await countList(listing, recipient, read.value, desk.now(), 1);
  assert.deepEqual(bounded.complete, false);
});
