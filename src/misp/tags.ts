import type { Grade } from "#core/grade.ts";
import { type Pap, paps, parseTlp, stricterPap, stricterTlp, type Tlp } from "#core/marking.ts";
import type { MispTag } from "./model.ts";

/** A machine tag: `namespace:predicate="value"`, the value optional. */
export interface MachineTag {
  readonly namespace: string;
  readonly predicate: string;
  readonly value?: string;
}

/** @see MISP taxonomy format (draft-dulaunoy-misp-taxonomy-format) §2.1: triple tags */
export const readMachineTag = (name: string): MachineTag | undefined => {
  const found = /^([^:="]+):([^="]+)(?:="(.*)")?$/s.exec(name);
  if (found?.[1] === undefined || found[2] === undefined) return undefined;
  return {
    namespace: found[1].toLowerCase(),
    predicate: found[2],
    ...(found[3] === undefined ? {} : { value: found[3] }),
  };
};

/**
 * The TLP of tags, strictest first; `undefined` when none speaks of it. A tag that begins "tlp:" and names no colour
 * might be one we cannot read, so it fails closed as "red".
 */
export const tlpOfTags = (tags: readonly MispTag[]): Tlp | undefined => {
  let strictest: Tlp | undefined;
  for (const { name } of tags) {
    if (!/^tlp:/i.test(name.trim())) continue;
    const read = parseTlp(name);
    const tlp = read.ok ? read.value : "red";
    strictest = strictest === undefined ? tlp : stricterTlp(strictest, tlp);
  }
  return strictest;
};

/** The same for "PAP:AMBER"; an unreadable one is "red". */
export const papOfTags = (tags: readonly MispTag[]): Pap | undefined => {
  let strictest: Pap | undefined;
  for (const { name } of tags) {
    if (!/^pap:/i.test(name.trim())) continue;
    const word = name.trim().slice(4).toLowerCase();
    const pap = paps.find((one) => one === (word === "white" ? "clear" : word)) ?? "red";
    strictest = strictest === undefined ? pap : stricterPap(strictest, pap);
  }
  return strictest;
};

const confidences: Readonly<Record<string, Grade["statement"]>> = {
  "completely-confident": 1,
  "usually-confident": 2,
  "fairly-confident": 3,
  "rarely-confident": 4,
  unconfident: 5,
  "confidence-cannot-be-evaluated": 6,
};

/** `admiralty-scale:source-reliability="b"` with `…information-credibility="2"`, or MISP's own confidence level. */
export const gradeOfTags = (tags: readonly MispTag[]): Grade | undefined => {
  let source: Grade["source"] | undefined;
  let statement: Grade["statement"] | undefined;
  for (const { name } of tags) {
    const tag = readMachineTag(name);
    if (tag?.value === undefined) continue;
    if (tag.namespace === "admiralty-scale" && tag.predicate === "source-reliability") source = reliability(tag.value);
    else if (tag.namespace === "admiralty-scale" && tag.predicate === "information-credibility")
      statement = credibility(tag.value) ?? statement;
    else if (tag.namespace === "misp" && tag.predicate === "confidence-level" && Object.hasOwn(confidences, tag.value))
      statement ??= confidences[tag.value];
  }
  return source === undefined && statement === undefined
    ? undefined
    : { source: source ?? "F", statement: statement ?? 6 };
};

/** MISP's "g" (deliberately deceptive) has no letter here: not to be trusted at all is "E". */
const reliability = (letter: string): Grade["source"] | undefined => {
  const upper = letter.toUpperCase();
  const known = (["A", "B", "C", "D", "E", "F"] as const).find((one) => one === upper);
  return known ?? (upper === "G" ? "E" : undefined);
};

const credibility = (digit: string): Grade["statement"] | undefined =>
  ([1, 2, 3, 4, 5, 6] as const).find((one) => String(one) === digit);

/** Tags that are read for what they mean, and so are no labels. */
const meant: ReadonlySet<string> = new Set(["tlp", "pap", "admiralty-scale", "misp", "workflow", "osint"]);

/**
 * What tags name, for people: a galaxy tag's cluster ("APT28"), the value or predicate of a machine tag, a plain tag as it
 * is. Tags marked local or not exportable stay out: their author keeps them.
 */
export const labelsOfTags = (tags: readonly MispTag[]): readonly string[] =>
  tags.flatMap((tag) => {
    if (tag.local === true || tag.exportable === false) return [];
    const machine = readMachineTag(tag.name);
    if (machine === undefined) return /^(?:tlp|pap):/i.test(tag.name) ? [] : [tag.name];
    if (machine.namespace === "misp-galaxy") return [withoutNumber(machine.value ?? machine.predicate)];
    return meant.has(machine.namespace) ? [] : [machine.value ?? tag.name];
  });

/** "BISCUIT - S0017" is known as BISCUIT. */
const withoutNumber = (cluster: string): string => cluster.replace(/ - [A-Z]{1,3}\d{3,4}(?:\.\d{3})?$/, "");
