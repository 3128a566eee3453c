import type { Agreement, Purpose } from "#community/agreement.ts";
import { inForce, memberTerms } from "#community/agreement.ts";
import { type LedgerEntry, ledgerEntry } from "#community/ledger-entry.ts";
import { type Recipient, scopeOfRecipient } from "#community/recipient.ts";
import { release } from "#community/release.ts";
import type { Scope } from "#community/visibility.ts";
import type { Instant } from "#core/instant.ts";
import { type Licence, licences, type Marking, type OrganisationId, paps, tlps } from "#core/marking.ts";
import type { MispIds } from "#share/misp-ids.ts";
import { ForStaff, type MispEventOut, type MispOut, type MispPartOut } from "#share/misp-out.ts";
import type { MispAttributeRow, MispEventRow, MispObjectRow, MispReach, MispRemarkRow } from "./port.ts";
import { remarkJson } from "./remarks.ts";
import { mispAttributeKey, mispObjectKey, noteReceived } from "#jobs/collect/receipts.ts";
import { attributeJson, eventJson, objectJson } from "./shape.ts";
import type { Tx } from "#jobs/ports.ts";

type PartyRecipient = Recipient & { readonly party: OrganisationId };

/** Who reads: staff by their scope, everybody else by release. */
export interface MispReader {
  readonly ids: MispIds;
  readonly now: Instant;
  readonly purpose: Purpose;
  readonly reach: MispReach;
  /** Absent: staff. */
  readonly recipient?: PartyRecipient;
}

export const staffReader = (
  scope: Scope,
  own: OrganisationId | undefined,
  ids: MispIds,
  now: Instant,
  purpose: Purpose,
): MispReader => ({
  ...{ ids, now, purpose },
  reach: { scope, ...(own === undefined ? {} : { own }) },
});

/** The bounds of an agreement as plain data for SQL; without one in force for this purpose, a party reads what is its own. */
export const partyReader = (
  recipient: PartyRecipient,
  community: boolean,
  ids: MispIds,
  now: Instant,
  purpose: Purpose,
): MispReader => {
  const { agreement } = recipient;
  const signed =
    agreement !== undefined &&
    agreement.party === recipient.party &&
    inForce(agreement, now) &&
    agreement.purposes.includes(purpose);
  const passes = (Object.keys(licences) as Licence[]).filter((one) => {
    const { passOn } = licences[one];
    return passOn === "anyone" || (passOn === "community" && recipient.kind === "organisation");
  });
  return {
    ...{ ids, now, purpose, recipient },
    reach: {
      scope: scopeOfRecipient(recipient),
      own: community ? "" : recipient.party,
      bounds: {
        tlps: signed ? tlps.slice(0, tlps.indexOf(agreement.tlpMax) + 1) : [],
        paps: signed ? paps.slice(0, paps.indexOf(agreement.papMax) + 1) : [],
        licences: passes,
        personal: signed && agreement.acceptsPii,
      },
    },
  };
};

/** What a party brought itself is its own to read: no ceiling but visibility stands between. */
const ownTerms = (party: OrganisationId, now: Instant): Agreement => ({
  ...memberTerms(party, now),
  anonymiseSources: false,
  acceptsPii: true,
});

const isOwn = (event: MispEventRow, { recipient, reach }: MispReader): boolean =>
  recipient !== undefined && (event.sender ?? "") === reach.own;

const outOf = <F extends object>(
  fields: F,
  marking: Marking,
  released: boolean,
  rules: Readonly<Record<keyof F, "must" | "personal" | "source">>,
  own: boolean,
  reader: MispReader,
): MispOut<F> | undefined => {
  const { recipient, now, purpose } = reader;
  if (recipient === undefined) return new ForStaff(fields);
  const to = own ? { ...recipient, agreement: ownTerms(recipient.party, now) } : recipient;
  // A source's terms say what may be passed on, and who reads back what it brought is passed nothing
  const held: Marking = own ? { ...marking, licence: "own" } : marking;
  const outcome = release({ marking: held, released, fields }, to, {
    ...{ now, purpose, local: {}, anonymous: "" },
    fields: rules as never,
  });
  return outcome.ok ? (outcome.released as unknown as MispOut<F>) : undefined;
};

export const eventOut = (row: MispEventRow, count: number, reader: MispReader): MispOut<MispEventOut> | undefined => {
  const own = isOwn(row, reader);
  const { name, uuid } = row.orgc;
  return outOf<MispEventOut>(
    {
      event: eventJson(row, count, { ids: reader.ids, own: own || reader.recipient === undefined }),
      author: uuid === undefined ? name : `${name}\n\n${uuid}`,
    },
    row.marking,
    row.shadow === undefined,
    { event: "must", author: "source" },
    own,
    reader,
  );
};

export const attributeOut = (
  row: MispAttributeRow,
  event: MispEventRow,
  reader: MispReader,
): MispOut<MispPartOut> | undefined => {
  const own = isOwn(event, reader);
  const out = outOf<MispPartOut>(
    { part: attributeJson(row, { ids: reader.ids, own: own || reader.recipient === undefined }) },
    row.marking,
    row.shadow === undefined,
    { part: row.personal ? "personal" : "must" },
    own,
    reader,
  );
  // A personal part that may not go leaves nothing worth sending
  return out !== undefined && "part" in out.value ? out : undefined;
};

export const objectOut = (
  row: MispObjectRow,
  event: MispEventRow,
  reader: MispReader,
): MispOut<MispPartOut> | undefined => {
  const own = isOwn(event, reader);
  return outOf<MispPartOut>(
    { part: objectJson(row, { ids: reader.ids, own: own || reader.recipient === undefined }) },
    row.marking,
    row.shadow === undefined,
    { part: "must" },
    own,
    reader,
  );
};

/** What somebody said of an event or its parts. A proposal is for the event's owner to read as its own. */
export const remarkOut = (
  row: MispRemarkRow,
  event: MispEventRow,
  reader: MispReader,
): MispOut<MispPartOut> | undefined => {
  const { recipient, reach } = reader;
  const mine = recipient !== undefined && (row.sender ?? "") === reach.own;
  const own = mine || (row.kind === "ShadowAttribute" && isOwn(event, reader));
  return outOf<MispPartOut>(
    { part: remarkJson(row, reader.ids, mine || recipient === undefined) },
    // whoever may read it because it is its own is who the marking is for
    own && recipient !== undefined ? { ...row.marking, owner: recipient.party } : row.marking,
    row.shadow === undefined,
    { part: "must" },
    own,
    reader,
  );
};

/** Writes ledger and evidence for a response in which something of others left; one's own is no release. */
export const recordRelease = async (
  tx: Tx,
  reader: MispReader,
  query: string,
  rows: readonly {
    readonly event: MispEventRow;
    readonly attribute?: MispAttributeRow;
    readonly object?: MispObjectRow;
  }[],
  body: Uint8Array,
): Promise<void> => {
  const { recipient } = reader;
  const foreign = recipient === undefined ? [] : rows.filter(({ event }) => !isOwn(event, reader));
  if (recipient === undefined || foreign.length === 0) return;
  const ns = foreign.map(({ event }) => event.n);
  const members = await noteReceived(
    tx,
    foreign.flatMap(({ attribute, object }) => [
      ...(attribute === undefined ? [] : [mispAttributeKey(attribute.n)]),
      ...(object === undefined ? [] : [mispObjectKey(object.n)]),
    ]),
    reader.now,
  );
  const plain: LedgerEntry = ledgerEntry({
    party: recipient.party,
    query,
    after: String(ns.reduce((a, b) => Math.min(a, b)) - 1),
    upTo: String(ns.reduce((a, b) => Math.max(a, b))),
    count: foreign.length,
    at: reader.now,
    body,
  });
  const entry = { ...plain, ...(members === undefined ? {} : { members }) };
  await tx.ledger.write(entry);
  await tx.evidence.leaf({
    kind: "release",
    subject: "misp",
    data: {
      party: recipient.party,
      query,
      count: entry.count,
      contentHash: entry.contentHash,
      after: entry.after,
      upTo: entry.upTo,
    },
    at: reader.now,
  });
};
