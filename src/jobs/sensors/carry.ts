import { createHash, type Hash } from "node:crypto";
import { createGunzip, gzipSync } from "node:zlib";
import type { Sensor } from "#community/sensor.ts";
import type { Instant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import { type ParcelHead, parcelFormat, parcelKey, parcelLimits } from "./parcel.ts";
import type { State } from "#jobs/ports.ts";
import { readParcel } from "./read-parcel.ts";
import { giveAsks } from "./asks.ts";
import { giveKnowledge, type Giving } from "./knowledge.ts";
import { giveRules, type RulesToGive } from "./rules.ts";
import type { SensorFileHead } from "./wire.ts";
import { unpack } from "#jobs/collect/unpack.ts";

/** What writing a file for a sensor needs. */
export interface Carrying extends Giving {
  readonly rules: () => RulesToGive;
  /** By the deployment's evidence key: base64. */
  readonly sign: (text: string) => string;
  /** That key's public half, PEM. */
  readonly publicKey: string;
}

/**
 * All that a sensor behind a one-way link is given, as one file (jobs/sensors/wire.ts): its rules, its asks, and what it may
 * look for, in full. The same release, ledger and evidence as over the network.
 *
 * @returns gzip in pieces; undefined: its organisation is not in the directory
 */
export const carryToSensor = async (
  carrying: Carrying,
  sensor: Sensor,
  now: Instant,
): Promise<{ readonly packed: readonly Uint8Array[]; readonly count: number } | undefined> => {
  const { state, known, rules, sign, publicKey } = carrying;
  const given = await giveRules(state, known(), rules(), sensor, undefined, now);
  const knowledge = await giveKnowledge(carrying, sensor, undefined, now);
  if (given?.rules === undefined || knowledge === undefined) return undefined;
  const asks = await giveAsks(state, known(), rules(), sensor, now);
  const before = Buffer.from(`${JSON.stringify({ rules: given.rules })}\n${JSON.stringify({ asks })}\n`);
  const hash = createHash("sha256").update(before);
  // one pass to know what is signed; the pieces are gzip of their own and follow as they are
  await hashUnpacked(hash, knowledge.packed);
  const sha256 = hash.digest("hex");
  const file: SensorFileHead = {
    ...{ version: 1, made: now, sensor: sensor.key, sha256, signature: sign(sha256), key: publicKey },
  };
  const head = gzipSync(Buffer.concat([Buffer.from(`${JSON.stringify({ file })}\n`), before]), { level: 6 });
  // members of gzip that follow each other are one stream (RFC 1952 §2.2)
  return { packed: [head, ...knowledge.packed], count: knowledge.count };
};

/** Takes in what these pieces are unpacked: never the whole text at once. */
const hashUnpacked = (hash: Hash, packed: readonly Uint8Array[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const pieces = createGunzip();
    pieces.on("data", (piece: Uint8Array) => hash.update(piece));
    pieces.once("end", resolve);
    pieces.once("error", reject);
    for (const piece of packed) pieces.write(piece);
    pieces.end();
  });

/** A parcel that came as a file. */
export interface CarriedParcel {
  readonly head: ParcelHead;
  readonly lines: number;
  /** As it was sent, packed. */
  readonly body: Uint8Array;
}

/**
 * Reads a parcel's file before anything of it is taken: broken off on its way it is carried again, where a taken half would
 * stand in the way of the whole.
 *
 * @param bytes packed or not @returns WGL_SENSOR_FILE
 */
export const readCarriedParcel = async (bytes: Uint8Array, now: Instant): Promise<Result<CarriedParcel>> => {
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  let body: Uint8Array;
  try {
    body = packed ? await unpack(bytes, parcelLimits.bytes) : bytes;
  } catch (error) {
    return no("WGL_SENSOR_FILE", { reason: error instanceof Error ? error.message : String(error) });
  }
  const { head, whole, lines, refused } = readParcel(body, now);
  const [first] = refused;
  if (head === undefined || !whole) return no("WGL_SENSOR_FILE", { reason: first?.problem.message ?? "" });
  return ok({ head, lines, body: packed ? bytes : gzipSync(body, { level: 6 }) });
};

/**
 * Accepts it as if its sensor had sent it: the same parcel again is known.
 *
 * @returns WGL_SENSOR_FILE when another parcel came under this number
 */
export const acceptCarried = async (
  state: State,
  sensor: Sensor,
  { head, body }: CarriedParcel,
  limit: number,
  now: () => Instant,
  wait: () => Promise<void>,
): Promise<Result<"accepted" | "duplicate">> => {
  const digest = createHash("sha256").update(body).digest("hex");
  for (;;) {
    const { kind } = await state.act((tx) =>
      tx.telemetry.accept(
        { sensor: sensor.id, key: parcelKey(head), digest, body, format: parcelFormat, received: now() },
        limit,
      ),
    );
    if (kind === "conflict")
      return no("WGL_SENSOR_FILE", { reason: `another parcel came as number ${head.number} before` });
    if (kind !== "busy") return ok(kind);
    await wait();
  }
};
