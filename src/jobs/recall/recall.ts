import { inForce } from "#community/agreement.ts";
import type { Recipient } from "#community/recipient.ts";
import { release } from "#community/release.ts";
import type { Instant } from "#core/instant.ts";
import { type Licence, type OrganisationId, type Pap, stricterTlp, type Tlp, tlps } from "#core/marking.ts";
import { observableKinds } from "#core/observable.ts";
import { listDecider } from "#jobs/lists/decide.ts";
import { memberKey } from "#jobs/lists/members.ts";
import type { Received, SaidClaim } from "#jobs/lists/out-port.ts";
import type { Job, Tx } from "#jobs/ports.ts";
import { hasAttribute, recallMisp } from "./misp.ts";
import type { MispAsked, MispStated, StixAsked, StixStated } from "./port.ts";
import { readsCollection, recallStix } from "./stix.ts";
import { type Gone, type Recalling, tellEnded, tellParty } from "./tell.ts";
import { mispAttributeKey, mispObjectKey, stixKey } from "#jobs/collect/receipts.ts";
import { recipientOf } from "#jobs/alerts/recipient-of.ts";
import { mayHave } from "#jobs/stix/release.ts";
import { type RecallReason, recallReasons } from "#share/recall-mail.ts";

/** Jobs of one transaction: a source that takes back its whole list is many mails' worth in one mail. */
const atOnce = 500;
/** Values looked at together where a party's terms changed. */
const valuesAtOnce = 5000;

/**
 * Takes back what was sent. Who received a thing is read from the ledger, exactly: values of lists, objects by TAXII,
 * attributes by MISP. Who would receive it today all the same (another source says it too) is left alone; each of the
 * others is asked once to remove it, by webhook and by mail, and the evidence says so. Lists are without it already; by
 * TAXII it is a revoked version with a date of its own, by MISP a deleted attribute with a new timestamp.
 *
 * @returns how many parties were told; undefined when nothing was due
 */
export const recallIndicators = (recalling: Recalling): Promise<number | undefined> =>
  recalling.state.act(async (tx) => {
    const now = recalling.now();
    const jobs = await tx.queue.take("recall", now, atOnce);
    if (jobs.length === 0) return undefined;
    const gone: (readonly [OrganisationId, Gone])[] = [];
    const values: ValueAsked[] = [];
    const objects: StixAsked[] = [];
    const attributes: MispAsked[] = [];
    const parties = new Set<OrganisationId>();
    const restored: string[] = [];
    for (const job of jobs) {
      const { payload } = job;
      if (typeof payload["restored"] === "string") restored.push(payload["restored"]);
      else if (payload["stix"] !== undefined) objects.push(payload["stix"] as StixAsked);
      else if (payload["attributes"] !== undefined) attributes.push(...(payload["attributes"] as MispAsked[]));
      else if (typeof payload["event"] === "number")
        attributes.push(...(await tx.recall.attributesOf(payload["event"])));
      else if (typeof payload["party"] === "string") parties.add(payload["party"] as OrganisationId);
      else if (typeof payload["collection"] === "string")
        for (const party of await shutOut(tx, recalling, payload["collection"])) parties.add(party);
      else values.push(valueOf(job));
    }
    await restore(tx, restored, now);
    gone.push(...(await recallValues(tx, recalling, values, now)));
    gone.push(...(await recallStix(tx, recalling, objects, now)));
    gone.push(...(await recallMisp(tx, recalling, attributes, now)));
    let told = 0;
    for (const party of parties) {
      const outcome = await recallAll(tx, recalling, party, now);
      if (outcome === "ended") told++;
      else gone.push(...outcome);
    }
    for (const [party, all] of Map.groupBy(gone, ([of]) => of)) {
      await tellParty(
        tx,
        recalling,
        party,
        all.map(([, one]) => one),
        now,
      );
      told++;
    }
    await tx.queue.done(jobs.map(({ n }) => n));
    return told;
  });

/** A value of which something is not said any more. */
interface ValueAsked {
  /** Public id of the indicator. */
  readonly id: string;
  readonly why: RecallReason;
  /** Whose word it was; absent: nobody's in particular. */
  readonly feed?: string;
  /** How that could be told before it was tightened: who could not hear it then has nothing to remove. */
  readonly was?: { readonly tlp: Tlp; readonly pap: Pap; readonly licence: Licence };
}

const valueOf = ({ key, payload }: Job): ValueAsked => {
  const { feed, was } = payload;
  return {
    id: String(payload["indicator"] ?? key),
    why: recallReasons.find((one) => one === payload["why"]) ?? "withdrawn",
    ...(typeof feed === "string" ? { feed } : {}),
    ...(was === undefined ? {} : { was: was as NonNullable<ValueAsked["was"]> }),
  };
};

/** What was judged false and is not any more stands again where partners' machines read it. */
const restore = async (tx: Tx, ids: readonly string[], now: Instant): Promise<void> => {
  if (ids.length === 0) return;
  await tx.recall.showStix(await tx.recall.stix(ids));
  const values = await tx.out.observables(ids);
  const stated = await tx.recall.misp(values);
  await tx.recall.showMisp(
    stated.filter(({ judged }) => !judged),
    Math.floor(now / 1000),
  );
};

/** Of these values, who received them in a list or in an object, and could not have them now. */
const recallValues = async (
  tx: Tx,
  recalling: Recalling,
  asked: readonly ValueAsked[],
  now: Instant,
  only?: OrganisationId,
): Promise<readonly (readonly [OrganisationId, Gone])[]> => {
  if (asked.length === 0) return [];
  const ids = [...new Set(asked.map(({ id }) => id))];
  const values = await tx.out.observables(ids);
  const byId = new Map(values.map((value) => [value.id, value]));
  const byAsked = Map.groupBy(asked, ({ id }) => id);
  const claims = Map.groupBy(await tx.out.claimsOf(ids, now), ({ id }) => id);
  const said = Map.groupBy(await tx.out.saidOf(ids), ({ id }) => id);
  const stated = await stateNoMore(tx, recalling, byAsked, values, now);
  const things = thingsOf(
    values.map(({ id }) => id),
    stated,
  );
  const received = (await tx.out.receivedBy([...things.keys()], now)).filter(
    ({ party }) => only === undefined || party === only,
  );
  const told: (readonly [OrganisationId, Gone])[] = [];
  for (const [party, all] of Map.groupBy(received, (one) => one.party)) {
    const recipient = recipientOf(recalling.known(), party as OrganisationId);
    // A party that has left has no contact and no agreement: staff reads it in the evidence
    const decide = recipient && listDecider(recalling, { kinds: observableKinds }, recipient, now);
    for (const [id, got] of byIndicator(all, things)) {
      const value = byId.get(id);
      if (value === undefined || decide?.(claims.get(id) ?? []).kind === "leaves") continue;
      const sender = got.objects.length > 0 && got.objects.every((one) => one.sender === party);
      if (sender || (recipient && (await stands(tx, recalling, recipient, got.objects, byAsked.get(id) ?? [], now))))
        continue;
      const ceiling = recipient?.agreement?.tlpMax ?? "clear";
      // What a source said that this party must not know of is not taken back from it either: it would tell that it was said
      const open = (said.get(id) ?? []).filter((one) => recipient !== undefined && mayKnow(one, recipient, now));
      const [first] = (byAsked.get(id) ?? []).filter(
        ({ feed, was }) =>
          (was === undefined ||
            (recipient !== undefined && mayKnow({ id, feed: "", shadow: false, ...was }, recipient, now))) &&
          (feed === undefined ||
            open.length === 0 ||
            open.some((one) => one.feed === feed) ||
            got.objects.some((one) => one.feed === feed)),
      );
      if (first === undefined) continue;
      // They had it under their ceiling; a marking that was tightened since is not theirs to be told
      const tlp =
        open.length > 0
          ? open.map((one) => one.tlp).reduce(stricterTlp)
          : tlps.indexOf(value.tlp) > tlps.indexOf(ceiling)
            ? ceiling
            : value.tlp;
      if (await tx.out.recall({ indicator: id, party, why: first.why, tlp, sent: got.sent }, now))
        told.push([
          party as OrganisationId,
          {
            ...{ id, kind: value.kind, why: first.why, tlp, queries: got.queries },
            // who takes no personal data any more is told by the id that it has
            value: value.kind === "email" && recipient?.agreement?.acceptsPii !== true ? id : value.value,
          },
        ]);
    }
  }
  return told;
};

interface Stated {
  readonly stix: readonly StixStated[];
  readonly misp: readonly MispStated[];
}

/**
 * The objects and attributes that state these values. What a person judged false goes from them too: an object of which
 * nothing stands is staff's alone, and who received it sees it revoked; an attribute is deleted.
 */
const stateNoMore = async (
  tx: Tx,
  recalling: Recalling,
  asked: ReadonlyMap<string, readonly ValueAsked[]>,
  values: readonly { readonly id: string; readonly kind: string; readonly value: string }[],
  now: Instant,
): Promise<Stated> => {
  const stix = await tx.recall.stix([...asked.keys()]);
  const misp = await tx.recall.misp(values);
  const isFalse = (one: StixStated | MispStated): boolean => isJudged(asked.get(one.indicator) ?? [], one.feed);
  const hidden = await tx.recall.hideStix(stix.filter(isFalse));
  await recallStix(
    tx,
    recalling,
    hidden.map(({ collection, sender, id }) => ({
      ...{ collection, id, why: "false" as const },
      ...(sender === undefined ? {} : { sender }),
    })),
    now,
    { silent: true },
  );
  const judged = misp.filter((one) => one.judged && isFalse(one));
  if (judged.length > 0) await tx.recall.hideMisp(judged, Math.floor(now / 1000));
  return { stix, misp };
};

const isJudged = (asked: readonly ValueAsked[], feed: string): boolean =>
  asked.some((one) => one.why === "false" && (one.feed === undefined || one.feed === feed));

/** One thing that was received: a value of a list, or what states one. */
type Thing =
  | { readonly kind: "value"; readonly indicator: string }
  | ({ readonly kind: "stix" } & StixStated)
  | ({ readonly kind: "misp"; readonly sender?: undefined } & MispStated);
type Held = Exclude<Thing, { kind: "value" }>;

const thingsOf = (ids: readonly string[], { stix, misp }: Stated): ReadonlyMap<bigint, readonly Thing[]> => {
  const things = new Map<bigint, Thing[]>();
  const put = (key: bigint, thing: Thing): void => {
    things.set(key, [...(things.get(key) ?? []), thing]);
  };
  for (const indicator of ids) put(memberKey(indicator), { kind: "value", indicator });
  for (const one of stix) put(stixKey(one.collection, one.sender, one.id), { kind: "stix", ...one });
  for (const one of misp) {
    put(mispAttributeKey(one.attribute), { kind: "misp", ...one });
    if (one.object !== undefined) put(mispObjectKey(one.object), { kind: "misp", ...one });
  }
  return things;
};

interface Got {
  readonly queries: readonly string[];
  readonly sent: Instant;
  readonly objects: readonly Held[];
}

/** What one party received, by indicator. */
const byIndicator = (
  received: readonly Received[],
  things: ReadonlyMap<bigint, readonly Thing[]>,
): ReadonlyMap<string, Got> => {
  const found = new Map<string, Got>();
  for (const { key, queries, sent } of received)
    for (const thing of things.get(key) ?? []) {
      const before = found.get(thing.indicator);
      found.set(thing.indicator, {
        queries: [...new Set([...(before?.queries ?? []), ...queries])].sort(),
        sent: before === undefined || sent > before.sent ? sent : before.sent,
        objects: [...(before?.objects ?? []), ...(thing.kind === "value" ? [] : [thing])],
      });
    }
  return found;
};

/** Does an object that this party received state the value still, and may it have the object? */
const stands = async (
  tx: Tx,
  recalling: Recalling,
  recipient: Recipient & { readonly party: OrganisationId },
  objects: readonly Held[],
  asked: readonly ValueAsked[],
  now: Instant,
): Promise<boolean> => {
  const collections = objects.length === 0 ? [] : await tx.stix.collections();
  for (const one of objects) {
    if (isJudged(asked, one.feed)) continue;
    if (one.kind === "misp") {
      if (await hasAttribute(tx, recalling, recipient, one.attribute, now)) return true;
      continue;
    }
    const collection = collections.find(({ n }) => n === one.collection);
    if (collection === undefined || !readsCollection(recalling, recipient, collection)) continue;
    const lane = (await tx.stix.held(collection.n, [one.id])).filter(
      (row) => row.sender === one.sender && mayHave(row, { recipient, purpose: collection.purpose, now }),
    );
    if (lane.length > 0 && !lane.some(({ revoked }) => revoked)) return true;
  }
  return false;
};

/** Its terms are narrower than they were: of all that it ever received, what it could not have now. */
const recallAll = async (
  tx: Tx,
  recalling: Recalling,
  party: OrganisationId,
  now: Instant,
): Promise<"ended" | readonly (readonly [OrganisationId, Gone])[]> => {
  const queries = await tx.recall.queriesOf(party);
  if (queries.length === 0) return [];
  const agreement = recipientOf(recalling.known(), party)?.agreement;
  if (agreement === undefined || !inForce(agreement, now)) {
    await tellEnded(tx, recalling, party, queries, now);
    return "ended";
  }
  const gone: (readonly [OrganisationId, Gone])[] = [];
  const ids = await tx.recall.indicatorsSentTo(party);
  for (let at = 0; at < ids.length; at += valuesAtOnce) {
    const asked = ids.slice(at, at + valuesAtOnce).map((id): ValueAsked => ({ id, why: "tightened" }));
    gone.push(...(await recallValues(tx, recalling, asked, now, party)));
  }
  const objects = await tx.recall.stixSentTo(party);
  const asked = objects.map((one): StixAsked => ({ ...one, why: "tightened" }));
  gone.push(...(await recallStix(tx, recalling, asked, now, { only: party })));
  for (const event of await tx.recall.eventsSentTo(party))
    gone.push(...(await recallMisp(tx, recalling, await tx.recall.attributesOf(event), now, party)));
  return gone;
};

/** Who received something of this collection and may not read it any more. */
const shutOut = async (tx: Tx, recalling: Recalling, id: string): Promise<readonly OrganisationId[]> => {
  const collection = (await tx.stix.collections()).find((one) => one.id === id);
  if (collection === undefined) return [];
  return (await tx.recall.readersOf(collection.id)).filter((party) => {
    const recipient = recipientOf(recalling.known(), party);
    return recipient !== undefined && !readsCollection(recalling, recipient, collection);
  });
};

const mayKnow = (claim: SaidClaim, recipient: Recipient, now: Instant): boolean =>
  release(
    { marking: { tlp: claim.tlp, pap: claim.pap, licence: claim.licence }, released: !claim.shadow, fields: {} },
    recipient,
    { now, purpose: "blocking", fields: {}, local: {}, anonymous: "" },
  ).ok;
