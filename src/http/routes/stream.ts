import type { ChangeStreams } from "#http/change-stream.ts";
import { type Route, route } from "#http/route.ts";

export const streamRoutes = (streams: ChangeStreams): readonly Route[] => [
  route({
    method: "GET",
    url: "/api/v1/stream",
    who: "session",
    does: "Server-sent events: how many rows you may see have changed (schema Change); ends with the session",
    gives: ["text/event-stream"],
    handle: async ({ acts, session, stillSignedIn }) => {
      const opened = streams.open(acts, session, stillSignedIn);
      return opened.ok
        ? { body: opened.value, headers: { "x-accel-buffering": "no" } }
        : { problem: opened.problem, headers: { "retry-after": "15" } };
    },
  }),
];
