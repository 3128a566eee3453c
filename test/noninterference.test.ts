import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { tlps } from "#core/marking.ts";
import { findingActs } from "#incidents/state.ts";
import {
  type FeedName,
  feeds,
  type Happening,
  hiddenFeeds,
  hiddenRules,
  type Member,
  members,
  openFeeds,
  openRules,
  openSide,
  type Step,
  type ViewerName,
  viewers,
} from "./noninterference-world.ts";

/**
 * The headline property (DESIGN §4.1): two worlds, with the same secrets and the same clock, that differ only in what a
 * viewer may not see, give that viewer the same bytes: lists, counts, groups, cursors, findings, evidence, history,
 * refusals, lists to block, mail, and the answers to what they do.
 */
const rounds = Number(process.env["WAGLAN_WORLDS"] ?? (process.env["WAGLAN_LONG"] ? 10_000 : 200));

const member = fc.constantFrom<Member>(...members);
const hitOf = (of: fc.Arbitrary<Member>, from: fc.Arbitrary<FeedName[]>): fc.Arbitrary<Step> =>
  fc.record({ does: fc.constant("hit"), of, asset: fc.nat(1), value: fc.nat(2), line: fc.nat(3), feeds: from });
const some = (names: readonly FeedName[]): fc.Arbitrary<FeedName[]> => fc.subarray([...names], { minLength: 1 });
const listed = (of: fc.Arbitrary<Member>, from: readonly FeedName[], assets = 1): fc.Arbitrary<Step> =>
  fc.record({
    does: fc.constantFrom("list", "list", "delist"),
    feed: fc.constantFrom(...from),
    of,
    asset: fc.nat(assets),
  });

/** What happens in both worlds: seen by everybody concerned, and mostly the viewer's. */
const sharedWith = (viewer: ViewerName): fc.Arbitrary<Step> =>
  fc.oneof(
    { weight: 4, arbitrary: hitOf(fc.constantFrom<Member>(...viewers[viewer]), some([...openFeeds, ...openRules])) },
    { weight: 2, arbitrary: hitOf(member, some([...openFeeds, ...openRules])) },
    { weight: 2, arbitrary: listed(fc.constantFrom<Member>(...viewers[viewer], "stranger"), openFeeds, 0) },
    {
      weight: 1,
      arbitrary: fc.record({
        does: fc.constant("decide"),
        act: fc.constantFrom(...findingActs),
        of: member,
        veiled: fc.constant(false),
        nth: fc.nat(3),
      }),
    },
    { weight: 1, arbitrary: fc.record({ does: fc.constantFrom("silence", "unsilence"), of: member }) },
    {
      weight: 1,
      arbitrary: fc.record({
        does: fc.constant("mark"),
        feed: fc.constantFrom(...openFeeds),
        tlp: fc.constantFrom("clear", "amber"),
        value: fc.nat(2),
      }),
    },
  ) as fc.Arbitrary<Step>;

/** What happens in one world alone: nothing of it is for the viewer. `release` would make it theirs, so nobody does. */
const hiddenFrom = (viewer: ViewerName): fc.Arbitrary<Step> => {
  const seen: readonly Member[] = viewers[viewer];
  const others = fc.constantFrom(...members.filter((one) => !seen.includes(one)));
  const quiet = findingActs.filter((act) => act !== "release");
  return fc.oneof(
    { weight: 3, arbitrary: hitOf(others, some(Object.keys(feeds) as FeedName[])) },
    { weight: 4, arbitrary: hitOf(member, some([...hiddenFeeds, ...hiddenRules])) },
    { weight: 3, arbitrary: listed(member, hiddenFeeds) },
    {
      weight: 1,
      arbitrary: fc.record({
        does: fc.constant("mark"),
        feed: fc.constantFrom(...openFeeds),
        tlp: fc.constantFrom("amber+strict", "red"),
        value: fc.integer({ min: 3, max: 5 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        does: fc.constant("mark"),
        feed: fc.constantFrom(...hiddenFeeds),
        tlp: fc.constantFrom(...tlps.slice(3)),
        value: fc.nat(5),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        does: fc.constant("decide"),
        act: fc.constantFrom(...findingActs),
        of: others,
        veiled: fc.boolean(),
        nth: fc.nat(3),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        does: fc.constant("decide"),
        act: fc.constantFrom(...quiet),
        of: member,
        veiled: fc.constant(true),
        nth: fc.nat(3),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        does: fc.constantFrom("account", "token", "background", "evidence", "silence", "unsilence"),
        of: others,
      }),
    },
  ) as fc.Arbitrary<Step>;
};

/** `also`: claims of hidden feeds on the same hit, or the same asset. `ends`: what was listed openly is delisted at last. Between two shared steps any number of hidden ones. */
const worlds = fc.constantFrom<ViewerName>("own", "client").chain((viewer) =>
  fc.record({
    viewer: fc.constant(viewer),
    plot: fc.array(
      fc.record({
        step: sharedWith(viewer),
        also: fc.subarray([...hiddenFeeds]),
        ends: fc.boolean(),
        before: fc.array(hiddenFrom(viewer), { maxLength: 2 }),
        after: fc.array(hiddenFrom(viewer), { maxLength: 2 }),
      }),
      { minLength: 1, maxLength: 5 },
    ),
  }),
);

test("two worlds that differ only in what a viewer may not see give that viewer the same bytes", async (t) => {
  const [plain, full] = await Promise.all([openSide(t), openSide(t)]);
  let [round, bytes, told, rows] = [0, 0, 0, 0];
  await fc.assert(
    fc.asyncProperty(worlds, async ({ viewer, plot }) => {
      const thorough = round++ % 10 === 0;
      const last: Happening[] = plot.flatMap(({ step, ends }) =>
        step.does === "list" && ends ? [{ step: { ...step, does: "delist" as const }, at: 2 * plot.length }] : [],
      );
      const open: Happening[] = [...plot.map(({ step }, at) => ({ step, at: 2 * at })), ...last];
      const all: Happening[] = plot
        .flatMap(({ step, also, before, after }, at) => [
          ...before.map((one) => ({ step: one, at: 2 * at })),
          ...(step.does === "list" ? also.map((feed) => ({ step: { ...step, feed }, at: 2 * at })) : []),
          { step: step.does === "hit" ? { ...step, feeds: [...step.feeds, ...also] } : step, at: 2 * at },
          ...after.map((one) => ({ step: one, at: 2 * at + 1 })),
        ])
        .concat(last);
      const [a, b] = await Promise.all(
        (
          [
            [plain, open],
            [full, all],
          ] as const
        ).map(async ([side, happenings]) => {
          await side.clear();
          await side.play(happenings);
          return side.crawl(viewer, thorough);
        }),
      );
      assert.deepEqual(b && [...b.keys()], a && [...a.keys()], "the same pages lead on");
      for (const [asked, answer] of a ?? []) {
        assert.equal(b?.get(asked), answer, asked);
        bytes += answer.length;
        if (asked === "mail" && answer !== "[]") told++;
        if (/^GET \/api\/v1\/findings\/[0-9a-f-]+$/.test(asked) && answer.startsWith("200")) rows++;
      }
    }),
    { numRuns: rounds },
  );
  // a property over empty pages would hold too
  assert.ok(told > rounds / 4 && rows > rounds / 2, `${told} worlds with mail, ${rows} findings read`);
  t.diagnostic(`${round} worlds, ${bytes} bytes compared, ${rows} findings read, ${told} with mail: 0 differing bytes`);
});
