import type { Agreement } from "#community/agreement.ts";
import type { Directory } from "#community/directory.ts";
import type { Instant } from "#core/instant.ts";
import { licences, type OrganisationId, paps, tlps } from "#core/marking.ts";
import type { ClaimRow } from "#intel/ports.ts";
import type { MispState } from "#jobs/misp/port.ts";
import type { Tx } from "#jobs/ports.ts";
import type { MispAsked, StixAsked } from "./port.ts";

/** A text longer than this is not carried in a job: its revoked version says the least that is valid. */
const carried = 65_536;

/** A source that only staff hear from now on: of everything that parties received, what nobody else says is taken back. */
export const queueHushed = async (tx: Tx, now: Instant): Promise<void> => {
  for (const party of await tx.recall.receivers()) await tx.queue.put("recall", `terms ${party}`, { party }, now);
};

/** Objects by TAXII that were revoked or taken away: who received them hears of it. */
export const queueStix = async (tx: Tx, objects: readonly StixAsked[], now: Instant): Promise<void> => {
  const jobs = new Map(
    objects.map((one) => {
      const { last } = one;
      const short = last === undefined || last.body.length <= carried ? last : { ...last, body: leastOf(last.body) };
      const stix = { ...one, ...(short === undefined ? {} : { last: short }) };
      return [`stix ${one.collection} ${one.sender ?? ""} ${one.id}`, stix];
    }),
  );
  await tx.queue.putAll(
    [...jobs].map(([key, stix]) => ({ kind: "recall" as const, key, payload: { stix } })),
    now,
  );
};

const least: ReadonlySet<string> = new Set(
  ["type", "spec_version", "id", "created", "modified", "created_by_ref", "object_marking_refs", "name"].concat([
    ...["pattern", "pattern_type", "valid_from", "relationship_type", "source_ref", "target_ref", "sighting_of_ref"],
    ...["is_family", "object_refs", "published", "identity_class", "malware_types", "indicator_types"],
  ]),
);
const leastOf = (body: string): string =>
  JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(body) as object).filter(([name]) => least.has(name))));

/**
 * MISP's state that notes what its readers may have lost: an event or attribute that is written anew is looked at again by
 * the loop, one that is removed is told with what it said.
 */
export const watchMisp = (tx: Tx, now: Instant): Tx => {
  const { misp } = tx;
  const again = (event: number): Promise<void> => tx.queue.put("recall", `misp event ${event}`, { event }, now);
  const lost = async (key: string, attributes: readonly MispAsked[]): Promise<void> => {
    if (attributes.length === 0) return;
    const gone = attributes.map((one) => ({ ...one, deleted: true }));
    await tx.queue.put("recall", `misp ${key}`, { attributes: gone }, now);
  };
  const watched: MispState = {
    ...misp,
    putEvent: async (event) => {
      await misp.putEvent(event);
      await again(event.n);
    },
    putAttribute: async (attribute) => {
      await misp.putAttribute(attribute);
      await again(attribute.event);
    },
    putObject: async (object) => {
      await misp.putObject(object);
      await again(object.event);
    },
    removeEvent: async (n) => {
      await lost(`event ${n} removed`, await tx.recall.attributesOf(n));
      await misp.removeEvent(n);
    },
    removeObject: async (n) => {
      await lost(`object ${n} removed`, await tx.recall.attributesOf({ object: n }));
      await misp.removeObject(n);
    },
    removeAttribute: async (n) => {
      await lost(`attribute ${n} removed`, await tx.recall.attributesOf({ attribute: n }));
      await misp.removeAttribute(n);
    },
  };
  return { ...tx, misp: watched };
};

/**
 * Before rows are merged: claims that may be told to fewer from now on. A row that anybody may have tightens nothing, so
 * open feeds cost nothing here.
 */
export const queueTightened = async (tx: Tx, feed: string, rows: readonly ClaimRow[], now: Instant): Promise<void> => {
  const bound = rows.filter(
    ({ tlp, pap, licence }) => tlp !== "clear" || pap !== "clear" || licences[licence].passOn !== "anyone",
  );
  if (bound.length === 0) return;
  const tightened = await tx.recall.tightened(feed, bound);
  await tx.queue.putAll(
    tightened.map(({ id, ...was }) => ({
      kind: "recall",
      key: `${id} ${feed} tightened`,
      payload: { indicator: id, why: "tightened", was },
    })),
    now,
  );
};

/**
 * A directory that is about to be taken in: parties that may have less by it are looked at again, and those whose agreement
 * ends, on that day.
 */
export const queueTerms = async (tx: Tx, before: Directory, coming: Directory, now: Instant): Promise<void> => {
  const parties = new Set<OrganisationId>();
  const known = new Map(before.agreements.map((one) => [one.party, one]));
  for (const agreement of coming.agreements) {
    const { party, to } = agreement;
    if (party === "public") continue;
    const old = known.get(party);
    if (old !== undefined && isNarrower(agreement, old)) parties.add(party);
    if (to !== undefined && to > now) await tx.queue.put("recall", `terms ${party} ${to}`, { party }, to);
  }
  const organisations = new Map(before.organisations.map((one) => [one.id, one]));
  // an agreement signed with a member takes the place of the terms that all members have
  for (const { party } of coming.agreements)
    if (party !== "public" && !known.has(party) && organisations.get(party)?.kind === "member") parties.add(party);
  for (const one of coming.organisations) {
    const old = organisations.get(one.id);
    if (old === undefined) continue;
    if (old.kind !== one.kind || old.clientOf.some((of) => !one.clientOf.includes(of))) parties.add(one.id);
  }
  const groups = new Map(before.groups.map((one) => [one.id, one]));
  for (const one of coming.groups)
    for (const member of groups.get(one.id)?.members ?? []) if (!one.members.includes(member)) parties.add(member);
  for (const party of parties) await tx.queue.put("recall", `terms ${party}`, { party }, now);
};

const isNarrower = (now: Agreement, before: Agreement): boolean =>
  tlps.indexOf(now.tlpMax) < tlps.indexOf(before.tlpMax) ||
  paps.indexOf(now.papMax) < paps.indexOf(before.papMax) ||
  (before.acceptsPii && !now.acceptsPii) ||
  before.purposes.some((one) => !now.purposes.includes(one)) ||
  now.from > before.from ||
  (now.to !== undefined && (before.to === undefined || now.to < before.to));
