import { createHash, createPublicKey, verify } from "node:crypto";
import { no, ok, type Problem, type Result, WaglanError } from "#core/result.ts";
import type { Edge } from "./edge.ts";
import { isRecord } from "./knowledge.ts";
import type { EdgeShelf } from "./shelf-port.ts";
import type { SensorFileHead } from "#jobs/sensors/wire.ts";

/** Name on the shelf of what a one-way link brought. */
const carried = "carried";

/** A file that was taken in. */
export interface Carried {
  /** PEM of the key that signed it: the sensor holds to it. */
  readonly key: string;
}

/**
 * Takes in the file of a one-way link: rules, questions and knowledge, signed by the centre. Its key is believed the first time, and
 * from then on no other is. Nothing of a file that is broken, altered, or another sensor's is used.
 *
 * @param path  as it is to be named
 * @param known PEM of the key that signed the files before
 * @returns WGL_SENSOR_CENTRE, WGL_SENSOR_OTHER, and what rules, asks and knowledge give
 */
export const takeCarried = async (
  edge: Edge,
  shelf: EdgeShelf,
  path: string,
  sensor: string,
  known: string | undefined,
): Promise<Result<Carried>> => {
  await shelf.streams.take(carried, path);
  const head = await checked(shelf, path, sensor, known);
  if (!head.ok) return head;
  const problems: Problem[] = [];
  const note = (wrong: Problem | undefined): void => {
    if (wrong) problems.push(wrong);
  };
  const rest = async function* (): AsyncGenerator<string, void, void> {
    let line = 0;
    for await (const text of shelf.streams.lines(carried)) {
      if (++line === 1) continue;
      const said = line <= besides ? parsed(text) : undefined;
      if (isRecord(said) && "rules" in said) note(edge.useRules(Buffer.from(JSON.stringify(said["rules"]))));
      else if (isRecord(said) && "asks" in said) note(edge.useAsks(JSON.stringify(said["asks"])));
      else yield text;
    }
  };
  await shelf.streams.putLines(edge.knowledge.incoming, rest());
  note(await edge.learn());
  const [first] = problems;
  return first ? { ok: false, problem: first } : ok({ key: head.value.key });
};

/** Lines among which rules and questions stand. */
const besides = 3;

const checked = async (
  shelf: EdgeShelf,
  path: string,
  sensor: string,
  known: string | undefined,
): Promise<Result<SensorFileHead>> => {
  const wrong = (reason: string): Result<never> => no("WGL_SENSOR_CENTRE", { path, reason });
  const hash = createHash("sha256");
  let head: SensorFileHead | undefined;
  let line = 0;
  try {
    for await (const text of shelf.streams.lines(carried)) {
      if (++line > 1) {
        hash.update(text).update("\n");
        continue;
      }
      head = headIn(parsed(text));
      if (head === undefined) return wrong("it does not begin as a file for a sensor does");
    }
  } catch (error) {
    if (!(error instanceof WaglanError) || error.code !== "WGL_SENSOR_BROKEN") throw error;
    return wrong("it broke off");
  }
  if (head === undefined) return wrong("it is empty");
  if (head.sensor !== sensor) return no("WGL_SENSOR_OTHER", { said: head.sensor, own: sensor });
  if (known !== undefined && known !== head.key) return wrong("another key has signed it than those before");
  if (hash.digest("hex") !== head.sha256) return wrong("it was altered, or broke off");
  return signed(head) ? ok(head) : wrong("its signature does not fit");
};

const signed = ({ sha256, signature, key }: SensorFileHead): boolean => {
  try {
    return verify(null, Buffer.from(sha256), createPublicKey(key), Buffer.from(signature, "base64"));
  } catch {
    // no key, or none of this kind
    return false;
  }
};

const headIn = (given: unknown): SensorFileHead | undefined => {
  const file = isRecord(given) ? given["file"] : undefined;
  if (!isRecord(file) || file["version"] !== 1) return undefined;
  const { made, sensor, sha256, signature, key } = file;
  if (typeof made !== "number" || typeof sensor !== "string" || typeof sha256 !== "string") return undefined;
  if (typeof signature !== "string" || typeof key !== "string") return undefined;
  return { version: 1, made: made as SensorFileHead["made"], sensor, sha256, signature, key };
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
