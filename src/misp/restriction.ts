import { type Pap, stricterPap, stricterTlp, type Tlp } from "#core/marking.ts";
import type { MispAttribute, MispEvent, MispObject } from "./model.ts";
import { papOfTags, tlpOfTags } from "./tags.ts";

/**
 * How far an attribute may go, as its event, object and own tags and distributions say together; what none says is absent
 * and left to the source's own marking.
 */
export interface Restriction {
  readonly tlp?: Tlp;
  readonly pap?: Pap;
  /** Only for the members of this MISP sharing group; without a mapping to one of ours, nobody. */
  readonly sharingGroup?: string;
}

/**
 * MISP's distribution in the words of TLP 2.0. "Your organisation only" is what AMBER+STRICT says; a community is what
 * GREEN says, but how wide another instance's community is cannot be known, so it is AMBER. A sharing group is RED until
 * its members are known, and so is a level that MISP has not.
 * @see MISP core format §2.2.1.11 distribution
 */
const ofDistribution = (level: string | undefined): Tlp | undefined => {
  switch (level) {
    case undefined:
    case "3":
    case "5":
      return undefined;
    case "0":
      return "amber+strict";
    case "1":
      return "amber";
    case "2":
      return "green";
    default:
      return "red";
  }
};

type Distributed = Pick<MispEvent | MispObject | MispAttribute, "distribution" | "sharing_group_id" | "SharingGroup">;

/**
 * @param received what we were given: the levels of the sender's own instance speak of the sender's readers, so only tags
 *   and sharing groups bind (a feed's author who published an event published it)
 */
export const restrictionOf = (
  event: MispEvent | undefined,
  object: MispObject | undefined,
  attribute: MispAttribute,
  received = false,
): Restriction => {
  let tlp: Tlp | undefined;
  let sharingGroup: string | undefined;
  const bind = (found: Tlp | undefined): void => {
    if (found !== undefined) tlp = tlp === undefined ? found : stricterTlp(tlp, found);
  };
  for (const held of [event, object, attribute] satisfies readonly (Distributed | undefined)[]) {
    if (held === undefined) continue;
    if (!received || held.distribution === "4") bind(ofDistribution(held.distribution));
    if (held.distribution === "4") sharingGroup = groupOf(held) ?? sharingGroup;
  }
  bind(tlpOfTags(event?.Tag ?? []));
  bind(tlpOfTags(attribute.Tag));
  const paps = [papOfTags(event?.Tag ?? []), papOfTags(attribute.Tag)].filter((pap) => pap !== undefined);
  const pap = paps.length === 0 ? undefined : paps.reduce(stricterPap);
  return {
    ...(tlp === undefined ? {} : { tlp }),
    ...(pap === undefined ? {} : { pap }),
    ...(sharingGroup === undefined ? {} : { sharingGroup }),
  };
};

const groupOf = (held: Distributed): string | undefined => {
  const uuid = held.SharingGroup?.["uuid"];
  return typeof uuid === "string" ? uuid : held.sharing_group_id;
};
