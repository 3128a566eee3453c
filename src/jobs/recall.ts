import { createHash } from "node:crypto";
import { audienceOf } from "#alerts/audience.ts";
import { type Mailbox, mailOf, messageIdOf } from "#alerts/mail.ts";
import { ledgerEntry } from "#community/ledger-entry.ts";
import { release } from "#community/release.ts";
import type { Recipient } from "#community/recipient.ts";
import type { Instant } from "#core/instant.ts";
import { type OrganisationId, stricterTlp, type Tlp, tlps } from "#core/marking.ts";
import type { Observable } from "#core/observable.ts";
import { memberKey } from "#jobs/list-members.ts";
import { listDecider } from "#jobs/decide-list.ts";
import type { SaidClaim } from "#jobs/out-port.ts";
import type { Job, State, Tx } from "#jobs/ports.ts";
import { recipientOf } from "#jobs/recipient-of.ts";
import type { Listing } from "#jobs/listing.ts";

import { tellWebhooks } from "#jobs/webhook-tell.ts";
import { type RecallReason, recallMail, recallReasons } from "#share/recall-mail.ts";
import { observableKinds } from "#core/observable.ts";

export interface Recalling extends Pick<Listing, "known" | "exclusions" | "titleOf" | "idOf" | "decay"> {
  readonly state: State;
  readonly portal: string;
  readonly from: Mailbox;
  readonly now: () => Instant;
}

/** Jobs of one transaction: a source that takes back its whole list is many mails' worth in one mail. */
const atOnce = 500;

/**
 * Takes back what was sent. Who received a value is read from the ledger, exactly; who would receive it today all the same (another
 * source says it too) is left alone; each of the others is asked once to remove it, by webhook and by mail, and the evidence
 * says so. Lists and collections are without it already.
 *
 * @returns how many parties were told; undefined when nothing was due
 */
export const recallIndicators = (recalling: Recalling): Promise<number | undefined> =>
  recalling.state.act(async (tx) => {
    const now = recalling.now();
    const jobs = await tx.queue.take("recall", now, atOnce);
    if (jobs.length === 0) return undefined;
    const whys = new Map(jobs.map((job) => [String(job.payload["indicator"] ?? job.key), reasonOf(job)]));
    const values = await tx.out.observables([...whys.keys()]);
    const byKey = new Map(values.map((value) => [memberKey(value.id), value]));
    const claims = Map.groupBy(await tx.out.claimsOf([...whys.keys()], now), ({ id }) => id);
    const said = Map.groupBy(await tx.out.saidOf([...whys.keys()]), ({ id }) => id);
    const asked = Map.groupBy(jobs, (job) => String(job.payload["indicator"] ?? job.key));
    const received = await tx.out.receivedBy([...byKey.keys()], now);
    let told = 0;
    for (const [party, all] of Map.groupBy(received, (one) => one.party)) {
      const recipient = recipientOf(recalling.known(), party as OrganisationId);
      // A party that has left has no contact and no agreement: staff reads it in the evidence
      const decide = recipient && listDecider(recalling, { kinds: observableKinds }, recipient, now);
      const gone: Gone[] = [];
      for (const { key, queries, sent } of all) {
        const value = byKey.get(key);
        if (value === undefined || decide?.(claims.get(value.id) ?? []).kind === "leaves") continue;
        const ceiling = recipient?.agreement?.tlpMax ?? "clear";
        // What a source said that this party must not know of is not taken back from it either: it would tell that it was said
        const open = (said.get(value.id) ?? []).filter(
          (one) => recipient !== undefined && mayKnow(one, recipient, now),
        );
        const spoken = (asked.get(value.id) ?? []).filter(
          ({ payload }) =>
            payload["feed"] === undefined || open.length === 0 || open.some(({ feed }) => feed === payload["feed"]),
        );
        const [first] = spoken;
        if (first === undefined) continue;
        // They had it under their ceiling; a marking that was tightened since is not theirs to be told
        const tlp =
          open.length > 0
            ? open.map((one) => one.tlp).reduce(stricterTlp)
            : tlps.indexOf(value.tlp) > tlps.indexOf(ceiling)
              ? ceiling
              : value.tlp;
        const why = reasonOf(first);
        if (await tx.out.recall({ indicator: value.id, party, why, tlp, sent }, now))
          gone.push({ id: value.id, kind: value.kind, value: value.value, why, tlp, queries });
      }
      if (gone.length > 0) {
        await tellParty(tx, recalling, party as OrganisationId, gone, now);
        told++;
      }
    }
    await tx.queue.done(jobs.map(({ n }) => n));
    return told;
  });

interface Gone extends Observable {
  readonly id: string;
  readonly why: RecallReason;
  readonly tlp: Tlp;
  readonly queries: readonly string[];
}

const mayKnow = (claim: SaidClaim, recipient: Recipient, now: Instant): boolean =>
  release(
    { marking: { tlp: claim.tlp, pap: claim.pap, licence: claim.licence }, released: !claim.shadow, fields: {} },
    recipient,
    { now, purpose: "blocking", fields: {}, local: {}, anonymous: "" },
  ).ok;

const reasonOf = (job: Job): RecallReason => recallReasons.find((one) => one === job.payload["why"]) ?? "withdrawn";

/** One mail to each contact, one message to each webhook, one entry in ledger and evidence. */
const tellParty = async (
  tx: Tx,
  recalling: Recalling,
  party: OrganisationId,
  gone: readonly Gone[],
  now: Instant,
): Promise<void> => {
  const known = recalling.known();
  const organisation = known.organisation(party);
  const recipient = recipientOf(known, party);
  const values = gone.map(({ kind, value, why }) => ({ kind, value, why }));
  const lists = [...new Set(gone.flatMap(({ queries }) => queries))].sort();
  const tlp = gone.map((one) => one.tlp).reduce(stricterTlp);
  const key = createHash("sha256")
    .update(JSON.stringify([party, now, gone.map(({ id }) => id)]))
    .digest("hex")
    .slice(0, 16);
  let mails = 0;
  let hooks = 0;
  // Through `release` like all that leaves. Its licence and PAP bound what they received, not that they shall remove it
  const outcome =
    recipient &&
    release(
      {
        marking: { tlp, pap: "clear", licence: "own" },
        released: true,
        fields: { values, lists, ids: gone.map(({ id }) => id) },
      },
      recipient,
      { now, purpose: "blocking", fields: { values: "must", lists: "must", ids: "must" }, local: {}, anonymous: "" },
    );
  if (organisation && recipient && outcome?.ok) {
    const sent = outcome.released.value;
    const contacts = audienceOf(organisation, known.directory.people, "high").recipients;
    const partners = known.directory.people.flatMap((person) => {
      const mailbox = person.channels.find((channel) => channel.kind === "email");
      return mailbox && person.organisations.some((post) => post.organisation === party && post.role === "partner")
        ? [
            {
              person,
              address: mailbox.address,
              languages: [person.language ?? organisation.languages[0] ?? "en"] as const,
            },
          ]
        : [];
    });
    const everybody = new Map([...contacts, ...partners].map((one) => [one.person.id, one]));
    for (const { person, address, languages } of everybody.values()) {
      const notice = {
        ...{
          tlp: outcome.released.note.tlp,
          community: known.directory.community.names,
          organisation: organisation.names,
        },
        ...{ values: sent.values, lists: sent.lists, at: now, zone: organisation.zone },
      };
      const messageId = messageIdOf(
        [`recall-${key}`, person.key],
        recalling.from.address.split("@")[1] ?? "waglan.invalid",
      );
      const mail = { id: messageId, from: recalling.from, to: { name: person.name, address }, messageId };
      await tx.outbox.post(mailOf(recallMail(notice, languages), mail), now);
      mails++;
    }
    const news = release(
      {
        marking: { tlp, pap: "clear", licence: "own" },
        released: true,
        fields: {
          ...{ event: "recall" as const, key, about: { ids: sent.ids, link: `${recalling.portal}/lists` } },
          data: { values: sent.values, lists: sent.lists },
        },
      },
      recipient,
      {
        now,
        purpose: "blocking",
        fields: { event: "must", key: "must", about: "must", data: "must" },
        local: {},
        anonymous: "",
      },
    );
    if (news.ok) hooks = await tellWebhooks(tx, party, news.released, recalling.idOf, now);
  }
  const body = Buffer.from(JSON.stringify({ values, lists }));
  const entry = ledgerEntry({
    party,
    query: "recall",
    after: "0",
    upTo: String(now),
    count: gone.length,
    at: now,
    body,
  });
  // Where no agreement is in force any more nothing leaves, and the evidence says that nobody was reached
  if (outcome?.ok === true) await tx.ledger.write(entry);
  await tx.evidence.leaf({
    kind: "release",
    subject: "recall",
    at: now,
    data: { party, indicators: gone.map(({ id, why }) => ({ id, why })), contentHash: entry.contentHash, mails, hooks },
  });
};
