/**
 * A number from 0 to 2³⁰-1 for a row's own number: no two alike, the same for ever, and in no order, since what counts up
 * would tell every reader how many values came between two of theirs. Four rounds of a Feistel network over two halves of
 * 15 bits, keyed by the deployment.
 *
 * @param key 8 hexadecimal digits a round
 */
export const serialOf = (key: string): ((n: number) => number) => {
  const rounds = [0, 1, 2, 3].map(
    (round) => Number.parseInt(key.replaceAll("-", "").slice(8 * round, 8 * round + 8), 16) | 0,
  );
  return (n) => {
    let [left, right] = [Math.floor(n / 32_768) & 0x7fff, n & 0x7fff];
    for (const round of rounds) [left, right] = [right, left ^ mixed(right, round)];
    return left * 32_768 + right;
  };
};

const mixed = (half: number, key: number): number => {
  let h = Math.imul(half ^ key, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  return (h ^ (h >>> 13)) & 0x7fff;
};
