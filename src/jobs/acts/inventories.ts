import type { InventoryRow, ProductMatchRow, ProductRow, WeaknessRow } from "#api/inventory.ts";
import { may } from "#community/may.ts";
import type { Viewer } from "#community/viewer.ts";
import { type Scope, scopeOf } from "#community/visibility.ts";
import { instant, printInstant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import { no, ok, type Problem, type Result } from "#core/result.ts";
import { productReasons } from "#detect/product-advisory/why.ts";
import { directoryInventory } from "#intel/inventory/item.ts";
import { endInventory, isInventoryName, putInventory } from "#jobs/inventory/put.ts";
import {
  matchKey,
  readRankKey,
  type SeenInventory,
  type SeenMatch,
  type SeenProduct,
  type SeenVersion,
  writeRankKey,
} from "#jobs/inventory/views.ts";
import { sayReason } from "#jobs/inventory/product-words.ts";
import type { SeenWeakness } from "#jobs/inventory/weakness-views.ts";
import type { Language } from "#words/language.ts";
import { sayProblem } from "#words/say.ts";
import type { Desk } from "./desk.ts";
import { feedTitle } from "./feed-named.ts";
import { reads, writes } from "./own-rows.ts";
import type { InventoryActs } from "./port.ts";
import { nameOf, organisationName } from "./who.ts";

const problemsShown = 100;

/** What an organisation runs, and what of it is known to be weak: for its own people and staff. */
export const inventoryActs = (desk: Desk): InventoryActs => ({
  inventories: async (viewer, id, { language }) => {
    const organisation = readable(desk, viewer, id);
    if (organisation === undefined) return no("WGL_ABSENT");
    const found = await desk.views.inventories(ownScope(viewer), organisation);
    return ok({
      organisation: { id: organisation, name: organisationName(desk, organisation, language) },
      inventories: found.map(rowOf),
      writable: writes(viewer, organisation),
    });
  },

  inventory: async (viewer, id, name, { cursor, limit, past }, { language }) => {
    const organisation = readable(desk, viewer, id);
    if (organisation === undefined) return no("WGL_ABSENT");
    if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) return no("WGL_CURSOR");
    const found = await desk.views.inventory(ownScope(viewer), organisation, name, {
      ...{ limit: limit + 1, past },
      ...(cursor === undefined ? {} : { after: Number(cursor) }),
    });
    if (found === undefined) return no("WGL_ABSENT");
    const page = found.components.slice(0, limit);
    const last = found.components.length > limit ? page.at(-1) : undefined;
    return ok({
      inventory: rowOf(found.inventory),
      problems: found.problems.slice(0, problemsShown).map((one) => problemRow(one, language)),
      versions: found.versions.map(versionOf),
      components: page.map((one) => ({
        ...{ asset: one.asset, vendor: one.vendor, name: one.name, version: one.version, cpes: [...one.cpes] },
        ...(one.purl === undefined ? {} : { purl: one.purl }),
        exposed: one.exposed,
        ...(one.worth === undefined ? {} : { worth: one.worth }),
        ...{ at: one.at, from: printInstant(one.from), weaknesses: one.weaknesses },
        ...(one.to === undefined ? {} : { to: printInstant(one.to) }),
      })),
      ...(last === undefined ? {} : { next: String(last.n) }),
    });
  },

  putInventory: async (viewer, id, { name, file, body }, { language }) => {
    const organisation = readable(desk, viewer, id);
    if (organisation === undefined) return no("WGL_ABSENT");
    if (!writes(viewer, organisation)) return no("WGL_HTTP_FORBIDDEN");
    const { state, idOf, now } = desk;
    const who = await nameOf(desk, viewer);
    const put = await putInventory({ state, idOf, now }, { organisation, name, file, body, who });
    if (!put.ok) return put;
    desk.woke("products");
    const { problems, format, items, added, removed, repeated, rejected, problemCount } = put.value;
    return ok({
      ...{ name, format, items, added, removed, repeated, rejected, problemCount },
      problems: problems.slice(0, problemsShown).map((one) => problemRow(one, language)),
    });
  },

  endInventory: async (viewer, id, name) => {
    const organisation = readable(desk, viewer, id);
    if (organisation === undefined || !isInventoryName(name)) return no("WGL_ABSENT");
    if (!writes(viewer, organisation)) return no("WGL_HTTP_FORBIDDEN");
    const ended = await endInventory(desk, organisation, name, await nameOf(desk, viewer));
    if (ended.ok) desk.woke("products");
    return ended;
  },

  products: async (viewer, id, { cursor, limit }, { language }) => {
    const at = matchScope(desk, viewer, id);
    if (at === undefined) return no("WGL_ABSENT");
    const after = cursorOf(cursor);
    if (!after.ok) return after;
    const found = await desk.views.products(at.scope, at.organisation, {
      limit: limit + 1,
      ...(after.value === undefined ? {} : { after: after.value }),
    });
    const page = found.products.slice(0, limit);
    const last = found.products.length > limit ? page.at(-1) : undefined;
    return ok({
      organisation: { id: at.organisation, name: organisationName(desk, at.organisation, language) },
      ...{ components: found.components, urgent: found.urgent, waiting: found.waiting },
      products: page.map((one) => productRow(desk, one, viewer, language)),
      ...(last === undefined ? {} : { next: writeRankKey({ rank: last.rank, after: last.product }) }),
    });
  },

  productMatches: async (viewer, id, { product, asset, cursor, limit }, { language }) => {
    const at = matchScope(desk, viewer, id);
    if (at === undefined) return no("WGL_ABSENT");
    const after = cursorOf(cursor);
    if (!after.ok) return after;
    const found = await desk.views.productMatches(at.scope, {
      ...{ organisation: at.organisation, limit: limit + 1 },
      ...(product === undefined ? {} : { product: clean(product) }),
      ...(asset === undefined ? {} : { asset: clean(asset) }),
      ...(after.value === undefined ? {} : { after: after.value }),
    });
    return ok(matchPage(desk, found, limit, viewer, language));
  },

  weaknesses: async (viewer, { cursor, limit, weakness, search, ...asked }, { language }) => {
    const after = cursorOf(cursor);
    if (!after.ok) return after;
    const { found, weaknesses } = await desk.views.weaknesses(scopeOf(viewer, "findings.read"), {
      ...{ ...asked, limit: limit + 1 },
      ...(weakness === undefined ? {} : { weakness: clean(weakness) }),
      ...(search === undefined ? {} : { search: clean(search) }),
      ...(after.value === undefined ? {} : { after: after.value }),
    });
    const page = weaknesses.slice(0, limit);
    const last = weaknesses.length > limit ? page.at(-1) : undefined;
    return ok({
      ...{ found: found.weaknesses, urgent: found.urgent, organisations: found.organisations },
      weaknesses: page.map((one) => weaknessRow(desk, one, viewer, language)),
      ...(last === undefined ? {} : { next: writeRankKey({ rank: last.place, after: last.weakness }) }),
    });
  },

  weaknessMatches: async (viewer, { weakness, cursor, limit }, { language }) => {
    const after = cursorOf(cursor);
    if (!after.ok) return after;
    const found = await desk.views.productMatches(scopeOf(viewer, "findings.read"), {
      ...{ weakness: clean(weakness), limit: limit + 1 },
      ...(after.value === undefined ? {} : { after: after.value }),
    });
    return ok(matchPage(desk, found, limit, viewer, language));
  },

  affected: async (viewer, id, { language }) => {
    const seen = await desk.views.advisory(scopeOf(viewer, "indicators.read"), id);
    if (seen === undefined) return no("WGL_ABSENT");
    const { cves, id: key } = seen.advisory.raw;
    const found = await desk.views.affected(scopeOf(viewer, "findings.read"), cves.length === 0 ? [key] : cves);
    return ok({
      organisations: found.map(({ organisation, assets, weaknesses, ...one }) => ({
        organisation: { id: organisation, name: organisationName(desk, organisation, language) },
        ...{ ...one, assets: [...assets], weaknesses: [...weaknesses] },
      })),
    });
  },
});

const clean = (text: string): string => text.replaceAll("\0", "");

/** The organisation, where its rows may be read; else nobody can tell whether there is one. */
const readable = (desk: Desk, viewer: Viewer, id: string): OrganisationId | undefined => {
  const organisation = desk.directory.known.organisation(id as OrganisationId);
  return organisation !== undefined && reads(viewer, organisation.id) ? organisation.id : undefined;
};

const ownScope = (viewer: Viewer): Scope => scopeOf(viewer, viewer.kind === "staff" ? "community.read" : "own.read");

/** What concerns somebody's products is a finding's kind of knowledge: who may read findings there reads it. */
const matchScope = (
  desk: Desk,
  viewer: Viewer,
  id: string,
): { readonly organisation: OrganisationId; readonly scope: Scope } | undefined => {
  const organisation = desk.directory.known.organisation(id as OrganisationId)?.id;
  if (organisation === undefined || !may(viewer, "findings.read", viewer.kind === "staff" ? undefined : organisation))
    return undefined;
  return { organisation, scope: scopeOf(viewer, "findings.read") };
};

const cursorOf = (cursor: string | undefined): Result<ReturnType<typeof readRankKey>> => {
  const after = cursor === undefined ? undefined : readRankKey(cursor);
  return cursor !== undefined && after === undefined ? no("WGL_CURSOR") : ok(after);
};

const sourceOf = (inventory: string): InventoryRow["source"] =>
  inventory === directoryInventory ? "directory" : "inventory";

const rowOf = ({ name, ended, version }: SeenInventory): InventoryRow => ({
  ...{ name, source: sourceOf(name) },
  ...(ended === undefined ? {} : { ended: printInstant(ended) }),
  version: versionOf(version),
});

const versionOf = ({ from, to, ...rest }: SeenVersion): InventoryRow["version"] => ({
  from: printInstant(from),
  ...(to === undefined ? {} : { to: printInstant(to) }),
  ...rest,
});

const problemRow = (problem: Problem, language: Language) => ({
  ...{ code: problem.code, says: sayProblem(language, problem), at: problem.at ?? "" },
});

const productRow = (desk: Desk, seen: SeenProduct, viewer: Viewer, language: Language): ProductRow => {
  const { product, versions, assets, weaknesses, exploited, exposed, urgent, matches } = seen;
  const component = matches[0]?.componentRow;
  return {
    ...{ product, versions: [...versions], assets, weaknesses, exploited, exposed, urgent },
    name: [component?.vendor ?? "", component?.name ?? product].filter((one) => one !== "").join(" "),
    matches: matches.map((one) => matchOf(desk, one, viewer, language)),
  };
};

/** `found` has one more than the page where there is another page. */
const matchPage = (
  desk: Desk,
  found: readonly SeenMatch[],
  limit: number,
  viewer: Viewer,
  language: Language,
): { readonly matches: readonly ProductMatchRow[]; readonly next?: string } => {
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  return {
    matches: page.map((one) => matchOf(desk, one, viewer, language)),
    ...(last === undefined ? {} : { next: writeRankKey({ rank: last.rank, after: matchKey(last) }) }),
  };
};

const weaknessRow = (desk: Desk, seen: SeenWeakness, viewer: Viewer, language: Language): WeaknessRow => {
  const { body, owners, organisations, families, products, epss, cvss, since, hidden } = seen;
  const [source] = body.sources;
  return {
    ...{ weakness: seen.weakness, title: body.title, priority: seen.priority },
    ...(source === undefined ? {} : { advisory: { id: source.id, feed: feedTitle(desk, source.feed) } }),
    ...{ exploited: seen.exploited, exposed: seen.exposed, urgent: seen.urgent },
    ...(epss > 0 ? { epss } : {}),
    ...(cvss > 0 ? { cvss } : {}),
    ...(body.due === undefined ? {} : { due: printInstant(instant(body.due)) }),
    organisations: owners.map(({ organisation, ...one }) => ({
      organisation: { id: organisation, name: organisationName(desk, organisation, language) },
      ...one,
    })),
    ...{ organisationsTotal: organisations, assets: seen.assets, exposedAssets: seen.exposedAssets },
    ...{ products: [...products], productsTotal: families, since: printInstant(since) },
    ...(hidden && viewer.kind === "staff" ? { hidden: true } : {}),
  };
};

const matchOf = (desk: Desk, match: SeenMatch, viewer: Viewer, language: Language): ProductMatchRow => {
  const { componentRow, body, exposed } = match;
  const [source] = body.sources;
  const reasons = productReasons({ ...body, exposed, source: source?.feed ?? "" });
  return {
    organisation: { id: match.organisation, name: organisationName(desk, match.organisation, language) },
    ...{ weakness: match.weakness, title: body.title, asset: match.asset },
    ...{ name: componentRow.name, version: componentRow.version, inventory: componentRow.inventory },
    source: sourceOf(componentRow.inventory),
    ...{ priority: match.priority, certainty: match.certainty, exposed, exploited: body.evidence.exploited },
    since: printInstant(match.since),
    why: reasons.map((one) => sayReason(language, one, (feed) => feedTitle(desk, feed))),
    ...(source === undefined ? {} : { advisory: { id: source.id, feed: feedTitle(desk, source.feed) } }),
    ...(match.finding === undefined ? {} : { finding: match.finding }),
    ...(match.shadow === undefined || viewer.kind !== "staff" ? {} : { hidden: true }),
  };
};
