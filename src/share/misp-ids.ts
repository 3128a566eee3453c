import { createHmac } from "node:crypto";

/** Our numbers as MISP's clients see them: whole numbers below 2³⁰, in no order, the same for ever. */
export interface MispIds {
  readonly of: (n: number) => string;
  /** Undefined for a text that is no id of ours. */
  readonly read: (id: string) => number | undefined;
}

const half = 15;
const mask = (1 << half) - 1;
const rounds = 6;
export const idsAtMost = 2 ** (2 * half);

/**
 * A permutation of 0 … 2³⁰-1 (a Feistel network over two halves of 15 bits): MISP's ids are numbers that its clients
 * compare with integers, and our own count would tell everybody how much there is that they may not see.
 *
 * @param secret of the deployment
 */
export const mispIds = (secret: string): MispIds => {
  const tables = Array.from({ length: rounds }, (_, round) => {
    const table = new Uint16Array(1 << half);
    for (let at = 0; at < table.length; at += 16) {
      const bytes = createHmac("sha256", secret).update(`misp ${round} ${at}`).digest();
      for (let i = 0; i < 16; i++) table[at + i] = bytes.readUInt16BE(2 * i) & mask;
    }
    return table;
  });
  const forward = (n: number): number => {
    let [left, right] = [n >>> half, n & mask];
    for (const table of tables) [left, right] = [right, left ^ (table[right] ?? 0)];
    return left * (mask + 1) + right;
  };
  const back = (id: number): number => {
    let [left, right] = [id >>> half, id & mask];
    for (const table of tables.toReversed()) [left, right] = [right ^ (table[left] ?? 0), left];
    return left * (mask + 1) + right;
  };
  return {
    // 0 is "none" in MISP: it stands for our 0, which is nobody's number, and what would become 0 takes its place
    of: (n) => String(forward(n) || forward(0)),
    read: (id) => {
      if (!/^[1-9]\d{0,9}$/.test(id) || Number(id) >= idsAtMost) return undefined;
      const n = back(Number(id));
      return n === 0 ? back(0) : n;
    },
  };
};
