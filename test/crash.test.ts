import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test, type TestContext } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import type { InjectOptions, LightMyRequestResponse } from "fastify";
import { openHttp } from "#http/server.ts";
import { acts } from "#jobs/acts/acts.ts";
import { deskOf } from "#wiring/desk.ts";
import { openWaglan, type Waglan } from "#wiring/waglan.ts";
import { batchBody, drained, expectedHits, prepare, type Prepared, strike } from "./crash-harness.ts";

const long = process.env["WAGLAN_LONG"] !== undefined;

test("SIGKILL at random instants: nothing acknowledged is lost or doubled, no finding and no mail twice", async (t) => {
  const prepared = await prepare("off");
  t.after(prepared.remove);
  const struck = await strike(prepared, long ? 60 : 10, Math.random);
  assert.deepEqual(struck.problems, []);
  assert.deepEqual(
    { lost: struck.lost, doubled: struck.doubled, mailsDoubled: struck.mailsDoubled },
    { lost: 0, doubled: 0, mailsDoubled: 0 },
  );
  assert.ok(
    struck.acknowledged >= struck.kills / 2,
    `${struck.acknowledged} batches came through between ${struck.kills} kills`,
  );
  t.diagnostic(
    `${struck.kills} kills, ${struck.databaseKills} with the database, ${struck.acknowledged} batches acknowledged, ${struck.repeated} repeated, ${struck.mails} mails`,
  );
});

interface Running {
  readonly prepared: Prepared;
  readonly waglan: Waglan;
  readonly failures: string[];
  readonly ask: (request: InjectOptions) => Promise<LightMyRequestResponse>;
  readonly read: () => Promise<LightMyRequestResponse>;
  readonly send: (n: number) => Promise<LightMyRequestResponse>;
}

/** The same program in this process, so that what it stands on can be taken away. */
const running = async (t: TestContext, history: "on" | "off"): Promise<Running> => {
  const prepared = await prepare(history);
  const waglan = await openWaglan(prepared.config);
  const failures: string[] = [];
  const loops = waglan.loops((loop, error) =>
    failures.push(`${loop} ${(error as { code?: string }).code ?? String(error)}`),
  );
  const server = await openHttp({
    acts: acts(deskOf(waglan, loops)),
    portal: new URL("no-portal-here/", import.meta.url).pathname,
    policy: { styles: [], trustedTypes: [] },
    security: { contacts: ["mailto:security@cert.example"], languages: ["en"] },
    version: "0.0.0",
  });
  t.after(async () => {
    await server.close();
    await loops.stop();
    await waglan.close();
    prepared.remove();
  });
  const ask = (request: InjectOptions): Promise<LightMyRequestResponse> => server.app.inject(request);
  return {
    ...{ prepared, waglan, failures, ask },
    read: () => ask({ url: "/api/v1/findings?view=open&limit=20", headers: { cookie: prepared.cookie } }),
    send: (n) =>
      ask({
        method: "POST",
        url: "/api/v1/telemetry",
        headers: {
          authorization: `Bearer ${prepared.token}`,
          "content-type": "application/x-ndjson",
          "idempotency-key": `batch-${n}`,
        },
        payload: batchBody(n),
      }),
  };
};

test("the database gone: reads answer 503 with a problem document, telemetry is refused with Retry-After, work resumes by itself", async (t) => {
  const { waglan, read, send, failures, ask } = await running(t, "off");
  assert.equal((await send(0)).statusCode, 202);
  await drained(waglan.database.sql);
  const refusals = { read: 0, send: 0, ready: 0 };
  let sent = 1;
  for (let round = 0; round < 20 && (refusals.read === 0 || refusals.send === 0 || refusals.ready === 0); round++) {
    const died = waglan.database.embedded?.pid() ?? 0;
    process.kill(died, "SIGKILL");
    // asked all the time until it is there again
    for (let back = false; !back; ) {
      const [seen, taken, ready] = await Promise.all([read(), send(sent), ask({ url: "/readyz" })]);
      if (seen.statusCode !== 200) {
        refusals.read++;
        assert.equal(seen.statusCode, 503, seen.payload);
        assert.match(String(seen.headers["content-type"]), /^application\/problem\+json/);
        const document = seen.json<{ code: string; status: number }>();
        assert.deepEqual([document.code, document.status], ["WGL_HTTP_DOWN", 503]);
        assert.doesNotMatch(seen.payload, /ECONN|ENOENT|postgres|socket/i);
      }
      if (taken.statusCode === 202) sent++;
      else {
        refusals.send++;
        assert.equal(taken.statusCode, 503, taken.payload);
        assert.ok(Number(taken.headers["retry-after"]) >= 1);
      }
      if (ready.statusCode === 503) refusals.ready++;
      back = seen.statusCode === 200 && taken.statusCode === 202 && waglan.database.embedded?.pid() !== died;
    }
  }
  assert.ok(refusals.read > 0 && refusals.send > 0, JSON.stringify(refusals));
  await drained(waglan.database.sql);
  const rows = await waglan.database.sql`select asset, hits from finding order by asset`;
  assert.deepEqual(new Map(rows.map((row) => [row["asset"], row["hits"]])), expectedHits(sent));
  assert.ok(
    failures.every((one) => one.endsWith(" WGL_STATE_GONE")),
    failures.join("; "),
  );
  // a loop that failed has its next turn within a few seconds
  for (let tries = 0; (await ask({ url: "/readyz" })).statusCode !== 200; tries++) {
    assert.ok(tries < 200, "it says that it is ready again");
    await wait(100);
  }
});

test("the history engine killed: everything else works, waglan says so, and history catches up by itself", async (t) => {
  const { prepared, waglan, read, send, ask } = await running(t, "on");
  if (waglan.history.kind === "off") return t.skip(`history is off here: ${waglan.history.reason()}`);
  assert.equal((await send(0)).statusCode, 202);
  const stored = async (): Promise<number> => {
    const [row] = await waglan.database.sql`select count(stored)::int as n from telemetry_batch`;
    return row?.["n"] as number;
  };
  while ((await stored()) < 1) await wait(50);
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, "latin1").trim().split(/\s+/).map(Number);
  const child = children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, "latin1").includes("history/child"));
  assert.ok(child !== undefined, "the history engine is a child of ours");
  process.kill(child, "SIGKILL");
  // matched, told and delivered without it
  for (const n of [1, 2]) assert.equal((await send(n)).statusCode, 202);
  await drained(waglan.database.sql);
  const page = (await read()).json<{ findings: { count: number }[] }>();
  assert.equal(
    page.findings.reduce((sum, one) => sum + one.count, 0),
    [...expectedHits(3).values()].reduce((sum, n) => sum + n, 0),
  );
  let said = false;
  for (let tries = 0; (await stored()) < 3; tries++) {
    assert.ok(tries < 600, "history comes back within a minute");
    const checks = (await ask({ url: "/readyz" })).json<{ checks: { name: string; ok: boolean }[] }>().checks;
    said ||= checks.some((check) => check.name === "history" && !check.ok);
    await wait(100);
  }
  const status = (await ask({ url: "/api/v1/status", headers: { cookie: prepared.cookie } })).json<{
    history: { on: boolean };
  }>();
  assert.equal(status.history.on, true);
  assert.ok(said || (await stored()) === 3);
});
