import assert from "node:assert/strict";
import { gunzipSync, gzipSync } from "node:zlib";
import { test } from "node:test";
import { answerUrls, makeAnswerToken } from "#alerts/answer-link.ts";
import type { SensorViewer, Viewer } from "#community/viewer.ts";
import { after, day } from "#core/instant.ts";
import type { Licence, Tlp } from "#core/marking.ts";
import type { BatchBody } from "#jobs/acts/port.ts";
import type { ClaimRow } from "#intel/ports.ts";
import { indicatorId } from "#intel/indicator.ts";
import { raiseAlerts } from "#jobs/alerts/raise.ts";
import { type ActsWorld, ask, codeOf, openActsWorld, party } from "./acts-world.ts";

const sensorOf = (world: ActsWorld): SensorViewer => ({
  kind: "sensor",
  sensor: world.id("sensor", "edge") as SensorViewer["sensor"],
  organisation: world.id("organisation", "transport") as SensorViewer["organisation"],
  of: "member",
});

const batch = (key: string, digest = "d1"): BatchBody => ({
  key,
  digest: digest.padEnd(64, "0"),
  body: gzipSync("{}\n"),
});

test("acceptTelemetry() commits once, knows a repeat from a conflict, and says when too much waits", async (t) => {
  const world = await openActsWorld(t);
  const { acts, woken, sql, desk } = world;
  const sensor = sensorOf(world);
  const first = await acts.acceptTelemetry(sensor, batch("k1"), ask);
  assert.equal(first.kind, "accepted");
  assert.deepEqual(woken, ["match"]);
  const again = await acts.acceptTelemetry(sensor, batch("k1"), ask);
  assert.deepEqual(again, { ...first, kind: "duplicate" });
  assert.deepEqual(await acts.acceptTelemetry(sensor, batch("k1", "d2"), ask), { kind: "conflict" });
  const second = await acts.acceptTelemetry(sensor, batch("k2"), ask);
  assert.ok(second.kind === "accepted" && first.kind === "accepted" && second.batch !== first.batch);
  assert.deepEqual(await acts.acceptTelemetry(sensor, batch("k3"), ask), { kind: "busy", retryAfterSeconds: 5 });
  assert.deepEqual(await acts.acceptTelemetry(sensor, batch("k1"), ask), again, "a repeat takes no room");
  assert.equal((await sql`select from telemetry_batch`).length, 2);
  await sql.end({ timeout: 1 });
  assert.deepEqual(await acts.acceptTelemetry(sensor, batch("k4"), ask), { kind: "gone", retryAfterSeconds: 5 });
  await assert.rejects(desk.views.sensors(), { code: "WGL_STATE_GONE" });
});

test("blockList() holds what TLP, licence and agreement let go, and the ledger has each answer", async (t) => {
  const world = await openActsWorld(t);
  const { acts, desk, sql, id, leaves, viewer } = world;
  const claim = async (feed: string, value: string, tlp: Tlp, licence: Licence, shadow = false): Promise<void> => {
    const observable = { kind: "ipv4", value } as const;
    await desk.state.act(async (tx) => {
      await tx.intel.feed({ id: feed, liveDays: 30, voice: "alert" }, shadow);
      const row: ClaimRow = {
        ...{
          id: indicatorId("secret", observable),
          observable,
          parts: [""],
          seenAt: desk.now(),
          liveUntil: after(desk.now(), day),
        },
        ...{ grade: { source: "B", statement: 2 }, labels: ["bot"], flags: [], tlp, pap: "clear", licence },
      };
      await tx.intel.merge(feed, [row], desk.now());
    });
  };
  await claim("abusech-feodo", "198.51.100.1", "clear", "CC0-1.0");
  await claim("abusech-feodo", "198.51.100.2", "amber", "CC0-1.0");
  await claim("abusech-feodo", "198.51.100.3", "red", "CC0-1.0");
  await claim("stamparm-ipsum", "198.51.100.4", "clear", "non-commercial");
  await claim("stamparm-ipsum", "198.51.100.5", "clear", "no-redistribution");
  await claim("generic-lines", "198.51.100.6", "clear", "CC0-1.0", true);
  await claim("abusech-feodo", "203.0.113.20", "clear", "CC0-1.0");
  const values = async (who: Viewer): Promise<readonly string[]> => {
    const list = await acts.blockList(who, { name: "addresses", format: "txt", words: {}, has: {} }, ask);
    assert.ok(list.ok && list.value.packed);
    const lines = gunzipSync(Buffer.concat(list.value.packed)).toString("utf8").split("\n");
    return lines.filter((line) => line !== "" && !line.startsWith("#"));
  };
  assert.deepEqual(await values(party(world, "transport", "member")), ["198.51.100.1", "198.51.100.2", "198.51.100.4"]);
  assert.deepEqual(await values(party(world, "oversea", "partner")), ["198.51.100.1"]);
  assert.deepEqual(await values(await viewer("chan")), ["198.51.100.1", "198.51.100.2", "198.51.100.4"]);
  assert.deepEqual(
    [...(await sql`select party, query, objects from release_ledger order by n`)].map((row) => [
      row["party"],
      row["query"],
      row["objects"],
    ]),
    [
      [id("organisation", "transport"), "/lists/addresses.txt", 3],
      [id("organisation", "oversea"), "/lists/addresses.txt", 1],
      [id("organisation", "transport"), "/lists/addresses.txt", 3],
    ],
  );
  assert.equal((await leaves()).filter((leaf) => leaf.kind === "release").length, 3);
  for (const [who, list] of [
    [party(world, "transport", "member"), "nothing"],
    [party(world, "transport", "member"), "constructor"],
    [party(world, "nowhere", "member"), "addresses"],
    [await viewer("head"), "addresses"],
    [await viewer("root"), "addresses"],
    [{ kind: "public" }, "addresses"],
  ] as const satisfies readonly (readonly [Viewer, string])[])
    assert.equal(
      codeOf(await acts.blockList(who, { name: list, format: "txt", words: {}, has: {} }, ask)),
      "WGL_ABSENT",
      `${who.kind} ${list}`,
    );
});

test("the signed link of a mail shows the alert, answers it, and changes nothing by being opened", async (t) => {
  const world = await openActsWorld(t);
  const { acts, desk, find, sql, clock, leaves, id } = world;
  const finding = await find();
  const written = await raiseAlerts({
    ...{
      state: desk.state,
      directory: desk.directory,
      titleOf: (feed) => feed,
      portal: desk.portal,
      answerKey: desk.answerKey,
    },
    ...{ from: { name: "CERT", address: "cert@cert.example" }, idOf: desk.idOf, now: desk.now },
  });
  assert.equal(written, 2);
  const [mail] = await sql`select mail from outbox where mail::text like '%chan@transport.example%'`;
  const token = /\/a\/([A-Za-z0-9_-]+)/.exec(JSON.stringify(mail?.["mail"]))?.[1];
  assert.ok(token);

  const before = await stateOf();
  const page = await acts.answerPage(token, "fixed", { ...ask, language: "zh-Hant-HK" });
  assert.equal(page.status, 200);
  assert.match(page.page.text, /lang="zh-Hant-HK"/);
  assert.match(page.page.text, /value="fixed" class="filled"/);
  assert.deepEqual(await stateOf(), before, "looking changes nothing");

  const thanks = await acts.answerLink(token, { answer: "fixed", note: "cleaned" }, ask);
  assert.equal(thanks.status, 200);
  assert.match(thanks.page.text, /Thank you, your answer has arrived/);
  assert.match(thanks.page.text, /Chan Hoi-ki answered/);
  assert.equal((await acts.answerLink(token, { answer: "need-help" }, ask)).status, 200);
  const after60 = await stateOf();
  assert.deepEqual([after60.state, after60.answers], ["fix-claimed", 2]);
  assert.equal((await leaves()).filter((leaf) => leaf.kind === "answer").length, 2);
  const [first] = await sql`select who, person, alert is not null as by_alert, note from answer order by n`;
  assert.deepEqual({ ...first }, { who: "Chan Hoi-ki", person: id("person", "chan"), by_alert: true, note: "cleaned" });

  const forged = makeAnswerToken(
    { alert: id("alert", "none"), person: id("person", "chan"), version: 1, expires: after(clock.now, day) },
    desk.answerKey,
  );
  const other = makeAnswerToken(
    {
      alert: id("alert", `${finding.id} 1`),
      person: id("person", "green"),
      version: 1,
      expires: after(clock.now, day),
    },
    desk.answerKey,
  );
  for (const wrong of ["rubbish", forged, other, `${token.slice(0, -2)}AA`]) {
    const page404 = await acts.answerPage(wrong, undefined, ask);
    assert.equal(page404.status, 404);
    assert.match(page404.page.text, /We do not know this link/);
    assert.doesNotMatch(page404.page.text, /203\.0\.113/);
    assert.equal((await acts.answerLink(wrong, { answer: "fixed" }, ask)).status, 404);
  }
  clock.now = after(clock.now, 61 * day);
  const old = await acts.answerPage(token, undefined, ask);
  assert.equal(old.status, 410);
  assert.match(old.page.text, /This link has expired/);
  assert.equal((await stateOf()).answers, 2);
  assert.ok(answerUrls(desk.portal, token).fixed.startsWith("https://waglan.cert.example/a/"));

  async function stateOf() {
    const [row] =
      await sql`select state, (select count(*)::int from answer) as answers, (select count(*)::int from finding_history) as events from finding where id = ${finding.id}`;
    return { ...row } as { state: string; answers: number; events: number };
  }
});
