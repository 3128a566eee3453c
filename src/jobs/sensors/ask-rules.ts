import type { Recipient } from "#community/recipient.ts";
import { release } from "#community/release.ts";
import type { Instant } from "#core/instant.ts";
import type { Tlp } from "#core/marking.ts";
import { loadPack } from "#detect/sigma/packs.ts";
import type { HuntedByRule } from "#jobs/hunt/rule-port.ts";
import { decisionsAbout, type RulesToGive, usualTlp } from "./rules.ts";
import type { SensorAskRules } from "./wire.ts";

/**
 * The rules of a hunt as this organisation may have them. What whoever asks wrote goes as far as the hunt may be told; what
 * stands in a folder as far as the folder's rules may. A folder that it may not have is left out, as it is of the rules it is
 * given; where the rule itself stands in it, there is nothing to ask.
 *
 * @param tlp how far the hunt may be told
 */
export const releasedAskRules = (
  { title, texts, decisions, wanted, pack }: HuntedByRule,
  tlp: Tlp,
  { folders }: Pick<RulesToGive, "folders">,
  recipient: Recipient,
  now: Instant,
): SensorAskRules | undefined => {
  const packs: { readonly name: string; readonly files: SensorAskRules["packs"][number]["files"] }[] = [];
  for (const [nth, { name, files }] of texts.entries()) {
    const isWritten = pack === undefined && nth === 0;
    const isOwn = isWritten || name === pack;
    const folder = folders.find((one) => one.name === name);
    const marked = isWritten ? tlp : folder && (folder.tlp ?? usualTlp);
    const outcome =
      marked &&
      release(
        { marking: { tlp: marked, pap: "clear", licence: "own" }, released: true, fields: { name, files } },
        recipient,
        {
          ...{ now, purpose: "detection", local: {}, anonymous: "" },
          fields: { name: "must", files: "must" } as const,
        },
      );
    if (outcome?.ok === true) packs.push(outcome.released.value);
    else if (isOwn) return undefined;
  }
  const loaded = packs.flatMap(({ name, files }) => loadPack(name, files).files);
  const asked = new Set(wanted);
  const own = decisions.filter(({ rule, runs }) => runs && asked.has(rule)).map((one) => ({ ...one, reason: "" }));
  return { title, packs, decisions: [...decisionsAbout(loaded, decisions), ...own], wanted };
};
