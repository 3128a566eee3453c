import type { OrganisationId } from "#core/marking.ts";
import { grants, isStaffRole, type Permission, seatGrants } from "./roles.ts";
import type { Viewer } from "./viewer.ts";

/**
 * May this viewer do it? With `organisation`: do it *for that one*; ask so whenever the act names an organisation, for
 * a person may answer in one and only look in another. Staff act for any; a stranger for none.
 */
export const may = (viewer: Viewer, permission: Permission, organisation?: OrganisationId): boolean => {
  switch (viewer.kind) {
    case "public":
      return false;
    case "staff":
      return viewer.roles.some((role) => isStaffRole(role) && grants(role, permission));
    case "person":
      return viewer.seats.some(
        (seat) =>
          (organisation === undefined || seat.organisation === organisation) && seatGrants(seat.role, permission),
      );
    case "party":
      return (
        (organisation === undefined || viewer.seat.organisation === organisation) &&
        viewer.permissions.includes(permission) &&
        seatGrants(viewer.seat.role, permission)
      );
    case "sensor":
      return (organisation === undefined || viewer.organisation === organisation) && sensorMay.includes(permission);
  }
};

/** A sensor delivers telemetry and fetches what it matches against; whoever steals one gets no more. */
const sensorMay: readonly Permission[] = ["telemetry.write", "lists.read"];
