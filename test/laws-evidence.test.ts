import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, sign, verify } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { after } from "#core/instant.ts";
import { includes, inclusionProof, leafHash, nodeHash, treeHead } from "#core/merkle.ts";
import type { EvidenceLeaf } from "#jobs/ports.ts";
import { checkpointText, loggedLeaves, rehash, sequence } from "#store/evidence.ts";
import { stateOf } from "#store/state.ts";
import { testDatabase } from "./cluster.ts";
import { now } from "./incident-world.ts";

const leaves = (size: number): Uint8Array[] =>
  Array.from({ length: size }, (_, at) => leafHash(Buffer.from(`leaf ${at}`)));

// RFC 9162 §2.1.1, word by word: k is the largest power of two smaller than n
const obvious = (hashes: readonly Uint8Array[]): Uint8Array => {
  if (hashes.length === 0) return createHash("sha256").digest();
  if (hashes.length === 1) return hashes[0] as Uint8Array;
  let k = 1;
  while (k * 2 < hashes.length) k *= 2;
  return createHash("sha256")
    .update(Buffer.of(1))
    .update(obvious(hashes.slice(0, k)))
    .update(obvious(hashes.slice(k)))
    .digest();
};
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const flipped = (bytes: Uint8Array, at: number): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  copy[at % copy.length] = (copy[at % copy.length] ?? 0) ^ (1 << (at % 8));
  return copy;
};

test("treeHead() is RFC 9162's for every size, leaves and nodes are told apart", () => {
  assert.equal(hex(treeHead([])), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"); // SHA-256("")
  assert.equal(hex(leafHash(Buffer.alloc(0))), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"); // SHA-256(0x00)
  for (let size = 0; size <= 260; size++)
    assert.equal(hex(treeHead(leaves(size))), hex(obvious(leaves(size))), `size ${size}`);
  const [a, b] = leaves(2);
  assert.notDeepEqual(
    nodeHash(a as Uint8Array, b as Uint8Array),
    leafHash(Buffer.concat([a as Uint8Array, b as Uint8Array])),
  );
});

test("inclusionProof() of every leaf of trees of 1 to 200 verifies, is as short as the tree is high, and verifies nowhere else", () => {
  for (let size = 1; size <= 200; size++) {
    const all = leaves(size);
    const head = treeHead(all);
    for (const [index, leaf] of all.entries()) {
      const proof = inclusionProof(all, index);
      assert.ok(includes(leaf, index, size, proof, head), `leaf ${index} of ${size}`);
      assert.ok(proof.length <= Math.ceil(Math.log2(size)));
      if (size > 1)
        assert.ok(!includes(leaf, (index + 1) % size, size, proof, head), `leaf ${index} of ${size} elsewhere`);
    }
  }
});

test("includes() refuses whatever was tampered with: leaf, proof, head, place, size", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 200 }),
      fc.nat(),
      fc.nat(),
      fc.constantFrom("leaf", "proof", "head", "short", "long", "swap", "index", "size"),
      (size, at, bit, what) => {
        const all = leaves(size);
        const index = at % size;
        const head = treeHead(all);
        const proof = inclusionProof(all, index);
        const place = bit % proof.length;
        const leaf = all[index] as Uint8Array;
        const given = {
          leaf: what === "leaf" ? flipped(leaf, bit) : leaf,
          head: what === "head" ? flipped(head, bit) : head,
          proof: {
            ...{ leaf: proof, head: proof, index: proof, size: proof },
            proof: proof.map((one, some) => (some === place ? flipped(one, bit) : one)),
            short: proof.slice(0, -1),
            long: [...proof, head],
            swap: proof.length > 1 ? proof.toReversed() : [],
          }[what],
        };
        if (what === "index")
          for (const other of [-1, size, index + 0.5, Number.NaN]) assert.ok(!includes(leaf, other, size, proof, head));
        else if (what === "size") assert.ok(!includes(leaf, index, 2 * size + 1, proof, head));
        else assert.ok(!includes(given.leaf, index, size, given.proof, given.head));
      },
    ),
    { numRuns: 500 },
  );
  assert.ok(!includes(leaves(1)[0] as Uint8Array, -1, 1, [], treeHead(leaves(1))));
});

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const signed = (text: string): string => sign(null, Buffer.from(text), privateKey).toString("base64");
const leaf = (subject: string, data: Record<string, unknown> = {}): EvidenceLeaf => ({
  kind: "answer",
  subject,
  data,
  at: now,
});

test("sequence() gives each committed leaf one place, once, also with two sequencers and writers that die; every head extends the one before", async (t) => {
  const { sql, connect } = await testDatabase(t);
  const states = [stateOf(sql), stateOf(connect())];
  let writing = true;
  const sequencers = [sql, connect()].map(async (own) => {
    while (writing) await sequence(own, "log", signed, now);
  });
  const committed = await Promise.all(
    Array.from({ length: 60 }, async (_, at) => {
      const state = states[at % 2];
      try {
        await state?.act(async (tx) => {
          await tx.evidence.leaf(leaf(`s${at}`));
          await tx.queue.put("alert", `k${at % 7}`, {}, now);
          if (at % 5 === 0) throw new Error("killed");
        });
        return [`s${at}`];
      } catch {
        return [];
      }
    }),
  );
  writing = false;
  await Promise.all(sequencers);
  await sequence(sql, "log", signed, now);
  assert.equal(await sequence(sql, "log", signed, now), undefined, "nothing new, no new head");
  const rows = await sql`select idx, subject from evidence_leaf order by idx`;
  assert.deepEqual(
    rows.map((row) => row["idx"]),
    Array.from({ length: 48 }, (_, at) => at),
  ); // 60 − 12 killed
  assert.deepEqual(rows.map((row) => row["subject"] as string).sort(), committed.flat().sort());
  const hashes = (await loggedLeaves(sql)).map((one) => one.hash);
  const heads = await sql`select size, root, signature from evidence_checkpoint order by size`;
  assert.equal(heads.at(-1)?.["size"], 48);
  for (const head of heads) {
    const size = head["size"] as number;
    const root = treeHead(hashes.slice(0, size));
    assert.equal(hex(head["root"] as Uint8Array), hex(root), `the head of ${size}`);
    assert.ok(
      verify(
        null,
        Buffer.from(checkpointText("log", size, root)),
        publicKey,
        Buffer.from(head["signature"] as string, "base64"),
      ),
    );
  }
});

const anything = fc.dictionary(
  fc.string({ unit: "binary", maxLength: 5 }),
  fc.oneof(
    fc.string({ unit: "binary", maxLength: 8 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom("\0", "\ud800", "\udfffx", -0, 1e21, 5e-324, null, true, ["\0", { "\ud800": 1 }], {}),
  ),
  { maxKeys: 4 },
);

test("rehash() of a stored leaf is the hash in the log, whatever its data; a tampered row is found", async (t) => {
  const { sql } = await testDatabase(t);
  const state = stateOf(sql);
  const data = fc.sample(anything, { numRuns: 150, seed: 7 });
  await state.act(async (tx) => {
    for (const [at, one] of data.entries()) await tx.evidence.leaf({ ...leaf(`s${at}\0`, one), at: after(now, at) });
  });
  await sequence(sql, "log", signed, now);
  const sound = async (): Promise<boolean[]> =>
    (await loggedLeaves(sql)).map((one) => hex(rehash(one)) === hex(one.hash));
  assert.deepEqual(
    await sound(),
    data.map(() => true),
  );
  const [head] = await sql`select root from evidence_checkpoint`;
  const root = async (): Promise<string> => hex(treeHead((await loggedLeaves(sql)).map((one) => rehash(one))));
  assert.equal(await root(), hex(head?.["root"] as Uint8Array));
  const tampered = [
    sql`update evidence_leaf set data = data || '{"x":1}' where idx = 3`,
    sql`update evidence_leaf set subject = subject || 'x' where idx = 4`,
    sql`update evidence_leaf set kind = 'policy' where idx = 5`,
    sql`update evidence_leaf set at = at + interval '1 millisecond' where idx = 6`,
    sql`update evidence_leaf set salt = sha256(salt) where idx = 7`,
  ];
  for (const [at, statement] of tampered.entries()) {
    await statement;
    assert.deepEqual(
      (await sound()).map((one, place) => (one ? -1 : place)).filter((place) => place >= 0),
      Array.from({ length: at + 1 }, (_, some) => some + 3),
    );
  }
  // a forger who also writes the hash anew is found by the signed head
  const [forged] = (await loggedLeaves(sql)).slice(3, 4);
  assert.ok(forged);
  await sql`update evidence_leaf set hash = ${Buffer.from(rehash(forged))} where idx = 3`;
  assert.notEqual(hex(treeHead((await loggedLeaves(sql)).map((one) => one.hash))), hex(head?.["root"] as Uint8Array));
});
