import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { isXml } from "./out-xml.ts";
import { after, day, minute } from "#core/instant.ts";
import { WaglanError } from "#core/result.ts";
import { xml } from "#core/xml.ts";
import { webhookOver } from "#deliver/webhook.ts";
import { judgeIndicator } from "#jobs/indicators/judge.ts";
import { recallIndicators } from "#jobs/recall/recall.ts";
import { deliverWebhooks, type PostWebhook } from "#jobs/webhooks/deliver.ts";
import { tellListChanges } from "#jobs/webhooks/lists.ts";
import { isThin } from "#jobs/webhooks/tell.ts";
import { openEgress } from "#net/egress.ts";
import { checkWebhook, receiverKey, webhookHeaders } from "#share/webhook-signature.ts";
import { ask, codeOf } from "./acts-world.ts";
import { openOutWorld, type OutWorld } from "./out-world.ts";

const domain = (name: string) => ({ kind: "domain" as const, value: name });

test("signatures are those of Standard Webhooks, for a secret and for a key, and fit no other message", () => {
  // Standard Webhooks, reference vector: msg_p5jXN8AQM9LWM0D4loKWxJek at 1614265330
  const secret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const known = webhookHeaders("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, '{"test": 2432232314}', {
    algorithm: "v1",
    secret,
  });
  assert.equal(known["webhook-signature"], "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  for (const algorithm of ["v1", "v1a"] as const) {
    const key = { algorithm, secret: Buffer.alloc(32, 7).toString("base64") };
    const headers = webhookHeaders("m-1", 1000, "{}", key);
    const kept = receiverKey(key);
    assert.match(kept, algorithm === "v1" ? /^whsec_/ : /^whpk_/);
    assert.ok(checkWebhook(headers, "{}", kept, 1000));
    assert.ok(!checkWebhook(headers, "{ }", kept, 1000));
    assert.ok(!checkWebhook({ ...headers, "webhook-id": "m-2" }, "{}", kept, 1000));
    assert.ok(!checkWebhook({ ...headers, "webhook-timestamp": "1001" }, "{}", kept, 1000));
    assert.ok(!checkWebhook(headers, "{}", kept, 1301), "too old");
    assert.ok(
      !checkWebhook(headers, "{}", receiverKey({ algorithm, secret: Buffer.alloc(32, 8).toString("base64") }), 1000),
    );
  }
  assert.deepEqual(
    ["clear", "green", "amber", "red"].map((tlp) => isThin(tlp as "clear")),
    [false, false, true, true],
  );
});

interface Got {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { type: string; data: Record<string, unknown> };
}

/** A receiver that does what it is told, and a way to deliver to it. */
const receiver = (world: OutWorld) => {
  const got: Got[] = [];
  const answer: { status: number; body?: string; gone?: true } = { status: 200 };
  const post: PostWebhook = async (url, headers, body) => {
    const read = JSON.parse(body) as Got["body"];
    got.push({ url, headers, body: read });
    if (answer.gone) throw new WaglanError("WGL_EGRESS_DEADLINE", { seconds: 15 });
    return { status: answer.status, body: answer.body ?? JSON.stringify({ challenge: read.data["challenge"] }) };
  };
  const { desk, listing } = world;
  const delivering = {
    ...{ state: desk.state, post, known: listing.known, idOf: desk.idOf, now: desk.now },
    from: { name: "CERT", address: "cert@cert.example" },
  };
  return { got, answer, deliver: () => deliverWebhooks(delivering), from: delivering.from };
};

test("a webhook gets nothing but a challenge until its owner answers it; then news, signed, thin above GREEN", async (t) => {
  const world = await openOutWorld(t);
  const { acts, desk, list, text, clock, sql, viewer, id, idOfValue, leaves } = world;
  const staff = await viewer("lo");
  const transport = id("organisation", "transport");
  for (const url of ["http://hook.example/x", "https://u:p@hook.example/", "ftp://hook.example/", "no url at all"])
    assert.equal(codeOf(await acts.makeWebhook(staff, transport, { url, events: ["recall"] }, ask)), "WGL_WEBHOOK_URL");
  assert.equal(
    codeOf(
      await acts.makeWebhook(
        await viewer("green"),
        transport,
        { url: "https://hook.example/", events: ["recall"] },
        ask,
      ),
    ),
    "WGL_ABSENT",
  );
  const made = await acts.makeWebhook(
    staff,
    transport,
    { url: "https://hook.example/in", events: ["recall", "list.changed"], algorithm: "v1a" },
    ask,
  );
  assert.ok(made.ok && made.value.key);
  await list(domain("bad.example"), { ...domain("amber.example"), tlp: "amber" });
  await text("transport", "domains");
  const judge = async (value: string) => {
    const judging = { indicator: idOfValue(domain(value)), who: "Lo", reason: "ours", verdict: "false" as const };
    assert.ok((await judgeIndicator(desk.state, judging, () => false, clock.now)).ok);
    clock.now = after(clock.now, 1000);
    return recallIndicators({ ...world.listing, from, now: desk.now });
  };
  const { got, answer, deliver, from } = receiver(world);
  answer.body = "what?";
  assert.equal(await deliver(), 0, "an answer without the challenge proves nothing");
  clock.now = after(clock.now, minute);
  assert.equal(await judge("amber.example"), 1);
  assert.equal(
    (await sql`select from webhook_message where event <> 'challenge'`).length,
    0,
    "not proven: nothing is put",
  );
  delete answer.body;
  assert.equal(await deliver(), 1);
  assert.deepEqual(
    got.map(({ body }) => body.type),
    ["challenge", "challenge"],
  );
  assert.equal(got[0]?.headers["webhook-id"], got[1]?.headers["webhook-id"], "a repeat has the same id");

  await list(domain("green.example"), { ...domain("strict.example"), tlp: "amber" });
  clock.now = after(clock.now, minute);
  await text("transport", "domains");
  clock.now = after(clock.now, minute);
  assert.equal(await judge("green.example"), 1);
  assert.equal(await judge("strict.example"), 1);
  assert.equal(await deliver(), 2);
  const [open, thin] = got.slice(-2);
  assert.deepEqual(open?.body.data["values"], [{ kind: "domain", value: "green.example", why: "false" }]);
  assert.deepEqual(thin?.body.data, {
    tlp: "amber",
    ids: [idOfValue(domain("strict.example"))],
    link: "https://waglan.cert.example/lists",
  });
  for (const { headers, body } of got.slice(-2))
    assert.ok(checkWebhook(headers, JSON.stringify(body), made.value.key, Math.floor(desk.now() / 1000)));
  assert.equal((await sql`select from release_ledger where query = 'webhook recall'`).length, 2);
  assert.ok((await leaves()).some(({ subject, kind }) => kind === "release" && subject.startsWith("webhook ")));

  const saved = await acts.saveList(staff, transport, { name: "ours", query: "domains?label=bot" }, ask);
  assert.ok(saved.ok);
  assert.equal(await tellListChanges(world.listing, world.shelf, desk.now()), 1);
  assert.equal(await tellListChanges(world.listing, world.shelf, desk.now()), 1);
  assert.equal(await deliver(), 1, "one version is told of once");
  assert.equal(got.at(-1)?.body.type, "list.changed");
  assert.equal(await deliver(), undefined);
});

test("a webhook that fails is tried again later and later, and after days it is switched off with a notice", async (t) => {
  const world = await openOutWorld(t);
  const { acts, clock, sql, viewer, id, leaves } = world;
  const staff = await viewer("lo");
  const made = await acts.makeWebhook(
    staff,
    id("organisation", "transport"),
    { url: "https://hook.example/", events: ["recall"] },
    ask,
  );
  assert.ok(made.ok);
  const { got, answer, deliver } = receiver(world);
  answer.gone = true;
  const start = clock.now;
  const tried: number[] = [];
  for (let step = 0; step < 5 * 24 * 12 + 1; step++) {
    const before = got.length;
    await deliver();
    if (got.length > before) tried.push(clock.now - start);
    clock.now = after(clock.now, 5 * minute);
  }
  // 0, +5 s, +5 min, +30 min, +2 h, +5 h, +10 h, +14 h, +20 h, +24 h, each at the next look
  assert.equal(tried.length, 10);
  assert.ok((tried.at(-1) ?? 0) > 3 * day);
  const [row] = await sql`select disabled, why from webhook`;
  assert.equal(row?.["why"], "WGL_EGRESS_DEADLINE");
  assert.equal(row["disabled"], null, "its messages are spent before it is switched off");
  const again = await acts.makeWebhook(
    staff,
    id("organisation", "transport"),
    { url: "https://gone.example/", events: ["recall"] },
    ask,
  );
  assert.ok(again.ok);
  delete answer.gone;
  answer.status = 410;
  await deliver();
  assert.deepEqual(
    [...(await sql`select url from webhook where disabled is not null`)].map((one) => one["url"]),
    ["https://gone.example/"],
  );
  const mails = await sql`select mail from outbox`;
  assert.equal(mails.length, 2);
  assert.match(JSON.stringify(mails), /gone\.example/);
  assert.ok((await leaves()).some(({ kind, data }) => kind === "policy" && data["act"] === "switched off"));
  assert.equal(await deliver(), undefined);
});

test("egress.post() sends a body, follows no redirect and reaches no inner address", async (t) => {
  const seen: { type: string | undefined; body: string; signature: string | undefined }[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      seen.push({
        type: request.headers["content-type"],
        body: Buffer.concat(parts).toString("utf8"),
        signature: String(request.headers["webhook-signature"]),
      });
      if (request.url === "/moved") response.writeHead(307, { location: "/in" }).end();
      else response.writeHead(202).end("kept");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const options = { hosts: { has: () => true }, ports: [port] };
  const open = webhookOver(openEgress({ ...options, allowAddresses: ["127.0.0.1/32"] }));
  assert.deepEqual(await open(`http://127.0.0.1:${port}/in`, { "webhook-signature": "v1,x" }, "{}"), {
    status: 202,
    body: "kept",
  });
  assert.deepEqual(seen, [{ type: "application/json", body: "{}", signature: "v1,x" }]);
  await assert.rejects(open(`http://127.0.0.1:${port}/moved`, {}, "{}"), { code: "WGL_EGRESS_REDIRECTS" });
  await assert.rejects(webhookOver(openEgress(options))(`http://127.0.0.1:${port}/in`, {}, "{}"), {
    code: "WGL_EGRESS_ADDRESS",
  });
  assert.equal(seen.length, 2);
});

test("sharing: staff sees parties, preview and ledger; a party its own set-up and nothing else", async (t) => {
  const world = await openOutWorld(t);
  const { acts, list, text, viewer, id } = world;
  const oversea = id("organisation", "oversea");
  await list(domain("a.example"), domain("b.example"), { ...domain("c.example"), tlp: "amber" }, domain("d.example"));
  await text("oversea", "domains", "rpz");
  const staff = await viewer("lo");
  const parties = await acts.sharingParties(staff, ask);
  assert.ok(parties.ok);
  const one = parties.value.parties.find(({ key }) => key === "oversea");
  assert.deepEqual(
    [one?.agreement?.tlpMax, one?.agreement?.inForce, one?.responses, one?.objects],
    ["green", true, 1, 3],
  );
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await acts.sharingPreview(
      staff,
      oversea,
      { list: "domains", format: "stix.json", words: {}, limit: 2, ...(cursor === undefined ? {} : { cursor }) },
      ask,
    );
    assert.ok(page.ok);
    seen.push(...page.value.values.map(({ value, does }) => `${value} ${does}`));
    cursor = page.value.next;
  } while (cursor !== undefined);
  assert.deepEqual(seen, ["a.example leaves", "b.example leaves", "c.example withheld", "d.example leaves"]);
  const asked = { list: "domains", format: "txt", words: {}, limit: 2 } as const;
  assert.equal(codeOf(await acts.sharingPreview(staff, oversea, { ...asked, cursor: "x" }, ask)), "WGL_CURSOR");
  assert.equal(codeOf(await acts.sharingPreview(staff, "nobody", asked, ask)), "WGL_ABSENT");
  const ledger = await acts.sharingLedger(staff, oversea, { limit: 10 }, ask);
  assert.ok(ledger.ok);
  assert.deepEqual(
    ledger.value.entries.map(({ query, objects }) => [query, objects]),
    [["/lists/domains.rpz", 3]],
  );
  for (const who of ["chan", "abroad", "root"] as const) {
    const other = await viewer(who);
    assert.equal(codeOf(await acts.sharingParties(other, ask)), "WGL_HTTP_FORBIDDEN", who);
    assert.equal(codeOf(await acts.sharingPreview(other, oversea, asked, ask)), "WGL_HTTP_FORBIDDEN", who);
    assert.equal(codeOf(await acts.sharingLedger(other, oversea, { limit: 1 }, ask)), "WGL_HTTP_FORBIDDEN", who);
  }
  assert.equal(codeOf(await acts.sharingSetup(await viewer("chan"), oversea, ask)), "WGL_ABSENT");
  assert.equal(
    codeOf(await acts.saveList(staff, oversea, { name: "domains", query: "domains" }, ask)),
    "WGL_NAME_TAKEN",
  );
  assert.equal(codeOf(await acts.saveList(staff, oversea, { name: "x", query: "nothing" }, ask)), "WGL_NAME_UNKNOWN");
  assert.equal(
    codeOf(await acts.saveList(staff, oversea, { name: "x", query: "domains?feed=list" }, ask)),
    "WGL_LIST_SOURCES",
  );
  assert.ok((await acts.saveList(staff, oversea, { name: "x", query: "domains?label=bot" }, ask)).ok);
  assert.match(await text("oversea", "x"), /^a\.example$/m);
  assert.ok((await acts.dropList(staff, oversea, "x", ask)).ok);
  assert.equal(codeOf(await acts.dropList(staff, oversea, "x", ask)), "WGL_ABSENT");
});

test("xml`` escapes whatever stands in a hole, in text and in values", () => {
  const hostile = `"><script>&'\u0000\ud800]]>`;
  const text = xml`<a b="${hostile}">${hostile}${[xml`<c/>`, 1, undefined]}</a>`.text;
  assert.ok(isXml(text), text);
  assert.doesNotMatch(text, /<script/);
  assert.match(text, /<c\/>1<\/a>$/);
});
