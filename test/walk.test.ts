import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import PostalMime from "postal-mime";
import { readAnswerToken } from "#alerts/answer-link.ts";
import { answer } from "#jobs/answer.ts";
import { collectFeed } from "#jobs/collect-feed.ts";
import { readConfig } from "#jobs/config.ts";
import { deliverMail } from "#jobs/deliver-mail.ts";
import { joinIndicators } from "#jobs/join-indicators.ts";
import { matchTelemetry } from "#jobs/match-telemetry.ts";
import { raiseAlerts } from "#jobs/raise-alert.ts";
import { releaseList } from "#jobs/release-list.ts";
import type { LedgerEntry } from "#community/ledger-entry.ts";
import { openWaglan, type Waglan } from "#wiring/waglan.ts";
import { playTelemetry, prepareSample, setUpSample } from "#sample/play.ts";
import { expected } from "#sample/story.ts";

// The product on one page: a feed says something bad exists; a sensor says it saw something; if they meet, somebody is
// told, in their words; they answer; partners hear of it, if it is allowed.
let waglan: Waglan;
const data = mkdtempSync(join(tmpdir(), "walk-"));
before(async () => {
  prepareSample(data);
  const config = readConfig(
    readFileSync(new URL("../sample/waglan.yaml", import.meta.url), "utf8"),
    {},
    { data, "history.off": "true" },
  );
  assert.ok(config.ok, JSON.stringify(config));
  waglan = await openWaglan(config.value);
});
after(async () => {
  await waglan?.close();
  rmSync(data, { recursive: true, force: true });
});
const until = async <T>(turn: () => Promise<T | undefined>): Promise<T[]> => {
  const done: T[] = [];
  for (let one = await turn(); one !== undefined; one = await turn()) done.push(one);
  return done;
};

test("a community is known: organisations, people, assets, sensors", async () => {
  assert.equal(await setUpSample(waglan), true);
  const { directory } = waglan.directory.known;
  assert.ok(directory.organisations.length >= 15 && directory.sensors.length === 6);
  assert.deepEqual(
    waglan.directory.known.assets
      .owners({ kind: "ipv4", value: "203.0.113.24" }, waglan.now())
      .map((one) => waglan.directory.known.organisation(one.organisation)?.key),
    ["transport"],
  );
});

test("feeds are collected: every list compared with its own past, every bad row kept with its reason", async () => {
  for (const source of waglan.sources)
    assert.equal((await collectFeed(waglan.collecting, source))?.state, "healthy", source.feed.id);
  for (const source of waglan.sources)
    assert.equal((await collectFeed(waglan.collecting, source))?.added, 0, source.feed.id);
  await waglan.memory.refresh(waglan.now());
  assert.ok(waglan.memory.index.size > 1000);
});

test("telemetry is matched, one transaction a batch; own assets are found in bad lists", async () => {
  assert.ok((await playTelemetry(waglan)) >= 6);
  await until(() => matchTelemetry(waglan.matching));
  await until(() => joinIndicators(waglan.joining));
  const found = await waglan.database
    .sql`select o.key, f.problem_type, f.problem_about from finding f join organisation o on o.id = f.organisation where f.shadow is null`;
  const said = new Set(found.map((row) => `${row["key"]} ${row["problem_type"]} ${row["problem_about"]}`));
  for (const one of expected.findings)
    assert.ok(said.has(`${one.organisation} ${one.problem} ${one.about}`), JSON.stringify(one));
  assert.equal(
    said.size,
    new Set(expected.findings.map((one) => `${one.organisation} ${one.problem} ${one.about}`)).size,
    "nothing else is told",
  );
  for (const noise of expected.mustNotAlert)
    assert.equal(
      (await waglan.database.sql`select from hit where indicator_value = any(${[...noise.values]})`).length,
      0,
      noise.why,
    );
});

test("exactly the people concerned are told, in their language, with what to do and how to answer", async () => {
  await until(() => raiseAlerts(waglan.alerting));
  await until(() => deliverMail({ state: waglan.state, deliver: waglan.deliver, now: waglan.now }));
  const folder = join(data, waglan.config.mail.folder);
  const mails = await Promise.all(
    readdirSync(folder).map((name) => PostalMime.parse(readFileSync(join(folder, name)))),
  );
  const chan = mails.filter((mail) => mail.to?.[0]?.address === "chan@transport.example");
  assert.ok(
    chan.some(
      (mail) =>
        /qakbot/i.test(mail.text ?? "") && /10\.20\.4\.31/.test(mail.text ?? "") && /發生/.test(mail.text ?? ""),
    ),
  );
  assert.ok(mails.every((mail) => mail.subject?.startsWith("TLP:")));
});

test("they answer by the link in the mail; the finding moves and the evidence says so", async () => {
  const [row] = await waglan.database
    .sql`select a.id, a.n, f.id as finding, r.person, o.mail from alert a join finding f on f.n = a.finding
    join alert_recipient r on r.alert = a.n join outbox o using (message_id) where f.problem_about = 'qakbot' limit 1`;
  const token =
    /\/a\/([A-Za-z0-9_-]+)\?answer=/.exec((row?.["mail"] as { text: string } | undefined)?.text ?? "")?.[1] ?? "";
  const claim = readAnswerToken(token, waglan.alerting.answerKey, waglan.now());
  assert.ok(claim.ok && claim.value.alert === row?.["id"]);
  const said = await answer(
    waglan.state,
    {
      finding: row["finding"] as string,
      alert: row["n"] as number,
      person: claim.value.person,
      who: "Chan",
      answer: "acknowledged",
      mayAnswer: () => true,
    },
    waglan.now(),
  );
  assert.ok(said.ok);
  const [after] = await waglan.database
    .sql`select state, (select count(*) from evidence_leaf where kind = 'answer') as leaves from finding where id = ${row["finding"] as string}`;
  assert.deepEqual({ ...after }, { state: "acknowledged", leaves: 1 });
});

test("a partner gets the block-list it may have: licence and TLP obeyed, the ledger knows", async () => {
  const { known } = waglan.directory;
  const strait = known.directory.organisations.find((one) => one.kind === "partner");
  assert.ok(strait);
  const listing = {
    ...{
      known,
      exclusions: waglan.memory.exclusions,
      titleOf: waglan.alerting.titleOf,
      claims: waglan.views.blockable,
    },
    write: (entry: LedgerEntry) => waglan.state.act((tx) => tx.ledger.write(entry)),
  };
  const addresses = await releaseList(listing, "addresses", "txt", strait.id, waglan.now());
  assert.ok(addresses && addresses.lines.length > 10);
  assert.ok(!addresses.lines.includes("192.0.2.130"), "a member's own address never stands in a list");
  const domains = await releaseList(listing, "domains", "txt", strait.id, waglan.now());
  const amber = await waglan.database
    .sql`select value from indicator i join claim c on c.indicator = i.id where c.tlp = 'amber' and i.kind = 'domain'
    and not exists (select from claim d where d.indicator = i.id and d.tlp in ('clear', 'green'))`;
  assert.ok(
    amber.length > 0 && !amber.some((one) => domains?.lines.includes(one["value"] as string)),
    "AMBER stays inside",
  );
  const [ledger] = await waglan.database.sql`select party, content_hash from release_ledger`;
  assert.equal(ledger?.["party"], strait.id);
});
