import { hash } from "node:crypto";
import { certainties } from "#core/grade.ts";
import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import { pressed, type ProductMatch, recognise, type Recognised } from "#detect/product-advisory/match.ts";
import type { InventoryItem } from "#intel/inventory/item.ts";
import { priorities } from "#intel/priority.ts";
import { type CpeName, parseCpe } from "#intel/products/cpe-name.ts";
import { type ProductAdvisory, ProductIndex } from "#intel/products/product-index.ts";
import { Weaknesses } from "#intel/products/weaknesses.ts";
import type { DirectoryMemory, Known } from "#jobs/community/directory-memory.ts";
import { observableOfAsset } from "#jobs/findings/finding-asset.ts";
import { type DirectoryTaken, takeDirectory } from "./from-directory.ts";
import { familyOf, itemOf } from "./row.ts";
import type { MatchRow, MatchSource, StoredComponent, StoredStatement } from "./port.ts";
import type { State, Tx } from "#jobs/ports.ts";

/** Join (c): what is known to be weak × what members run, whichever of the two is new. */
export interface JoiningInventories {
  readonly state: State;
  readonly now: () => Instant;
  readonly directory: Pick<DirectoryMemory, "known">;
  readonly idOf: (kind: string, key: string) => string;
}

/** News, components and advisories of one piece: a second's work, and memory that holds them. */
const newsAtOnce = 2000;
const componentsAtOnce = 2000;
const advisoriesAtOnce = 20_000;

/** Ended components are forgotten after this: a year's look back, and the time to notice. */
const keptDays = 400;
const forgottenAtOnce = 5000;

export interface JoinedInventories {
  readonly news: number;
  readonly components: number;
  readonly matched: number;
  readonly dropped: number;
  readonly more: boolean;
}

/**
 * One piece: what is said anew becomes work, products of the directory become components, and the components that are due are compared, each with all that is said of
 * it now. A component is compared from scratch and never adjusted, so that the order in which things came cannot matter.
 *
 * @returns undefined when another process is at it
 */
export const joinInventories = (joining: JoiningInventories): Promise<JoinedInventories | undefined> =>
  joining.state.act(async (tx) => {
    const cursor = await tx.queue.cursor("join-inventories");
    if (cursor === "held") return undefined;
    const now = joining.now();
    const turned = await whatTurned(tx, joining, cursor as Place | undefined, now);
    const news = await tx.inventories.spreadNews(newsAtOnce);
    const due = await tx.inventories.takeDue({ components: componentsAtOnce, advisories: advisoriesAtOnce });
    const changes = due.length === 0 ? { put: [], drop: [] } : await compare(tx, joining, due, now);
    await tx.inventories.keepMatches(changes.put, changes.drop, now);
    const idle = news === 0 && due.length === 0 && !turned.more;
    const forgotten = idle
      ? await tx.inventories.forget((now - Math.min(now, keptDays * 86_400_000)) as Instant, forgottenAtOnce)
      : 0;
    return {
      ...{ news, components: due.length, matched: changes.put.length, dropped: changes.drop.length },
      more: !idle || forgotten === forgottenAtOnce,
    };
  });

/** What the last piece saw of the world beside advisories and inventories. */
interface Place {
  readonly shadows: Readonly<Record<string, boolean>>;
  /** Of the networks of the directory. */
  readonly assets: string;
  /** Absent: it never named a product. */
  readonly directory?: DirectoryTaken;
}

/** A feed that may speak now, or no more: what it says is said anew. Other assets in the directory: so are addresses. */
const whatTurned = async (
  tx: Tx,
  { directory, idOf }: JoiningInventories,
  before: Place | undefined,
  at: Instant,
): Promise<{ readonly more: boolean }> => {
  const shadows = Object.fromEntries(await tx.inventories.shadows());
  const assets = assetsDigest(directory.known);
  for (const [feed, shadow] of Object.entries(shadows))
    if ((before?.shadows[feed] ?? shadow) !== shadow) await tx.inventories.newsOf(feed);
  if (before !== undefined && before.assets !== assets) await tx.inventories.dueAddresses();
  const { taken, more } = await takeDirectory(tx, idOf, directory.known, before?.directory, at);
  const now: Place = {
    ...{ shadows: { ...before?.shadows, ...shadows }, assets },
    ...(taken === undefined ? {} : { directory: taken }),
  };
  if (JSON.stringify(now) !== JSON.stringify(before)) await tx.queue.moveCursor("join-inventories", now);
  return { more };
};

/** The same for as long as the directory is. */
const digests = new WeakMap<Known, string>();
const assetsDigest = (known: Known): string => {
  let digest = digests.get(known);
  if (digest === undefined) {
    const networks = known.directory.assets.filter(({ kind }) => kind === "network");
    const said = networks.map(({ organisation, value, from, to }) => `${organisation} ${value} ${from} ${to ?? ""}`);
    digests.set(known, (digest = hash("sha256", said.sort().join("\n"), "hex").slice(0, 32)));
  }
  return digest;
};

/** An address of theirs, by the directory, which is not one of a private network: strangers reach it. */
const isPublic = (known: Known, organisation: OrganisationId, asset: string, at: Instant): boolean => {
  const value = observableOfAsset(asset);
  if (value.kind !== "ipv4" && value.kind !== "ipv6") return false;
  if (/^(?:10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|f[cd]|fe[89ab]|::1$)/.test(value.value))
    return false;
  return known.assets.owners(value, at).some((owner) => owner.organisation === organisation);
};

/** What is there no more says nothing, nor what the directory names and an inventory of its organisation lists. */
const speaks = ({ component, listed }: Due): boolean => !component.over && !listed;

type Due = Awaited<ReturnType<Tx["inventories"]["takeDue"]>>[number];

interface Changes {
  readonly put: readonly MatchRow[];
  readonly drop: readonly Pick<MatchRow, "component" | "weakness" | "organisation" | "asset">[];
}

const compare = async (tx: Tx, joining: JoiningInventories, due: readonly Due[], now: Instant): Promise<Changes> => {
  const whole = due.filter(({ only }) => only === undefined);
  const parts = due.filter(({ only }) => only !== undefined);
  const weaknesses = [...new Set(parts.flatMap(({ only = [] }) => only))];
  const [all, some] = [await heard(tx, whole), await heard(tx, parts, weaknesses)];
  const present = await besideOf(tx, all.leans || some.leans ? due : []);
  const found = [
    ...recogniseAll(joining, whole, all, present, now),
    ...recogniseAll(joining, parts, some, present, now),
  ];
  const rows = await weighedRows(tx, found);
  const before = [
    ...(await tx.inventories.matchesOf(numbers(whole))),
    ...(parts.length === 0 ? [] : await tx.inventories.matchesOf(numbers(parts), weaknesses)),
  ];
  return differences(before, rows, due);
};

const numbers = (due: readonly Due[]): readonly number[] => due.map(({ component }) => component.n);

const differences = (
  before: Awaited<ReturnType<Tx["inventories"]["matchesOf"]>>,
  rows: readonly MatchRow[],
  due: readonly Due[],
): Changes => {
  const keyOf = (one: Pick<MatchRow, "component" | "weakness">): string => `${one.component} ${one.weakness}`;
  const asked = new Map(due.map(({ component, only }) => [component.n, only === undefined ? only : new Set(only)]));
  const past = new Map(
    before.filter((one) => asked.get(one.component)?.has(one.weakness) !== false).map((one) => [keyOf(one), one]),
  );
  const put = rows.filter((row) => {
    const one = past.get(keyOf(row));
    return one === undefined || !same(one, row);
  });
  const now = new Set(rows.map(keyOf));
  return { put, drop: [...past].filter(([key]) => !now.has(key)).map(([, one]) => one) };
};

const same = (a: MatchRow, b: MatchRow): boolean => saidBy(a) === saidBy(b);

/** All that a match says; when it began, and when it last became another, is not part of it. */
const saidBy = ({ body, ...one }: MatchRow): string => {
  const { title, by, range, doubts, evidence, due, sources } = body;
  return JSON.stringify([
    ...[one.product, one.rank, one.priority, one.certainty, one.exposed, one.leans, one.shadow ?? ""],
    ...[title, by, range, doubts, due ?? 0],
    ...[evidence.exploited, evidence.ransomware, evidence.exploit, evidence.epss, evidence.cvss],
    ...sources.map(({ id, feed, key, tlp, pap, licence, shadow }) => [id, feed, key, tlp, pap, licence, shadow]),
  ]);
};

/** What advisories say of the products of a piece: to everybody, and with what members must not know of. */
interface Heard {
  /** One of them is weak beside some platform only. */
  readonly leans: boolean;
  readonly open: ProductIndex;
  /** Absent: nothing is hidden. */
  readonly all?: ProductIndex;
  readonly from: ReadonlyMap<ProductAdvisory, StoredStatement>;
}

const heard = async (tx: Tx, due: readonly Due[], only?: readonly string[]): Promise<Heard> => {
  const keys = [...new Set(due.filter(speaks).flatMap((one) => one.keys))];
  const statements = keys.length === 0 ? [] : await tx.inventories.statements(keys, only);
  const from = new Map<ProductAdvisory, StoredStatement>();
  const open = new ProductIndex();
  const all = statements.some(hidden) ? new ProductIndex() : undefined;
  for (const one of statements) {
    const { feed, key, title, cves } = one;
    const advisory = { feed, id: key, title, cves };
    from.set(advisory, one);
    if (!hidden(one)) open.addProducts(advisory, one.affects);
    all?.addProducts(advisory, one.affects);
  }
  const leans = statements.some(({ affects }) => affects.some(({ beside }) => beside !== undefined));
  return { open, from, leans, ...(all === undefined ? {} : { all }) };
};

/** Members must not know of it: by its TLP, its feed's shadow, or because it is somebody's own. */
const hidden = ({ tlp, shadow, kept }: StoredStatement): boolean =>
  shadow || kept || tlp === "amber+strict" || tlp === "red";

interface Found {
  readonly component: StoredComponent;
  readonly recognised: Recognised;
  readonly veiled: boolean;
  readonly sources: readonly MatchSource[];
}

/** Sources kept of one match: the strongest of each feed. */
const sourcesKept = 5;

const recogniseAll = (
  joining: JoiningInventories,
  due: readonly Due[],
  { open, all, from }: Heard,
  present: (component: StoredComponent) => readonly Pick<InventoryItem, "cpes">[],
  now: Instant,
): readonly Found[] => {
  /** The same product is compared once, wherever it runs, unless what else runs there decides. */
  const done = new Map<string, readonly (readonly [Recognised, boolean])[]>();
  return due.filter(speaks).flatMap(({ component, only }) => {
    const read = itemOf(component);
    const exposed = read.exposed || isPublic(joining.directory.known, component.organisation, component.asset, now);
    const item = exposed === read.exposed ? read : { ...read, exposed };
    const wanted = only === undefined ? undefined : new Set(only);
    const key = `${Buffer.from(component.product).toString("latin1")} ${only?.toSorted().join(" ") ?? ""}`;
    let matches = done.get(key);
    if (matches === undefined || matches.some(([{ leans }]) => leans)) {
      const beside = (): readonly Pick<InventoryItem, "cpes">[] => present(component);
      const shown = recognise(item, open, beside, wanted);
      const seen = new Set(shown.map(({ weakness }) => weakness));
      const veiled =
        all === undefined ? [] : recognise(item, all, beside, wanted).filter(({ weakness }) => !seen.has(weakness));
      matches = [...shown.map((one) => [one, false] as const), ...veiled.map((one) => [one, true] as const)];
      done.set(key, matches);
    }
    return matches.map(([one, veiled]) => ({
      component,
      recognised: { ...one, item },
      veiled,
      sources: sourcesOf(one, from),
    }));
  });
};

const sourcesOf = ({ told }: Recognised, from: Heard["from"]): readonly MatchSource[] => {
  const feeds = new Map<string, MatchSource>();
  for (const advisory of told) {
    const one = from.get(advisory);
    if (one === undefined || feeds.has(one.feed)) continue;
    const { id, feed, key, tlp, pap, licence, shadow } = one;
    feeds.set(feed, { id, feed, key, tlp, pap, licence, shadow });
  }
  return [...feeds.values()].slice(0, sourcesKept);
};

/** How grave the weaknesses found are: to members as open sources say, and what is veiled as all of them do. */
const weighedRows = async (tx: Tx, found: readonly Found[]): Promise<readonly MatchRow[]> => {
  if (found.length === 0) return [];
  const [open, all] = [new Weaknesses(), new Weaknesses()];
  for (const one of await tx.inventories.said([...new Set(found.map(({ recognised }) => recognised.weakness))])) {
    if (!one.hidden) open.add(one);
    all.add(one);
  }
  return found.map(({ component, recognised, veiled, sources }) => {
    const match = pressed(recognised, (veiled ? all : open).of(recognised.weakness));
    return {
      ...{ component: component.n, weakness: match.weakness },
      ...{ organisation: component.organisation, asset: component.asset, product: familyOf(match.item) },
      ...{ rank: rankOf(match), priority: match.priority, certainty: match.certainty, exposed: match.item.exposed },
      ...(veiled ? { shadow: "hidden" as const } : {}),
      leans: match.leans,
      body: {
        ...{ title: match.title, by: match.by, range: match.range, doubts: match.doubts, evidence: match.evidence },
        ...(match.due === undefined ? {} : { due: match.due }),
        sources,
      },
    };
  });
};

/**
 * Exposed and exploited first, then as `mostPressing` orders matches, down to the figures in tenths: what is more pressing
 * has the smaller rank.
 */
export const rankOf = ({ item, evidence, priority, certainty }: ProductMatch): number =>
  [
    [item.exposed && evidence.exploited ? 0 : 1, 2],
    [priorities.indexOf(priority), 4],
    [evidence.exploited ? 0 : 1, 2],
    [certainties.length - 1 - certainties.indexOf(certainty), 4],
    [item.exposed ? 0 : 1, 2],
    [evidence.ransomware ? 0 : 1, 2],
    [100 - Math.round(evidence.epss * 100), 101],
    [100 - Math.round(evidence.cvss * 10), 101],
  ].reduce((sum, [value = 0, size = 1]) => sum * size + value, 0);

const besideOf = async (
  tx: Tx,
  due: readonly Due[],
): Promise<(component: StoredComponent) => readonly Pick<InventoryItem, "cpes">[]> => {
  const assets = new Map(
    due.map(({ component: { organisation, asset } }) => [`${organisation} ${asset}`, { organisation, asset }]),
  );
  const names = await tx.inventories.platforms([...assets.values()]);
  const read = new Map<string, readonly Pick<InventoryItem, "cpes">[]>();
  return ({ organisation, asset }) => {
    const key = `${organisation} ${asset}`;
    let present = read.get(key);
    if (present === undefined) {
      const cpes = (names.get(key) ?? []).flatMap((text): CpeName[] => {
        const one = parseCpe(text);
        return one.ok ? [one.value] : [];
      });
      read.set(key, (present = [{ cpes }]));
    }
    return present;
  };
};
