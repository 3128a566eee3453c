import type { CollectingFeeds, Source } from "#jobs/collect/feed.ts";
import type { Loop } from "#jobs/loops.ts";
import { type OpenStream, StreamedFeed } from "#jobs/collect/stream-feed.ts";
import type { Egress } from "#net/egress.ts";
import { openStomp } from "#net/stomp.ts";

const connectMs = 30_000;
const heartBeatMs = 30_000;
/** An event of n6 has some hundred bytes, at most some hundred thousand. */
const frameBytes = 1_048_576;
const unacknowledged = 500;

/** "https://stream.example:61614" of an address "stomps://stream.example:61614/exchange/…": all there is for the network. */
export const originOfStream = (url: string): URL => new URL(url.replace(/^stomps:/i, "https:"));

/** Subscribes by STOMP, through the one way to the network. */
export const stompOver =
  (egress: Pick<Egress, "connect">): OpenStream =>
  async ({ feed, url, login, passcode }) => {
    const place = originOfStream(url);
    const socket = await egress.connect(place.origin, { purpose: `feed:${feed}`, deadlineMs: connectMs });
    return openStomp(socket, {
      destination: decodeURI(place.pathname),
      host: place.hostname,
      ...(login === undefined ? {} : { login }),
      ...(passcode === undefined ? {} : { passcode }),
      ...{ heartBeatMs, frameBytes, unacknowledged },
    });
  };

/** A loop for each source that pushes. */
export const streamsOf = (
  collecting: CollectingFeeds,
  sources: readonly Source[],
  open: OpenStream,
): { readonly loops: (taken: () => void) => readonly Loop[]; readonly close: () => void } => {
  const streamed = sources
    .filter((source) => source.stream !== undefined)
    .map((source) => ({ name: `stream ${source.feed.id}`, feed: new StreamedFeed(collecting, source, open) }));
  return {
    loops: (taken) =>
      streamed.map(({ name, feed }) => ({
        name,
        restMs: 1000,
        turn: async () => {
          const took = await feed.turn();
          if (took) taken();
          return took;
        },
      })),
    close: () => {
      for (const { feed } of streamed) feed.close();
    },
  };
};
