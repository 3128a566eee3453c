import type { DeliveryList, SharingParty, WebhookRow } from "#api/sharing.ts";
import { inForce } from "#community/agreement.ts";
import { may } from "#community/may.ts";
import type { Organisation } from "#community/organisation.ts";
import type { Viewer } from "#community/viewer.ts";
import { after, day, type Instant, printInstant } from "#core/instant.ts";
import { observableKinds } from "#core/observable.ts";
import { no, ok } from "#core/result.ts";
import { previewList, type PreviewRow } from "#jobs/lists/export.ts";
import { countList } from "#jobs/lists/count.ts";
import { pausedWhy, type Webhook, type WebhookDelivery } from "#jobs/lists/out-port.ts";
import type { Tx } from "#jobs/ports.ts";
import { agreementOf, recipientOf } from "#jobs/alerts/recipient-of.ts";
import { readList } from "#jobs/lists/release.ts";
import { listKinds } from "#share/list-entry.ts";
import { printListQuery, readListQuery } from "#share/list-query.ts";
import { receiverKey } from "#share/webhook-signature.ts";
import { type Language, nameIn } from "#words/language.ts";
import type { Desk } from "./desk.ts";
import { listingOf } from "./listing-of.ts";
import type { SharingActs } from "./port.ts";
import { nameOf } from "./who.ts";

/** Days of "what left lately". */
const lately = 30;

/** What parties may have, would have and had; what they set up. */
export const sharingActs = (desk: Desk): SharingActs => ({
  sharingParties: async (viewer, { language }) => {
    if (!reads(viewer)) return no("WGL_HTTP_FORBIDDEN");
    const now = desk.now();
    const sent = await desk.state.act((tx) => tx.out.sentSince(after(now, -lately * day)));
    const { organisations } = desk.directory.known.directory;
    return ok({ parties: organisations.map((one) => partyOf(desk, one, sent.get(one.id), language, now)) });
  },

  sharingPreview: async (viewer, id, { list, format, words, cursor, limit }, { language }) => {
    if (!reads(viewer)) return no("WGL_HTTP_FORBIDDEN");
    const party = organisationOf(desk, id);
    const recipient = party && recipientOf(desk.directory.known, party.id);
    if (party === undefined || recipient === undefined) return no("WGL_ABSENT");
    const now = desk.now();
    const asked = await readList(listingOf(desk), recipient, list, format, words);
    if (!asked.ok) return asked;
    const from = cursor === undefined ? undefined : readCursor(cursor);
    if (cursor !== undefined && from === undefined) return no("WGL_CURSOR");
    const values: PreviewRow[] = [];
    // One more than asked for: it says whether there is another page
    await previewList(listingOf(desk), recipient, asked.value, now, async (row) => values.push(row) <= limit, from);
    const page = values.slice(0, limit);
    const last = page.at(-1);
    const sent = await desk.state.act((tx) => tx.out.sentSince(after(now, -lately * day)));
    return ok({
      ...{ party: partyOf(desk, party, sent.get(party.id), language, now), list: asked.value.words, format },
      values: page.map(plain),
      ...(values.length > limit && last ? { next: writeCursor(last) } : {}),
    });
  },

  sharingLedger: async (viewer, id, { cursor, limit }) => {
    const party = organisationOf(desk, id);
    if (!reads(viewer) && (party === undefined || !owns(viewer, party))) return no("WGL_HTTP_FORBIDDEN");
    if (party === undefined) return no("WGL_ABSENT");
    if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) return no("WGL_CURSOR");
    const before = cursor === undefined ? undefined : Number(cursor);
    const rows = await desk.state.act((tx) => tx.out.ledger(party.id, before, limit + 1));
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return ok({
      entries: page.map(({ at, query, count, contentHash }) => ({
        at: printInstant(at),
        query,
        objects: count,
        contentHash,
      })),
      ...(rows.length > limit && last ? { next: String(last.n) } : {}),
    });
  },

  sharingSetup: async (viewer, id) => {
    const party = organisationOf(desk, id);
    if (party === undefined || !(reads(viewer) || writes(viewer, party))) return no("WGL_ABSENT");
    return desk.state.act(async (tx) =>
      ok({
        lists: (await tx.out.savedLists(party.id)).map(({ name, query, made }) => ({
          name,
          query,
          made: printInstant(made),
        })),
        webhooks: await rowsOf(tx, party),
      }),
    );
  },

  listCount: async (viewer, id, { list, format, words }) => {
    const party = organisationOf(desk, id);
    if (party === undefined || !(reads(viewer) || owns(viewer, party))) return no("WGL_ABSENT");
    const recipient = recipientOf(desk.directory.known, party.id);
    if (recipient === undefined) return no("WGL_ABSENT");
    const asked = await readList(listingOf(desk), recipient, list, format, words);
    if (!asked.ok) return asked;
    const { leaves, unsaid, withheld, complete } = await countList(listingOf(desk), recipient, asked.value, desk.now());
    // That something stays here is itself something a party must not know
    return ok({ list: asked.value.words, format, leaves, unsaid, complete, ...(reads(viewer) ? { withheld } : {}) });
  },

  saveList: async (viewer, id, { name, query }) => {
    const party = organisationOf(desk, id);
    if (party === undefined || !writes(viewer, party)) return no("WGL_ABSENT");
    if (Object.hasOwn(listKinds, name)) return no("WGL_NAME_TAKEN", { what: "list", value: name });
    const [base = "", rest = ""] = query.split(/\?(.*)/s);
    const read = readListQuery(base, Object.fromEntries(new URLSearchParams(rest)));
    if (!read.ok)
      return read.problem.code === "WGL_ABSENT" ? no("WGL_NAME_UNKNOWN", { what: "list", value: base }) : read;
    if (read.value.feeds !== undefined && (agreementOf(desk.directory.known, party.id)?.anonymiseSources ?? true))
      return no("WGL_LIST_SOURCES");
    const who = await nameOf(desk, viewer);
    const [made, text] = [desk.now(), printListQuery(base, read.value)];
    const saved = await desk.state.act(async (tx) => {
      const fresh = await tx.out.saveList({ party: party.id, name, query: text, made });
      if (fresh)
        await tx.evidence.leaf({
          kind: "policy",
          subject: `list ${name}`,
          at: made,
          data: { act: "saved", who, party: party.id, query: text },
        });
      return fresh;
    });
    return saved ? ok({ name, query: text }) : no("WGL_NAME_TAKEN", { what: "list", value: name });
  },

  dropList: async (viewer, id, name) => {
    const party = organisationOf(desk, id);
    if (party === undefined || !writes(viewer, party)) return no("WGL_ABSENT");
    const who = await nameOf(desk, viewer);
    return desk.state.act(async (tx) => {
      if (!(await tx.out.dropList(party.id, name))) return no("WGL_ABSENT");
      await tx.evidence.leaf({
        kind: "policy",
        subject: `list ${name}`,
        at: desk.now(),
        data: { act: "dropped", who, party: party.id },
      });
      return ok(undefined);
    });
  },

  makeWebhook: async (viewer, id, { url: text, events, algorithm = "v1" }) => {
    const party = organisationOf(desk, id);
    if (party === undefined || !writes(viewer, party)) return no("WGL_ABSENT");
    const url = URL.parse(text);
    // Where it leads is looked at again at every call, by address; here only what can never be
    if (url === null || url.protocol !== "https:" || url.username !== "" || url.password !== "" || url.hash !== "")
      return no("WGL_WEBHOOK_URL", { url: text.slice(0, 200) });
    const who = await nameOf(desk, viewer);
    const webhook: Webhook = {
      ...{
        id: desk.idOf("webhook", Buffer.from(desk.random(16)).toString("hex")),
        party: party.id,
        url: url.href,
        events,
        algorithm,
      },
      ...{
        secret: Buffer.from(desk.random(32)).toString("base64"),
        challenge: Buffer.from(desk.random(24)).toString("base64url"),
      },
      made: desk.now(),
    };
    await desk.state.act(async (tx) => {
      await tx.out.putWebhook(webhook);
      await tx.out.postMessage(challengeOf(desk, webhook, webhook.made), webhook.made);
      await tx.evidence.leaf({
        ...{ kind: "policy", subject: `webhook ${webhook.id}`, at: webhook.made },
        data: { act: "made", who, party: party.id, url: webhook.url, events: [...events] },
      });
    });
    return ok({ ...webhookRow(webhook), key: receiverKey(webhook) });
  },

  webhookDeliveries: async (viewer, id, webhook) => {
    const party = organisationOf(desk, id);
    if (party === undefined || !(reads(viewer) || writes(viewer, party))) return no("WGL_ABSENT");
    return desk.state.act(async (tx) => {
      const found = (await tx.out.webhooks(party.id)).find((one) => one.id === webhook);
      if (found === undefined) return no("WGL_ABSENT");
      return ok({ deliveries: (await tx.out.deliveries(found.id, deliveriesShown)).map(deliveryOf) });
    });
  },

  doWebhook: async (viewer, id, webhook, { act }) => {
    const party = organisationOf(desk, id);
    if (party === undefined || !writes(viewer, party)) return no("WGL_ABSENT");
    const who = await nameOf(desk, viewer);
    return desk.state.act(async (tx) => {
      const now = desk.now();
      const found = (await tx.out.webhooks(party.id)).find((one) => one.id === webhook);
      if (found === undefined) return no("WGL_ABSENT");
      const unproven = found.proven === undefined;
      if (act === "pause" && found.disabled === undefined) await tx.out.pauseWebhook(found.id, now);
      if (act === "resume" && found.disabled !== undefined) await tx.out.resumeWebhook(found.id);
      if (act === "test" && found.disabled !== undefined) return no("WGL_WEBHOOK_OFF");
      // Who has not proven the address is asked to again; nothing else is sent there
      if (act === "test" || (act === "resume" && unproven && found.why !== pausedWhy))
        await tx.out.postMessage(unproven ? challengeOf(desk, found, now) : testOf(desk, found, now), now);
      if (act !== "test")
        await tx.evidence.leaf({
          ...{ kind: "policy", subject: `webhook ${found.id}`, at: now },
          data: { act: act === "pause" ? "paused" : "resumed", who, party: party.id, url: found.url },
        });
      const after = (await rowsOf(tx, party)).find((one) => one.id === found.id);
      return after === undefined ? no("WGL_ABSENT") : ok(after);
    });
  },

  dropWebhook: async (viewer, id, webhook) => {
    const party = organisationOf(desk, id);
    if (party === undefined || !writes(viewer, party)) return no("WGL_ABSENT");
    const who = await nameOf(desk, viewer);
    return desk.state.act(async (tx) => {
      const gone = await tx.out.dropWebhook(party.id, webhook);
      if (gone === undefined) return no("WGL_ABSENT");
      await tx.evidence.leaf({
        ...{ kind: "policy", subject: `webhook ${gone.id}`, at: desk.now() },
        data: { act: "dropped", who, party: party.id, url: gone.url },
      });
      return ok(undefined);
    });
  },
});

/** Reasons name what a party must not know: staff alone reads them. */
const reads = (viewer: Viewer): boolean => viewer.kind === "staff" && may(viewer, "releases.read");

const writes = (viewer: Viewer, party: Organisation): boolean =>
  viewer.kind === "staff" ? may(viewer, "community.write") : may(viewer, "own.write", party.id);

/** A party's own people; staff who may set up need not be staff who may read what left. */
const owns = (viewer: Viewer, party: Organisation): boolean => viewer.kind !== "staff" && writes(viewer, party);

const organisationOf = (desk: Desk, id: string): Organisation | undefined =>
  desk.directory.known.directory.organisations.find((one) => one.id === id);

const partyOf = (
  desk: Desk,
  one: Organisation,
  sent: { readonly responses: number; readonly objects: number; readonly last: Instant } | undefined,
  language: Language,
  now: Instant,
): SharingParty => {
  const agreement = agreementOf(desk.directory.known, one.id);
  return {
    ...{ id: one.id, key: one.key, name: nameIn(one.names, language), kind: one.kind },
    ...(agreement === undefined
      ? {}
      : {
          agreement: {
            ...{ tlpMax: agreement.tlpMax, papMax: agreement.papMax, anonymiseSources: agreement.anonymiseSources },
            ...{
              acceptsPii: agreement.acceptsPii,
              purposes: [...agreement.purposes],
              from: printInstant(agreement.from),
            },
            ...(agreement.to === undefined ? {} : { to: printInstant(agreement.to) }),
            inForce: inForce(agreement, now),
          },
        }),
    ...{ responses: sent?.responses ?? 0, objects: sent?.objects ?? 0 },
    ...(sent === undefined ? {} : { last: printInstant(sent.last) }),
  };
};

const plain = (row: PreviewRow) => ({
  ...row,
  fields: row.fields.map((one) => ({ ...one })),
  kept: row.kept.map(({ feed, source, reasons }) => ({ feed, source, reasons: reasons.map((one) => ({ ...one })) })),
});

/** Deliveries of one webhook that a person looks through. */
const deliveriesShown = 50;

const deliveryOf = (one: WebhookDelivery): DeliveryList["deliveries"][number] => {
  const last = one.sent ?? one.failed;
  return {
    ...{ id: one.id, event: one.event, at: printInstant(one.at), objects: one.objects, attempts: one.attempts },
    state: one.sent === undefined ? (one.failed === undefined ? "waiting" : "failed") : "sent",
    ...(last === undefined ? {} : { last: printInstant(last) }),
    ...(one.next === undefined ? {} : { next: printInstant(one.next) }),
    ...(one.problem === undefined ? {} : { problem: one.problem }),
  };
};

/** A message that a person asked for: one in ten seconds, however often they press. */
const messageOf = (desk: Desk, one: Webhook, event: "challenge" | "test", now: Instant, data: object) => ({
  id: desk.idOf("webhook-message", `${one.id} ${event} ${Math.floor(now / 10_000)}`),
  ...{ webhook: one.id, event, objects: 0 },
  body: JSON.stringify({ type: event, timestamp: printInstant(now), data }),
});

const challengeOf = (desk: Desk, one: Webhook, now: Instant) =>
  messageOf(desk, one, "challenge", now, { challenge: one.challenge });

const testOf = (desk: Desk, one: Webhook, now: Instant) => messageOf(desk, one, "test", now, {});

const rowsOf = async (tx: Tx, party: Organisation): Promise<WebhookRow[]> => {
  const waiting = await tx.out.waitingOf(party.id);
  return (await tx.out.webhooks(party.id)).map((one) => ({ ...webhookRow(one), waiting: waiting.get(one.id) ?? 0 }));
};

const webhookRow = (one: Webhook): WebhookRow => ({
  ...{ id: one.id, url: one.url, events: [...one.events], algorithm: one.algorithm, made: printInstant(one.made) },
  ...(one.proven === undefined ? {} : { proven: printInstant(one.proven) }),
  ...(one.disabled === undefined ? {} : { disabled: printInstant(one.disabled) }),
  ...(one.why === undefined ? {} : { why: one.why }),
  ...(one.failingSince === undefined ? {} : { failing: printInstant(one.failingSince) }),
});

const writeCursor = ({ kind, value }: PreviewRow): string =>
  Buffer.from(JSON.stringify([kind, value])).toString("base64url");

const readCursor = (text: string): Pick<PreviewRow, "kind" | "value"> | undefined => {
  try {
    const [name, value] = JSON.parse(Buffer.from(text, "base64url").toString("utf8")) as unknown[];
    const kind = observableKinds.find((one) => one === name);
    return kind !== undefined && typeof value === "string" && !value.includes("\0") ? { kind, value } : undefined;
  } catch {
    return undefined;
  }
};
