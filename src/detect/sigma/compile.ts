import type { Detection, Match, RegexMatch, TextMatch } from "./detection.ts";
import { compileRegex } from "./regex.ts";
import { slotKinds, type Slots } from "./slots.ts";
import { shapeOf, textTest } from "./text-test.ts";
import { cidrTest, compareTest, fieldTest } from "./value-test.ts";

/** Whether the record that `Slots` holds passes. */
export type Test = () => boolean;

/** A detection as functions over slots: no tree is walked and nothing is made while a record is judged. */
export const compile = (detection: Detection, slots: Slots): Test => {
  switch (detection.is) {
    case "and":
      return every(detection.of.map((one) => compile(one, slots)));
    case "or":
      return some(alternatives(detection.of, slots));
    case "not": {
      const of = compile(detection.of, slots);
      return () => !of();
    }
    case "atLeast": {
      const { count } = detection;
      const of = detection.of.map((one) => compile(one, slots));
      return () => {
        let held = 0;
        for (const test of of) if (test()) held++;
        return held >= count;
      };
    }
    case "keyword":
      return keywordTest(detection.match, slots);
    case "test":
      return fieldIs(detection.field, detection.match, slots);
  }
};

const every = (tests: readonly Test[]): Test => {
  const [first, second] = tests;
  if (first !== undefined && second !== undefined && tests.length === 2) return () => first() && second();
  return () => {
    for (const test of tests) if (!test()) return false;
    return true;
  };
};

const some = (tests: readonly Test[]): Test => {
  const [first, second] = tests;
  if (first !== undefined && tests.length === 1) return first;
  if (first !== undefined && second !== undefined && tests.length === 2) return () => first() || second();
  return () => {
    for (const test of tests) if (test()) return true;
    return false;
  };
};

/** Texts asked of one field together are one test: `Image|endswith` with forty names reads its slot once. */
const alternatives = (parts: readonly Detection[], slots: Slots): readonly Test[] => {
  const tests: Test[] = [];
  const bySlot = new Map<number, TextMatch[]>();
  for (const part of parts) {
    if (part.is === "test" && part.match.is === "text" && !part.match.cased) {
      const slot = slots.of(part.field);
      const known = bySlot.get(slot);
      if (known === undefined) bySlot.set(slot, [part.match]);
      else known.push(part.match);
    } else tests.push(compile(part, slots));
  }
  const joined = [...bySlot].map(([slot, matches]) => lowerTest(slot, anyText(matches), slots));
  return [...joined, ...tests];
};

const anyText = (matches: readonly TextMatch[]): ((text: string) => boolean) => {
  const exact = new Set<string>();
  const others: ((text: string) => boolean)[] = [];
  for (const { pieces } of matches) {
    const shape = shapeOf(pieces);
    if (shape.is === "exact") exact.add(shape.needle);
    else others.push(textTest(pieces));
  }
  if (exact.size > 0) others.unshift((text) => exact.has(text));
  const [only] = others;
  if (only !== undefined && others.length === 1) return only;
  return (text) => {
    for (const test of others) if (test(text)) return true;
    return false;
  };
};

const lowerTest =
  (slot: number, test: (text: string) => boolean, slots: Slots): Test =>
  () => {
    const kind = slots.kind(slot);
    if (kind === slotKinds.text) return test(slots.lower(slot));
    return kind === slotKinds.texts && slots.lowers(slot).some(test);
  };

const writtenTest =
  (slot: number, test: (text: string) => boolean, slots: Slots): Test =>
  () => {
    const kind = slots.kind(slot);
    if (kind === slotKinds.text) return test(slots.text(slot));
    return kind === slotKinds.texts && slots.texts(slot).some(test);
  };

const keywordTest = (match: TextMatch | RegexMatch, slots: Slots): Test => {
  if (match.is === "regex") {
    const lazy = once(() => compileRegex(match));
    return () => slots.everywhere().some((text) => lazy().test(text));
  }
  const test = textTest(match.pieces);
  return match.cased ? () => slots.everywhere().some(test) : () => slots.everywhereLower().some(test);
};

const once = <T>(make: () => T): (() => T) => {
  let made: T | undefined;
  return () => (made ??= make());
};

const fieldIs = (field: string, match: Match, slots: Slots): Test => {
  const slot = slots.of(field);
  switch (match.is) {
    case "text":
      return match.cased
        ? writtenTest(slot, textTest(match.pieces), slots)
        : lowerTest(slot, textTest(match.pieces), slots);
    case "regex": {
      const lazy = once(() => compileRegex(match));
      return writtenTest(slot, (text) => lazy().test(text), slots);
    }
    case "cidr":
      return writtenTest(slot, cidrTest(match), slots);
    case "compare":
      return writtenTest(slot, compareTest(match), slots);
    case "null":
      return () => slots.kind(slot) <= slotKinds.empty;
    case "exists": {
      const { there } = match;
      return () => (slots.kind(slot) !== slotKinds.absent) === there;
    }
    case "field": {
      const other = slots.of(match.field);
      const textsOf = (at: number): readonly string[] => {
        const kind = slots.kind(at);
        return kind === slotKinds.text ? [slots.text(at)] : kind === slotKinds.texts ? slots.texts(at) : [];
      };
      return () => textsOf(slot).some((text) => textsOf(other).some((there) => fieldTest(match, text, there)));
    }
    case "placeholder":
      return () => false;
  }
};
