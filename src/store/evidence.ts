import { randomBytes } from "node:crypto";
import type { Sql, TransactionSql } from "postgres";
import { leafHash, treeHead } from "#core/merkle.ts";
import type { Instant } from "#core/instant.ts";
import { canonicalJson } from "#core/canonical-json.ts";
import type { EvidenceLeaf, EvidenceState } from "#jobs/ports.ts";
import { timeOf } from "#store/columns.ts";
import { storable } from "#store/storable.ts";

/** Bytes a leaf stands for: salted, so that a record erased under privacy law leaves a hash nobody can guess back. */
export const leafBytes = (leaf: EvidenceLeaf, salt: Uint8Array): Uint8Array =>
  Buffer.concat([
    salt,
    Buffer.from(canonicalJson({ kind: leaf.kind, subject: leaf.subject, data: leaf.data, at: leaf.at })),
  ]);

export const evidenceState = (sql: TransactionSql): EvidenceState => ({
  leaf: async (given) => {
    const salt = randomBytes(16);
    // what is hashed is what is stored, or the leaf could never be shown to be the one
    const leaf = storable(given);
    await sql`insert into evidence_leaf (at, kind, subject, data, salt, hash)
      values (${timeOf(leaf.at)}, ${leaf.kind}, ${leaf.subject}, ${sql.json(leaf.data as never)}, ${salt}, ${Buffer.from(leafHash(leafBytes(leaf, salt)))})`;
  },
});

export interface Checkpoint {
  readonly size: number;
  readonly root: Uint8Array;
  readonly at: Instant;
  /** Ed25519 over `text`, base64. */
  readonly signature: string;
  readonly text: string;
}

/** What a checkpoint's signature covers, after C2SP tlog-checkpoint: origin, size, root. */
export const checkpointText = (origin: string, size: number, root: Uint8Array): string =>
  `${origin}\n${size}\n${Buffer.from(root).toString("base64")}\n`;

/**
 * Gives committed leaves their places in the log and signs the new head. One sequencer at a time (advisory lock); a leaf
 * whose transaction is still open is below nobody's place, because places are given only to what is visible.
 *
 * @returns the checkpoint, or undefined when there is nothing new or another process is sequencing
 */
export const sequence = async (
  sql: Sql,
  origin: string,
  sign: (text: string) => string,
  now: Instant,
): Promise<Checkpoint | undefined> =>
  sql.begin<Checkpoint | undefined>(async (tx) => {
    const [lock] = await tx`select pg_try_advisory_xact_lock(hashtextextended('evidence', 0)) as ok`;
    if (!lock?.["ok"]) return undefined;
    const placed = await tx`with size as (select coalesce(max(idx) + 1, 0) as n from evidence_leaf),
        fresh as (select n, row_number() over (order by n) - 1 as k from evidence_leaf where idx is null)
      update evidence_leaf e set idx = size.n + fresh.k from fresh, size where e.n = fresh.n returning e.n`;
    if (placed.length === 0) return undefined;
    const hashes = (await tx`select hash from evidence_leaf where idx is not null order by idx`).map(
      (row) => row["hash"] as Uint8Array,
    );
    const root = treeHead(hashes);
    const text = checkpointText(origin, hashes.length, root);
    const signature = sign(text);
    await tx`insert into evidence_checkpoint (size, root, at, signature) values (${hashes.length}, ${Buffer.from(root)}, ${timeOf(now)}, ${signature})`;
    return { size: hashes.length, root, at: now, signature, text };
  });

/** A leaf and its bytes again, for the verifier: `hash` must equal what the log holds. */
export const rehash = (row: {
  kind: string;
  subject: string;
  data: unknown;
  at: Instant;
  salt: Uint8Array;
}): Uint8Array =>
  leafHash(
    leafBytes(
      {
        kind: row.kind as EvidenceLeaf["kind"],
        subject: row.subject,
        data: row.data as Record<string, unknown>,
        at: row.at,
      },
      row.salt,
    ),
  );

/** A leaf that has its place in the log. */
export interface LoggedLeaf {
  readonly kind: string;
  readonly subject: string;
  readonly data: unknown;
  readonly at: Instant;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

export const loggedLeaves = async (sql: Sql): Promise<readonly LoggedLeaf[]> =>
  (await sql`select kind, subject, data, at, salt, hash from evidence_leaf where idx is not null order by idx`).map(
    (row) => ({
      kind: row["kind"] as string,
      subject: row["subject"] as string,
      data: row["data"],
      at: row["at"] as Instant,
      salt: row["salt"] as Uint8Array,
      hash: row["hash"] as Uint8Array,
    }),
  );
