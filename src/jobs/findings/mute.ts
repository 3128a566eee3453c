import type { Instant } from "#core/instant.ts";
import { inhibitions, isOf, type Mutable, mutedBy, type Which } from "#incidents/inhibition.ts";
import type { StoredFinding } from "#incidents/ports.ts";
import { silences } from "#incidents/silence.ts";
import type { Tx } from "#jobs/ports.ts";
import { weighIncidents } from "#jobs/incidents/weigh.ts";

type Held = Mutable & { readonly n: number };

const furthest = Math.max(...inhibitions.map((one) => one.withinMs));

/**
 * Holds back what silences and other findings mute, of findings that hits just touched; and what these mute themselves.
 *
 * @returns numbers of those touched that are held back
 */
export const muteTouched = async (
  tx: Pick<Tx, "incidents">,
  touched: readonly { readonly finding: StoredFinding; readonly hits: number; readonly sources: readonly string[] }[],
  now: Instant,
): Promise<ReadonlySet<number>> => {
  const inForce = await tx.incidents.silencesInForce(now);
  const silenced = touched.flatMap(({ finding, hits, sources }) => {
    const silence = finding.silence ?? inForce.find(({ matcher }) => silences(matcher, { ...finding, sources }))?.n;
    return silence === undefined ? [] : [{ n: finding.n, hits, silence, was: finding.silence }];
  });
  await tx.incidents.silence(silenced);
  await tx.incidents.events(
    silenced.flatMap(({ n, was }) => (was === undefined ? [{ finding: n, at: now, what: "silenced" as const }] : [])),
  );
  const inhibited = await muteAround(
    tx,
    touched.map(({ finding }) => finding.n),
    now,
  );
  return new Set([...silenced.map(({ n }) => n), ...inhibited]);
};

/**
 * Who mutes whom around these findings, asked again. @returns those of them that are muted
 */
const muteAround = async (
  tx: Pick<Tx, "incidents">,
  findings: readonly number[],
  now: Instant,
): Promise<readonly number[]> => {
  const own = await tx.incidents.mutables(findings);
  const wanted: Which[] = [];
  for (const { source, target } of inhibitions) {
    if (own.some((one) => isOf(one, target))) wanted.push(source);
    if (own.some((one) => isOf(one, source))) wanted.push(target);
  }
  if (wanted.length === 0) return [];
  const near = await tx.incidents.around(findings, wanted, furthest);
  const among = new Set(findings);
  const others = await tx.incidents.mutables(near.filter((n) => !among.has(n)));
  const all: readonly Held[] = [...own, ...others];
  const muters = all.filter((one) => inhibitions.some((rule) => isOf(one, rule.source)));
  const muted = all.flatMap((target) => {
    const by = mutedBy(target, muters) as Held | undefined;
    // of those further away not everybody who could mute them was looked at
    return by === undefined ? [] : [{ n: target.n, by: by.n }];
  });
  const fresh = await changed(tx, muted);
  await tx.incidents.mute(muted);
  await tx.incidents.events(fresh.map((n) => ({ finding: n, at: now, what: "muted" as const })));
  const held = new Set(muted.map(({ n }) => n));
  const moved = others.filter(({ n }) => held.has(n)).map(({ id }) => id);
  if (moved.length > 0) await reweighStories(tx, await tx.incidents.findingsById(moved));
  return own.filter(({ n }) => held.has(n)).map(({ n }) => n);
};

const changed = async (
  tx: Pick<Tx, "incidents">,
  muted: readonly { readonly n: number; readonly by: number }[],
): Promise<readonly number[]> => {
  const before = await tx.incidents.mutedNow(muted.map(({ n }) => n));
  return muted.map(({ n }) => n).filter((n) => !before.has(n));
};

/** Weighs the stories of these findings again. */
export const reweighStories = (tx: Pick<Tx, "incidents">, findings: readonly StoredFinding[]): Promise<void> =>
  weighIncidents(
    tx,
    findings.flatMap(({ incident, part }) => [incident ?? [], part ?? []].flat()),
  );

/** Lets findings speak again that something held back: who may be told is told, unless something else holds them. */
export const letGo = async (
  tx: Pick<Tx, "incidents" | "queue">,
  findings: readonly StoredFinding[],
  now: Instant,
): Promise<number> => {
  if (findings.length === 0) return 0;
  const sources = await tx.incidents.feedsOf(findings.map(({ n }) => n));
  const held = await muteTouched(
    tx,
    findings.map((finding) => {
      const { silence: _silence, ...free } = finding;
      return { finding: free, hits: 0, sources: sources.get(finding.n) ?? [] };
    }),
    now,
  );
  const free = findings.filter(({ n }) => !held.has(n));
  await tx.incidents.events(free.map(({ n }) => ({ finding: n, at: now, what: "unmuted" as const })));
  await tx.queue.putAll(
    free
      .filter(({ shadow }) => shadow === undefined)
      .map(({ id }) => ({ kind: "alert" as const, key: id, payload: {} })),
    now,
  );
  await reweighStories(tx, findings);
  return free.length;
};

/** Silences whose time is over end, and what a finding muted that stands no more speaks for itself. @returns how many findings came back */
export const endMuting = async (tx: Pick<Tx, "incidents" | "queue">, now: Instant): Promise<number> => {
  const silenced = await tx.incidents.unsilence(await tx.incidents.silencesOver(now));
  const unheld = await tx.incidents.unheld();
  await tx.incidents.mute(unheld.map(({ n }) => ({ n, by: undefined })));
  const all = new Map([...silenced, ...unheld].map((finding) => [finding.n, finding]));
  return letGo(tx, [...all.values()], now);
};
