import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Agreement, memberTerms, publicTerms, purposes } from "#community/agreement.ts";
import { derive } from "#community/derive.ts";
import { ledgerEntry } from "#community/ledger-entry.ts";
import type { PersonId } from "#community/person.ts";
import type { Recipient } from "#community/recipient.ts";
import {
  isReleased,
  type Reason,
  type Releasable,
  type Release,
  type Released,
  type ReleasePolicy,
  release,
} from "#community/release.ts";
import type { Viewer } from "#community/viewer.ts";
import { scopeOf, visible } from "#community/visibility.ts";
import { instant } from "#core/instant.ts";
import {
  type GroupId,
  type Licence,
  licences,
  type Marking,
  type OrganisationId,
  paps,
  type Tlp,
  tlps,
} from "#core/marking.ts";

const now = instant(1000);
const o = (name: string): OrganisationId => name as OrganisationId;
const g = (name: string): GroupId => name as GroupId;
const row = (tlp: Tlp, rest: Partial<Marking> = {}): Marking => ({ tlp, pap: "clear", licence: "own", ...rest });

interface Fields {
  readonly value: string;
  readonly labels: readonly string[];
  readonly from: string;
  readonly victim?: string;
  readonly note: string;
  readonly feed?: { readonly words: string };
}
const rules = {
  value: "must",
  labels: "may",
  from: "source",
  victim: "personal",
  note: "internal",
  feed: "may",
} as const;
const policy: ReleasePolicy<typeof rules> = {
  now,
  purpose: "detection",
  fields: rules,
  local: { RESTRICTED: "amber+strict", INTERNAL: "green" },
  anonymous: "a member",
};
const fields: Fields = {
  value: "203.0.113.7",
  labels: ["emotet"],
  from: "Harbour Transport Department",
  victim: "chan@transport.example",
  note: "ask Ada",
  feed: { words: "seen by us" },
};
const object = (marking: Marking, rest: Partial<Releasable<Fields>> = {}): Releasable<Fields> => ({
  marking,
  released: true,
  fields,
  ...rest,
});
const partner = (
  agreement: Partial<Agreement> | undefined,
  rest: { groups?: GroupId[]; clientOf?: OrganisationId[] } = {},
): Recipient => ({
  kind: "partner",
  party: o("abroad"),
  clientOf: [],
  groups: [],
  ...rest,
  ...(agreement === undefined
    ? {}
    : {
        agreement: {
          party: o("abroad"),
          tlpMax: "green",
          papMax: "amber",
          anonymiseSources: true,
          acceptsPii: false,
          purposes,
          from: instant(0),
          ...agreement,
        },
      }),
});
const member: Recipient = {
  kind: "organisation",
  party: o("water"),
  clientOf: [],
  groups: [],
  agreement: memberTerms(o("water"), instant(0)),
};
const owner: Recipient = {
  kind: "organisation",
  party: o("transport"),
  clientOf: [],
  groups: [],
  agreement: memberTerms(o("transport"), instant(0)),
};
const everybody: Recipient = { kind: "public", party: "public", agreement: publicTerms(instant(0)) };
const bounds = (result: Release<unknown>): string[] =>
  result.ok ? [] : result.withheld.map((one: Reason) => one.bound);

test("what may go goes without sources, personal data and our own notes, and explain says so", () => {
  const result = release(object(row("green", { owner: o("transport") })), partner({}), policy);
  assert(result.ok);
  assert.deepEqual(result.released.value, {
    value: "203.0.113.7",
    labels: ["emotet"],
    from: "a member",
    feed: { words: "seen by us" },
  });
  assert.deepEqual(result.released.note, { tlp: "green", pap: "clear", licence: "own" });
  assert.deepEqual(result.explain, [
    { field: "value", does: "kept", why: "must" },
    { field: "labels", does: "kept", why: "may" },
    { field: "from", does: "changed", why: "anonymous" },
    { field: "victim", does: "removed", why: "personal" },
    { field: "note", does: "removed", why: "internal" },
    { field: "feed", does: "kept", why: "may" },
  ]);
});

test("an agreement may name sources and take personal data; the owner has its own in any case", () => {
  const open = partner({ anonymiseSources: false, acceptsPii: true });
  const named = release(object(row("green", { owner: o("transport") })), open, policy);
  assert(named.ok);
  assert.equal(named.released.value.from, "Harbour Transport Department");
  assert.equal(named.released.value.victim, "chan@transport.example");
  assert.equal(named.released.note.owner, "transport");
  const own = release(object(row("red", { owner: o("transport") })), owner, policy);
  assert(own.ok);
  assert.equal(own.released.value.victim, "chan@transport.example");
  assert.equal(own.released.value.from, "Harbour Transport Department");
  assert.equal("note" in own.released.value, false);
});

test("each bound withholds by itself, and all of them are told", () => {
  const theirs = { owner: o("transport") };
  const cases: readonly (readonly [Releasable<Fields>, Recipient, readonly string[]])[] = [
    [object(row("green"), { released: false }), partner({}), ["shadow"]],
    [object(row("amber")), partner({ tlpMax: "amber" }), ["audience"]],
    [object(row("amber")), member, []],
    [object(row("amber", theirs)), member, ["audience"]],
    [object(row("amber", theirs)), partner({ tlpMax: "amber" }, { clientOf: [o("transport")] }), []],
    [object(row("amber", theirs)), partner({}, { clientOf: [o("transport")] }), ["tlp"]],
    [object(row("green", { pap: "red" })), partner({}), ["pap"]],
    [object(row("green", { group: g("ports") })), partner({}), ["group"]],
    [object(row("green", { group: g("ports") })), partner({}, { groups: [g("ports")] }), []],
    [object(row("clear", { licence: "non-commercial" })), partner({}), ["licence"]],
    [object(row("clear", { licence: "non-commercial" })), member, []],
    [object(row("clear", { licence: "unknown" })), member, ["licence"]],
    [object(row("clear", { local: "RESTRICTED" })), partner({}), ["audience", "tlp"]],
    [object(row("clear", { local: "INTERNAL" })), partner({}), []],
    [object(row("clear", { local: "COSMIC" })), owner, ["local", "audience"]],
    [object(row("clear")), partner(undefined), ["agreement"]],
    [object(row("clear")), partner({ party: o("somebody-else") }), ["agreement"]],
    [object(row("clear")), partner({ to: now }), ["period"]],
    [object(row("clear")), partner({ from: instant(1001) }), ["period"]],
    [object(row("clear")), partner({ purposes: ["research"] }), ["purpose"]],
    [object(row("clear")), everybody, []],
    [object(row("green")), everybody, ["audience", "tlp"]],
    [
      object(row("red", { ...theirs, pap: "red", licence: "unknown", group: g("x") }), { released: false }),
      partner({ to: now, purposes: [] }),
      ["shadow", "group", "licence", "period", "purpose", "tlp", "pap"],
    ],
  ];
  for (const [index, [what, whom, expected]] of cases.entries())
    assert.deepEqual(bounds(release(what, whom, policy)), expected, `case ${index}`);
});

test("a part with a marking of its own obeys that too: dropped when it may, fatal when it must, noted when it goes", () => {
  const feed = row("clear", { licence: "no-redistribution" });
  const dropped = release(object(row("green"), { parts: { feed } }), partner({}), policy);
  assert(dropped.ok);
  assert.equal("feed" in dropped.released.value, false);
  assert.deepEqual(dropped.explain.at(-1), { field: "feed", does: "removed", why: "licence" });
  const fatal = release(object(row("green"), { parts: { value: feed } }), partner({}), policy);
  assert.deepEqual(bounds(fatal), ["field"]);
  const noted = release(
    object(row("clear"), { parts: { feed: row("green", { pap: "amber", licence: "MIT" }) } }),
    partner({}),
    policy,
  );
  assert(noted.ok);
  assert.deepEqual(noted.released.note, { tlp: "green", pap: "amber", licence: "MIT" });
});

test("a field without a rule never leaves, whatever it is called", () => {
  const sly = JSON.parse(
    '{"value":"x","labels":[],"from":"","note":"","__proto__":{"a":1},"constructor":"c"}',
  ) as Fields;
  const result = release(object(row("clear"), { fields: sly }), partner({}), policy);
  assert(result.ok);
  assert.deepEqual(Object.keys(result.released.value), ["value", "labels", "from"]);
  assert.deepEqual(
    result.explain.filter((one) => one.why === "unclassified").map((one) => one.field),
    ["__proto__", "constructor"],
  );
});

test("a released value cannot be altered, by its holder or by who asked", () => {
  const mine = { ...fields, labels: ["emotet"] };
  const result = release(object(row("clear"), { fields: mine }), everybody, policy);
  assert(result.ok);
  mine.labels.push("changed later");
  const { released } = result;
  assert.deepEqual(released.value.labels, ["emotet"]);
  const open = released as unknown as { value: { value: string; labels: string[] }; note: { tlp: string } };
  assert.throws(() => void (open.value = { value: "y", labels: [] }), TypeError);
  assert.throws(() => void (open.value.value = "y"), TypeError);
  assert.throws(() => open.value.labels?.push("y"), TypeError);
  assert.throws(() => void (open.note.tlp = "red"), TypeError);
});

test("a Released cannot be forged, at compile time or at run time", () => {
  const result = release(object(row("clear")), everybody, policy);
  assert(result.ok);
  const { released } = result;
  const wants = (one: Released<{ readonly value: string }>): boolean => isReleased(one);
  assert.equal(wants(released), true);
  // @ts-expect-error a spread copy is no permission
  assert.equal(wants({ ...released, value: { value: "other" } }), false);
  // @ts-expect-error neither is something of the same shape
  assert.equal(wants({ value: { value: "x" }, note: released.note }), false);
  assert.equal(isReleased(Object.create(Object.getPrototypeOf(released))), false);
  const Maker = released.constructor as new (...given: unknown[]) => unknown;
  assert.throws(() => new Maker(Symbol("release"), { value: "x" }, released.note), /only release\(\)/);
  assert.throws(() => Reflect.construct(Maker, [undefined, {}, {}]), /only release\(\)/);
  assert.throws(() => void ((Maker as unknown as { made: unknown }).made = () => true), TypeError);
  assert.equal(isReleased(structuredClone({ ...released })), false);
});

test("what has doors is not released: functions, dates, maps, loops", () => {
  const loop: Record<string, unknown> = {};
  loop["loop"] = loop;
  for (const bad of [() => 1, new Date(0), new Map(), loop, Symbol("s")])
    assert.throws(
      () =>
        release({ marking: row("clear"), released: true, fields: { value: bad } }, everybody, {
          ...policy,
          fields: { value: "must" } as const,
        }),
      /waglan is wrong/,
    );
});

const organisation = fc.constantFrom("transport", "water", "abroad").map(o);
const marking = fc.record(
  {
    owner: organisation,
    tlp: fc.constantFrom(...tlps),
    pap: fc.constantFrom(...paps),
    group: fc.constantFrom("x", "y").map(g),
    licence: fc.constantFrom(...(Object.keys(licences) as Licence[])),
    local: fc.constantFrom("RESTRICTED", "INTERNAL", "COSMIC"),
  },
  { requiredKeys: ["tlp", "pap", "licence"] },
);
const recipient: fc.Arbitrary<Recipient> = fc
  .record({
    kind: fc.constantFrom("organisation" as const, "partner" as const),
    party: organisation,
    clientOf: fc.uniqueArray(organisation),
    groups: fc.uniqueArray(fc.constantFrom("x", "y").map(g)),
    tlpMax: fc.constantFrom(...tlps),
    papMax: fc.constantFrom(...paps),
    acceptsPii: fc.boolean(),
    anonymiseSources: fc.boolean(),
  })
  .map(({ tlpMax, papMax, acceptsPii, anonymiseSources, ...rest }) => ({
    ...rest,
    agreement: { party: rest.party, tlpMax, papMax, acceptsPii, anonymiseSources, purposes, from: instant(0) },
  }));

test("law: nothing released exceeds the ceiling, in whole or in part", () => {
  let went = 0;
  fc.assert(
    fc.property(marking, marking, recipient, (whole, part, whom) => {
      const result = release(object(whole, { parts: { feed: part } }), whom, policy);
      if (!result.ok) return;
      went++;
      assert(whom.kind !== "public" && whom.agreement !== undefined);
      const { value, note } = result.released;
      const gone = "feed" in value ? [whole, part] : [whole];
      for (const one of gone) {
        for (const local of [one.local ?? "INTERNAL"]) assert.notEqual(local, "COSMIC");
        assert(tlps.indexOf(one.tlp) <= tlps.indexOf(whom.agreement.tlpMax));
        assert(tlps.indexOf(one.tlp) <= tlps.indexOf(note.tlp));
        assert(paps.indexOf(one.pap) <= paps.indexOf(whom.agreement.papMax));
        assert(paps.indexOf(one.pap) <= paps.indexOf(note.pap));
        assert(one.group === undefined || whom.groups.includes(one.group));
        const { passOn } = licences[one.licence];
        assert(passOn === "anyone" || (passOn === "community" && whom.kind === "organisation"));
        const scope = {
          all: false,
          red: false,
          groups: whom.groups,
          own: [whom.party],
          clientsOf: whom.clientOf,
          audience: whom.kind === "partner" ? "partner" : "member",
        } as const;
        assert(visible(one, true, scope));
      }
      const own = whole.owner === whom.party;
      if (!own && !whom.agreement.acceptsPii) assert.equal("victim" in value, false);
      if (!own && whom.agreement.anonymiseSources) {
        assert.equal(value.from, "a member");
        assert.equal("owner" in note, false);
      }
      assert.equal("note" in value, false);
    }),
    { numRuns: 5000 },
  );
  assert(went > 200, `only ${went} objects were released`);
});

// Worlds for derive: everybody who can look, as one seat or as staff.
const looker: fc.Arbitrary<Viewer> = fc.oneof(
  fc.constant({ kind: "public" } as const),
  fc.record({ cleared: fc.boolean(), groups: fc.uniqueArray(fc.constantFrom("x", "y").map(g)) }).map((some) => ({
    kind: "staff" as const,
    person: "p" as PersonId,
    roles: ["analyst" as const],
    own: [],
    ...some,
  })),
  fc
    .record({
      organisation,
      of: fc.constantFrom("member" as const, "partner" as const),
      clientOf: fc.uniqueArray(organisation),
      groups: fc.uniqueArray(fc.constantFrom("x", "y").map(g)),
    })
    .map((some) => ({
      kind: "person" as const,
      person: "p" as PersonId,
      seats: [{ ...some, role: "security-contact" as const }],
    })),
);
const some = fc.array(marking, { minLength: 1, maxLength: 5 }) as unknown as fc.Arbitrary<[Marking, ...Marking[]]>;

test("law: whoever may see a derived object may see all it was made of; licence, TLP and PAP are the strictest", () => {
  let seen = 0;
  fc.assert(
    fc.property(some, looker, (parts, who) => {
      const made = derive(parts);
      if (!made.ok) {
        assert.equal(made.problem.code, "WGL_MARKING_GROUPS");
        assert(new Set(parts.map((one) => one.group).filter((one) => one !== undefined)).size > 1);
        return;
      }
      const scope = scopeOf(who);
      for (const part of parts) {
        if (visible(made.value, true, scope)) assert(visible(part, true, scope), JSON.stringify({ parts, scope }));
        assert(tlps.indexOf(part.tlp) <= tlps.indexOf(made.value.tlp));
        assert(paps.indexOf(part.pap) <= paps.indexOf(made.value.pap));
        const width = { anyone: 2, community: 1, nobody: 0 } as const;
        assert(width[licences[made.value.licence].passOn] <= width[licences[part.licence].passOn]);
      }
      if (visible(made.value, true, scope)) seen++;
    }),
    { numRuns: 10_000 },
  );
  assert(seen > 500, `derived objects were seen only ${seen} times`);
});

test("law: derive is the same in any order and any grouping, and does nothing to one", () => {
  fc.assert(
    fc.property(some, fc.nat(4), (parts, cut) => {
      const whole = derive(parts);
      assert.deepEqual(derive([...parts].reverse() as [Marking, ...Marking[]]), whole);
      assert.deepEqual(derive([...parts, ...parts] as [Marking, ...Marking[]]), whole);
      assert.deepEqual(derive([parts[0]]), { ok: true, value: { ...parts[0] } });
      const head = parts.slice(0, cut);
      const tail = parts.slice(cut);
      if (!whole.ok || head[0] === undefined || tail[0] === undefined) return;
      const left = derive(head as [Marking, ...Marking[]]);
      const right = derive(tail as [Marking, ...Marking[]]);
      assert(left.ok && right.ok);
      assert.deepEqual(derive([left.value, right.value]), whole);
    }),
    { numRuns: 10_000 },
  );
});

test("ledgerEntry() hashes the body as sent", () => {
  const entry = ledgerEntry({
    party: o("abroad"),
    query: "/lists/ipv4?max=10",
    after: "7",
    upTo: "12",
    body: new TextEncoder().encode("abc"),
    count: 1,
    at: now,
  });
  // FIPS 180-4, example of SHA-256("abc")
  assert.equal(entry.contentHash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assert.equal("body" in entry, false);
});
