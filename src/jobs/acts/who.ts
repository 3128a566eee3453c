import type { Viewer } from "#community/viewer.ts";
import { type Language, nameIn } from "#words/language.ts";
import type { Account } from "#jobs/community/accounts.ts";
import type { Desk } from "./desk.ts";

/** The viewer's account; undefined for machines and strangers. */
export const accountOf = async (desk: Desk, viewer: Viewer): Promise<Account | undefined> => {
  if (viewer.kind !== "staff" && viewer.kind !== "person") return undefined;
  const staff = viewer.kind === "staff";
  return (await desk.accounts.all()).find(
    (one) => one.staff === staff && (one.person ?? one.id) === viewer.person && !one.disabled,
  );
};

/** As histories name who did it: a person's name, or a machine's organisation. */
export const nameOf = async (desk: Desk, viewer: Viewer): Promise<string> => {
  const { known } = desk.directory;
  switch (viewer.kind) {
    case "staff":
    case "person":
      return (
        (await accountOf(desk, viewer))?.display ??
        known.directory.people.find((one) => one.id === viewer.person)?.name ??
        viewer.person
      );
    case "party":
      return organisationName(desk, viewer.seat.organisation, "en");
    case "sensor":
      return known.sensor(viewer.sensor)?.title ?? viewer.sensor;
    case "public":
      return "";
  }
};

/** Names the viewer in keys of what was done once. */
export const keyOf = (viewer: Viewer): string => {
  switch (viewer.kind) {
    case "staff":
    case "person":
      return `${viewer.kind} ${viewer.person}`;
    case "party":
      return `party ${viewer.seat.organisation}`;
    case "sensor":
      return `sensor ${viewer.sensor}`;
    case "public":
      return "public";
  }
};

/** "" for one that is no longer in the directory. */
export const organisationName = (desk: Desk, id: string, language: Language): string =>
  nameIn(desk.directory.known.organisation(id as never)?.names ?? {}, language);
