import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import Type from "typebox";
import { BatchReceipt } from "#api/telemetry.ts";
import { type ErrorCode, errors } from "#core/errors.ts";
import { no, ok, problem, type Result } from "#core/result.ts";
import { type Answer, type Route, route } from "#http/route.ts";

const Asked = Type.Object(
  { format: Type.Optional(Type.String({ pattern: "^[a-z0-9]+(?:-[a-z0-9]+)*$", maxLength: 64 })) },
  { additionalProperties: false },
);

/** Bytes as sent: at 15 : 1, which logs reach, 8 MiB are 250 000 events; larger batches only wait longer. */
const batchAtMost = 8 * 1024 * 1024;

/** Bodies in memory at once: 16 × 8 MiB. Who comes when all are taken is told to come back, which every sensor can. */
const batchesAtOnce = 16;

/**
 * Milliseconds after one was told that too many wait in which others are told before a byte of their body is read: what is
 * refused should cost little, most of all when there is too much. What waits by then is work for many seconds.
 */
const fullFor = 1000;

/** Where sensors deliver. A 202 means committed (DESIGN §4.6); anything else means: keep it and send it again. */
export const telemetryRoutes = (): readonly Route[] => {
  let inHand = 0;
  let full = { until: Number.NEGATIVE_INFINITY, seconds: 1 };
  return [
    route({
      method: "POST",
      url: "/api/v1/telemetry",
      who: "sensor",
      does: "Deliver a batch of telemetry, one record a line, plain or gzip",
      query: Asked,
      takes: [
        "application/x-ndjson",
        "application/ndjson",
        "application/gzip",
        "application/octet-stream",
        "text/plain",
      ],
      bodyLimit: batchAtMost,
      gives: BatchReceipt,
      status: 202,
      enter: () => {
        const seconds = performance.now() < full.until ? full.seconds : inHand >= batchesAtOnce ? 1 : 0;
        if (seconds > 0) return { problem: problem("WGL_HTTP_BUSY", { seconds }), headers: retryAfter(seconds) };
        inHand++;
        return () => {
          inHand--;
        };
      },
      handle: async ({ acts, viewer, ask, query, body, headers }): Promise<Answer> => {
        const came = body as Buffer;
        const packed = await pack(came, headers["content-encoding"]);
        if (!packed.ok) return { problem: packed.problem };
        const digest = createHash("sha256").update(came).digest("hex");
        const outcome = await acts.acceptTelemetry(
          viewer,
          {
            key: ask.key ?? digest,
            digest,
            body: packed.value,
            ...(query.format === undefined ? {} : { format: query.format }),
          },
          ask,
        );
        switch (outcome.kind) {
          case "accepted":
          case "duplicate":
            return { body: { batch: outcome.batch, duplicate: outcome.kind === "duplicate" } };
          case "conflict":
            return { problem: problem("WGL_BATCH_KEY_REUSED") };
          case "busy":
            full = { until: performance.now() + fullFor, seconds: outcome.retryAfterSeconds };
            return wait("WGL_HTTP_BUSY", outcome.retryAfterSeconds);
          case "gone":
            return wait("WGL_HTTP_DOWN", outcome.retryAfterSeconds);
        }
      },
    }),
  ];
};

const wait = (code: ErrorCode, seconds: number): Answer => ({
  problem: problem(code, errors[code].says.includes("{seconds}") ? { seconds } : {}),
  headers: retryAfter(seconds),
});

const retryAfter = (seconds: number): Readonly<Record<string, string>> => ({
  "retry-after": String(Math.max(1, Math.ceil(seconds))),
});

/** gzip as it came, or made so; its magic bytes (RFC 1952 §2.3.1) decide, since senders forget the header. */
const pack = async (body: Buffer, encoding: string | undefined): Promise<Result<Uint8Array>> => {
  if (body.byteLength === 0) return no("WGL_BATCH_EMPTY");
  const named = (encoding ?? "identity").trim().toLowerCase();
  if (named !== "gzip" && named !== "x-gzip" && named !== "identity")
    return no("WGL_BATCH_ENCODING", { encoding: named });
  const isGzip = body[0] === 0x1f && body[1] === 0x8b && body[2] === 0x08;
  if (isGzip) return ok(body);
  // Level 1: the sensor's link has been paid already, what counts now is our processor.
  return named === "identity" ? ok(await deflate(body, { level: 1 })) : no("WGL_BATCH_GZIP");
};

const deflate = promisify<Buffer, { level: number }, Buffer>(gzip);
