import { sco, type StixObject } from "#misp/stix-object.ts";
import type { ObjectPart, ObjectShape, Parts } from "./object-part.ts";
import type { PatternGroup } from "./pattern-text.ts";
import { comparisonOf, propertyOf } from "./table-shape.ts";

type Rule = readonly [relation: string, property: string, as?: "integer" | "time" | "truth"];

const own: readonly Rule[] = [
  ["pid", "pid", "integer"],
  ["hidden", "is_hidden", "truth"],
  ["creation-time", "created_time", "time"],
  ["current-directory", "cwd"],
  ["command-line", "command_line"],
];
const ofParent: readonly Rule[] = [
  ["parent-pid", "pid", "integer"],
  ["parent-command-line", "command_line"],
  ["parent-process-name", "x_misp_process_name"],
  ["parent-process-path", "x_misp_process_path"],
  ["parent-guid", "x_misp_guid"],
];

/** STIX 2.1 §6.14 Process, with the processes and images it refers to. */
export const processShape = (parts: Parts, uuid: string): ObjectShape => {
  const pattern: PatternGroup[] = [];
  const more: StixObject[] = [];
  const take = (
    rules: readonly Rule[],
    prefix: string,
  ): { readonly properties: Record<string, unknown>; readonly first: ObjectPart | undefined } => {
    const properties: Record<string, unknown> = {};
    let first: ObjectPart | undefined;
    for (const [relation, property, as] of rules) {
      const part = parts.one(relation);
      if (part === undefined) continue;
      first ??= part;
      const field = as === undefined ? {} : { as };
      properties[property] = propertyOf(field, part);
      if (part.ids) pattern.push(comparisonOf(`process:${prefix}${property}`, field, part));
    }
    return { properties, first };
  };
  const image = (relation: string, prefix: string): string | undefined => {
    const part = parts.one(relation);
    if (part === undefined) return undefined;
    more.push(sco("file", part.uuid, { name: part.value }));
    if (part.ids) pattern.push({ path: `process:${prefix}image_ref.name`, value: part.value });
    return `file--${part.uuid}`;
  };
  const { properties } = take(own, "");
  const executed = image("image", "");
  if (executed !== undefined) properties["image_ref"] = executed;
  const parent = take(ofParent, "parent_ref.");
  const parentPart = parts.all.find(({ relation }) => relation === "parent-image");
  const parentImage = image("parent-image", "parent_ref.");
  const parentUuid = (parent.first ?? parentPart)?.uuid;
  if (parentUuid !== undefined) {
    const imageRef = parentImage === undefined ? {} : { image_ref: parentImage };
    more.push(sco("process", parentUuid, { ...parent.properties, ...imageRef }));
    properties["parent_ref"] = `process--${parentUuid}`;
  }
  const children = parts.many("child-pid");
  for (const [index, child] of children.entries()) {
    more.push(sco("process", child.uuid, { pid: propertyOf({ as: "integer" }, child) }));
    if (child.ids) pattern.push({ path: `process:child_refs[${index}].pid`, value: child.value, is: "number" });
  }
  if (children.length > 0) properties["child_refs"] = children.map(({ uuid: id }) => `process--${id}`);
  const customs = parts.customPattern("process:");
  return {
    objects: [sco("process", uuid, { ...properties, ...parts.custom() }), ...more],
    pattern: [...pattern, ...customs],
  };
};
