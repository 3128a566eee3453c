import type { MispObject } from "#misp/model.ts";
import { objectFields } from "#misp/object-fields.ts";
import { emailShape } from "./email-shape.ts";
import { executableShape, fileShape, imageShape, registryShape } from "./file-shape.ts";
import { domainShape, isNetworkObject, networkShape } from "./network-shape.ts";
import { objectUuid, type ObjectShape, Parts, partsOf } from "./object-part.ts";
import { processShape } from "./process-shape.ts";
import { tableShape } from "./table-shape.ts";

/** The other objects of the same event, for those that STIX keeps inside the one that refers to them. */
export type Neighbours = ReadonlyMap<string, MispObject>;

/** Relations under which an object is part of another; such a reference is no relationship of its own. */
const inside: Readonly<Record<string, { readonly name: string; readonly relation: string }>> = {
  file: { name: "pe", relation: "includes" },
  pe: { name: "pe-section", relation: "includes" },
  "registry-key": { name: "registry-key-value", relation: "contains" },
};

/** Objects that STIX keeps inside this one. */
export const partsInside = (object: MispObject, neighbours: Neighbours): readonly MispObject[] => {
  const rule = Object.hasOwn(inside, object.name) ? inside[object.name] : undefined;
  if (rule === undefined) return [];
  return object.ObjectReference.flatMap(({ referenced_uuid, relationship_type, deleted }) => {
    const other = neighbours.get(referenced_uuid);
    return relationship_type === rule.relation && deleted !== true && other?.name === rule.name ? [other] : [];
  });
};

/** Absent: no STIX observable says it; it travels as `x-misp-object`. */
export const objectShape = (object: MispObject, neighbours: Neighbours): ObjectShape | undefined => {
  const parts = new Parts(partsOf(object));
  const uuid = objectUuid(object);
  if (parts.all.length === 0) return undefined;
  const { name } = object;
  if (isNetworkObject(name)) return networkShape(name, parts, uuid);
  switch (name) {
    case "domain-ip":
      return domainShape(parts, uuid);
    case "email":
      return emailShape(parts, uuid);
    case "file": {
      const [pe] = partsInside(object, neighbours);
      return fileShape(name, parts, uuid, pe === undefined ? undefined : executableIn(pe, neighbours));
    }
    case "image":
      return imageShape(parts, uuid);
    case "lnk":
      return fileShape(name, parts, uuid);
    case "pe":
      return executableShape(executableIn(object, neighbours), uuid);
    case "process":
      return processShape(parts, uuid);
    case "registry-key":
      return registryShape(
        parts,
        uuid,
        partsInside(object, neighbours).map((value) => partsOf(value)),
      );
    default:
      return name !== "pe-section" && Object.hasOwn(objectFields, name) && hasKnown(name, parts)
        ? tableShape(name, parts, uuid)
        : undefined;
  }
};

const executableIn = (pe: MispObject, neighbours: Neighbours) => ({
  pe: partsOf(pe),
  sections: partsInside(pe, neighbours).map((section) => partsOf(section)),
});

/** STIX demands a property of its own; an object of nothing but custom ones travels whole as MISP's. */
const hasKnown = (name: string, parts: Parts): boolean =>
  objectFields[name]?.fields.some((field) =>
    parts.all.some((part) => part.relation === field.relation && part.fits),
  ) === true;
