import { hash } from "node:crypto";
import { release } from "#community/release.ts";
import type { Recipient } from "#community/recipient.ts";
import type { Sensor } from "#community/sensor.ts";
import type { Instant } from "#core/instant.ts";
import type { Tlp } from "#core/marking.ts";
import type { Pack, PackDecision, PackFile } from "#detect/sigma/packs.ts";
import type { Known } from "#jobs/community/directory-memory.ts";
import type { State } from "#jobs/ports.ts";
import { recipientOf } from "#jobs/alerts/recipient-of.ts";
import type { SensorRules } from "./wire.ts";

/** Rules as their memory holds them (rule-memory.ts). */
export interface RulesToGive {
  readonly folders: readonly { readonly name: string; readonly tlp?: Tlp; readonly good?: Pack }[];
  readonly texts: { readonly decisions: readonly PackDecision[] };
}

export const noRules: RulesToGive = { folders: [], texts: { decisions: [] } };

/** What rules' texts are, where their folder does not say: for members, and no further. */
export const usualTlp: Tlp = "amber";

/**
 * The rules this organisation may have: folder by folder through `release`, and of what people decided what is about these.
 * Their reasons stay here.
 */
export const releasedRules = (rules: RulesToGive, recipient: Recipient, now: Instant): SensorRules => {
  const packs = rules.folders.flatMap(({ name, tlp = usualTlp, good }) => {
    if (good === undefined) return [];
    const outcome = release(
      {
        marking: { tlp, pap: "clear", licence: "own" },
        released: true,
        fields: { name, files: good.files.flatMap(textsOf) },
      },
      recipient,
      {
        ...{ now, purpose: "detection", local: {}, anonymous: "" },
        fields: { name: "must", files: "must" } as const,
      },
    );
    return outcome.ok ? [{ ...outcome.released.value, good }] : [];
  });
  const decisions = decisionsAbout(
    packs.flatMap(({ good }) => good.files),
    rules.texts.decisions,
  );
  const given = { packs: packs.map(({ name, files }) => ({ name, files })), decisions };
  return { version: hash("sha256", JSON.stringify(given), "hex").slice(0, 32), ...given };
};

/** What was decided about these rules; why stays here. */
export const decisionsAbout = (
  files: readonly Pick<Pack["files"][number], "path" | "file">[],
  decisions: readonly PackDecision[],
): readonly PackDecision[] => {
  const named = new Set<string>(["*"]);
  const paths: string[] = [];
  for (const { path, file } of files) {
    paths.push(path);
    for (const one of [...file.rules, ...file.correlations, ...file.filters])
      for (const name of [one.id, one.name]) if (name !== undefined) named.add(name);
  }
  const isAbout = (rule: string): boolean =>
    rule.endsWith("/") ? paths.some((path) => path.startsWith(rule)) : named.has(rule);
  return decisions
    .filter(({ rule }) => isAbout(rule))
    .map(({ rule, runs }): PackDecision => ({ rule, runs, reason: "" }));
};

const textsOf = ({ path, text, tests }: Pack["files"][number]): readonly PackFile[] => [
  { path, text },
  ...(tests ? [{ path: tests.path, text: tests.text }] : []),
];

/**
 * Rules for one sensor; the ledger and the evidence have an entry when something left.
 *
 * @param has the version it has: nothing leaves when that is the one there is
 * @returns undefined: its organisation is not in the directory
 */
export const giveRules = async (
  state: State,
  known: Known,
  rules: RulesToGive,
  sensor: Sensor,
  has: string | undefined,
  now: Instant,
): Promise<{ readonly version: string; readonly rules?: SensorRules } | undefined> => {
  const recipient = recipientOf(known, sensor.organisation);
  if (recipient === undefined) return undefined;
  const given = releasedRules(rules, recipient, now);
  if (given.version === has) return { version: has };
  const count = given.packs.reduce((sum, { files }) => sum + files.length, 0);
  if (count > 0)
    await state.act(async (tx) => {
      const query = `/api/v1/sensor/rules?sensor=${sensor.key}`;
      const contentHash = hash("sha256", JSON.stringify(given), "hex");
      const party = sensor.organisation;
      await tx.ledger.write({ party, query, after: "0", upTo: "0", contentHash, count, at: now });
      await tx.evidence.leaf({
        ...{ kind: "release", subject: `sensor ${sensor.key}`, at: now },
        data: { party, query, count, contentHash, version: given.version },
      });
    });
  return { version: given.version, rules: given };
};
