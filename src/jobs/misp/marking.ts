import { createHash } from "node:crypto";
import type { Group } from "#community/group.ts";
import type { Licence, Marking, OrganisationId, Tlp } from "#core/marking.ts";
import type { MispAttribute, MispEvent, MispObject } from "#misp/model.ts";
import { restrictionOf } from "#misp/restriction.ts";

/** Who writes or brings something into our events. */
export interface MispSender {
  /** Absent: the community itself. */
  readonly party?: OrganisationId;
  /** The community's own organisation: what the community keeps to itself is its own. */
  readonly anchor?: OrganisationId;
  /** A partner is in no group's "members". */
  readonly partner: boolean;
  /** Why what it brings is staff's alone for now; absent: it is not. */
  readonly shadow?: string;
  /** The TLP of what says nothing of it, the author's "all communities" too; absent: GREEN. */
  readonly unsaid?: Tlp;
  /** Whose terms bind; absent: written here. */
  readonly licence?: Licence;
  /** Groups it may share with: those it is in. */
  readonly groups: readonly Group[];
}

/** A group's number where MISP wants one. */
export const groupNumber = (group: string): string =>
  String(createHash("sha256").update(group).digest().readUInt32BE(0) % 1_000_000_000);

type Distributed = Pick<MispEvent | MispObject | MispAttribute, "distribution" | "sharing_group_id" | "SharingGroup">;

const nothing: MispAttribute = { type: "", value: "", Tag: [], Galaxy: [], Sighting: [], Note: [], Opinion: [] };

/**
 * The marking of an event, or of an object or attribute in it: everything above it binds. A sharing group is one of ours
 * that the sender is in, and then its members are the audience; any other one is RED. Where nobody speaks of TLP and the
 * author says "all communities" it is GREEN.
 */
export const mispMarking = (
  event: MispEvent,
  object: MispObject | undefined,
  attribute: MispAttribute | undefined,
  sender: MispSender,
): Marking => {
  const groups = new Set<Group>();
  const resolved = <T extends Distributed>(held: T): T => {
    const group = held.distribution === "4" ? groupOf(held, sender) : undefined;
    if (group === undefined) return held;
    groups.add(group);
    return { ...held, distribution: "3" };
  };
  const { tlp = sender.unsaid ?? "green", pap = "clear" } = restrictionOf(
    resolved(event),
    object && resolved(object),
    resolved<MispAttribute>(attribute ?? nothing),
  );
  const [group, ...others] = groups;
  // Nobody is known to be in several groups at once
  const bound = others.length > 0 ? "red" : tlp;
  const owned = sender.party !== undefined && (group === undefined || sender.partner || others.length > 0);
  const kept = sender.party === undefined && (bound === "amber+strict" || bound === "red") ? sender.anchor : undefined;
  const owner = owned ? sender.party : kept;
  return {
    ...(owner === undefined ? {} : { owner }),
    tlp: bound,
    pap,
    ...(group === undefined || others.length > 0 ? {} : { group: group.id }),
    licence: sender.licence ?? "own",
  };
};

/** The group of ours that is meant, if the sender is in it. */
export const groupOf = (held: Distributed, sender: MispSender): Group | undefined => {
  const uuid = held.SharingGroup?.["uuid"];
  return sender.groups.find(
    ({ id }) => id === uuid || (held.sharing_group_id !== undefined && held.sharing_group_id === groupNumber(id)),
  );
};

/** Attributes that are about a person: they leave only where personal data may go. @see MISP core format §2.5.2 */
export const isPersonal = (type: string, category: string): boolean =>
  personalCategories.has(category) || personalTypes.has(type);

const personalCategories: ReadonlySet<string> = new Set(["Person", "Targeting data"]);
const personalTypes: ReadonlySet<string> = new Set([
  ...["target-user", "target-email", "whois-registrant-email", "whois-registrant-phone", "whois-registrant-name"],
  ...["email-dst", "email-dst-display-name", "phone-number", "iban", "bank-account-nr", "cc-number", "full-name"],
]);
