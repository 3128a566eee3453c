import { instant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import { no, ok, type Result } from "#core/result.ts";
import { matchKey } from "#intel/match-key.ts";
import type { PackDecision, PackFile } from "#detect/sigma/packs.ts";
import { isRecord } from "./knowledge.ts";
import type { SensorAsk, SensorAskPattern, SensorAskRules, SensorAsks, SensorRules } from "#jobs/sensors/wire.ts";

/** Reading what the centre answers but knowledge (knowledge.ts). @see src/jobs/sensors/wire.ts */

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const isText = (value: unknown): value is string => typeof value === "string";

const packsIn = (given: readonly unknown[]): readonly (SensorRules["packs"][number] | undefined)[] =>
  given.map((one) => {
    if (!isRecord(one) || !isText(one["name"])) return undefined;
    const files = list(one["files"]).flatMap((file): readonly PackFile[] =>
      isRecord(file) && isText(file["path"]) && isText(file["text"])
        ? [{ path: file["path"], text: file["text"] }]
        : [],
    );
    return files.length === list(one["files"]).length ? { name: one["name"], files } : undefined;
  });

export const decisionsIn = (given: unknown): readonly (PackDecision | undefined)[] =>
  list(given).map((one) => {
    if (!isRecord(one)) return undefined;
    const { rule, runs, reason, community } = one;
    if (!isText(rule) || typeof runs !== "boolean") return undefined;
    return { rule, runs, reason: isText(reason) ? reason : "", ...(isText(community) ? { community } : {}) };
  });

/** Values of one ask. */
const valuesAtMost = 200_000;

/** @returns WGL_SENSOR_ANSWER */
export const readAsksAnswer = (text: string): Result<SensorAsks> => {
  const given = parsed(text);
  if (!isRecord(given) || !Array.isArray(given["asks"])) return unread("asks");
  const asks = given["asks"].map(askIn);
  const cancelled = list(given["cancelled"]).filter(isText);
  return isWhole(asks) ? ok({ asks, cancelled }) : unread("asks");
};

const askIn = (given: unknown): SensorAsk | undefined => {
  if (!isRecord(given)) return undefined;
  const { id, purpose, by, from, to, what } = given;
  if (!isText(id) || !isText(purpose) || !isText(by) || !isTime(from) || !isTime(to) || !isRecord(what))
    return undefined;
  const observables = list(what["observables"]).flatMap((one): readonly Observable[] => {
    if (!isRecord(one) || !isText(one["kind"]) || !isText(one["value"])) return [];
    const observable = { kind: one["kind"], value: one["value"] } as Observable;
    return matchKey(observable) === undefined ? [] : [observable];
  });
  if (observables.length !== list(what["observables"]).length || observables.length > valuesAtMost) return undefined;
  const { pattern } = what;
  const rules = what["rules"] === undefined ? undefined : askRulesIn(what["rules"]);
  if (rules === undefined && what["rules"] !== undefined) return undefined;
  const records = askPatternIn(what["records"]);
  if (records === undefined && what["records"] !== undefined) return undefined;
  return {
    ...{ id, purpose, by, from: instant(from), to: instant(to) },
    what: {
      observables,
      ...(isText(pattern) ? { pattern } : {}),
      ...(rules === undefined ? {} : { rules }),
      ...(records === undefined ? {} : { records }),
    },
  };
};

const askPatternIn = (given: unknown): SensorAskPattern | undefined =>
  isRecord(given) && isText(given["pattern"]) ? { pattern: given["pattern"] } : undefined;

const askRulesIn = (given: unknown): SensorAskRules | undefined => {
  if (!isRecord(given) || !isText(given["title"]) || !Array.isArray(given["packs"])) return undefined;
  const packs = packsIn(given["packs"]);
  const decisions = decisionsIn(given["decisions"]);
  const wanted = list(given["wanted"]).filter(isText);
  if (!isWhole(packs) || !isWhole(decisions) || wanted.length === 0) return undefined;
  return { title: given["title"], packs, decisions, wanted };
};

const isTime = (value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 && value <= 253_402_300_799_999;

const isWhole = <T>(values: readonly (T | undefined)[]): values is readonly T[] => !values.includes(undefined);

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const unread = (what: string): Result<never> => no("WGL_SENSOR_ANSWER", { what });
