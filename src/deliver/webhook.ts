import type { PostWebhook } from "#jobs/webhooks/deliver.ts";

/** What `net/egress.ts` can do, as far as this needs it. */
export interface Posting {
  readonly post: (
    url: string,
    request: {
      readonly purpose: string;
      readonly maxBytes: number;
      readonly deadlineMs: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Uint8Array;
      readonly type: string;
    },
  ) => Promise<{ readonly status: number; readonly body: Uint8Array }>;
}

/** Bytes of an answer that are read: a challenge and some JSON around it. */
const answerAtMost = 16_384;
/** Milliseconds for the whole exchange: a receiver keeps the message and works on it later. */
const deadlineMs = 15_000;

/** Messages to parties' machines, through the one way to the network. */
export const webhookOver =
  (egress: Posting): PostWebhook =>
  async (url, headers, body) => {
    const answer = await egress.post(url, {
      ...{ purpose: "webhook", maxBytes: answerAtMost, deadlineMs, headers },
      ...{ body: Buffer.from(body), type: "application/json" },
    });
    return { status: answer.status, body: Buffer.from(answer.body).toString("utf8") };
  };
