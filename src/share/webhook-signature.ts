import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
} from "node:crypto";

/** What a receiver is given to check messages with. */
export interface WebhookKey {
  readonly algorithm: "v1" | "v1a";
  /** 32 bytes in base64: the shared secret, or the seed of the signing key. */
  readonly secret: string;
}

/**
 * The three headers of a message. What is signed is "id.timestamp.body", so that neither can be moved to another message.
 *
 * @param at seconds since 1970
 * @see Standard Webhooks 1.0, Webhook Headers; Signature scheme (v1 HMAC-SHA256, v1a Ed25519)
 */
export const webhookHeaders = (
  id: string,
  at: number,
  body: string,
  key: WebhookKey,
): Readonly<Record<string, string>> => {
  const signed = Buffer.from(`${id}.${at}.${body}`);
  const signature =
    key.algorithm === "v1"
      ? createHmac("sha256", Buffer.from(key.secret, "base64")).update(signed).digest("base64")
      : sign(null, signed, privateKey(key.secret)).toString("base64");
  return { "webhook-id": id, "webhook-timestamp": String(at), "webhook-signature": `${key.algorithm},${signature}` };
};

/** What the receiver keeps: "whsec_…" (secret) or "whpk_…" (public key). */
export const receiverKey = ({ algorithm, secret }: WebhookKey): string =>
  algorithm === "v1" ? `whsec_${secret}` : `whpk_${publicBytes(secret).toString("base64")}`;

/** As a receiver checks a message: any of the signatures, made within `tolerance` seconds of `now`. */
export const checkWebhook = (
  headers: Readonly<Record<string, string | undefined>>,
  body: string,
  kept: string,
  now: number,
  tolerance: number = 300,
): boolean => {
  const [id, time, signatures] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => headers[name]);
  if (id === undefined || time === undefined || signatures === undefined || !/^\d{1,12}$/.test(time)) return false;
  if (Math.abs(Number(time) - now) > tolerance) return false;
  const signed = Buffer.from(`${id}.${time}.${body}`);
  return signatures.split(" ").some((one) => {
    const [algorithm, text = ""] = one.split(",", 2);
    const signature = Buffer.from(text, "base64");
    if (kept.startsWith("whsec_") && algorithm === "v1") {
      const wanted = createHmac("sha256", Buffer.from(kept.slice(6), "base64"))
        .update(signed)
        .digest();
      return signature.length === wanted.length && timingSafeEqual(signature, wanted);
    }
    if (!kept.startsWith("whpk_") || algorithm !== "v1a") return false;
    const key = createPublicKey({
      key: Buffer.concat([spkiHead, Buffer.from(kept.slice(5), "base64")]),
      format: "der",
      type: "spki",
    });
    return verify(null, signed, key, signature);
  });
};

/** DER before the 32 bytes of a key. RFC 8410 §7, §4 */
const pkcs8Head = Buffer.from("302e020100300506032b657004220420", "hex");
const spkiHead = Buffer.from("302a300506032b6570032100", "hex");

const privateKey = (seed: string): KeyObject =>
  createPrivateKey({ key: Buffer.concat([pkcs8Head, Buffer.from(seed, "base64")]), format: "der", type: "pkcs8" });

const publicBytes = (seed: string): Buffer =>
  createPublicKey(privateKey(seed)).export({ format: "der", type: "spki" }).subarray(spkiHead.length);
