import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Sql } from "postgres";
import { instant, minute } from "#core/instant.ts";
import { shouldSpeak } from "#alerts/should-speak.ts";
import { judgeIndicator } from "#jobs/indicators/judge.ts";
import type { State } from "#jobs/ports.ts";
import { recordHits } from "#jobs/findings/record-hits.ts";
import { reweigh } from "#jobs/findings/reweigh.ts";
import { stateOf } from "#store/state.ts";
import { testDatabase } from "./cluster.ts";
import { claim, community, emptyDirectory, hit, idOf, now, organisation } from "./incident-world.ts";

/** Two members contact bad.example: one on the word of one list, one on the word of two. */
const opened = async (t: TestContext): Promise<{ sql: Sql; state: State; bad: string }> => {
  const { sql } = await testDatabase(t);
  const state = stateOf(sql);
  const bad = idOf("indicator", "bad.example");
  await state.act(async (tx) => {
    await tx.community.put(
      { ...emptyDirectory, organisations: ["transport", "hospital"].map((key) => organisation(key)) },
      now,
    );
    for (const id of ["list", "second"]) {
      await tx.intel.feed({ id, liveDays: 9, voice: "alert" }, false);
      const { observable, ...row } = { observable: { kind: "domain", value: "bad.example" } as const, id: bad };
      await tx.intel.merge(
        id,
        [
          {
            ...row,
            observable,
            ...{ parts: [""], seenAt: now, grade: { source: "B", statement: 2 }, labels: [], flags: [] },
            ...{ tlp: "green", pap: "clear", licence: "own", liveUntil: instant(now + 9 * 86_400_000) },
          },
        ],
        now,
      );
    }
    const both = [claim("bad.example"), claim("bad.example", { feed: "second" })];
    await recordHits(
      tx,
      [hit("transport", "10.0.0.1", "bad.example"), hit("hospital", "10.0.0.2", "bad.example", { claims: both })],
      undefined,
      community,
      now,
    );
  });
  return { sql, state, bad };
};

const states = async (sql: Sql): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await sql`select organisation, state from finding order by organisation`).map((row) => [
      row["organisation"] as string,
      row["state"] as string,
    ]),
  );
const never = (): boolean => false;
const who = { who: "Lo Wing-yan", reason: "a shared web host" };

test("a value judged false leaves the match and takes back what rests on it; undone, everything stands as it stood", async (t) => {
  const { sql, state, bad } = await opened(t);
  const live = async (): Promise<number> => (await state.act((tx) => tx.intel.liveClaims([bad], now))).length;
  assert.equal(await live(), 2);
  const later = instant(now + minute);

  // one source is judged: who rests on two still stands
  const one = await judgeIndicator(state, { indicator: bad, feed: "list", verdict: "false", ...who }, never, later);
  assert.deepEqual(one, { ok: true, value: { weighed: 2, takenBack: 1, restored: 0 } });
  assert.deepEqual(await states(sql), { hospital: "new", transport: "false" });
  assert.equal(await live(), 1);

  const whole = await judgeIndicator(state, { indicator: bad, verdict: "false", ...who }, never, later);
  assert.deepEqual(whole, { ok: true, value: { weighed: 2, takenBack: 1, restored: 0 } });
  assert.deepEqual(await states(sql), { hospital: "false", transport: "false" });
  assert.equal(await live(), 0);
  assert.equal((await state.act((tx) => tx.intel.indicators([bad], now)))[0]?.live, false);
  // a source that lists it again does not bring back what a person judged
  const again = await judgeIndicator(state, { indicator: bad, verdict: "false", ...who }, never, later);
  assert.deepEqual(again, { ok: true, value: { weighed: 2, takenBack: 0, restored: 0 } });

  await judgeIndicator(state, { indicator: bad, verdict: "restored", ...who }, never, later);
  assert.deepEqual(await states(sql), { hospital: "new", transport: "false" });
  await judgeIndicator(state, { indicator: bad, feed: "list", verdict: "restored", ...who }, never, later);
  assert.deepEqual(await states(sql), { hospital: "new", transport: "new" });
  assert.equal(await live(), 2);
  const leaves = await sql`select data->>'act' as act from evidence_leaf where kind = 'policy' order by n`;
  assert.deepEqual(
    leaves.map((row) => row["act"]).filter((act) => act !== "judge indicator"),
    ["take back", "take back", "restore", "restore"],
  );
});

test("bad words: no reason, no such value, no such claim", async (t) => {
  const { state, bad } = await opened(t);
  const code = async (judging: Parameters<typeof judgeIndicator>[1]): Promise<string> => {
    const judged = await judgeIndicator(state, judging, never, now);
    return judged.ok ? "ok" : judged.problem.code;
  };
  assert.equal(await code({ indicator: bad, verdict: "false", who: "Lo", reason: " " }), "WGL_ACT_REASON");
  assert.equal(await code({ indicator: idOf("indicator", "x"), verdict: "false", ...who }), "WGL_ABSENT");
  assert.equal(await code({ indicator: "x' or true", verdict: "false", ...who }), "WGL_ABSENT");
  assert.equal(await code({ indicator: bad, feed: "third", verdict: "false", ...who }), "WGL_ABSENT");
});

test("what its author withdraws, and what is excluded, is taken back, and comes back", async (t) => {
  const { sql, state, bad } = await opened(t);
  const weigh = (excluded: (value: string) => boolean): Promise<unknown> =>
    state.act(async (tx) => reweigh(tx, await tx.incidents.standingOn(undefined), ({ value }) => excluded(value), now));
  await state.act((tx) => tx.intel.withdraw("list", [{ id: bad }], now));
  await weigh(never);
  assert.deepEqual(await states(sql), { hospital: "new", transport: "withdrawn" });
  await weigh((value) => value === "bad.example");
  assert.deepEqual(await states(sql), { hospital: "withdrawn", transport: "withdrawn" });
  await weigh(never);
  assert.deepEqual(await states(sql), { hospital: "new", transport: "withdrawn" });
  // delisted is not withdrawn: what was seen then was seen
  await state.act((tx) => tx.intel.delist("second", "", [bad], now));
  await weigh(never);
  assert.deepEqual(await states(sql), { hospital: "new", transport: "withdrawn" });
});

test("who was told is told once that it is taken back, and once that it stands again", () => {
  const told = { version: 1, severity: "high", at: now } as const;
  const finding = { state: "withdrawn", severity: "high", opened: now, stood: "notified" } as const;
  assert.deepEqual(shouldSpeak(told, finding, now), { speak: true, version: 2, reason: "withdrawn" });
  const corrected = { ...told, version: 2, reason: "withdrawn" } as const;
  assert.deepEqual(shouldSpeak(corrected, finding, now), { speak: false, because: "told" });
  assert.equal(shouldSpeak(undefined, finding, now).speak, false);
  const { stood, ...standing } = { ...finding, state: "notified" } as const;
  assert.equal(stood, "notified");
  assert.deepEqual(shouldSpeak(corrected, standing, now), { speak: true, version: 3, reason: "restored" });
  assert.equal(shouldSpeak({ ...told, version: 3, reason: "restored" }, standing, now).speak, false);
});
