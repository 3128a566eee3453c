import type { Instant } from "#core/instant.ts";
import { type OrganisationId, tlps } from "#core/marking.ts";
import { attributeOut, eventOut, partyReader } from "#jobs/misp/read.ts";
import type { Tx } from "#jobs/ports.ts";
import { mispAttributeKey, mispObjectKey } from "#jobs/collect/receipts.ts";
import type { MispAsked } from "./port.ts";
import { recipientOf } from "#jobs/alerts/recipient-of.ts";
import type { Gone, Recalling } from "./tell.ts";
import type { RecallReason } from "#share/recall-mail.ts";
import { mispIds } from "#share/misp-ids.ts";

type Party = NonNullable<ReturnType<typeof recipientOf>>;

/** Does this party have the attribute still, were it to ask for it now? */
export const hasAttribute = async (
  tx: Tx,
  recalling: Recalling,
  recipient: Party,
  n: number,
  now: Instant,
): Promise<boolean> => {
  const anchor = recalling.known().directory.community.anchor === recipient.party;
  const reader = partyReader(recipient, anchor, mispIds(recalling.idOf("misp", "ids")), now, "detection");
  const found = await tx.misp.attribute({ n }, reader.reach);
  return (
    found !== undefined &&
    !found.attribute.deleted &&
    eventOut(found.event, 0, reader) !== undefined &&
    attributeOut(found.attribute, found.event, reader) !== undefined
  );
};

/** Of these attributes, who received them by MISP's API and could not have them now. @param only this party */
export const recallMisp = async (
  tx: Tx,
  recalling: Recalling,
  asked: readonly MispAsked[],
  now: Instant,
  only?: OrganisationId,
): Promise<readonly (readonly [OrganisationId, Gone])[]> => {
  if (asked.length === 0) return [];
  const byKey = new Map<bigint, MispAsked[]>();
  for (const one of asked)
    for (const key of [mispAttributeKey(one.n), ...(one.object === undefined ? [] : [mispObjectKey(one.object)])])
      byKey.set(key, [...(byKey.get(key) ?? []), one]);
  const told: (readonly [OrganisationId, Gone])[] = [];
  for (const { party, key, queries, sent } of await tx.out.receivedBy([...byKey.keys()], now, "/misp/")) {
    const recipient = recipientOf(recalling.known(), party as OrganisationId);
    if (recipient === undefined || (only !== undefined && only !== party)) continue;
    for (const one of byKey.get(key) ?? []) {
      if (one.sender === party || (await hasAttribute(tx, recalling, recipient, one.n, now))) continue;
      const why: RecallReason = one.deleted ? "withdrawn" : "tightened";
      const ceiling = recipient.agreement?.tlpMax ?? "clear";
      const most = recipient.kind === "partner" ? "green" : "amber";
      const tlp = tlps[Math.min(tlps.indexOf(one.tlp), tlps.indexOf(ceiling), tlps.indexOf(most))] ?? "clear";
      const id = recalling.idOf("recalled", `misp ${one.n}`);
      if (!(await tx.out.recall({ indicator: id, party, why, tlp, sent }, now))) continue;
      const value = one.personal ? one.uuid : one.value;
      told.push([recipient.party, { id: one.uuid, kind: one.type, value, why, tlp, queries }]);
    }
  }
  return told;
};
