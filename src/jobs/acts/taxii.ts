import { ledgerEntry } from "#community/ledger-entry.ts";
import { after, day } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import { keepObjects, readStix, type StixOutcome, type StixRead } from "#jobs/stix/keep.ts";
import { queueStix } from "#jobs/recall/queue.ts";
import { noteReceived } from "#jobs/collect/receipts.ts";
import { mayHave, reachOf, releasePage, type StixFor } from "#jobs/stix/release.ts";
import type { StixCollection } from "#jobs/stix/objects-port.ts";
import type { Tx } from "#jobs/ports.ts";
import { taxiiBodyAtMost } from "#share/taxii-media.ts";
import { printCursor, readCursor } from "#share/taxii-cursor.ts";
import { canonicalFilter, filterOf, readTaxiiQuery, type TaxiiAsked, type TaxiiQuery } from "#share/taxii-filter.ts";
import {
  apiRootResource,
  type DiscoveryResource,
  dateHeaders,
  printPage,
  type StatusDetail,
  statusResource,
  type TaxiiView,
} from "#share/taxii-resource.ts";
import { objectSlices, sliceLimits } from "#stix/object-slices.ts";
import { nameIn } from "#words/language.ts";
import { sayProblem } from "#words/say.ts";
import type { Desk } from "./desk.ts";
import type { Ask, TaxiiActs, TaxiiAnswer } from "./port.ts";
import { collectionsFor, forWhom, isCommunity, partyOf, reachable, shownTo } from "./taxii-party.ts";

/** The one api root; its path is in every client's configuration. */
export const rootPath = "/taxii2/waglan/";

/** Objects of one envelope: what fits into the body anyway, if each were as small as STIX can be. */
const objectsAtMost = 100_000;
/** Objects of a page where the client names no number, and at most. */
const pageUsual = 1000;
const pageAtMost = 5000;
/** Bytes of one page; a page of large objects is shorter, and says `more`. */
const pageBytes = 32 * 1024 * 1024;
/** TAXII 2.1 §4.3: a day at least. */
const statusDays = 3;

/** TAXII 2.1 for parties' machines: what they may have, and what they bring. */
export const taxiiActs = (desk: Desk): TaxiiActs => {
  const cursorKey = Buffer.from(desk.idOf("taxii", "next"));

  return {
    discovery: async (viewer) => {
      const party = partyOf(desk, viewer, "indicators.read");
      if (party === undefined) return no("WGL_HTTP_FORBIDDEN");
      const root = `${desk.portal}${rootPath}`;
      return json({ title: communityName(desk), default: root, api_roots: [root] } satisfies DiscoveryResource);
    },

    root: async (viewer) => {
      const party = partyOf(desk, viewer, "indicators.read");
      return party === undefined
        ? no("WGL_HTTP_FORBIDDEN")
        : json(apiRootResource(communityName(desk), taxiiBodyAtMost));
    },

    collections: async (viewer) => {
      const party = partyOf(desk, viewer, "indicators.read");
      if (party === undefined) return no("WGL_HTTP_FORBIDDEN");
      const all = await collectionsFor(desk, viewer);
      const shown = all.flatMap((one) => shownTo(desk, viewer, party, one) ?? []);
      return json(shown.length === 0 ? {} : { collections: shown });
    },

    collection: async (viewer, id) => {
      const found = await reachable(desk, viewer, id);
      return found.ok ? json(found.value.shown) : found;
    },

    page: async (viewer, asked) => {
      const query = readQuery(asked.view, asked.object, asked.query);
      if (!query.ok) return query;
      const found = await reachable(desk, viewer, asked.collection);
      if (!found.ok) return found;
      const { collection, party, shown } = found.value;
      if (!shown.can_read) return no("WGL_TAXII_READ");
      const start = startOf(query.value, `${collection.id} ${asked.view} ${asked.object ?? ""}`, cursorKey);
      if (!start.ok) return start;
      const whom = forWhom(desk, party, collection);
      return desk.state.act(async (tx) => {
        if (asked.object !== undefined && !(await isThere(tx, collection, asked.object, whom))) return no("WGL_ABSENT");
        const { filter, position, limit, of } = start.value;
        const narrowed = asked.object === undefined ? filter : { ...filter, ids: [asked.object] };
        const stretch = { collection: collection.n, filter: narrowed, after: position, limit, bytes: pageBytes };
        const { page, more, keys } = await releasePage(tx, stretch, whom);
        const objects = page.map(({ value }) => value);
        const last = objects.at(-1);
        const next =
          more && last
            ? printCursor({ of, after: last.addedAt, filter: canonicalFilter(filter), limit }, cursorKey)
            : undefined;
        const body = Buffer.from(printPage(asked.view, objects, next));
        if (last !== undefined) {
          // a manifest and a list of versions say which there are, and nothing that could be wrong
          const members = asked.view === "objects" ? await noteReceived(tx, keys, whom.now) : undefined;
          const plain = ledgerEntry({
            party: party.id,
            query: `${rootPath}collections/${collection.id}/${asked.view}/?${canonicalFilter(narrowed)}`,
            after: String(position),
            upTo: String(last.addedAt),
            count: objects.length,
            at: whom.now,
            body,
          });
          const entry = { ...plain, ...(members === undefined ? {} : { members }) };
          const { query: text, count, contentHash, after: from, upTo } = entry;
          await Promise.all([
            tx.ledger.write(entry),
            tx.evidence.leaf({
              kind: "release",
              subject: `taxii ${collection.alias}`,
              data: { party: party.id, query: text, count, contentHash, after: from, upTo },
              at: whom.now,
            }),
          ]);
        }
        return ok({ body, headers: dateHeaders(objects) });
      });
    },

    add: async (viewer, id, body, ask) => {
      const found = await reachable(desk, viewer, id);
      if (!found.ok) return found;
      const { collection, party, shown } = found.value;
      if (!shown.can_write) return no("WGL_TAXII_WRITE");
      const read = readEnvelope(body);
      if (!read.ok) return read;
      const whom = forWhom(desk, party, collection);
      const own = isCommunity(desk, party);
      const resource = await desk.state.act(async (tx) => {
        const outcomes = await keepObjects(tx, {
          collection,
          ...(own ? {} : { sender: party.id }),
          ...(party.shadow && !own ? { shadow: `sender ${party.id}` } : {}),
          objects: read.value,
          sees: own ? () => true : (row) => mayHave(row, whom),
          now: whom.now,
        });
        const status = desk.idOf("taxii-status", Buffer.from(desk.random(16)).toString("hex"));
        const { successes, failures } = detailsOf(outcomes, ask);
        const text = JSON.stringify(statusResource(status, whom.now * 1000, successes, failures));
        await tx.stix.putStatus({ id: status, party: party.id, at: whom.now, resource: text });
        await tx.stix.forgetStatuses(after(whom.now, -statusDays * day));
        const revoked = read.value.filter(
          (one, place) => one.ok && one.coming.revoked && outcomes[place]?.kind === "success",
        );
        await queueStix(
          tx,
          revoked.flatMap((one) =>
            one.ok
              ? { collection: collection.n, ...(own ? {} : { sender: party.id }), id: one.coming.id, why: "withdrawn" }
              : [],
          ),
          whom.now,
        );
        if (read.value.some((one) => one.ok && one.coming.type === "indicator"))
          await tx.queue.put("join-stix", `${collection.id} ${own ? "" : party.id}`, {}, whom.now);
        return text;
      });
      return ok({ status: 202, body: Buffer.from(resource), headers: {} });
    },

    remove: async (viewer, { collection: id, object, query }) => {
      const asked = readTaxiiQuery(query, ["version", "spec_version"], []);
      if (!asked.ok) return asked;
      const found = await reachable(desk, viewer, id);
      if (!found.ok) return found;
      const { collection, party, shown } = found.value;
      if (!shown.can_write || !shown.can_read) return no("WGL_TAXII_WRITE");
      const whom = forWhom(desk, party, collection);
      const own = isCommunity(desk, party);
      return desk.state.act(async (tx): Promise<Result<TaxiiAnswer>> => {
        await tx.stix.lock(collection.n);
        const reach = reachOf(whom);
        if (reach === undefined) return no("WGL_ABSENT");
        const filter = { ...asked.value.filter, ids: [object] };
        const { rows } = await tx.stix.page(
          { collection: collection.n, filter, after: -1, limit: objectsAtMost, bytes: Number.MAX_SAFE_INTEGER },
          reach,
        );
        if (rows.length === 0) return no("WGL_ABSENT");
        if (rows.some((row) => row.sender !== (own ? undefined : party.id))) return no("WGL_TAXII_OWN");
        await tx.stix.remove(
          collection.n,
          rows.map((row) => row.addedAt),
        );
        const newest = rows.reduce((a, b) => (b.key > a.key ? b : a));
        const last = { body: newest.body, spec: newest.spec, tlp: newest.marking.tlp };
        const sender = own ? {} : { sender: party.id };
        await queueStix(tx, [{ collection: collection.n, ...sender, id: object, why: "withdrawn", last }], whom.now);
        await tx.evidence.leaf({
          kind: "policy",
          subject: `taxii ${collection.alias}`,
          data: { act: "deleted", party: party.id, object, versions: rows.map((row) => row.written) },
          at: whom.now,
        });
        return ok({ body: Buffer.alloc(0), headers: {} });
      });
    },

    status: async (viewer, id) => {
      const party = partyOf(desk, viewer, "objects.write") ?? partyOf(desk, viewer, "indicators.read");
      if (party === undefined) return no("WGL_HTTP_FORBIDDEN");
      const status = await desk.state.act((tx) => tx.stix.status(id, party.id));
      return status === undefined ? no("WGL_ABSENT") : ok({ body: Buffer.from(status.resource), headers: {} });
    },
  };
};

const json = (resource: object): Result<TaxiiAnswer> =>
  ok({ body: Buffer.from(JSON.stringify(resource)), headers: {} });

const communityName = (desk: Desk): string => nameIn(desk.directory.known.directory.community.names, "en");

const isThere = async (tx: Tx, collection: StixCollection, id: string, whom: StixFor): Promise<boolean> => {
  const reach = reachOf(whom);
  return reach !== undefined && tx.stix.has(collection.n, id, reach);
};

const readQuery = (view: TaxiiView, object: string | undefined, query: TaxiiQuery): Result<TaxiiAsked> => {
  const pages = ["added_after", "limit", "next"] as const;
  // All versions are what the list of versions is for (TAXII 2.1 §5.8)
  if (view === "versions") {
    const read = readTaxiiQuery(query, ["spec_version"], pages);
    if (!read.ok) return read;
    const version = { first: false, last: false, all: true, keys: [] };
    const filter = { ...read.value.filter, version };
    return ok({ ...read.value, filter });
  }
  return readTaxiiQuery(
    query,
    object === undefined ? ["id", "type", "version", "spec_version"] : ["version", "spec_version"],
    pages,
  );
};

interface Start {
  readonly of: string;
  readonly filter: TaxiiAsked["filter"];
  readonly position: number;
  readonly limit: number;
}

/**
 * Where to read from. `next` brings its own filters, which need not be sent again; sent again they must be the same.
 * `added_after` beside it binds too, so neither the client's mistake nor ours can skip or repeat what it has not asked for.
 */
const startOf = (asked: TaxiiAsked, of: string, key: Uint8Array): Result<Start> => {
  const clamp = (limit: number | undefined): number => Math.min(limit ?? pageUsual, pageAtMost);
  if (asked.next === undefined)
    return ok({ of, filter: asked.filter, position: asked.addedAfter ?? -1, limit: clamp(asked.limit) });
  const cursor = readCursor(asked.next, key);
  if (!cursor.ok) return cursor;
  if (cursor.value.of !== of) return no("WGL_TAXII_NEXT");
  if (asked.filtered && canonicalFilter(asked.filter) !== cursor.value.filter) return no("WGL_TAXII_CHANGED");
  return ok({
    of,
    filter: filterOf(cursor.value.filter),
    position: Math.max(cursor.value.after, asked.addedAfter ?? -1),
    limit: clamp(asked.limit ?? cursor.value.limit),
  });
};

/**
 * The objects of an envelope. Whole or not at all: what cannot be read as an envelope of objects with ids is refused before
 * anything is kept. A bundle is no envelope (TAXII 2.1 §3.7): whoever sends one has not read what comes back either, so it
 * is refused with a reason and not taken by a guess.
 *
 * @returns WGL_HTTP_JSON (400) | WGL_TAXII_ENVELOPE, WGL_TAXII_BUNDLE, WGL_TAXII_OBJECT, WGL_JSON_MANY (422)
 */
const readEnvelope = (body: Uint8Array): Result<readonly StixRead[]> => {
  const sliced = objectSlices(body, { ...sliceLimits, objects: objectsAtMost });
  if (!sliced.ok) {
    const { code } = sliced.problem;
    if (code === "WGL_STIX_ENVELOPE") return isJson(body) ? no("WGL_TAXII_ENVELOPE") : no("WGL_HTTP_JSON");
    return code === "WGL_JSON_SYNTAX" || code === "WGL_BODY_DEPTH" ? no("WGL_HTTP_JSON") : sliced;
  }
  const { kind, members, objects, problems } = sliced.value;
  const type = members.get("type")?.read();
  if (type?.ok && type.value === "bundle") return no("WGL_TAXII_BUNDLE");
  if (kind !== "envelope" || problems.length > 0) return no("WGL_TAXII_ENVELOPE");
  const read: StixRead[] = [];
  for (const [n, slice] of objects.entries()) {
    const one = readStix(slice, n);
    if (!one.ok) return one;
    read.push(one.value);
  }
  return ok(read);
};

/** A number, a text, true: JSON, if not what is wanted. */
const isJson = (body: Uint8Array): boolean => {
  try {
    JSON.parse(Buffer.from(body).toString("utf8"));
    return true;
  } catch {
    return false;
  }
};

const detailsOf = (
  outcomes: readonly StixOutcome[],
  { language }: Ask,
): { readonly successes: readonly StatusDetail[]; readonly failures: readonly StatusDetail[] } => {
  const successes: StatusDetail[] = [];
  const failures: StatusDetail[] = [];
  for (const { kind, id, version, problem: why } of outcomes)
    if (kind === "failure") failures.push({ id, version, ...(why ? { message: sayProblem(language, why) } : {}) });
    else successes.push({ id, version });
  return { successes, failures };
};
