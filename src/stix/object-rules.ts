import { isFields, type RuleCheck, step } from "./check-notes.ts";
import { ownRules } from "./own-rules.ts";
import type { Rule } from "./property-kinds.ts";
import { timeKey } from "./time-key.ts";

/**
 * Functions for what the properties of one object demand of each other.
 *
 * @param common names that do not count where "something" is demanded
 */
export const compileRules = (rules: readonly Rule[], common: ReadonlySet<string>): readonly RuleCheck[] =>
  rules.map((rule) => compileRule(rule, common));

const compileRule = (rule: Rule, common: ReadonlySet<string>): RuleCheck => {
  switch (rule.rule) {
    case "order":
      return ordered(rule.first, rule.later, rule.strictly === true);
    case "some":
      return someOf(rule.of);
    case "apart": {
      const [property, other] = rule.of;
      return (object, at, notes) => {
        if (Object.hasOwn(object, property) && Object.hasOwn(object, other))
          notes.must("WGL_STIX_BESIDE", { property, other }, at + step(property));
      };
    }
    case "needs": {
      const { property, other } = rule;
      return (object, at, notes) => {
        if (Object.hasOwn(object, property) && !Object.hasOwn(object, other))
          notes.must("WGL_STIX_NEEDS", { property, other }, at + step(property));
      };
    }
    case "when": {
      const { property, value, other, is } = rule;
      return (object, at, notes) => {
        if (!Object.hasOwn(object, property) || (value !== undefined && object[property] !== value)) return;
        if (is === "required" && !Object.hasOwn(object, other))
          notes.must("WGL_STIX_REQUIRED", { property: other }, at + step(other));
        if (is === "forbidden" && Object.hasOwn(object, other))
          notes.must("WGL_STIX_BESIDE", { property: other, other: property }, at + step(other));
      };
    }
    case "something":
      return (object, at, notes) => {
        if (!Object.keys(object).some((name) => !common.has(name))) notes.must("WGL_STIX_NOTHING", {}, at);
      };
    case "advised":
      return (object, at, notes) => {
        for (const property of rule.of)
          if (!Object.hasOwn(object, property)) notes.should("WGL_STIX_ADVISED", { property }, at + step(property));
      };
    case "own":
      return ownRules[rule.name];
  }
};

/** Instants are compared, at full precision; what is no timestamp has been told already. */
const ordered =
  (first: string, later: string, strictly: boolean): RuleCheck =>
  (object, at, notes) => {
    if (!Object.hasOwn(object, first) || !Object.hasOwn(object, later)) return;
    const a = timeKey(object[first]);
    const b = timeKey(object[later]);
    if (a === undefined || b === undefined || b > a || (b === a && !strictly)) return;
    notes.must("WGL_STIX_ORDER", { property: later, other: first }, at + step(later));
  };

const someOf = (of: readonly string[]): RuleCheck => {
  const groups = of.map((one) => one.split("+"));
  return (object, at, notes) => {
    if (!groups.some((group) => group.every((name) => Object.hasOwn(object, name))))
      notes.must("WGL_STIX_ONE_OF", { properties: of.join(", ") }, at);
  };
};

/** §3.2: a version is never older than its object. */
export const modifiedAfterCreated: RuleCheck = ordered("created", "modified", false);

/** Names kept for later revisions: "Reserved Names" of §3, on every object the specification defines. */
const reserved = ["severity", "action", "username", "phone_numbers"];

export const nothingReserved: RuleCheck = (object, at, notes) => {
  for (const property of reserved)
    if (Object.hasOwn(object, property)) notes.must("WGL_STIX_RESERVED", { property }, at + step(property));
};

/** A marking definition that marks itself says nothing: §7.2.1. */
export const marksItself: RuleCheck = (object, at, notes) => {
  const { id, object_marking_refs: refs, granular_markings: granular } = object;
  if (typeof id !== "string") return;
  const itself =
    (Array.isArray(refs) && refs.includes(id)) ||
    (Array.isArray(granular) && granular.some((one: unknown) => isFields(one) && one["marking_ref"] === id));
  if (itself) notes.must("WGL_STIX_MARKS_ITSELF", { id }, at);
};
