import type { Instant } from "#core/instant.ts";
import { type OrganisationId, type Tlp, tlps } from "#core/marking.ts";
import { groupsOfOrganisation } from "#community/group.ts";
import type { Tx } from "#jobs/ports.ts";
import { stixKey } from "#jobs/collect/receipts.ts";
import type { StixAsked } from "./port.ts";
import { recipientOf } from "#jobs/alerts/recipient-of.ts";
import type { Gone, Recalling } from "./tell.ts";
import { mayHave } from "#jobs/stix/release.ts";
import { isPersonal } from "#jobs/stix/marking.ts";
import type { StixCollection, StixNew, StixRow } from "#jobs/stix/objects-port.ts";
import { timeKey } from "#stix/time-key.ts";

type Party = NonNullable<ReturnType<typeof recipientOf>>;

/** The highest TLP at which something that nobody owns reaches this party. */
const ceilingOf = ({ kind, agreement }: Party, tlp: Tlp): Tlp => {
  const most = Math.min(
    tlps.indexOf(agreement?.tlpMax ?? "clear"),
    tlps.indexOf(kind === "partner" ? "green" : "amber"),
  );
  return tlps[Math.min(most, tlps.indexOf(tlp))] ?? "clear";
};

/** May this party read the collection, as it is today? (`acts/taxii-party.ts` shows it the same.) */
export const readsCollection = (recalling: Recalling, party: Party, { readers }: StixCollection): boolean => {
  const kind = recalling.known().organisation(party.party)?.kind === "member" ? "members" : "partners";
  return readers.some(
    (name) =>
      name === kind ||
      name === `organisation:${party.party}` ||
      groupsOfOrganisation(recalling.known().directory.groups, party.party).some((group) => name === `group:${group}`),
  );
};

/**
 * Of these objects, who received them by TAXII and may not have them any more, as they stood: each is to remove it, and
 * sees a revoked version of it with a date of its own, which no other party sees. Who sees the sender's own revocation needs
 * no other; who still may have a version that stands is left alone.
 *
 * @param only this party; absent: whoever received one
 * @param silent nothing is to be said beside the version: the values in it are told anyway
 */
export const recallStix = async (
  tx: Tx,
  recalling: Recalling,
  asked: readonly StixAsked[],
  now: Instant,
  some: { readonly only?: OrganisationId; readonly silent?: true } = {},
): Promise<readonly (readonly [OrganisationId, Gone])[]> => {
  if (asked.length === 0) return [];
  const byKey = new Map(asked.map((one) => [stixKey(one.collection, one.sender, one.id), one]));
  const received = await tx.out.receivedBy([...byKey.keys()], now, "/taxii2/");
  const collections = new Map((await tx.stix.collections()).map((one) => [one.n, one]));
  const told: (readonly [OrganisationId, Gone])[] = [];
  const versions: Revoking[] = [];
  const rows = new Map<number, readonly StixRow[]>();
  for (const { party, key, queries, sent } of received) {
    const one = byKey.get(key);
    const recipient = recipientOf(recalling.known(), party as OrganisationId);
    const collection = one && collections.get(one.collection);
    if (one === undefined || collection === undefined || recipient === undefined || party === one.sender) continue;
    if (some.only !== undefined && some.only !== party) continue;
    const all = rows.get(collection.n) ?? (await heldOf(tx, asked, collection.n));
    rows.set(collection.n, all);
    const lane = all.filter((row) => row.id === one.id && row.sender === one.sender && row.addressee === undefined);
    const reads = readsCollection(recalling, recipient, collection);
    const whom = { recipient, purpose: collection.purpose, now };
    const visible = reads ? lane.filter((row) => mayHave(row, whom)) : [];
    const isRevoked = visible.some(({ revoked }) => revoked);
    if (visible.length > 0 && !isRevoked) continue;
    const newest = lane.reduce<StixRow | undefined>((a, b) => (a === undefined || b.key > a.key ? b : a), undefined);
    const last = newest ?? one.last;
    if (last === undefined) continue;
    const tlp = ceilingOf(recipient, newest?.marking.tlp ?? one.last?.tlp ?? "clear");
    const id = recalling.idOf("recalled", key.toString(16));
    if (!(await tx.out.recall({ indicator: id, party, why: one.why, tlp, sent }, now))) continue;
    if (!isRevoked && reads)
      versions.push({ collection, recipient, id: one.id, body: last.body, spec: last.spec, tlp });
    if (!some.silent) told.push([recipient.party, { id: one.id, ...saidOf(last.body), why: one.why, tlp, queries }]);
  }
  await revoke(tx, versions, now);
  return told;
};

const heldOf = (tx: Tx, asked: readonly StixAsked[], collection: number): Promise<readonly StixRow[]> =>
  tx.stix.held(collection, [...new Set(asked.filter((one) => one.collection === collection).map(({ id }) => id))]);

/** What a person recognises an object by: its pattern, value or name. */
const saidOf = (body: string): { readonly kind: string; readonly value: string } => {
  const object = JSON.parse(body) as Readonly<Record<string, unknown>>;
  const said = isPersonal(object)
    ? undefined
    : [object["pattern"], object["value"], object["name"]].find((one) => typeof one === "string" && one !== "");
  return { kind: String(object["type"]), value: String(said ?? object["id"]) };
};

interface Revoking {
  readonly collection: StixCollection;
  readonly recipient: Party;
  readonly id: string;
  readonly body: string;
  readonly spec: string;
  readonly tlp: Tlp;
}

/**
 * Versions that revoke, each for one party. Parties' dates are counted apart, so that none tells how many others were told.
 * Objects without versions (STIX 2.1 §3.6 knows no revocation of them) and those about a person leave none.
 */
const revoke = async (tx: Tx, versions: readonly Revoking[], now: Instant): Promise<void> => {
  for (const [collection, all] of Map.groupBy(versions, (one) => one.collection)) {
    const start = Math.max(await tx.stix.lock(collection.n), now * 1000 - 1);
    const counted = new Map<string, number>();
    const rows = all.flatMap(({ recipient, id, body, spec, tlp }): StixNew[] => {
      const object = JSON.parse(body) as Readonly<Record<string, unknown>>;
      const before = object["modified"];
      if (typeof before !== "string" || isPersonal(object)) return [];
      const modified = new Date(Math.max(now, Date.parse(before) + 1)).toISOString();
      const place = (counted.get(recipient.party) ?? 0) + 1;
      counted.set(recipient.party, place);
      return [
        {
          ...{ addedAt: start + place, id, type: String(object["type"]), spec, written: modified, revoked: true },
          key: timeKey(modified) ?? "",
          // a lane of its own: nobody's word is changed by ours
          sender: `recall ${recipient.party}` as OrganisationId,
          addressee: recipient.party,
          marking: { tlp, pap: "clear", licence: "own" },
          personal: false,
          body: JSON.stringify({ ...object, modified, revoked: true }),
          ...{ awaits: [], alone: false },
        },
      ];
    });
    if (rows.length === 0) continue;
    await tx.stix.insert(
      collection.n,
      [...rows].sort((a, b) => a.addedAt - b.addedAt),
    );
    await tx.stix.settle(collection.n, [...new Set(rows.map(({ id }) => id))]);
    await tx.stix.setClock(collection.n, start + Math.max(...counted.values()));
  }
};
