import { createHash } from "node:crypto";
import { publicTerms } from "#community/agreement.ts";
import { ledgerEntry } from "#community/ledger-entry.ts";
import type { Recipient } from "#community/recipient.ts";
import { scopeOfRecipient } from "#community/recipient.ts";
import { type Released, release } from "#community/release.ts";
import { instant, type Instant } from "#core/instant.ts";
import { type Marking, tlps } from "#core/marking.ts";
import { no, ok } from "#core/result.ts";
import { priorityOf } from "#intel/priority.ts";
import { recipientOf } from "#jobs/alerts/recipient-of.ts";
import type { AdvisoriesKey, SeenAdvisory } from "#jobs/advisories/views.ts";
import { newsFeed, type NewsItem, newsTypes } from "#share/news-feed.ts";
import { nameIn } from "#words/language.ts";
import { say } from "#words/say.ts";
import type { Desk } from "./desk.ts";
import type { NewsActs } from "./port.ts";

/** Notices in one feed; readers poll and keep what they saw. */
const newest = 100;

/**
 * Notices as RSS or Atom: CLEAR for everybody, up to GREEN for a party. Everything goes through `release`; what leaves to a
 * party is in the ledger, what everybody may read is not somebody's receipt.
 */
export const newsActs = (desk: Desk): NewsActs => ({
  news: async (viewer, { format, language, has }) => {
    const { known } = desk.directory;
    const party = viewer.kind === "party" ? recipientOf(known, viewer.seat.organisation) : undefined;
    if (viewer.kind !== "public" && party === undefined) return no("WGL_ABSENT");
    const recipient: Recipient = party ?? { kind: "public", party: "public", agreement: publicTerms(instant(0)) };
    const now = desk.now();
    const items = await newsOf(desk, recipient, language, now);
    const place = party === undefined ? "/news/" : "/lists/news/";
    const self = `${desk.portal}${place}${language}.${format}`;
    const community = nameIn(known.directory.community.names, language);
    const body = newsFeed(
      format,
      { title: community, author: community, id: self, self, portal: desk.portal, language },
      items,
    ).text;
    const etag = createHash("sha256").update(body).digest("hex").slice(0, 32);
    const changed = items[0]?.value.updated ?? instant(0);
    const answer = { etag, changed, type: newsTypes[format] };
    const same =
      has.etags === undefined
        ? has.since !== undefined && Math.floor(changed / 1000) <= Math.floor(has.since / 1000)
        : has.etags.some((one) => one === "*" || one === etag);
    if (same) return ok(answer);
    if (party !== undefined)
      await desk.state.act(async (tx) => {
        const query = `${place}${language}.${format}`;
        const entry = ledgerEntry({
          ...{ party: party.party, query, after: "0", upTo: String(now), count: items.length, at: now },
          body: Buffer.from(body),
        });
        await tx.ledger.write(entry);
        const { count, contentHash } = entry;
        await tx.evidence.leaf({
          ...{ kind: "release", subject: "news", at: now },
          data: { party: party.party, query, count, contentHash },
        });
      });
    return ok({ ...answer, body });
  },
});

/** What is withheld makes room for the next: which notices a reader has must not tell how many it may not have. */
const newsOf = async (
  desk: Desk,
  recipient: Recipient,
  language: Parameters<typeof say>[0],
  now: Instant,
): Promise<readonly Released<NewsItem>[]> => {
  const items: Released<NewsItem>[] = [];
  let after: AdvisoriesKey | undefined;
  do {
    const seen = await desk.views.advisories(scopeOfRecipient(recipient), {
      limit: newest,
      ...(after === undefined ? {} : { after }),
    });
    for (const one of seen.advisories) if (!one.gone) items.push(...itemOf(desk, one, recipient, language, now));
    after = seen.next;
  } while (after !== undefined && items.length < newest);
  return items.slice(0, newest);
};

const itemOf = (
  desk: Desk,
  { id, feed, raw, updated, evidence, tlp }: SeenAdvisory,
  recipient: Recipient,
  language: Parameters<typeof say>[0],
  now: Instant,
): readonly Released<NewsItem>[] => {
  // GREEN is the strictest that a feed reader should carry about
  if (tlps.indexOf(tlp) > tlps.indexOf("green")) return [];
  const source = desk.sources().find((one) => one.feed.id === feed)?.feed;
  const marking: Marking = { tlp, pap: "clear", licence: source?.licence ?? "unknown" };
  const priority = priorityOf(evidence);
  const fields: NewsItem = {
    ...{ id, updated, title: raw.title, summary: raw.summary, url: raw.url ?? `${desk.portal}/advisories/${id}` },
    labels: [...raw.cves.slice(0, 20), say(language, `glossary.priority.${priority}`)],
  };
  const outcome = release({ marking, released: true, fields }, recipient, {
    ...{ now, purpose: "alerting" as const, local: {}, anonymous: "" },
    fields: { id: "must", updated: "must", title: "must", summary: "must", url: "must", labels: "must" },
  });
  return outcome.ok ? [outcome.released] : [];
};
