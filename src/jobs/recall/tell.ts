import { createHash } from "node:crypto";
import { audienceOf } from "#alerts/audience.ts";
import { type Mailbox, mailOf, messageIdOf } from "#alerts/mail.ts";
import { ledgerEntry } from "#community/ledger-entry.ts";
import { release } from "#community/release.ts";
import type { Instant } from "#core/instant.ts";
import { type OrganisationId, stricterTlp, type Tlp } from "#core/marking.ts";
import type { Listing } from "#jobs/listing.ts";
import type { State, Tx } from "#jobs/ports.ts";
import { recipientOf } from "#jobs/alerts/recipient-of.ts";
import { tellWebhooks } from "#jobs/webhooks/tell.ts";
import { endedMail, type RecallReason, recallMail } from "#share/recall-mail.ts";
import type { Language } from "#words/language.ts";

export interface Recalling extends Pick<Listing, "known" | "exclusions" | "titleOf" | "idOf" | "decay"> {
  readonly state: State;
  readonly portal: string;
  readonly from: Mailbox;
  readonly now: () => Instant;
}

/** What one party has to remove. */
export interface Gone {
  /** Public id of what it is. */
  readonly id: string;
  /** Of a value its kind, of an object its type. */
  readonly kind: string;
  readonly value: string;
  readonly why: RecallReason;
  readonly tlp: Tlp;
  readonly queries: readonly string[];
}

/** One mail to each contact, one message to each webhook, one entry in ledger and evidence. */
export const tellParty = async (
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
    for (const { key: name, called, address, languages } of contactsOf(recalling, party)) {
      const notice = {
        ...{
          tlp: outcome.released.note.tlp,
          community: known.directory.community.names,
          organisation: organisation.names,
        },
        ...{ values: sent.values, lists: sent.lists, at: now, zone: organisation.zone },
      };
      const messageId = messageIdOf([`recall-${key}`, name], hostOf(recalling.from));
      const mail = { id: messageId, from: recalling.from, to: { name: called, address }, messageId };
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

/**
 * Nothing may leave to this party any more, so it is told no value: only that all it was sent is to be removed, and by
 * which of its own queries it came.
 */
export const tellEnded = async (
  tx: Tx,
  recalling: Recalling,
  party: OrganisationId,
  lists: readonly string[],
  now: Instant,
): Promise<void> => {
  const known = recalling.known();
  const organisation = known.organisation(party);
  let mails = 0;
  if (organisation)
    for (const { key, called, address, languages } of contactsOf(recalling, party)) {
      const messageId = messageIdOf([`recall-ended-${party}`, String(now), key], hostOf(recalling.from));
      const notice = {
        ...{ community: known.directory.community.names, organisation: organisation.names },
        ...{ lists, at: now, zone: organisation.zone },
      };
      const mail = { id: messageId, from: recalling.from, to: { name: called, address }, messageId };
      await tx.outbox.post(mailOf(endedMail(notice, languages), mail), now);
      mails++;
    }
  await tx.evidence.leaf({
    kind: "policy",
    subject: "recall",
    at: now,
    data: { act: "agreement ended", party, lists, mails },
  });
};

interface Contact {
  readonly key: string;
  readonly called: string;
  readonly address: string;
  readonly languages: readonly [Language, ...Language[]];
}

/** Whom a party named: those who hear of findings, and of a partner everybody. */
const contactsOf = (recalling: Recalling, party: OrganisationId): readonly Contact[] => {
  const known = recalling.known();
  const organisation = known.organisation(party);
  if (organisation === undefined) return [];
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
  return [...everybody.values()].map(({ person, address, languages }) => ({
    ...{ key: person.key, called: person.name, address, languages },
  }));
};

const hostOf = (from: Mailbox): string => from.address.split("@")[1] ?? "waglan.invalid";
