import type { AssetIndex } from "#community/asset-index.ts";
import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import { type Observable, observableKey } from "#core/observable.ts";
import { observableOf } from "#core/recognise.ts";
import { problemKey, rsitTypes } from "#core/rsit.ts";
import type { End, Hit } from "#detect/hit.ts";
import { bestFirst } from "#detect/meaning.ts";
import type { ReportedEnd } from "#feeds/feed.ts";
import type { ChangeCursor, LiveClaim } from "#intel/ports.ts";
import type { ReportInstance } from "#intel/report.ts";
import type { StoredReport } from "#intel/report-ports.ts";
import type { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import type { State, Tx } from "#jobs/ports.ts";
import {
  type ClaimedHit,
  type Community,
  hitId,
  mayBeShown,
  openFirst,
  recordHits,
  veiledId,
} from "#jobs/findings/record-hits.ts";

/** Join (b): what is reported × what members own. */
export interface JoiningReports {
  readonly state: State;
  readonly directory: DirectoryMemory;
  readonly community: Community;
  readonly now: () => Instant;
}

/** Changes taken at once; each is a batch of at most 1,000 rows, and a new finding takes about a millisecond. */
const changesAtOnce = 1;
/** Reports ended, and digests forgotten, in one turn. */
const endedAtOnce = 10_000;

export interface JoinedReports {
  readonly reports: number;
  readonly hits: number;
  readonly opened: number;
  readonly gone: number;
  readonly more: boolean;
}

/**
 * Takes what was reported since the last time and tells whose it is; and lets go what was not reported again for its
 * feed's whole rhythm. The place in the change feed moves in the same transaction, so that a sighting is counted in a
 * finding once, whichever process does it.
 *
 * @returns what was found; undefined when another process is joining
 */
export const joinReports = (joining: JoiningReports): Promise<JoinedReports | undefined> =>
  joining.state.act(async (tx) => {
    const cursor = await tx.queue.cursor("join-reports");
    if (cursor === "held") return undefined;
    const now = joining.now();
    const news = await tx.reports.changes(cursor as ChangeCursor | undefined, changesAtOnce);
    const found =
      news.fresh.size === 0
        ? { hits: 0, opened: 0 }
        : await reported(tx, joining, await tx.reports.reports([...news.fresh.keys()]), news.fresh, now);
    if (news.fresh.size > 0) await tx.queue.moveCursor("join-reports", news.cursor);
    const over = await tx.reports.end(now, endedAtOnce);
    const gone = await endFindings(tx, over, now);
    const forgotten = await tx.reports.forget(now, endedAtOnce);
    const more = news.more || over.length === endedAtOnce || forgotten === endedAtOnce;
    return { reports: news.fresh.size, ...found, gone, more };
  });

/** The other way in time: a new asset, against every report that lives. */
export const joinReportedAsset = (
  joining: JoiningReports,
  asset: { readonly kind: "network" | "domain" | "email-domain"; readonly value: string },
): Promise<{ hits: number; opened: number }> =>
  joining.state.act(async (tx) => {
    const now = joining.now();
    const ids = await tx.reports.within(asset, now);
    if (ids.length === 0) return { hits: 0, opened: 0 };
    return reported(tx, joining, await tx.reports.reports(ids), undefined, now);
  });

const endFindings = async (tx: Tx, over: readonly string[], now: Instant): Promise<number> => {
  if (over.length === 0) return 0;
  await tx.incidents.lockIncidents();
  const ended = await tx.incidents.unreported(over, now);
  const numbers = ended.map(({ n }) => n);
  await tx.incidents.setStates(numbers, "gone", now, { closed: true });
  await tx.incidents.events(numbers.map((finding) => ({ finding, at: now, what: "gone" })));
  return ended.length;
};

/** @param fresh sightings of each report since the last time; undefined: all of them, for owners who have no finding of it */
const reported = async (
  tx: Tx,
  joining: JoiningReports,
  reports: readonly StoredReport[],
  fresh: ReadonlyMap<string, number> | undefined,
  now: Instant,
): Promise<{ hits: number; opened: number }> => {
  const { assets } = joining.directory.known;
  const ours = reports
    .filter((one) => one.ends > now && mayMakeFinding(one))
    .map((report) => ({ report, owners: ownersOf(assets, report) }))
    .filter(({ owners }) => owners.length > 0);
  if (ours.length === 0) return { hits: 0, opened: 0 };
  const beside = Map.groupBy(
    await tx.reports.beside(
      ours.map(({ report }) => report.id),
      now,
    ),
    subject,
  );
  const candidates = ours.flatMap(({ report, owners }) => {
    const claims = claimsFor(report, beside.get(subject(report)) ?? [report]);
    return claims.some((claim) => claim.voice === "alert")
      ? owners.map((owner) => ({ report, owner, claims, hits: hitsOf(report, owner, claims) }))
      : [];
  });
  const known = await tx.incidents.known(
    candidates.flatMap(({ hits }) => hits.flatMap((hit) => [hit.id, veiledId(hit)])),
  );
  const claimed = candidates.flatMap(({ report, owner, hits, claims }) =>
    counted(report, owner, hits, known, fresh?.get(report.id)).map((hit): ClaimedHit => ({ hit, claims })),
  );
  const recorded = await recordHits(tx, claimed, undefined, joining.community, now);
  return { hits: recorded.fresh, opened: recorded.opened.length };
};

/**
 * Context makes no finding, and neither does what its own source calls information: that something answers, or has a
 * name. Both are kept and can be looked up.
 */
const mayMakeFinding = (report: StoredReport): boolean => report.voice !== "context" && report.severity !== "info";

const subject = (report: StoredReport): string => `${observableKey(report.asset)} ${problemKey(report)}`;

/**
 * What speaks for a report's hits: all that is said of the same asset and problem. What the organisation must not know of
 * stands alone, so that its sightings never raise the count of a finding that is read.
 */
const claimsFor = (report: StoredReport, beside: readonly StoredReport[]): readonly LiveClaim[] => {
  const own = claimOf(report);
  const all = [own, ...beside.filter((one) => one.id !== report.id).map(claimOf)];
  return bestFirst(mayBeShown(own) ? all : all.filter((claim) => !mayBeShown(claim)));
};

const claimOf = (report: StoredReport): LiveClaim => ({
  indicator: report.id,
  feed: report.feed,
  grade: report.grade,
  labels: report.labels,
  tlp: report.tlp,
  pap: report.pap,
  licence: report.licence,
  voice: report.voice,
  shadow: report.shadow,
  flags: [],
});

interface Owner {
  readonly organisation: OrganisationId;
  /** What of theirs is concerned. */
  readonly asset: Observable;
  /** Sightings in a time in which they held it. */
  readonly instances: readonly ReportInstance[];
  /** They held it since the first sighting. */
  readonly always: boolean;
}

/** Trouble of a page or a name: its owner mends it, and not whoever rents out the address below it. */
const content: ReadonlySet<string> = new Set([
  ...["phishing", "copyright", "harmful-speech", "violence", "masquerade", "data-leak", "malware-distribution"],
  ...["unauthorised-information-modification", "application-compromise", "social-engineering"],
]);

/**
 * Who is told: the owners of the reported thing; and of its other values those who were not told by it, unless the trouble
 * is one of content and its owner is known. An account belongs to whoever owns its domain.
 * @see RIPE-658 for the rule that content goes to the name and devices to the network
 */
const ownersOf = (assets: AssetIndex, report: StoredReport): readonly Owner[] => {
  const found = new Map<OrganisationId, Owner>();
  const look = (value: Observable, asset: Observable): void => {
    for (const organisation of organisationsAt(assets, value, report)) {
      if (found.has(organisation)) continue;
      const holds = (at: Instant): boolean =>
        assets.owners(value, at).some((owner) => owner.organisation === organisation);
      const instances = report.instances.filter(({ at }) => holds(at));
      if (instances.length > 0)
        found.set(organisation, { organisation, asset, instances, always: holds(report.firstSeen) });
    }
  };
  look(report.asset, report.asset);
  if (found.size > 0 && content.has(report.type)) return [...found.values()];
  for (const value of report.also) look(value, value.kind === "email" ? report.asset : value);
  return [...found.values()];
};

const organisationsAt = (
  assets: AssetIndex,
  value: Observable,
  { instances }: StoredReport,
): ReadonlySet<OrganisationId> =>
  new Set(instances.flatMap(({ at }) => assets.owners(value, at).map(({ organisation }) => organisation)));

/** A hit for each of the newest sightings, newest first; the same sighting is the same hit. */
const hitsOf = (report: StoredReport, owner: Owner, claims: readonly LiveClaim[]): readonly Hit[] =>
  owner.instances.map((instance) => {
    const source = endOf(instance.source, report.asset);
    const destination = endOf(instance.destination, undefined);
    return {
      id: hitId(["asset-reported", owner.organisation, report.id, instance.digest]),
      detector: "asset-reported",
      organisation: owner.organisation,
      asset: owner.asset.value,
      observable: hostOf(report, instance),
      indicator: report.asset,
      sources: openFirst(claims).map((claim) => claim.feed),
      problem: { type: report.type, about: report.about },
      where: "source",
      direction: "unknown",
      ...(source === undefined ? {} : { source }),
      ...(destination === undefined ? {} : { destination }),
      time: instance.at,
      severity: report.severity,
      attack: [],
      evidence: { file: report.feed, line: 0, text: lineOf(instance.evidence) },
    };
  });

/**
 * The hits that are new, the newest of them standing for all sightings that are new and were not kept one by one. Of
 * sightings that are all older than those kept there is none to show: the oldest kept stands for them, under an id that
 * the report's count makes its own.
 *
 * @param fresh sightings since the last time; undefined: all there are, unless the owner has some of them already
 */
const counted = (
  report: StoredReport,
  owner: Owner,
  hits: readonly Hit[],
  known: ReadonlySet<string>,
  fresh: number | undefined,
): readonly Hit[] => {
  const unknown = hits.filter((hit) => !known.has(hit.id) && !known.has(veiledId(hit)));
  const all = fresh ?? (unknown.length === hits.length ? report.count : unknown.length);
  const shown = unknown.slice(0, all);
  const others = owner.always ? all - shown.length : 0;
  if (others <= 0) return shown;
  const since = report.firstSeen;
  const [newest, ...rest] = shown;
  if (newest !== undefined) return [{ ...newest, many: { count: 1 + others, since } }, ...rest];
  const oldest = hits.at(-1);
  if (oldest === undefined || fresh === undefined) return [];
  return [{ ...oldest, id: hitId([oldest.id, "and before", report.count]), many: { count: others, since } }];
};

/** The instance inside the finding: the account, or the service by its port, or the thing itself. */
const hostOf = (report: StoredReport, { source }: ReportInstance): Observable => {
  if (source?.account !== undefined && source.account.includes("@")) {
    const account = observableOf(source.account);
    if (account.ok) return account.value;
  }
  const service = rsitTypes[report.type].class === "vulnerable" && source?.port !== undefined;
  if (!service || source?.ip === undefined) return report.asset;
  return {
    kind: "endpoint",
    value: source.ip.includes(":") ? `[${source.ip}]:${source.port}` : `${source.ip}:${source.port}`,
  };
};

const endOf = (end: ReportedEnd | undefined, asset: Observable | undefined): End | undefined => {
  const address = end?.ip ?? end?.host ?? (end === undefined ? undefined : asset?.value);
  return address === undefined ? undefined : { address, ...(end?.port === undefined ? {} : { port: end.port }) };
};

/** "timestamp: 2026-11-21 04:12:09; ip: 203.0.113.24; port: 23" */
const lineOf = (evidence: Readonly<Record<string, string>>): string =>
  Object.entries(evidence)
    .map(([name, value]) => `${name}: ${value}`)
    .join("; ");
