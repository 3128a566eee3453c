import { groupsOfOrganisation, groupsOfStaff } from "#community/group.ts";
import type { Person, PersonId } from "#community/person.ts";
import { isStaffRole, type Role, roles } from "#community/roles.ts";
import type { Party, PersonViewer, Seat, SensorViewer, Staff } from "#community/viewer.ts";
import type { Account, StoredToken } from "#jobs/community/accounts.ts";
import type { Known } from "#jobs/community/directory-memory.ts";

/** Whoever signed in, as the directory has them now; undefined when there is nothing left that they may act for. */
export const viewerOfAccount = (account: Account, known: Known): Staff | PersonViewer | undefined => {
  const person = known.directory.people.find((one) => one.id === account.person);
  if (account.disabled || (account.person !== undefined && person === undefined)) return undefined;
  if (!account.staff) return person && viewerOfPerson(person, known);
  const { anchor } = known.directory.community;
  return {
    kind: "staff",
    // an account without a person is its own, so that acts and keys are told apart
    person: (account.person ?? account.id) as PersonId,
    roles: account.roles.filter((role): role is Role => Object.hasOwn(roles, role) && isStaffRole(role as Role)),
    cleared: false,
    own: anchor === undefined ? [] : [anchor],
    groups: groupsOfStaff(known.directory.groups, (account.person ?? "") as PersonId),
  };
};

/** A person of the directory in all their seats; undefined without any. */
export const viewerOfPerson = (person: Person, known: Known): PersonViewer | undefined => {
  const seats = person.organisations.flatMap(({ organisation, role }) =>
    isStaffRole(role) ? [] : (seatOf(organisation, role, known) ?? []),
  );
  return seats.length === 0 ? undefined : { kind: "person", person: person.id, seats };
};

/** Whose machine holds this token; undefined when its organisation or sensor is gone. */
export const viewerOfToken = (token: StoredToken, known: Known): Party | SensorViewer | undefined => {
  const organisation = known.organisation(token.organisation);
  if (!organisation) return undefined;
  if (token.kind === "party") {
    const seat = seatOf(organisation.id, machineRole[organisation.kind], known);
    return seat && { kind: "party", seat, permissions: token.permissions };
  }
  const sensor = token.sensor === undefined ? undefined : known.sensor(token.sensor);
  return sensor?.organisation === organisation.id
    ? { kind: "sensor", sensor: sensor.id, organisation: organisation.id, of: organisation.kind }
    : undefined;
};

/** The most that a machine of an organisation can be made for; its token's permissions take away from it. */
export const machineRole = { member: "security-contact", partner: "partner" } as const satisfies Record<
  Seat["of"],
  Role
>;

const seatOf = (id: Seat["organisation"], role: Role, known: Known): Seat | undefined => {
  const organisation = known.organisation(id);
  return (
    organisation && {
      organisation: id,
      of: organisation.kind,
      role,
      clientOf: organisation.clientOf,
      groups: groupsOfOrganisation(known.directory.groups, id),
    }
  );
};
