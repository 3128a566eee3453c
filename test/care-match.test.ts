import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { after, day, hour, type Instant } from "#core/instant.ts";
import { tlps } from "#core/marking.ts";
import type { Observable } from "#core/observable.ts";
import { live } from "#intel/indicator.ts";
import type { ClaimRow, LiveClaim } from "#intel/ports.ts";
import { exclude, exclusionOfValue, include } from "#jobs/indicators/exclude.ts";
import { ExclusionMemory } from "#jobs/indicators/exclusion-memory.ts";
import { judgeIndicator } from "#jobs/indicators/judge.ts";
import { MatchMemory } from "#jobs/batches/match-memory.ts";
import { mayBeShown } from "#jobs/findings/record-hits.ts";
import { streamLive } from "#store/intel.ts";
import { stateOf } from "#store/state.ts";
import { caughtUp, testDatabase } from "./cluster.ts";
import { idOf, now } from "./incident-world.ts";

const feeds = [
  { id: "open", voice: "alert", shadow: false, liveDays: 3 },
  { id: "new", voice: "alert", shadow: true, liveDays: 9 },
  { id: "beside", voice: "corroborate", shadow: false, liveDays: 3 },
  { id: "context", voice: "context", shadow: false, liveDays: 3 },
] as const;
const observables: readonly Observable[] = [
  { kind: "domain", value: "a.example" },
  { kind: "domain", value: "b.example" },
  { kind: "ipv4", value: "45.155.205.5" },
  { kind: "url", value: "http://c.example/kit" },
];

const some = { feed: fc.constantFrom(...feeds), what: fc.constantFrom(...observables) };
const deed = fc.oneof(
  fc.record({
    does: fc.constant("merge" as const),
    ...some,
    tlp: fc.constantFrom(...tlps),
    days: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  }),
  fc.record({ does: fc.constantFrom("delist", "withdraw", "judge", "judge one", "restore", "restore one"), ...some }),
  fc.record({ does: fc.constant("exclude" as const), what: some.what }),
  fc.record({ does: fc.constant("include" as const), what: some.what }),
  fc.record({ does: fc.constant("turn" as const), feed: some.feed }),
  fc.record({ does: fc.constant("pass" as const), hours: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ does: fc.constant("refresh" as const) }),
);

/** The world as the slow obvious model has it. */
interface Model {
  readonly claims: Map<
    string,
    { readonly feed: string; readonly key: string; tlp: ClaimRow["tlp"]; until?: Instant; gone: boolean }
  >;
  readonly verdicts: Set<string>;
  readonly excluded: Set<string>;
  readonly lastGood: Map<string, Instant>;
}

const keyOf = ({ kind, value }: Observable): string => `${kind}:${value}`;

test("state and memory give the same answer, in every world and for every scope, as the slow obvious model", async (t) => {
  const { sql } = await testDatabase(t);
  const state = stateOf(sql);
  let worlds = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { minLength: 1, maxLength: 25 }), async (deeds) => {
      worlds++;
      await sql`truncate feed_state, claim, indicator, indicator_verdict, exclusion_list, intel_change, queue cascade`;
      let time = now;
      const model: Model = { claims: new Map(), verdicts: new Set(), excluded: new Set(), lastGood: new Map() };
      const exclusions = new ExclusionMemory([], {});
      await state.act(async (tx) => {
        for (const feed of feeds) await tx.intel.feed(feed, feed.shadow);
        await tx.care.dropExclusion("");
        await exclusions.refresh(tx.care);
      });
      const file = { about: `${worlds}`, read: async () => undefined, write: async () => {} };
      const memory = new MatchMemory(
        state,
        (at, each) => streamLive(sql, at, each),
        Buffer.alloc(32, 7),
        exclusions.known,
        file,
        exclusions.name,
      );
      const refresh = async (): Promise<void> => {
        if (await state.act((tx) => exclusions.refresh(tx.care)))
          await memory.build(time, exclusions.known, exclusions.name);
        await caughtUp(sql);
        await memory.refresh(time);
      };
      await refresh();

      for (const one of deeds) {
        if (one.does === "refresh") await refresh();
        else if (one.does === "pass") {
          time = after(time, one.hours * hour);
          await state.act(async (tx) => {
            for (const { id } of feeds) await tx.intel.expire(id, time);
          });
        } else if (one.does === "turn") {
          const counts = { added: 0, changed: 0, delisted: 0, tookMs: 1, bytes: 1, rows: 0, accepted: 0, rejected: {} };
          await state.act((tx) =>
            tx.intel.turn({ feed: one.feed.id, at: time, state: "healthy", file: "", ...counts }, [], {}),
          );
          model.lastGood.set(one.feed.id, time);
        } else if (one.does === "exclude" || one.does === "include") {
          const list = exclusionOfValue(one.what, { who: "Lo", reason: "a test" }, time);
          if (one.does === "exclude") await exclude(state, list, time);
          else await include(state, list.id, { who: "Lo", reason: "a test" }, time);
          if (one.does === "exclude") model.excluded.add(keyOf(one.what));
          else model.excluded.delete(keyOf(one.what));
        } else {
          const [key, feed] = [keyOf(one.what), one.feed.id];
          const id = idOf("indicator", key);
          const known = model.claims.get(`${key} ${feed}`);
          if (one.does === "merge") {
            const until = one.days === undefined ? undefined : after(time, one.days * day);
            const row: ClaimRow = {
              ...{
                id,
                observable: one.what,
                parts: [""],
                seenAt: time,
                labels: [],
                flags: [],
                pap: "clear",
                licence: "own",
              },
              ...{
                grade: { source: "B", statement: 2 },
                tlp: one.tlp,
                ...(until === undefined ? {} : { liveUntil: until }),
              },
            };
            await state.act((tx) => tx.intel.merge(feed, [row], time));
            model.claims.set(`${key} ${feed}`, {
              ...{ feed, key, tlp: one.tlp, gone: false, ...(until === undefined ? {} : { until }) },
            });
          } else if (one.does === "delist" || one.does === "withdraw") {
            await state.act(async (tx) => {
              if (one.does === "delist") await tx.intel.delist(feed, "", [id], time);
              else await tx.intel.withdraw(feed, [{ id }], time);
            });
            if (known) known.gone = true;
          } else {
            const whole = !one.does.endsWith(" one");
            const verdict = one.does.startsWith("judge") ? ("false" as const) : ("restored" as const);
            const judging = { indicator: id, verdict, who: "Lo", reason: "a test", ...(whole ? {} : { feed }) };
            const judged = await judgeIndicator(state, judging, () => false, time);
            assert.equal(
              judged.ok,
              whole ? [...model.claims.values()].some((other) => other.key === key) : known !== undefined,
            );
            const name = whole ? key : `${key} ${feed}`;
            if (judged.ok && verdict === "false") model.verdicts.add(name);
            else if (judged.ok) model.verdicts.delete(name);
          }
        }
      }
      await refresh();

      for (const what of observables) {
        const key = keyOf(what);
        const id = idOf("indicator", key);
        const alive = [...model.claims.values()]
          .filter(
            (claim) => claim.key === key && !model.verdicts.has(key) && !model.verdicts.has(`${key} ${claim.feed}`),
          )
          .filter(({ feed, gone, until }) => {
            const lastGood = model.lastGood.get(feed);
            const days = feeds.find((one) => one.id === feed)?.liveDays ?? 0;
            const silentUntil = lastGood === undefined ? (0 as Instant) : after(lastGood, days * day);
            const claim = { goneAt: time, liveUntil: until } as Parameters<typeof live>[0];
            const { goneAt: _, ...standing } = claim;
            return live(gone ? claim : standing, silentUntil, time);
          })
          .sort((a, b) => (a.feed < b.feed ? -1 : 1));
        const claims = await state.act((tx) => tx.intel.liveClaims([id], time));
        assert.deepEqual(
          claims.map((claim) => [claim.feed, claim.tlp]),
          alive.map((claim) => [claim.feed, claim.tlp]),
          key,
        );

        const found = memory.index.lookup(what).length > 0;
        const speaks = alive.some(({ feed }) => feed !== "context");
        const [stored] = await state.act((tx) => tx.intel.indicators([id], time));
        assert.equal(stored?.live ?? false, speaks, key);
        // what a line is answered: found in memory, and a living claim the reader may know of
        const scopes: readonly ((claim: LiveClaim) => boolean)[] = [() => true, mayBeShown];
        for (const scope of scopes)
          assert.equal(
            found && claims.some((claim) => claim.voice !== "context" && scope(claim)),
            !model.excluded.has(key) &&
              alive.some(({ feed, tlp }) => {
                const { shadow } = feeds.find((one) => one.id === feed) ?? { shadow: true };
                const shown = tlp !== "red" && tlp !== "amber+strict" && !shadow;
                return feed !== "context" && (scope === scopes[0] || shown);
              }),
            `${key} excluded ${model.excluded.has(key)}`,
          );
        assert.ok(found || !speaks || model.excluded.has(key), "nothing that lives is missing from memory");
        assert.ok(!(found && model.excluded.has(key)), "nothing excluded is in memory");
        // a member's own asset is asked for among all that is listed, judged or excluded
        const listed = await state.act((tx) => tx.intel.listedClaims([id], time));
        assert.ok(claims.every((claim) => listed.some((one) => one.feed === claim.feed)));
        assert.equal(
          (await state.act((tx) => tx.intel.indicators([id], time)))[0]?.listed ?? false,
          listed.some((one) => one.voice !== "context"),
        );
      }
    }),
    { numRuns: 60 },
  );
  t.diagnostic(`${worlds} worlds`);
});
