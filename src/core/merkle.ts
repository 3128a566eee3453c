import { hash } from "node:crypto";

const sha256 = (...parts: readonly Uint8Array[]): Uint8Array => hash("sha256", Buffer.concat(parts), "buffer");
const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);

/** RFC 9162 §2.1.1: SHA-256(0x00 || entry) */
export const leafHash = (entry: Uint8Array): Uint8Array => sha256(leafPrefix, entry);

/** RFC 9162 §2.1.1: SHA-256(0x01 || left || right) */
export const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256(nodePrefix, left, right);

/** RFC 9162 §2.1.1, Merkle Tree Hash over leaf hashes; of nothing it is SHA-256(""). */
export const treeHead = (leaves: readonly Uint8Array[], from = 0, to: number = leaves.length): Uint8Array => {
  const size = to - from;
  if (size === 0) return sha256();
  if (size === 1) return leaves[from] as Uint8Array;
  const split = from + splitPoint(size);
  return nodeHash(treeHead(leaves, from, split), treeHead(leaves, split, to));
};

/** RFC 9162 §2.1.3.1: sibling hashes from leaf `index` up to the head. */
export const inclusionProof = (
  leaves: readonly Uint8Array[],
  index: number,
  from = 0,
  to: number = leaves.length,
): Uint8Array[] => {
  const size = to - from;
  if (size <= 1) return [];
  const split = from + splitPoint(size);
  return index < split
    ? [...inclusionProof(leaves, index, from, split), treeHead(leaves, split, to)]
    : [...inclusionProof(leaves, index, split, to), treeHead(leaves, from, split)];
};

/** RFC 9162 §2.1.3.2: does `leaf` stand at `index` in the tree of `size` leaves with this head? */
export const includes = (
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  head: Uint8Array,
): boolean => {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) return false;
  let node = index;
  let last = size - 1;
  let at = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      at = nodeHash(sibling, at);
      while (node % 2 === 0 && node !== 0) {
        node = Math.floor(node / 2);
        last = Math.floor(last / 2);
      }
    } else at = nodeHash(at, sibling);
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && Buffer.compare(at, head) === 0;
};

/** The largest power of two smaller than `size`, which is at least 2. */
const splitPoint = (size: number): number => 2 ** Math.ceil(Math.log2(size) - 1);
