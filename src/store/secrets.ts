import { createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";
import type { Sql } from "postgres";

/**
 * What is secret and the same in every process of one deployment, made once. It lives in state, so that a backup moves
 * with it: without these, ids change and answer links die.
 */
export interface Secrets {
  /** Keys ids, fingerprints and field hashes; hexadecimal, 32 bytes. */
  readonly id: string;
  /** Signs answer links and nothing else. */
  readonly answer: string;
  /** Ed25519, PKCS #8 PEM: signs checkpoints of the evidence log. */
  readonly evidence: string;
}

export const deploymentSecrets = async (sql: Sql): Promise<Secrets> => {
  const fresh: Secrets = {
    id: randomBytes(32).toString("hex"),
    answer: randomBytes(32).toString("hex"),
    evidence: generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
  await sql`insert into deployment (key, value) values ('secrets', ${sql.json(fresh as never)}) on conflict (key) do nothing`;
  const [row] = await sql`select value from deployment where key = 'secrets'`;
  return row?.["value"] as Secrets;
};

/** What members keep to check checkpoints with: SPKI PEM. */
export const evidencePublicKey = (secrets: Secrets): string =>
  createPublicKey(secrets.evidence).export({ type: "spki", format: "pem" }).toString();
