import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Tlp, tlps } from "#core/marking.ts";
import {
  collections,
  type FeedName,
  type Happening,
  hiddenFeeds,
  type Member,
  members,
  openFeeds,
  openSide,
  type Organisation,
  type Side,
  type Step,
  type ViewerName,
  viewers,
} from "./noninterference-intel-world.ts";

/**
 * The headline property (DESIGN §4.1) over intelligence in and out: reports about assets, advisories, STIX objects by
 * TAXII, lists in all formats, judgements and corrections, sources, and every GET that the API declares. Two worlds that
 * differ only in what a viewer may not see give that viewer the same bytes, headers and validators included. What is hidden
 * never happens in one world: its rows, numbers, order, times, labels, and the very existence of its sources.
 */
const rounds = Number(process.env["WAGLAN_WORLDS"] ?? (process.env["WAGLAN_LONG"] ? 5000 : 20));

/** Of the community's own rows. */
const sees: Readonly<Record<ViewerName, readonly Tlp[]>> = {
  public: ["clear"],
  own: ["clear", "green", "amber"],
  other: ["clear", "green", "amber"],
  client: ["clear", "green", "amber"],
  partner: ["clear", "green"],
  ally: ["clear", "green"],
  sensor: ["clear", "green", "amber"],
};
const organisationOf = (viewer: ViewerName): Organisation | undefined =>
  viewer === "public" ? undefined : viewer === "sensor" ? "own" : viewer;

const record = fc.record;
const is = fc.constant;
const from = fc.constantFrom;
/** In both worlds are 0 to 5; from 10 on is what open sources say to others alone. */
const value = fc.nat(5);
const secretValue = fc.integer({ min: 10, max: 15 });
const reported = {
  type: from("ddos-amplifier", "infected-system", "vulnerable-system"),
  about: from("openntpd", "qakbot"),
  port: from(123, 443),
} as const;
const advised = { cve: fc.nat(2), strength: from(3, 6, 8.5, 9.8), version: fc.nat(3) } as const;
const cranes = { name: fc.nat(1), crane: fc.nat(2), version: fc.nat(3) } as const;
const posted = {
  to: from(...collections),
  version: fc.nat(2),
  more: from("", "", "", "revoked", "created", "part"),
} as const;

/** What happens in both worlds. */
const sharedWith = (viewer: ViewerName): fc.Arbitrary<Step> => {
  const party = organisationOf(viewer) ?? "provider";
  const feed = from(...openFeeds);
  const concerned = from<Member>(...members.filter((one) => one === party), "own", "other");
  return fc.oneof(
    {
      weight: 5,
      arbitrary: record({ does: is("claim"), feed, value, tlp: from<Tlp>("clear", "green", "amber", "red") }),
    },
    { weight: 1, arbitrary: record({ does: from("unclaim", "withdraw"), feed, value }) },
    { weight: 1, arbitrary: record({ does: is("judge"), feed, value, restored: fc.boolean() }) },
    { weight: 1, arbitrary: record({ does: is("judge"), value, restored: fc.boolean() }) },
    { weight: 3, arbitrary: record({ does: is("hit"), of: concerned, value, line: fc.nat(2) }) },
    { weight: 3, arbitrary: record({ does: is("report"), feed, of: concerned, ...reported }) },
    { weight: 3, arbitrary: record({ does: is("advise"), feed, key: fc.nat(2), ...advised }) },
    { weight: 1, arbitrary: record({ does: is("unadvise"), feed, key: fc.nat(2) }) },
    { weight: 3, arbitrary: record({ does: is("run"), of: concerned, ...cranes }) },
    {
      weight: 4,
      arbitrary: record({
        does: is("send"),
        by: from(party, "provider"),
        object: fc.nat(3),
        tlp: from(...tlps),
        ...posted,
      }),
    },
    {
      weight: 1,
      arbitrary: record({ does: is("send"), by: is("cert"), object: from(6, 7), tlp: from(...tlps), ...posted }),
    },
    { weight: 1, arbitrary: record({ does: is("remove"), by: from(party, "provider"), object: fc.nat(3) }) },
    {
      weight: 3,
      arbitrary: record({
        ...{ does: is("event"), by: from(party, "provider"), event: fc.nat(1), value: fc.nat(2), audience: is("all") },
      }),
    },
    { weight: 1, arbitrary: record({ does: is("turn"), feed, rejected: fc.nat(2) }) },
    { weight: 4, arbitrary: record({ does: is("look"), first: fc.nat(12) }) },
    { weight: 1, arbitrary: record({ does: is("wait"), days: from(1, 2, 4) }) },
  ) as fc.Arbitrary<Step>;
};

/** What happens in one world alone: nothing of it is for the viewer. */
const hiddenFrom = (viewer: ViewerName): fc.Arbitrary<Step> => {
  const party = organisationOf(viewer);
  const hidden = tlps.filter((tlp) => !sees[viewer].includes(tlp));
  const others = from<Member>(...members.filter((one) => one !== party));
  const feed = from(...hiddenFeeds);
  const open = from(...openFeeds);
  const anybody = from<Member>(...members);
  const senders = (["stranger", "other"] as const).filter((one) => one !== party);
  return fc.oneof(
    { weight: 4, arbitrary: record({ does: is("claim"), feed, value }) },
    { weight: 2, arbitrary: record({ does: is("claim"), feed, value: secretValue }) },
    { weight: 1, arbitrary: record({ does: is("claim"), feed: is("young"), value, tlp: from(...tlps) }) },
    { weight: 2, arbitrary: record({ does: is("claim"), feed: open, value: secretValue, tlp: from(...hidden) }) },
    { weight: 1, arbitrary: record({ does: from("unclaim", "withdraw"), feed, value }) },
    { weight: 1, arbitrary: record({ does: from("unclaim", "withdraw"), feed: open, value: secretValue }) },
    { weight: 2, arbitrary: record({ does: is("judge"), feed, value, restored: fc.boolean() }) },
    { weight: 1, arbitrary: record({ does: is("judge"), feed: open, value: secretValue, restored: fc.boolean() }) },
    { weight: 1, arbitrary: record({ does: is("hit"), of: others, value, line: fc.nat(2) }) },
    { weight: 1, arbitrary: record({ does: is("hit"), of: anybody, value: secretValue, line: fc.nat(2) }) },
    { weight: 4, arbitrary: record({ does: is("report"), feed, of: anybody, ...reported }) },
    { weight: 1, arbitrary: record({ does: is("report"), feed: open, of: others, ...reported }) },
    { weight: 3, arbitrary: record({ does: is("advise"), feed, key: fc.nat(3), ...advised }) },
    {
      weight: 2,
      arbitrary: record({ does: is("advise"), feed: open, key: from(14, 15), tlp: from(...hidden), ...advised }),
    },
    { weight: 1, arbitrary: record({ does: is("unadvise"), feed, key: fc.nat(3) }) },
    { weight: 3, arbitrary: record({ does: is("run"), of: others, ...cranes }) },
    {
      weight: 4,
      arbitrary: record({
        ...{ does: is("send"), by: from(...senders), object: fc.nat(5), ...posted },
        tlp: from<Tlp>("amber", "amber+strict", "red"),
      }),
    },
    {
      weight: 2,
      arbitrary: record({ does: is("send"), by: is("young"), object: fc.nat(5), tlp: from(...tlps), ...posted }),
    },
    {
      weight: 1,
      arbitrary: record({ does: is("send"), by: is("cert"), object: is(8), tlp: from(...hidden), ...posted }),
    },
    { weight: 1, arbitrary: record({ does: is("remove"), by: from(...senders), object: from(4, 5) }) },
    // not for who may not use it so, or whom its licence does not reach
    ...(party === "partner" || party === "ally" || party === undefined
      ? [
          {
            weight: 1,
            arbitrary: record({
              ...{
                does: is("claim"),
                feed: is("strict"),
                value,
                tlp: is<Tlp>("amber+strict"),
                pap: from("red", "amber"),
              },
              licence: from("non-commercial", "no-redistribution", "unknown"),
            }),
          },
        ]
      : []),
    ...(party === "ally"
      ? []
      : [{ weight: 2, arbitrary: record({ does: is("person"), by: from(...senders), object: fc.nat(2) }) }]),
    {
      weight: 3,
      arbitrary: record({
        ...{
          does: is("event"),
          by: from(...senders),
          event: fc.nat(1),
          value: fc.nat(2),
          audience: from("own", "group"),
        },
      }),
    },
    // the event is a hidden one's own: an attribute more in an open one would show in its timestamp, as MISP has it
    ...(party === "partner"
      ? [
          {
            weight: 1,
            arbitrary: record({
              ...{ does: is("event"), by: from(...senders), event: is(7), value: fc.nat(2), audience: is("pap") },
            }),
          },
        ]
      : []),
    { weight: 1, arbitrary: record({ does: is("turn"), feed, rejected: fc.nat(3) }) },
    {
      weight: 2,
      arbitrary: record({
        does: is("fetch"),
        by: from<Organisation>("stranger", "provider", ...(party === "ally" ? [] : (["ally"] as const))),
        what: fc.nat(2),
      }),
    },
    { weight: 1, arbitrary: record({ does: is("save"), by: is("stranger"), name: fc.nat(1) }) },
    { weight: 1, arbitrary: record({ does: from("collection", "background", "token"), of: is("stranger") }) },
  ) as fc.Arbitrary<Step>;
};

interface Plot {
  readonly viewer: ViewerName;
  readonly plot: readonly { readonly step: Step; readonly before: readonly Step[]; readonly after: readonly Step[] }[];
}

/** What every world begins with, so that there is something to see. */
const opening = (viewer: ViewerName): readonly Step[] => [
  { does: "claim", feed: "list", value: 0 },
  { does: "claim", feed: "second", value: 2, tlp: "green" },
  {
    does: "report",
    feed: "list",
    of: viewer === "other" ? "other" : "own",
    type: "ddos-amplifier",
    about: "openntpd",
    port: 123,
  },
  { does: "advise", feed: "list", key: 0, cve: 1, strength: 6, version: 0 },
  { does: "run", of: viewer === "other" ? "other" : "own", name: 0, crane: 1, version: 0 },
  { does: "send", by: "provider", to: "everybody", object: 0, version: 0, tlp: "green", more: "" },
  { does: "event", by: "provider", event: 0, value: 0, audience: "all" },
  { does: "look", first: 0 },
];

/** Between two shared steps any number of hidden ones. */
const worlds: fc.Arbitrary<Plot> = fc.constantFrom<ViewerName>(...viewers).chain((viewer) => {
  const some = fc.array(hiddenFrom(viewer), { maxLength: 3, size: "max" });
  const around = (step: fc.Arbitrary<Step>) => fc.record({ step, before: some, after: some });
  return fc
    .tuple(
      fc.tuple(...opening(viewer).map((step) => around(fc.constant(step)))),
      fc.array(around(sharedWith(viewer)), { minLength: 1, maxLength: 5, size: "max" }),
    )
    .map(([first, then]) => ({ viewer, plot: [...first, ...then] }));
});

/** Shared steps are some minutes apart, and what is hidden stands between them. */
const happenings = ({
  plot,
}: Plot): { readonly open: readonly Happening[]; readonly all: readonly Happening[]; readonly ends: number } => {
  const open: Happening[] = [];
  const all: Happening[] = [];
  let at = 0;
  for (const { step, before, after } of plot) {
    at += 14 + (step.does === "wait" ? step.days * 24 * 60 : 0);
    all.push(...before.map((one, n) => ({ step: one, at: at - 6 + n })));
    open.push({ step, at });
    all.push({ step, at });
    all.push(...after.map((one, n) => ({ step: one, at: at + 2 + n })));
  }
  return { open, all, ends: at + 10 };
};

interface Sides {
  readonly plain: Side;
  readonly full: Side;
}

const openSides = async (t: Parameters<typeof openSide>[0]): Promise<Sides> => {
  const all: readonly FeedName[] = [...openFeeds, ...hiddenFeeds];
  const [plain, full] = await Promise.all([openSide(t, openFeeds), openSide(t, all)]);
  return { plain, full };
};

const read = async (
  side: Side,
  some: readonly Happening[],
  { viewer }: Plot,
  ends: number,
  thorough: boolean,
): Promise<ReadonlyMap<string, string>> => {
  await side.clear();
  await side.play(some, viewer, ends);
  return side.crawl(viewer, thorough);
};

/** @returns what was asked and answered, alike in both worlds */
const compare = async (
  { plain, full }: Sides,
  world: Plot,
  thorough: boolean,
): Promise<ReadonlyMap<string, string>> => {
  const { open, all, ends } = happenings(world);
  // both to their ends, whatever becomes of one of them: the next two begin where nothing goes on
  const [a, b] = (
    await Promise.allSettled([read(plain, open, world, ends, thorough), read(full, all, world, ends, thorough)])
  ).map((side) => {
    if (side.status === "rejected") throw side.reason;
    return side.value;
  });
  if (a === undefined || b === undefined) throw new Error("a world is missing");
  assert.deepEqual([...b.keys()], [...a.keys()], "the same pages lead on");
  for (const [asked, answer] of a) {
    const clean = asked.includes(".rules") ? withoutSids : asked.endsWith("/ledger") ? withoutHashes : plainly;
    const one = clean(answer);
    const other = clean(b.get(asked) ?? "");
    if (one !== other) assert.fail(`${asked}: ${firstDifference(one, other)}`);
  }
  return a;
};

/**
 * A sid is a keyed permutation of a row's own number (jobs/lists/serial.ts): which one of 2³⁰ says nothing, but two worlds
 * draw different ones, as they would draw different random numbers; and the ETag is made of the bytes.
 */
const withoutSids = (answer: string): string =>
  answer.replaceAll(/\bsid:\d+;/g, "sid:…;").replace(/"etag":"\\"[0-9a-f]+\\""/, "");

/** Hashes of what was compared itself, but for the numbers that may differ in it. */
const withoutHashes = (answer: string): string => answer.replaceAll(/"contentHash":"[0-9a-f]+"/g, '"contentHash":"…"');
const plainly = (answer: string): string => answer;

const firstDifference = (plain: string, full: string): string => {
  const at = [...plain].findIndex((letter, n) => letter !== full[n]);
  const begin = Math.max(0, (at < 0 ? Math.min(plain.length, full.length) : at) - 120);
  return `without what is hidden "…${plain.slice(begin, begin + 400)}", with it "…${full.slice(begin, begin + 400)}"`;
};

const seen = (step: Step, hidden: { readonly before?: readonly Step[]; readonly after?: readonly Step[] } = {}) => ({
  ...{ step, before: [], after: [] },
  ...hidden,
});
const look = seen({ does: "look", first: 0 });
const listed = (feed: FeedName, value = 0): Step => ({ does: "claim", feed, value });

/** Each was a leak: what was hidden, and where it showed. */
const leaks: Readonly<Record<string, Plot>> = {
  "that another party of the same terms asks for the same list, in Last-Modified": {
    viewer: "own",
    plot: [seen(listed("list"), { after: [{ does: "fetch", by: "stranger", what: 0 }] }), look],
  },
  "how many AMBER claims there are, in a partner's status": {
    viewer: "partner",
    plot: [seen(listed("list"), { before: [{ does: "claim", feed: "list", value: 10, tlp: "amber" }] })],
  },
  "what a hidden source calls a value, in a search that finds it by its name": {
    viewer: "own",
    plot: [seen(listed("list"), { before: [listed("strict")] })],
  },
  "that a hidden source says it too, when the open one was wrong": {
    viewer: "own",
    plot: [
      seen(listed("list"), { before: [listed("strict")] }),
      seen({ does: "hit", of: "own", value: 0, line: 0 }),
      seen({ does: "judge", feed: "list", value: 0, restored: false }),
      seen({ does: "judge", feed: "list", value: 0, restored: true }),
    ],
  },
  "that a hidden source was wrong, in a finding that an open one speaks for": {
    viewer: "own",
    plot: [
      seen(listed("list"), { before: [listed("strict")] }),
      seen(
        { does: "hit", of: "own", value: 0, line: 0 },
        {
          after: [{ does: "judge", feed: "strict", value: 0, restored: false }],
        },
      ),
    ],
  },
  "that a hidden source was wrong about what the party once had from an open one, by a recall": {
    viewer: "own",
    plot: [
      seen(listed("list")),
      look,
      seen(
        { does: "unclaim", feed: "list", value: 0 },
        {
          after: [listed("strict"), { does: "judge", feed: "strict", value: 0, restored: false }],
        },
      ),
    ],
  },
  "when a hidden source first said what is recalled, in a list of STIX": {
    viewer: "own",
    plot: [
      seen(listed("list"), { before: [listed("strict")] }),
      look,
      seen({ does: "judge", feed: "list", value: 0, restored: false }),
    ],
  },
  "that others received an object that is taken back, in the date of its revocation or the time of its event": {
    viewer: "own",
    plot: [
      seen({ does: "send", by: "provider", to: "everybody", object: 0, version: 0, tlp: "green", more: "" }),
      seen({ does: "event", by: "provider", event: 0, value: 0, audience: "all" }),
      seen({ does: "look", first: 0 }, { before: [{ does: "fetch", by: "stranger", what: 0 }] }),
      seen({ does: "remove", by: "provider", object: 0 }, { before: [{ does: "fetch", by: "provider", what: 1 }] }),
      look,
    ],
  },
  "that an object was taken back which this party never received": {
    viewer: "ally",
    plot: [
      seen(
        { does: "event", by: "provider", event: 0, value: 0, audience: "all" },
        {
          before: [
            { does: "event", by: "stranger", event: 1, value: 0, audience: "group" },
            { does: "send", by: "stranger", to: "everybody", object: 5, version: 0, tlp: "amber", more: "" },
            { does: "fetch", by: "provider", what: 0 },
          ],
          after: [
            { does: "remove", by: "stranger", object: 5 },
            { does: "judge", feed: "young", value: 0, restored: false },
          ],
        },
      ),
      look,
    ],
  },
  "that a hidden source lists an asset, in a finding of an open report about it": {
    viewer: "own",
    plot: [
      seen(
        { does: "report", feed: "list", of: "own", type: "ddos-amplifier", about: "openntpd", port: 123 },
        { before: [listed("strict", 4)], after: [listed("red", 4)] },
      ),
    ],
  },
};

test("intelligence: what once told of something hidden tells of it no more", async (t) => {
  const sides = await openSides(t);
  for (const [name, world] of Object.entries(leaks)) {
    await t.test(name, async () => {
      const answers = await compare(sides, world, false);
      assert.ok([...answers.values()].some((one) => one.startsWith("200")));
    });
  }
});

test("intelligence: two worlds that differ only in what a viewer may not see give that viewer the same bytes", async (t) => {
  const sides = await openSides(t);
  const counts = {
    ...{ worlds: 0, bytes: 0, answers: 0, listed: 0, objects: 0, advisories: 0, findings: 0, mails: 0 },
    ...{ attributes: 0, hooks: 0, heard: 0 },
  };
  await fc.assert(
    fc.asyncProperty(worlds, async (world) => {
      const answers = await compare(sides, world, counts.worlds++ % 6 === 0);
      for (const [asked, answer] of answers) {
        counts.answers++;
        counts.bytes += answer.length;
        if (!answer.startsWith("200")) {
          if (asked === "mail" && answer !== "[]") counts.mails++;
          if (asked === "webhooks" && answer !== "[]") counts.hooks++;
          if (asked === "stream" && answer !== "") counts.heard++;
          continue;
        }
        if (/\/lists\//.test(asked) && !/x-waglan-values":"0"/.test(answer)) counts.listed++;
        if (/restSearch/.test(asked) && answer.includes("bad")) counts.attributes++;
        if (/objects\//.test(asked) && answer.includes("indicator--")) counts.objects++;
        if (/advisories\/[0-9a-f]/.test(asked)) counts.advisories++;
        if (/findings\/[0-9a-f]/.test(asked)) counts.findings++;
      }
    }),
    {
      numRuns: rounds,
      endOnFailure: process.env["WAGLAN_UNSHRUNK"] !== undefined,
    },
  );
  t.diagnostic(`${JSON.stringify(counts)}: 0 differing bytes`);
  // a property over empty pages would hold too
  for (const [what, count] of Object.entries(counts)) assert.ok(count > 0, `no ${what} in ${rounds} worlds`);
});
