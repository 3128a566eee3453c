import { hash } from "node:crypto";
import type { Grade } from "#core/grade.ts";
import type { OrganisationId, Tlp } from "#core/marking.ts";
import type { Status } from "#detect/sigma/rule.ts";
import { benignRecords } from "#detect/records.ts";
import { type LiveRecord, maySpeak } from "#detect/record.ts";
import type { DeclaredFeed, LiveClaim } from "#intel/ports.ts";
import type { Tx } from "#jobs/ports.ts";

/**
 * A rule or a behaviour stands behind a finding as a feed does: it has a grade, a TLP, a record of right and wrong, and
 * is in shadow until a person lets it speak. Its id says what it is: "rule:…" a Sigma rule, "behaviour:…" a behaviour.
 */
export interface DetectorSource {
  readonly id: string;
  readonly title: string;
  readonly publisher: string;
  readonly grade: Grade;
  readonly tlp: Tlp;
}

/** A rule that has no id is called by its title: a digest of that, since a source's id stands in addresses. */
export const ruleSource = (rule: string): string =>
  `rule:${/^[a-z0-9][a-z0-9_.-]{0,55}$/.test(rule) ? rule : hash("sha256", rule, "hex").slice(0, 32)}`;

/** A source that is no feed: nobody collects it, and it names no values. */
export const isDetector = (feed: string): boolean => feed.startsWith("rule:") || feed.startsWith("behaviour:");

/**
 * How far a rule is believed, by what its author calls it (Sigma rules specification 2.1, "Status"). One stable rule
 * alone makes something likely, a fresh one possible; two that agree count for more (core/grade.ts).
 */
export const gradeOfStatus: Readonly<Record<Status, Grade>> = {
  stable: { source: "B", statement: 2 },
  test: { source: "B", statement: 3 },
  experimental: { source: "C", statement: 3 },
  deprecated: { source: "C", statement: 4 },
  unsupported: { source: "C", statement: 4 },
};

const declaredOf = ({ title, publisher, grade, tlp }: DetectorSource): DeclaredFeed => ({
  ...{ title, publisher, grade, tlp, licence: "own", pap: "clear", everyMinutes: 0, liveDays: 0, voice: "alert" },
});

/**
 * Makes the sources known that speak in this transaction, and tells which of them only staff may hear. Asked for in the
 * order of their ids, so that two batches cannot wait for each other; one that is known is read and not written.
 */
export const shadowsOf = async (
  tx: Tx,
  sources: ReadonlyMap<string, DetectorSource>,
): Promise<ReadonlyMap<string, boolean>> => {
  const shadows = new Map<string, boolean>();
  if (sources.size === 0) return shadows;
  const known = await tx.rules.shadows([...sources.keys()]);
  for (const [id, source] of [...sources].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const shadow = known.get(id);
    shadows.set(id, shadow ?? (await tx.intel.feed({ ...source, ...declaredOf(source) }, true)).shadow);
  }
  return shadows;
};

/** Whether what is known of a detector allows it to open findings: what was published of it, and how it did here. */
export const detectorMaySpeak = (source: string, live: LiveRecord | undefined): boolean =>
  maySpeak(benignRecords[source.replace(/^behaviour:/, "")], live);

/**
 * The gate: a detector speaks only if its record allows. The claims as they count; of those that may not speak the voice
 * is "context", so that they add risk and open nothing. It stands where hits are recorded, so that nobody walks around it.
 */
export const heard = async <T extends { readonly claims: readonly LiveClaim[] }>(
  tx: Pick<Tx, "rules">,
  claimed: readonly T[],
): Promise<readonly T[]> => {
  const sources = new Set(
    claimed.flatMap(({ claims }) => claims.flatMap(({ feed }) => (isDetector(feed) ? feed : []))),
  );
  if (sources.size === 0) return claimed;
  const records = await tx.rules.records([...sources]);
  const quiet = new Set([...sources].filter((source) => !detectorMaySpeak(source, records.get(source))));
  if (quiet.size === 0) return claimed;
  return claimed.map((one) => ({
    ...one,
    claims: one.claims.map((claim) => (quiet.has(claim.feed) ? { ...claim, voice: "context" as const } : claim)),
  }));
};

/**
 * What a detector says of one organisation, as the claim behind its hits. Its id is the organisation's own, since the same
 * rule firing in two places is no story they share, as a command server would be.
 */
export const detectorClaim = (
  { id, grade, tlp }: DetectorSource,
  organisation: OrganisationId,
  shadow: boolean,
  idOf: (kind: "detector", key: string) => string,
): LiveClaim => ({
  ...{ indicator: idOf("detector", `${id} ${organisation}`), feed: id, grade, labels: [], tlp, shadow },
  ...{ pap: "clear", licence: "own", voice: "alert", flags: [] },
});
