import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { gunzipSync } from "node:zlib";
import { join } from "node:path";
import { after, before, test } from "node:test";
import PostalMime, { type Email } from "postal-mime";
import { readAnswerToken } from "#alerts/answer-link.ts";
import type { Staff } from "#community/viewer.ts";
import { acts as actsOf } from "#jobs/acts/acts.ts";
import type { Acts } from "#jobs/acts/port.ts";
import { priorities } from "#intel/priority.ts";
import { viewerOfAccount } from "#jobs/acts/viewer-of.ts";
import { answer } from "#jobs/alerts/answer.ts";
import { collectFeed } from "#jobs/collect/feed.ts";
import { readConfig } from "#jobs/config/config.ts";
import { deliverMail } from "#jobs/alerts/deliver-mail.ts";
import { joinIndicators } from "#jobs/indicators/join.ts";
import { joinReports } from "#jobs/inventory/join-reports.ts";
import { joinStix } from "#jobs/stix/join.ts";
import { matchTelemetry } from "#jobs/batches/match-telemetry.ts";
import { raiseAlerts } from "#jobs/alerts/raise.ts";
import { recipientOf } from "#jobs/alerts/recipient-of.ts";
import type { Listing } from "#jobs/listing.ts";
import { listShelf, readList, sendList } from "#jobs/lists/release.ts";
import { deskOf } from "#wiring/desk.ts";
import { openWaglan, type Waglan } from "#wiring/waglan.ts";
import { judgeMisjudged, playTelemetry, postFromPartner, prepareSample, setUpSample } from "#sample/play.ts";
import { expected, misjudged, neighbour, posted, reported, weaknesses } from "#sample/story.ts";

// The product on one page: a feed says something bad exists, a report says something of ours is ill, an advisory says what is
// weak; a sensor says it saw something; if they meet, somebody is told, in their words; they answer; what was wrong is
// taken back; partners hear of it, if it is allowed.
let waglan: Waglan;
let acts: Acts;
const ask = { language: "en", request: "walk" } as const;
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
  // here every step is taken by hand
  acts = actsOf(deskOf(waglan, { wake: () => {}, well: () => true, stop: async () => {} }));
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

const mailsOf = async (): Promise<readonly Email[]> => {
  await until(() => raiseAlerts(waglan.alerting));
  await until(() => deliverMail({ state: waglan.state, deliver: waglan.deliver, now: waglan.now }));
  const folder = join(data, waglan.config.mail.folder);
  return Promise.all(readdirSync(folder).map((name) => PostalMime.parse(readFileSync(join(folder, name)))));
};
const to = (mails: readonly Email[], address: string): readonly Email[] =>
  mails.filter((mail) => mail.to?.some((one) => one.address === address));
const analyst = async (): Promise<Staff> => {
  const account = await waglan.accounts.byName("lo");
  const viewer = account && viewerOfAccount(account, waglan.directory.known);
  assert.ok(viewer?.kind === "staff");
  return viewer;
};
/** Values are written so that nobody clicks them. */
const isAbout = (mail: Email, value: string): boolean => (mail.text ?? "").replaceAll("[.]", ".").includes(value);

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

test("an advisory is ranked by what all its sources say together", async () => {
  const viewer = await analyst();
  const about = async (cve: string) => {
    const found = await acts.advisories(viewer, { cve, limit: 10 }, ask);
    assert.ok(found.ok && found.value.advisories.length > 0, cve);
    return found.value.advisories;
  };
  for (const { cve, priority } of Object.values(weaknesses)) {
    const ranks = (await about(cve)).map((one) => priorities.indexOf(one.priority));
    assert.equal(priorities[Math.min(...ranks)], priority, cve);
  }
  // the catalogue, two CERTs in two languages
  assert.deepEqual((await about(weaknesses.vpn.cve)).map(({ language }) => language).toSorted(), ["en", "en", "zh-HK"]);
  // nobody said "exploited": how grave it is comes from its maker, how likely from EPSS
  const pump = (await about(weaknesses.pump.cve)).find(({ kind }) => kind === "advisory");
  assert.deepEqual(
    pump?.reasons.map(({ code }) => code),
    ["epss", "cvss"],
  );
});

test("a partner's post by TAXII reaches intel, in shadow; green and amber each as far as it says", async () => {
  const status = (await postFromPartner(waglan, acts)) as { success_count: number; failure_count: number };
  assert.deepEqual([status.success_count, status.failure_count], [12, 0]);
  const { state, secret, policy, elapsed } = waglan.collecting;
  const [job] = await state.act((tx) => tx.queue.take("join-stix", waglan.now(), 1));
  assert.ok(job);
  const known = (id: Parameters<typeof waglan.directory.known.organisation>[0]) =>
    waglan.directory.known.organisation(id)?.key;
  const at = waglan.now();
  await joinStix({ state, secret, policy: policy(at), now: at, elapsed }, job, known);
  await state.act((tx) => tx.queue.done([job.n]));
  const claims = await waglan.database.sql`select i.value, c.tlp, f.shadow is not null as shadow from claim c
    join indicator i on i.id = c.indicator join feed_state f using (feed) where c.feed like 'taxii-posts-%' order by value`;
  const told = (values: readonly string[], tlp: string) => values.map((value) => ({ value, tlp, shadow: true }));
  assert.deepEqual(
    claims.map((row) => ({ ...row })),
    [...told(posted.green, "green"), ...told(posted.amber, "amber+strict")].toSorted((a, b) =>
      a.value < b.value ? -1 : 1,
    ),
  );
});

test("telemetry is matched, one transaction a batch; own assets are found in bad lists and in reports", async () => {
  assert.ok((await playTelemetry(waglan)) >= 6);
  await until(() => matchTelemetry(waglan.matching));
  await until(() => joinIndicators(waglan.joining));
  while ((await joinReports(waglan.joining))?.more !== false);
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

test("a finding made by a report shows the row it rests on", async () => {
  const [row] = await waglan.database
    .sql`select id from finding where problem_about = ${weaknesses.vpn.cve.toLowerCase()}`;
  const found = await acts.finding(await analyst(), row?.["id"] as string, ask);
  assert.ok(found.ok);
  assert.match(JSON.stringify(found.value), new RegExp(`ip: ${reported.vulnerable.ip}; protocol: tcp; port: 443`));
});

test("exactly the people concerned are told, in their language, with what to do and how to answer", async () => {
  const mails = await mailsOf();
  const chan = to(mails, "chan@transport.example");
  assert.ok(
    chan.some(
      (mail) =>
        /qakbot/i.test(mail.text ?? "") && /10\.20\.4\.31/.test(mail.text ?? "") && /發生/.test(mail.text ?? ""),
    ),
  );
  assert.ok(chan.some((mail) => mail.text?.includes(weaknesses.vpn.cve) && mail.text.includes(reported.vulnerable.ip)));
  assert.ok(to(mails, "tam@drainage.example").some((mail) => mail.text?.includes(reported.telnet.ip)));
  assert.equal(to(mails, "zhao@education.example").filter((mail) => isAbout(mail, misjudged.domain)).length, 1);
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

test("a value judged false is taken back, and who was told of it is told so, nobody else", async () => {
  const before = await mailsOf();
  assert.equal(await judgeMisjudged(waglan), 1);
  const after = await mailsOf();
  const old = new Set(before.map(({ messageId }) => messageId));
  const fresh = after.filter(({ messageId }) => !old.has(messageId));
  assert.deepEqual(
    fresh.flatMap((mail) => mail.to?.map(({ address }) => address) ?? []),
    ["zhao@education.example"],
  );
  assert.match(fresh[0]?.text ?? "", /更正/);
  const [finding] = await waglan.database.sql`select f.state from finding f join hit h on h.finding = f.n
    where h.indicator_value = ${misjudged.domain} group by f.state`;
  assert.equal(finding?.["state"], "false");
});

test("a partner gets the block-list it may have: licence and TLP obeyed, the ledger knows", async () => {
  const { known } = waglan.directory;
  const strait = known.directory.organisations.find((one) => one.kind === "partner");
  assert.ok(strait);
  const listing: Listing = {
    ...{ state: waglan.state, views: waglan.views, idOf: waglan.idOf, portal: waglan.alerting.portal },
    known: () => waglan.directory.known,
    exclusions: () => waglan.memory.exclusions,
    titleOf: waglan.alerting.titleOf,
  };
  const shelf = listShelf();
  const recipient = recipientOf(known, strait.id);
  assert.ok(recipient);
  const linesOf = async (name: string): Promise<readonly string[]> => {
    const asked = await readList(listing, recipient, name, "txt", {});
    assert.ok(asked.ok);
    const sent = await sendList(listing, shelf, strait.id, asked.value, waglan.now());
    return gunzipSync(Buffer.concat(sent?.packed ?? []))
      .toString("utf8")
      .split("\n");
  };
  const addresses = await linesOf("addresses");
  assert.ok(addresses.length > 10);
  assert.ok(!addresses.includes("192.0.2.130"), "a member's own address never stands in a list");
  const domains = await linesOf("domains");
  const amber = await waglan.database
    .sql`select value from indicator i join claim c on c.indicator = i.id where c.tlp = 'amber' and i.kind = 'domain'
    and not exists (select from claim d where d.indicator = i.id and d.tlp in ('clear', 'green'))`;
  assert.ok(amber.length > 0 && !amber.some((one) => domains.includes(one["value"] as string)), "AMBER stays inside");
  for (const name of neighbour.green)
    assert.ok(domains.includes(name), `${name} is green, with a licence to pass it on`);
  for (const name of [...neighbour.amber, ...posted.green, ...posted.amber, misjudged.domain])
    assert.ok(!domains.includes(name), `${name} is amber, in shadow, or judged false`);
  const [ledger] = await waglan.database.sql`select party, content_hash from release_ledger`;
  assert.equal(ledger?.["party"], strait.id);
});
