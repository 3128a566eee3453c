import type { FileAct } from "#telemetry/format.ts";

/** A PATH record of an event: what the call did to that name. */
export interface PathItem {
  readonly name?: string;
  /** "CREATE", "DELETE", "NORMAL", "PARENT". */
  readonly nametype?: string;
}

export const pathItem = (pairs: readonly (readonly [key: string, value: string])[]): PathItem => {
  const said = new Map(pairs);
  const [name, nametype] = [said.get("name"), said.get("nametype")];
  return { ...(name === undefined ? {} : { name }), ...(nametype === undefined ? {} : { nametype }) };
};

/** What an event says of its call beside the paths. */
interface Call {
  readonly call: string | undefined;
  readonly success: string | undefined;
  /** Where names begin that do not begin at the root. */
  readonly folder: string | undefined;
  readonly image: string | undefined;
}

/**
 * What was done to a file, by what became of its names: of a rename the old one is gone and the new one is made. A call
 * that failed did nothing.
 *
 * @see Linux, include/linux/audit.h, AUDIT_TYPE_CHILD_CREATE, AUDIT_TYPE_CHILD_DELETE
 */
export const fileOf = (paths: readonly PathItem[], { call, success, folder, image }: Call): FileAct | undefined => {
  if (success !== undefined && success !== "yes") return undefined;
  const named = (type: string): string | undefined => {
    const name = paths.find((one) => one.nametype === type && one.name !== undefined && one.name !== "(null)")?.name;
    if (name === undefined || name.startsWith("/") || folder === undefined) return name;
    return `${folder.replace(/\/$/, "")}/${name}`;
  };
  const [gone, made] = [named("DELETE"), named("CREATE")];
  const by = image === undefined ? {} : { image };
  if (call?.startsWith("rename") === true)
    return gone === undefined || made === undefined ? undefined : { act: "rename", path: gone, to: made, ...by };
  if (gone !== undefined && made === undefined) return { act: "delete", path: gone, ...by };
  return made === undefined ? undefined : { act: "create", path: made, ...by };
};
