import { may } from "#community/may.ts";
import type { Viewer } from "#community/viewer.ts";
import type { OrganisationId } from "#core/marking.ts";

/** Whose directory rows this viewer reads: staff everybody's, others those of organisations they read for. */
export const reads = (viewer: Viewer, organisation: OrganisationId): boolean =>
  viewer.kind === "staff" ? may(viewer, "community.read") : may(viewer, "own.read", organisation);

export const writes = (viewer: Viewer, organisation: OrganisationId): boolean =>
  viewer.kind === "staff" ? may(viewer, "community.write") : may(viewer, "own.write", organisation);
