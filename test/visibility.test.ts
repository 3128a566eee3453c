import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { groupsOfOrganisation, groupsOfStaff } from "#community/group.ts";
import type { PersonId } from "#community/person.ts";
import { may } from "#community/may.ts";
import { permissions, type Role, roles, seatGrants } from "#community/roles.ts";
import type { SensorId } from "#community/sensor.ts";
import { actingFor, type PersonViewer, type Seat, type Staff, type Viewer } from "#community/viewer.ts";
import { scopeOf, visible } from "#community/visibility.ts";
import { type GroupId, type Marking, type OrganisationId, type Tlp, tlps } from "#core/marking.ts";

const o = (name: string): OrganisationId => name as OrganisationId;
const g = (name: string): GroupId => name as GroupId;
const person = "p" as PersonId;
const row = (tlp: Tlp, rest: Partial<Marking> = {}): Marking => ({ tlp, pap: "clear", licence: "own", ...rest });
const seat = (organisation: string, rest: Partial<Seat> = {}): Seat => ({
  organisation: o(organisation),
  of: "member",
  role: "security-contact",
  clientOf: [],
  groups: [],
  ...rest,
});
const staff = (rest: Partial<Staff> = {}): Staff => ({
  kind: "staff",
  person,
  roles: ["analyst"],
  cleared: false,
  own: [],
  groups: [],
  ...rest,
});
const one = (...seats: Seat[]): PersonViewer => ({ kind: "person", person, seats });

test("visible() is the table of its comment", () => {
  const viewers = {
    public: { kind: "public" },
    partner: one(seat("abroad", { of: "partner", role: "partner" })),
    member: one(seat("water")),
    owner: one(seat("transport")),
    client: one(seat("buses", { clientOf: [o("transport")] })),
    staff: staff(),
    cleared: staff({ cleared: true }),
  } as const satisfies Record<string, Viewer>;
  const seen = (marking: Marking, released = true): string =>
    Object.entries(viewers)
      .filter(([, viewer]) => visible(marking, released, scopeOf(viewer)))
      .map(([name]) => name)
      .join(" ");
  const theirs = { owner: o("transport") };
  assert.equal(seen(row("clear")), "public partner member owner client staff cleared");
  assert.equal(seen(row("green")), "partner member owner client staff cleared");
  assert.equal(seen(row("amber")), "member owner client staff cleared");
  assert.equal(seen(row("amber+strict")), "staff cleared");
  assert.equal(seen(row("red")), "cleared");
  assert.equal(seen(row("clear", theirs)), "public partner member owner client staff cleared");
  assert.equal(seen(row("green", theirs)), "partner member owner client staff cleared");
  assert.equal(seen(row("amber", theirs)), "owner client staff cleared"); // TRUST A10
  assert.equal(seen(row("amber+strict", theirs)), "owner staff cleared"); // TRUST A10
  assert.equal(seen(row("red", theirs)), "owner cleared");
  // In shadow everything is staff's, even CLEAR, even one's own.
  assert.equal(seen(row("clear", theirs), false), "staff cleared");
  assert.equal(seen(row("red", theirs), false), "cleared");
});

test("a group binds everybody: owner, clients and staff too", () => {
  const marking = row("clear", { owner: o("transport"), group: g("ports") });
  assert.equal(visible(marking, true, scopeOf(one(seat("transport")))), false);
  assert.equal(visible(marking, true, scopeOf(one(seat("transport", { groups: [g("ports")] })))), true);
  assert.equal(visible(marking, true, scopeOf(staff({ cleared: true }))), false);
  assert.equal(visible(marking, true, scopeOf(staff({ groups: [g("ports")] }))), true);
  assert.equal(visible(marking, true, scopeOf({ kind: "public" })), false);
  // Membership alone does not lift the TLP.
  const red = row("red", { owner: o("transport"), group: g("ports") });
  assert.equal(visible(red, true, scopeOf(one(seat("water", { groups: [g("ports")] })))), false);
});

test("analysts are in every open group, and in a private one only by name", () => {
  const groups = [
    { id: g("open"), key: "open", title: "", members: [o("a")], private: false, staff: [] },
    { id: g("mine"), key: "mine", title: "", members: [o("a")], private: true, staff: [person] },
    { id: g("not"), key: "not", title: "", members: [o("b")], private: true, staff: [] },
  ];
  assert.deepEqual(groupsOfStaff(groups, person), ["open", "mine"]);
  assert.deepEqual(groupsOfOrganisation(groups, o("a")), ["open", "mine"]);
});

test("scopeOf() counts only the seats that give the permission", () => {
  const viewer = one(seat("a"), seat("b", { role: "manager", clientOf: [o("c")], groups: [g("x")] }));
  assert.deepEqual(scopeOf(viewer, "findings.read").own, ["a", "b"]);
  assert.deepEqual(scopeOf(viewer, "indicators.read"), {
    all: false,
    groups: [],
    own: ["a"],
    clientsOf: [],
    audience: "member",
    red: false,
  });
  assert.deepEqual(scopeOf(viewer, "users.write"), scopeOf({ kind: "public" }));
  assert.deepEqual(scopeOf(staff({ roles: ["administrator"] }), "findings.read"), scopeOf({ kind: "public" }));
  assert.equal(may(viewer, "indicators.read"), true);
  assert.equal(may(viewer, "indicators.read", o("b")), false); // answers in a, only looks in b
  assert.equal(may(viewer, "findings.read", o("c")), false);
});

test("a token never gives more than its role, a sensor nobody's findings, a seat no staff powers", () => {
  const party: Viewer = {
    kind: "party",
    seat: seat("abroad", { of: "partner", role: "partner" }),
    permissions: ["lists.read", "findings.read"],
  };
  assert.deepEqual(
    permissions.filter((permission) => may(party, permission)),
    ["lists.read"],
  );
  const sensor: Viewer = { kind: "sensor", sensor: "s" as SensorId, organisation: o("water"), of: "member" };
  assert.deepEqual(
    permissions.filter((permission) => may(sensor, permission)),
    ["lists.read", "telemetry.write"],
  );
  assert.equal(visible(row("amber"), true, scopeOf(sensor)), true);
  assert.equal(visible(row("amber", { owner: o("water") }), true, scopeOf(sensor)), false);
  // A staff role that strayed into a seat is worth nothing.
  for (const permission of permissions)
    assert.equal(may(one(seat("a", { role: "administrator" })), permission), false, permission);
  // and a role of an organisation makes nobody staff.
  for (const permission of permissions)
    assert.equal(may(staff({ roles: ["security-contact"] }), permission), false, permission);
});

test("every permission is given by some role, or is the sensor's", () => {
  const given = new Set<string>(Object.values(roles).flatMap((role): readonly string[] => role.may));
  assert.deepEqual(
    permissions.filter((permission) => !given.has(permission)),
    ["telemetry.write"],
  );
});

const organisation = fc.constantFrom("a", "b", "c", "d").map(o);
const group = fc.constantFrom("x", "y").map(g);
const marking = fc.record(
  {
    owner: organisation,
    tlp: fc.constantFrom(...tlps),
    pap: fc.constant("clear" as const),
    group,
    licence: fc.constant("own" as const),
  },
  { requiredKeys: ["tlp", "pap", "licence"] },
);
const seats = fc.array(
  fc.record({
    organisation,
    of: fc.constantFrom("member" as const, "partner" as const),
    role: fc.constantFrom(...(Object.keys(roles) as Role[])),
    clientOf: fc.uniqueArray(organisation),
    groups: fc.uniqueArray(group),
  }),
  { maxLength: 4 },
);
const viewer: fc.Arbitrary<Viewer> = fc.oneof(
  fc.constant({ kind: "public" } as const),
  seats.map((some) => one(...some)),
  fc.record({ cleared: fc.boolean(), own: fc.uniqueArray(organisation), groups: fc.uniqueArray(group) }).map(staff),
  fc.record({ organisation, of: fc.constantFrom("member" as const, "partner" as const) }).map((some) => ({
    kind: "sensor" as const,
    sensor: "s" as SensorId,
    ...some,
  })),
  seats
    .filter((some) => some.length > 0)
    .map(([first]) => ({ kind: "party" as const, seat: first as Seat, permissions: [...permissions] })),
);
const permission = fc.option(fc.constantFrom(...permissions), { nil: undefined });
const runs = { numRuns: 3000 };

test("law: widening the TLP hides a row from nobody, and so does letting it speak", () => {
  fc.assert(
    fc.property(viewer, permission, marking, fc.constantFrom(...tlps), fc.boolean(), (who, what, some, other, told) => {
      const wider = tlps.indexOf(other) < tlps.indexOf(some.tlp) ? other : some.tlp;
      const scope = scopeOf(who, what);
      if (!visible(some, told, scope)) return;
      assert(visible({ ...some, tlp: wider }, told, scope));
      assert(visible(some, true, scope));
    }),
    runs,
  );
});

test("law: taking a seat, a group, a client edge or a permission away never shows more", () => {
  fc.assert(
    fc.property(seats, permission, marking, fc.nat(3), (some, what, one_, gone) => {
      const all = scopeOf(one(...some), what);
      const less: Viewer[] = [
        one(...some.filter((_, index) => index !== gone)),
        one(...some.map((each) => ({ ...each, groups: each.groups.slice(1) }))),
        one(...some.map((each) => ({ ...each, clientOf: each.clientOf.slice(1) }))),
        ...some.map((each) => actingFor(one(...some), each.organisation)),
      ];
      for (const fewer of less)
        assert(!visible(one_, true, scopeOf(fewer, what)) || visible(one_, true, all), JSON.stringify(fewer));
      assert(!visible(one_, true, all) || visible(one_, true, scopeOf(one(...some))));
    }),
    runs,
  );
});

test("law: nobody but staff sees what is in shadow; only the owner and the cleared see RED; groups always bind", () => {
  fc.assert(
    fc.property(viewer, permission, marking, fc.boolean(), (who, what, some, told) => {
      const scope = scopeOf(who, what);
      if (!visible(some, told, scope)) return;
      if (!told) assert.equal(who.kind, "staff");
      if (some.group !== undefined) assert(scope.groups.includes(some.group));
      const own = some.owner !== undefined && scope.own.includes(some.owner);
      if (some.tlp === "red") assert(own || (who.kind === "staff" && who.cleared));
      if (some.tlp === "amber+strict") assert(own || who.kind === "staff");
      if (who.kind === "person")
        assert(
          !own ||
            who.seats.some(
              (each) => each.organisation === some.owner && (what === undefined || seatGrants(each.role, what)),
            ),
        );
    }),
    runs,
  );
});

test("law: the predicate equals the SQL of its comment, read as three-valued logic", () => {
  fc.assert(
    fc.property(viewer, permission, marking, fc.boolean(), (who, what, some, released) => {
      const scope = scopeOf(who, what);
      const any = (value: string | undefined, list: readonly string[]): boolean | null =>
        value === undefined ? null : list.includes(value);
      const or = (...of: (boolean | null)[]): boolean | null =>
        of.includes(true) ? true : of.includes(null) ? null : false;
      const and = (...of: (boolean | null)[]): boolean | null =>
        of.includes(false) ? false : of.includes(null) ? null : true;
      const shared = or(some.group === undefined, any(some.group, scope.groups));
      const tail = scope.all
        ? or(some.tlp !== "red", scope.red, any(some.owner, scope.own))
        : and(
            released,
            or(
              some.tlp === "clear",
              any(some.owner, scope.own),
              some.tlp === "green" && scope.audience !== "public",
              and(
                some.tlp === "amber",
                some.owner === undefined ? scope.audience === "member" : any(some.owner, scope.clientsOf),
              ),
            ),
          );
      assert.equal(and(shared, tail) === true, visible(some, released, scope));
    }),
    runs,
  );
});
