import type { GroupId, OrganisationId } from "#core/marking.ts";
import type { PersonId } from "./person.ts";

/** Organisations that share rows among themselves (MISP: sharing group). Who is in it may be a secret of its own. */
export interface Group {
  readonly id: GroupId;
  /** The name in the directory file, kebab-case. */
  readonly key: string;
  readonly title: string;
  readonly members: readonly OrganisationId[];
  /** False: every analyst of staff is in it. True: only the staff named in `staff`. */
  readonly private: boolean;
  readonly staff: readonly PersonId[];
}

/** The groups a member of staff is in: all open ones, and the private ones that name them. */
export const groupsOfStaff = (groups: readonly Group[], person: PersonId): readonly GroupId[] =>
  groups.filter((group) => !group.private || group.staff.includes(person)).map((group) => group.id);

export const groupsOfOrganisation = (groups: readonly Group[], organisation: OrganisationId): readonly GroupId[] =>
  groups.filter((group) => group.members.includes(organisation)).map((group) => group.id);
