import type { ValueIndex } from "./value-index.ts";

/** A value that was looked at: its lower case, and the marks of the witnesses that it shows. */
export interface Looked {
  readonly lower: string;
  readonly marks: readonly number[];
}

/** What was found out about values of one field. */
export interface Memo {
  readonly of: (value: string) => Looked;
}

/**
 * What programs remember of values, since logs say the same over and over (users, programs, channels). One budget for
 * all of them: when it is spent, everything is forgotten, so that a stranger who sends ever new values costs the looking
 * and never the memory.
 */
export interface Memory {
  readonly memo: (index: ValueIndex) => Memo;
}

/** UTF-16 units remembered of all fields together, each value counted with what surrounds it. */
const usualBudget = 8 << 20;
const perValue = 128;

/**
 * After so many values it is looked at how often one was known: where hardly one of eight was (pages, questions of an
 * automat), eight times as many are not remembered at all, and then it is tried again.
 */
const lookedAt = 8192;
const worthIt = lookedAt / 8;

/** Longer values hardly come twice: scripts, messages. */
const longest = 1024;

export const openMemory = (budget: number = usualBudget): Memory => {
  const tables: Map<string, Looked>[] = [];
  let left = budget;
  const found: number[] = [];
  const look = (index: ValueIndex, value: string): Looked => {
    const lower = value.toLowerCase();
    found.length = 0;
    index.look(lower, found);
    return { lower, marks: found.length === 0 ? none : found.slice() };
  };
  return {
    memo: (index) => {
      const table = new Map<string, Looked>();
      tables.push(table);
      // Most fields say what they said in the record before (host, channel, provider): told by a comparison, without a hash.
      let last = "";
      let lastLooked: Looked | undefined;
      let asked = 0;
      let hits = 0;
      /** Values still to come that are not remembered. */
      let passing = 0;
      return {
        of: (value) => {
          if (value === last && lastLooked !== undefined) return lastLooked;
          if (value.length > longest) return look(index, value);
          last = value;
          if (passing > 0) {
            passing--;
            return (lastLooked = look(index, value));
          }
          if (++asked === lookedAt) {
            if (hits < worthIt) passing = 8 * lookedAt;
            asked = hits = 0;
          }
          const known = table.get(value);
          if (known !== undefined) {
            hits++;
            return (lastLooked = known);
          }
          const looked = (lastLooked = look(index, value));
          left -= value.length + perValue + looked.marks.length * 4;
          if (left < 0) {
            for (const one of tables) one.clear();
            left = budget;
          }
          table.set(value, looked);
          return looked;
        },
      };
    },
  };
};

const none: readonly number[] = [];
