import { gunzipSync } from "node:zlib";
import { hour, type Instant, minute, second } from "#core/instant.ts";
import { type Problem, problem, WaglanError } from "#core/result.ts";
import type { Edge } from "./edge.ts";
import type { Answered, EdgeLine } from "./line-port.ts";
import type { EdgeShelf, Receiving, StoredParcel } from "./shelf-port.ts";
import { parcelFormat, parcelKey } from "#jobs/sensors/parcel.ts";

/** Bytes of an answer as it comes, packed. */
const atMost = { knowledge: 268_435_456, rules: 134_217_728, asks: 67_108_864, receipt: 65_536 } as const;
const deadlineMs = 5 * minute;
/** Rests after a failure, each twice the one before, between these. */
const [leastRest, mostRest] = [2 * second, 5 * minute];

export interface Calling {
  readonly line: EdgeLine;
  /** "https://cert.example" */
  readonly server: string;
  readonly token: string;
  readonly edge: Edge;
  readonly shelf: EdgeShelf;
  /** Names the run of parcel numbers. */
  readonly epoch: string;
  readonly askMs: number;
  readonly now: () => Instant;
  readonly trouble: (problem: Problem) => void;
  readonly knowledgeTaken?: () => void;
}

/** Rests that grow while the centre is away, with a little chance in them so that a thousand sensors do not call at once. */
class Patience {
  #until = 0;
  #rest = 0;

  ready(now: Instant): boolean {
    // a clock that was put back waits for nothing
    return now >= this.#until || this.#until - now > hour;
  }

  failed(now: Instant, asked = 0): void {
    this.#rest = Math.min(mostRest, Math.max(leastRest, this.#rest * 2));
    this.#until = now + Math.max(asked, this.#rest);
  }

  well(): void {
    this.#rest = 0;
    this.#until = 0;
  }
}

/**
 * The line to the centre. It is only ever called out: knowledge, rules and questions are asked for, parcels are handed over, each
 * by itself, so that one that fails does not stand in the way of the others.
 */
export class EdgeCalls {
  readonly #calling: Calling;
  readonly #patience = { asking: new Patience(), sending: new Patience() };
  #asked = 0;
  #etag: string | undefined;

  constructor(calling: Calling) {
    this.#calling = calling;
  }

  /** Asks where it is time to. @returns whether everything asked was answered */
  async ask(all = false): Promise<boolean> {
    const { now, askMs } = this.#calling;
    const at = now();
    if (!all && at - this.#asked < askMs && at >= this.#asked) return true;
    if (!all && !this.#patience.asking.ready(at)) return false;
    const done = await Promise.all([
      this.#trying(() => this.#knowledge()),
      this.#trying(() => this.#rules()),
      this.#trying(() => this.#asks()),
    ]);
    const well = done.every(Boolean);
    if (well) {
      this.#patience.asking.well();
      this.#asked = now();
    } else this.#patience.asking.failed(now());
    return well;
  }

  /** Hands over the oldest parcel that waits. @returns whether there may be more to hand over at once */
  async send(all = false): Promise<boolean> {
    const { shelf, edge, now } = this.#calling;
    if (!all && !this.#patience.sending.ready(now())) return false;
    const parcel = shelf.parcels.waiting().find(({ number }) => number < edge.state.number);
    if (parcel === undefined) return false;
    let waitMs = 0;
    const sent = await this.#trying(async () => {
      const answer = await this.#deliver(parcel);
      waitMs = Number(answer.headers["retry-after"] ?? 0) * second;
      if (answer.status === 202 || answer.status === 200) return shelf.parcels.sent(parcel);
      // an emptied one arrived before it was emptied
      if (answer.status === 409 && parcel.cut) return shelf.parcels.sent(parcel);
      throw answer.status === 401 || answer.status === 403
        ? new WaglanError("WGL_SENSOR_TOKEN", { status: answer.status })
        : answer.status === 429 || answer.status >= 500
          ? new WaglanError("WGL_SENSOR_SERVER", { what: "parcels", status: answer.status })
          : new WaglanError("WGL_SENSOR_REFUSED", { number: parcel.number, status: answer.status });
    });
    if (!sent) {
      this.#patience.sending.failed(now(), Number.isFinite(waitMs) ? waitMs : 0);
      return false;
    }
    this.#patience.sending.well();
    return true;
  }

  async #trying(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof WaglanError)) throw error;
      this.#calling.trouble(problem(error.code, error.with));
      return false;
    }
  }

  async #knowledge(): Promise<void> {
    const { edge, shelf, trouble } = this.#calling;
    const { since } = edge.knowledge;
    const path = `/api/v1/sensor/knowledge${since === undefined ? "" : `?since=${encodeURIComponent(since)}`}`;
    await this.#getTo(shelf.streams.receive(edge.knowledge.incoming), path, "knowledge");
    const wrong = await edge.learn();
    if (wrong) trouble(wrong);
  }

  async #rules(): Promise<void> {
    const { edge, shelf, trouble } = this.#calling;
    const known = edge.rulesVersion === "" ? undefined : (this.#etag ?? `"${edge.rulesVersion}"`);
    const answer = await this.#getTo(shelf.small.receive("rules-came"), "/api/v1/sensor/rules", "rules", known);
    if (answer.notModified) return;
    const wrong = (await this.#unpackRules())
      ? await edge.takeRules()
      : problem("WGL_SENSOR_ANSWER", { what: "rules" });
    shelf.small.drop("rules-came");
    if (wrong) trouble(wrong);
    else this.#etag = answer.headers["etag"];
  }

  /** @returns whether it could be unpacked */
  async #unpackRules(): Promise<boolean> {
    const { small } = this.#calling.shelf;
    try {
      await small.writeAll("rules-next", small.unpacked("rules-came", atMost.rules * 2));
      return true;
    } catch (error) {
      if (!(error instanceof WaglanError) || error.code !== "WGL_SENSOR_BROKEN") throw error;
      return false;
    }
  }

  async #asks(): Promise<void> {
    const { edge, trouble } = this.#calling;
    const json = bytesOf(await this.#get("/api/v1/sensor/asks", "asks"));
    const wrong =
      json === undefined
        ? problem("WGL_SENSOR_ANSWER", { what: "asks" })
        : edge.useAsks(new TextDecoder().decode(json));
    if (wrong) trouble(wrong);
  }

  /** An answer to the shelf: nothing of it is there before it is whole. */
  async #getTo(received: Receiving, path: string, what: "knowledge" | "rules", etag?: string): Promise<Answered> {
    try {
      const answer = await this.#get(path, what, etag, received.part);
      if (!answer.notModified) received.end();
      return answer;
    } finally {
      received.drop();
    }
  }

  async #get(
    path: string,
    what: "knowledge" | "rules" | "asks",
    etag?: string,
    into?: (part: Uint8Array) => void,
  ): Promise<Answered> {
    const { line, server, token } = this.#calling;
    const answer = await line.get(`${server}${path}`, {
      ...{ purpose: `sensor:${what}`, maxBytes: atMost[what], deadlineMs, secrets: [token] },
      ...(etag === undefined ? {} : { etag }),
      ...(into === undefined ? {} : { into }),
      headers: { authorization: `Bearer ${token}`, "accept-encoding": "gzip" },
    });
    if (answer.status === 401 || answer.status === 403)
      throw new WaglanError("WGL_SENSOR_TOKEN", { status: answer.status });
    if (answer.status !== 200 && !answer.notModified)
      throw new WaglanError("WGL_SENSOR_SERVER", { what, status: answer.status });
    return answer;
  }

  #deliver(parcel: StoredParcel): Promise<Answered> {
    const { line, server, token, shelf, epoch } = this.#calling;
    return line.post(`${server}/api/v1/telemetry?format=${parcelFormat}`, {
      ...{ purpose: "sensor:parcel", maxBytes: atMost.receipt, deadlineMs, secrets: [token] },
      ...{ body: shelf.parcels.read(parcel), type: "application/gzip" },
      headers: {
        authorization: `Bearer ${token}`,
        "idempotency-key": parcelKey({ number: parcel.number, epoch }),
      },
    });
  }
}

/** Undefined: packed, and it cannot be unpacked. */
const bytesOf = ({ body }: Answered): Uint8Array | undefined => {
  if (body[0] !== 0x1f || body[1] !== 0x8b) return body;
  try {
    return gunzipSync(body, { maxOutputLength: atMost.rules * 2 });
  } catch {
    return undefined;
  }
};
