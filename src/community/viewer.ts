import type { GroupId, OrganisationId } from "#core/marking.ts";
import type { OrganisationKind } from "./organisation.ts";
import type { PersonId } from "./person.ts";
import type { Permission, Role } from "./roles.ts";
import type { SensorId } from "./sensor.ts";

/**
 * Whoever asks, as far as decisions need to know them; made from a verified session or token and from nothing a request
 * says. Two decisions read it: `may` (roles.ts) and `scopeOf` (visibility.ts).
 *   public   nobody in particular                        staff   works for the CERT
 *   person   signed in, acts for one or more organisations
 *   party    a machine of one organisation, with a scoped token (block-lists, TAXII, a SIEM)
 *   sensor   sends telemetry
 */
export type Viewer = Public | Staff | PersonViewer | Party | SensorViewer;

export interface Public {
  readonly kind: "public";
}

export interface Staff {
  readonly kind: "staff";
  readonly person: PersonId;
  readonly roles: readonly Role[];
  /** May read RED of others. */
  readonly cleared: boolean;
  /** The CERT's own organisation in the directory, if it has one there; its rows are theirs. */
  readonly own: readonly OrganisationId[];
  /** Every group they are in: `groupsOfStaff`. */
  readonly groups: readonly GroupId[];
}

export interface PersonViewer {
  readonly kind: "person";
  readonly person: PersonId;
  /** Never staff roles; two roles in one organisation are two seats. */
  readonly seats: readonly Seat[];
}

export interface Party {
  readonly kind: "party";
  readonly seat: Seat;
  /** What the token was made for: never more than its role gives. */
  readonly permissions: readonly Permission[];
}

export interface SensorViewer {
  readonly kind: "sensor";
  readonly sensor: SensorId;
  readonly organisation: OrganisationId;
  readonly of: OrganisationKind;
}

/** A role in an organisation, with what the directory says of that organisation at this moment. */
export interface Seat {
  readonly organisation: OrganisationId;
  readonly of: OrganisationKind;
  readonly role: Role;
  readonly clientOf: readonly OrganisationId[];
  readonly groups: readonly GroupId[];
}

/** The same person acting for one organisation only. Never shows more than before. */
export const actingFor = (viewer: PersonViewer, organisation: OrganisationId): PersonViewer => ({
  ...viewer,
  seats: viewer.seats.filter((seat) => seat.organisation === organisation),
});
