import { type Clause, clausesOf, type Witness } from "./clauses.ts";
import { compile, type Test } from "./compile.ts";
import type { Detection } from "./detection.ts";
import { isGated, keywordGate } from "./keyword-gate.ts";
import type { Memo, Memory } from "./memory.ts";
import { costBy, keyOf } from "./rarity.ts";
import { deepest, type Fields, textOfValue } from "./record.ts";
import { type Names, openSlots, slotKinds } from "./slots.ts";
import { indexValues, type ValueIndex } from "./value-index.ts";

/** A rule as the programs know it. */
export interface Numbered {
  readonly number: number;
  readonly detection: Detection;
}

/** All rules that records of one log source can match, made ready once. */
export interface Program {
  readonly rules: number;
  /** Of these, how many are tried on every record, for want of anything a record must show. */
  readonly always: number;
  /** Adds the numbers of the rules that match, ascending. */
  readonly run: (fields: Fields, raw: string | undefined, matches: number[]) => void;
  /** How many rules were tried since the program was made: what the index did not spare. */
  readonly tried: () => number;
}

/** What a program needs to know of a format; telemetry/format.ts, `RuleView`. */
export interface ProgramView {
  readonly names: Names;
  readonly verbatim?: boolean;
}

/** A second witness is asked for when the first shows in more than so many of a hundred records. */
const unselective = 0.002;

/**
 * A rule is tried on a record only when the record shows its rarest clause, and where that one is common, a second one of
 * another field too: what is asked for often (`powershell.exe`) costs a mark, not a try.
 */
export const makeProgram = (
  rules: readonly Numbered[],
  { names, verbatim = false }: ProgramView,
  memory: Memory,
): Program => {
  const slots = openSlots(names);
  const tests: Test[] = rules.map(({ detection }) => compile(detection, slots));
  const wanted = new Map<string, number>();
  const flat = costBy(wanted);
  const first = rules.map(({ detection }) => clausesOf(detection, flat));
  for (const clauses of first)
    for (const key of new Set(clauses.flat().map(keyOf))) wanted.set(key, (wanted.get(key) ?? 0) + 1);
  const cost = costBy(wanted);

  const always: number[] = [];
  /** Marks are 2 × rule + 0 or 1; a rule is tried when the bits it needs are all seen. */
  const needs = new Uint8Array(rules.length);
  const byField = new Map<string, [Witness, number][]>();
  const anywhere: [Witness, number][] = [];
  const mark = (clause: Clause, rule: number, bit: 0 | 1): void => {
    needs[rule] = (needs[rule] ?? 0) | (1 << bit);
    for (const witness of new Map(clause.map((one) => [keyOf(one), one])).values()) {
      if (witness.field === undefined) anywhere.push([witness, 2 * rule + bit]);
      else {
        const known = byField.get(witness.field);
        if (known === undefined) byField.set(witness.field, [[witness, 2 * rule + bit]]);
        else known.push([witness, 2 * rule + bit]);
      }
    }
  };
  for (const [rule, { detection }] of rules.entries()) {
    const clauses = clausesOf(detection, cost).toSorted((a, b) => cost(a) - cost(b));
    const [rarest] = clauses;
    if (rarest === undefined) {
      always.push(rule);
      continue;
    }
    mark(rarest, rule, 0);
    if (cost(rarest) <= unselective) continue;
    const fields = new Set(rarest.map(({ field }) => field));
    const apart = clauses
      .slice(1)
      .find((clause) => clause.every(({ field }) => field !== undefined && !fields.has(field)));
    if (apart !== undefined && cost(apart) < 0.5) mark(apart, rule, 1);
    else if (verbatim) {
      // in a line that the gate turns back nothing is looked for anywhere: keywords cost hardly more than the gate
      const words = clauses
        .slice(1)
        .find((clause) => clause.every(({ field, needle }) => field === undefined && isGated(needle)));
      if (words !== undefined) mark(words, rule, 1);
    }
  }

  const everywhere = anywhere.length === 0 ? undefined : indexValues(anywhere);
  const shortest = anywhere.reduce((least, [{ needle }]) => Math.min(least, needle.length), Infinity);
  /** Tells of most lines that nothing in them is what is looked for anywhere. */
  const gate = verbatim ? keywordGate(anywhere.map(([{ needle }]) => needle)) : undefined;
  /** By slot: what is looked for in that field. */
  const owns: (Memo | undefined)[] = [];
  /** What is looked for anywhere is looked for in these values at the same time, and remembered with it. */
  const memosOfAll: (Memo | undefined)[] = [];
  const asked: number[] = [];
  for (const [field, witnesses] of byField) {
    const slot = slots.of(field);
    const own = indexValues(witnesses);
    const keyed = slots.isKeyed(slot);
    if (!keyed) asked.push(slot);
    owns[slot] = memory.memo(own);
    memosOfAll[slot] =
      everywhere === undefined || !keyed
        ? owns[slot]
        : memory.memo({
            look: (lower, found) => {
              own.look(lower, found);
              if (lower.length >= shortest) everywhere.look(lower, found);
            },
          });
  }

  let epoch = 0;
  let tried = 0;
  const stamps = new Float64Array(rules.length);
  const bits = new Uint8Array(rules.length);
  const candidates: number[] = [];
  const found: number[] = [];
  /** A rule whose bits are all seen waits in `candidates` once. */
  const note = (marks: readonly number[]): void => {
    for (let i = 0; i < marks.length; i++) {
      const one = marks[i] ?? 0;
      const rule = one >> 1;
      if (stamps[rule] !== epoch) {
        stamps[rule] = epoch;
        bits[rule] = 0;
      }
      const before = bits[rule] ?? 0;
      const after = before | (1 << (one & 1));
      bits[rule] = after;
      if (before !== after && after === needs[rule]) candidates.push(rule);
    }
  };

  const remember = (slot: number, memo: Memo): void => {
    const looked = memo.of(slots.text(slot));
    slots.knowLower(slot, looked.lower);
    if (looked.marks.length > 0) note(looked.marks);
  };
  /** Every text of a value that is long enough to hold what is looked for anywhere; record.ts, `everyText`. */
  const lookInto = (index: ValueIndex, least: number, value: unknown, depth: number): void => {
    if (typeof value === "object" && value !== null) {
      if (depth < deepest)
        for (const one of Array.isArray(value) ? value : Object.values(value)) lookInto(index, least, one, depth + 1);
      return;
    }
    const text = textOfValue(value);
    if (text === undefined || text.length < least) return;
    found.length = 0;
    index.look(text.toLowerCase(), found);
    if (found.length > 0) note(found);
  };

  return {
    rules: rules.length,
    always: always.length,
    tried: () => tried,
    run: (fields, raw, matches) => {
      slots.open(fields, raw);
      epoch++;
      candidates.length = 0;
      const looking = gate === undefined || raw === undefined || gate(raw) ? everywhere : undefined;
      const memos = looking === undefined ? owns : memosOfAll;
      for (const key in fields) {
        const slot = slots.byKey(key);
        if (slot === undefined) {
          if (looking !== undefined) lookInto(looking, shortest, fields[key], 0);
          continue;
        }
        const value = fields[key];
        const kind = slots.put(slot, value);
        const memo = memos[slot];
        if (kind === slotKinds.text && memo !== undefined) remember(slot, memo);
        else {
          if (memo !== undefined && kind === slotKinds.texts)
            for (const text of slots.texts(slot)) note(memo.of(text).marks);
          if (looking !== undefined) lookInto(looking, shortest, value, 0);
        }
      }
      for (const slot of asked) {
        const kind = slots.kind(slot);
        const memo = owns[slot];
        if (memo === undefined) continue;
        if (kind === slotKinds.text) remember(slot, memo);
        else if (kind === slotKinds.texts) for (const text of slots.texts(slot)) note(memo.of(text).marks);
      }
      if (looking !== undefined && raw !== undefined) lookInto(looking, shortest, raw, 0);
      const start = matches.length;
      tried += candidates.length + always.length;
      for (const rule of always) if (tests[rule]?.() === true) matches.push(rules[rule]?.number ?? 0);
      for (const rule of candidates) if (tests[rule]?.() === true) matches.push(rules[rule]?.number ?? 0);
      if (matches.length > start + 1) ascending(matches, start);
    },
  };
};

/** Sorts the few numbers behind `start`. */
const ascending = (numbers: number[], start: number): void => {
  for (let i = start + 1; i < numbers.length; i++) {
    const one = numbers[i] ?? 0;
    let at = i;
    for (; at > start && (numbers[at - 1] ?? 0) > one; at--) numbers[at] = numbers[at - 1] ?? 0;
    numbers[at] = one;
  }
};
