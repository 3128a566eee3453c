import type { GroupId, Marking, OrganisationId } from "#core/marking.ts";
import { may } from "./may.ts";
import { type Permission, seatGrants } from "./roles.ts";
import type { Seat, Viewer } from "./viewer.ts";

/** Widest last: each audience sees at least what the one before it sees. */
export const audiences = ["public", "partner", "member", "staff"] as const;
export type Audience = (typeof audiences)[number];

/**
 * Which rows a viewer may reach, as plain data. State and history translate it into SQL; the one meaning is `visible`,
 * and a property test holds both to it. For a row (owner, tlp, grp, released), with the lists as arrays:
 *
 *   (grp is null or grp = any($groups)) and
 *   all:   (tlp <> 'red' or $red or owner = any($own))
 *   else:  released and (
 *            tlp = 'clear'
 *            or owner = any($own)
 *            or (tlp = 'green' and $audience <> 'public')
 *            or (tlp = 'amber' and case when owner is null then $audience = 'member' else owner = any($clientsOf) end))
 */
export interface Scope {
  /** Staff: everything but RED of others and groups they are not in. */
  readonly all: boolean;
  readonly groups: readonly GroupId[];
  /** Organisations whose rows are the viewer's own. */
  readonly own: readonly OrganisationId[];
  /** Organisations whose client one of `own` is: their AMBER reaches the viewer. */
  readonly clientsOf: readonly OrganisationId[];
  readonly audience: Audience;
  /** Cleared for RED of others; only with `all`. */
  readonly red: boolean;
}

/**
 * | row                            | public | partner | member | its own organisation | client of its owner | staff    |
 * |--------------------------------|--------|---------|--------|----------------------|---------------------|----------|
 * | CLEAR                          | yes    | yes     | yes    | yes                  | yes                 | yes      |
 * | GREEN                          | no     | yes     | yes    | yes                  | yes                 | yes      |
 * | AMBER, the community's         | no     | no      | yes    | (nobody's own)       | (nobody's client)   | yes      |
 * | AMBER, an organisation's       | no     | no      | no     | yes                  | yes                 | yes      |
 * | AMBER+STRICT                   | no     | no      | no     | yes                  | no                  | yes      |
 * | RED                            | no     | no      | no     | yes                  | no                  | cleared  |
 *
 * On top of the table: a row of a group needs membership of that group, of everybody, its owner and staff included; and
 * a row that is not `released` (in shadow: a new feed, rule, detector or member) is staff's alone, whatever its TLP.
 * A parent organisation is nobody special: it sees its children's rows only as anybody else would.
 *
 * @param released false while in shadow. Not part of the TLP: letting a row speak must not change what its source said.
 */
export const visible = (marking: Marking, released: boolean, scope: Scope): boolean => {
  const { owner, tlp, group } = marking;
  if (group !== undefined && !scope.groups.includes(group)) return false;
  const own = owner !== undefined && scope.own.includes(owner);
  if (scope.all) return tlp !== "red" || scope.red || own;
  if (!released) return false;
  if (own) return true;
  switch (tlp) {
    case "clear":
      return true;
    case "green":
      return scope.audience !== "public";
    case "amber":
      return owner === undefined ? scope.audience === "member" : scope.clientsOf.includes(owner);
    case "amber+strict":
    case "red":
      return false;
  }
};

/**
 * The rows this viewer may reach when doing `permission`. Seats that do not give the permission fall away, so that a
 * person who only looks after sensors in B does not read B's findings because they read A's. Without `permission`: the
 * widest scope, for what needs none.
 *
 * Seats add up: somebody who acts for A and B sees what either may see, and, where a row names a group, may come in
 * through A's membership and B's being a client. To look through one seat alone: `actingFor`.
 */
export const scopeOf = (viewer: Viewer, permission?: Permission): Scope => {
  if (permission !== undefined && !may(viewer, permission)) return nothing;
  switch (viewer.kind) {
    case "public":
      return nothing;
    case "staff":
      return {
        all: true,
        groups: viewer.groups,
        own: viewer.own,
        clientsOf: [],
        audience: "staff",
        red: viewer.cleared,
      };
    case "person":
      return ofSeats(viewer.seats, permission);
    case "party":
      return ofSeats([viewer.seat], permission);
    case "sensor":
      // What the community knows, as its organisation would see it; nobody's findings, not even its own department's:
      // a sensor stands unattended in a rack.
      return { ...nothing, audience: viewer.of };
  }
};

/** What anybody may see: TLP:CLEAR. */
const nothing: Scope = { all: false, groups: [], own: [], clientsOf: [], audience: "public", red: false };

const ofSeats = (seats: readonly Seat[], permission: Permission | undefined): Scope => {
  const given = seats.filter((seat) => permission === undefined || seatGrants(seat.role, permission));
  if (given.length === 0) return nothing;
  return {
    all: false,
    groups: [...new Set(given.flatMap((seat) => seat.groups))],
    own: [...new Set(given.map((seat) => seat.organisation))],
    clientsOf: [...new Set(given.flatMap((seat) => seat.clientOf))],
    audience: given.some((seat) => seat.of === "member") ? "member" : "partner",
    red: false,
  };
};
