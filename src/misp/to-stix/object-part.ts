import { meantForDetection } from "#misp/attribute-types.ts";
import { normaliseValue } from "#misp/attribute-value.ts";
import type { MispAttribute, MispObject } from "#misp/model.ts";
import { customName } from "#misp/object-fields.ts";
import type { StixObject } from "#misp/stix-object.ts";
import { stixDate } from "#misp/timestamps.ts";
import { derivedUuid } from "#misp/uuid.ts";
import type { PatternGroup } from "./pattern-text.ts";

/** An attribute of an object, ready to become a property. */
export interface ObjectPart {
  readonly relation: string;
  readonly type: string;
  readonly value: string;
  readonly uuid: string;
  readonly data?: string;
  /** Meant for detection: it is compared in the pattern. */
  readonly ids: boolean;
  /** Its value fits its type; one that does not travels as a custom property. */
  readonly fits: boolean;
}

/** What an object is in STIX. */
export interface ObjectShape {
  /** The object's own first, then what it refers to. */
  readonly objects: readonly StixObject[];
  /** Empty: nothing of it is meant for detection. */
  readonly pattern: readonly PatternGroup[];
}

export const objectUuid = (object: MispObject): string =>
  object.uuid ??
  derivedUuid(`${object.name}|${object.Attribute.map(({ type, value }) => `${type}|${value}`).join("\n")}`);

export const attributeUuid = (attribute: MispAttribute, holder = ""): string =>
  attribute.uuid ?? derivedUuid(`${holder}|${attribute.object_relation ?? ""}|${attribute.type}|${attribute.value}`);

export const partsOf = (object: MispObject): readonly ObjectPart[] => {
  const holder = objectUuid(object);
  return object.Attribute.filter(({ deleted }) => deleted !== true).map((attribute) => {
    const value = normaliseValue(attribute.type, attribute.value);
    return {
      relation: attribute.object_relation ?? attribute.type,
      type: attribute.type,
      value: value.ok ? value.value : attribute.value,
      uuid: attributeUuid(attribute, holder),
      ids: meantForDetection(attribute),
      fits: value.ok,
      ...(attribute.data === undefined ? {} : { data: attribute.data }),
    };
  });
};

/** An object's attributes by relation, each taken once; what nobody took becomes custom properties. */
export class Parts {
  readonly all: readonly ObjectPart[];
  readonly #taken = new Set<ObjectPart>();

  constructor(all: readonly ObjectPart[]) {
    this.all = all;
  }

  /** The first of a relation that fits its type. */
  one(...relations: readonly string[]): ObjectPart | undefined {
    for (const relation of relations) {
      const found = this.all.find((part) => part.fits && part.relation === relation && !this.#taken.has(part));
      if (found !== undefined) {
        this.#taken.add(found);
        return found;
      }
    }
    return undefined;
  }

  /** Exactly this one, unless somebody has it. */
  take(part: ObjectPart): ObjectPart | undefined {
    if (this.#taken.has(part)) return undefined;
    this.#taken.add(part);
    return part;
  }

  many(...relations: readonly string[]): readonly ObjectPart[] {
    const found = this.all.filter((part) => part.fits && relations.includes(part.relation) && !this.#taken.has(part));
    for (const part of found) this.#taken.add(part);
    return found;
  }

  rest(): readonly ObjectPart[] {
    return this.all.filter((part) => !this.#taken.has(part));
  }

  /** `x_misp_…` properties of all that is left; several of one relation make a list. */
  custom(): Readonly<Record<string, unknown>> {
    const byName = new Map<string, unknown[]>();
    for (const part of this.rest()) {
      const name = customName(part.relation);
      const value = customValue(part);
      const before = byName.get(name);
      if (before === undefined) byName.set(name, [value]);
      else before.push(value);
    }
    return Object.fromEntries([...byName].map(([name, values]) => [name, values.length === 1 ? values[0] : values]));
  }

  /** Comparisons of what is left and meant for detection, on custom properties of `prefix`: "software:". */
  customPattern(prefix: string): readonly PatternGroup[] {
    return this.rest()
      .filter(({ ids }) => ids)
      .map(({ relation, value }) => ({ path: `${prefix}${customName(relation)}`, value }));
  }
}

const customValue = (part: ObjectPart): unknown => {
  if (part.data !== undefined) return { value: part.value, data: part.data };
  if (part.type === "datetime") return stixDate(part.value) ?? part.value;
  if (part.type === "boolean") return part.value === "1" ? true : part.value === "0" ? false : part.value;
  return part.value;
};
