import assert from "node:assert/strict";
import { test } from "node:test";
import { hashPassword } from "#community/password.ts";
import { readSessionSecret } from "#community/token.ts";
import { after, hour } from "#core/instant.ts";
import type { ChangeTopic } from "#api/stream.ts";
import { ask, codeOf, openActsWorld, password } from "./acts-world.ts";

test("signIn() lets in who knows the password, keeps only a hash, and says nothing of who exists", async (t) => {
  const { acts, enter, sql, clock, desk, id } = await openActsWorld(t);
  const { secret, session } = await enter("chan");
  const hash = readSessionSecret(secret);
  assert.ok(hash);
  assert.equal(session.until, after(clock.now, 12 * hour));
  const rows = await sql`select token from session`;
  assert.deepEqual(
    [...rows].map((row) => row["token"]),
    [hash],
  );
  assert.ok(session.viewer.kind === "person");
  assert.deepEqual(
    session.viewer.seats.map((seat) => [seat.organisation, seat.role]),
    [[id("organisation", "transport"), "security-contact"]],
  );

  assert.equal(codeOf(await acts.signIn("chan", "another password", "192.0.2.1", ask)), "WGL_SIGN_IN");
  assert.equal(codeOf(await acts.signIn("nobody", password, "192.0.2.1", ask)), "WGL_SIGN_IN");
  assert.equal(codeOf(await acts.signIn("a\0b", password, "192.0.2.1", ask)), "WGL_SIGN_IN");
  assert.equal((await acts.session(hash))?.id, session.id);
  assert.equal((await acts.signIn(" ＣＨＡＮ ", password, "192.0.2.1", ask)).ok, true);

  await acts.signOut(session, ask);
  assert.equal(await acts.session(hash), undefined);
  await desk.accounts.disable("chan", clock.now);
  assert.equal(codeOf(await acts.signIn("chan", password, "192.0.2.1", ask)), "WGL_SIGN_IN");
});

test("signIn() hashes anew what was hashed at another cost, and other sessions stay", async (t) => {
  const { acts, enter, desk, clock } = await openActsWorld(t);
  const { secret } = await enter("lo");
  const account = await desk.accounts.byName("lo");
  assert.ok(account);
  const cheap = await hashPassword(password, Buffer.alloc(16, 3), { memoryKiB: 8, passes: 1, lanes: 1 });
  await desk.accounts.rehash(account.id, cheap);
  assert.equal((await acts.signIn("lo", password, "192.0.2.1", ask)).ok, true);
  assert.match((await desk.accounts.byName("lo"))?.password ?? "", /m=19456,t=2,p=1/);
  assert.ok(await acts.session(readSessionSecret(secret) ?? ""));
  clock.now = after(clock.now, 12 * hour);
  assert.equal(await acts.session(readSessionSecret(secret) ?? ""), undefined);
});

test("a session is what the directory says now: without a seat there is none", async (t) => {
  const { acts, enter, sql, desk, id } = await openActsWorld(t);
  const { secret } = await enter("head");
  const hash = readSessionSecret(secret) ?? "";
  await sql`delete from person_role where person = ${id("person", "head")}`;
  await sql`insert into directory_change (version, at, change) select max(version) + 1, now(), '{"kind":"people"}' from directory_change`;
  await desk.directory.refresh();
  assert.equal(await acts.session(hash), undefined);
});

test("me() names the person, their organisations and what they may do", async (t) => {
  const { acts, enter, id } = await openActsWorld(t);
  const member = await acts.me((await enter("chan")).session, { ...ask, language: "zh-Hant-HK" });
  assert.deepEqual(member.organisations, [{ id: id("organisation", "transport"), name: "運輸署" }]);
  assert.ok(member.permissions.includes("findings.answer") && !member.permissions.includes("findings.decide"));
  assert.deepEqual([member.name, member.staff, member.community], ["Chan Hoi-ki", false, "海港中心"]);
  const staff = await acts.me((await enter("lo")).session, ask);
  assert.deepEqual([staff.staff, staff.name], [true, "Lo Wing-yan"]);
  assert.ok(staff.permissions.includes("findings.decide") && !staff.permissions.includes("users.write"));
});

test("light() says whose light it is and which parts run", async (t) => {
  const { acts } = await openActsWorld(t);
  assert.deepEqual(await acts.light(), {
    community: { en: "Harbour CERT", "zh-Hant-HK": "海港中心", "zh-Hans": "海港中心" },
    ...{ zone: "Asia/Hong_Kong", collecting: true, matching: true, alerting: false },
  });
});

test("watch() tells staff of all, members of their own rows out of shadow, and ends with the session", async (t) => {
  const { acts, enter, change, id } = await openActsWorld(t);
  const heard: [string, ChangeTopic, number][] = [];
  let ended = "";
  const gone = new Promise<void>((resolve) => {
    const watch = async (who: "lo" | "chan"): Promise<() => void> => {
      const { session } = await enter(who);
      const stop = acts.watch(
        session,
        (topic, count) => heard.push([who, topic, count]),
        () => {
          ended = who;
          resolve();
        },
      );
      if (who === "chan") setImmediate(() => void tell(session));
      return stop;
    };
    const tell = async (session: Parameters<typeof acts.signOut>[0]): Promise<void> => {
      change({ topic: "findings", rows: 2, organisation: id("organisation", "transport") });
      change({ topic: "findings", rows: 3, organisation: id("organisation", "parks") });
      change({ topic: "findings", rows: 4, organisation: id("organisation", "transport"), shadow: true });
      change({ topic: "sources", rows: 5 });
      await acts.signOut(session, ask);
    };
    void watch("lo").then((stop) => {
      t.after(stop);
      return watch("chan");
    });
  });
  const waiting = setTimeout(() => {}, 10_000); // the look of watch.ts keeps no process alive
  await gone;
  clearTimeout(waiting);
  assert.deepEqual(heard, [
    ["lo", "findings", 2],
    ["chan", "findings", 2],
    ["lo", "findings", 3],
    ["lo", "findings", 4],
    ["lo", "sources", 5],
  ]);
  assert.equal(ended, "chan");
  change({ topic: "findings", rows: 1, organisation: id("organisation", "transport") });
  assert.equal(heard.at(-1)?.[0], "lo");
});
