import type { Socket } from "node:net";
import { Client, type IMessage, type IStompSocket, StompSocketState } from "@stomp/stompjs";
import { WaglanError } from "#core/result.ts";

/** Where messages come from, and who asks for them. */
export interface StompRequest {
  /** What the broker calls what we want: "/exchange/harbour.example/*.*.*.*". */
  readonly destination: string;
  /** Name of the broker, which brokers of many read (STOMP 1.2, "CONNECT or STOMP Frame"). */
  readonly host: string;
  readonly login?: string;
  readonly passcode?: string;
  /** Milliseconds between signs of life, both ways. */
  readonly heartBeatMs: number;
  /** Bytes of a frame; a peer that sends a longer one is broken or hostile. */
  readonly frameBytes: number;
  /** Messages that wait to be acknowledged; further ones stay with the broker. */
  readonly unacknowledged: number;
}

/** Bytes of messages that wait here. */
const waitingAtMost = 16_777_216;

/** Messages of a subscription, in their order. */
export interface MessageStream {
  /**
   * Waits for the first message, and gives what has come then; nothing when none came in time.
   *
   * @throws WGL_STREAM_REFUSED, WGL_STREAM_ENDED, WGL_STREAM_LARGE when the connection is over and everything that came was given
   */
  readonly gather: (atMost: number, waitMs: number) => Promise<readonly Uint8Array[]>;
  /** Everything that was gathered until now is kept here, and the broker may forget it. */
  readonly acknowledge: () => void;
  readonly close: () => void;
}

/**
 * A STOMP 1.2 subscription (1.1 and 1.0 where the broker knows no better) over a connection that is open. Messages are
 * acknowledged cumulatively (`ack:client`), after they were kept: what breaks off in between comes again.
 *
 * @see https://stomp.github.io/stomp-specification-1.2.html
 */
export const openStomp = (socket: Socket, request: StompRequest): MessageStream => {
  const waiting: IMessage[] = [];
  let waitingBytes = 0;
  let gathered: IMessage | undefined;
  let broken: WaglanError | undefined;
  let woken: (() => void) | undefined;
  const wake = (): void => {
    woken?.();
    woken = undefined;
  };
  const end = (why: WaglanError): void => {
    broken ??= why;
    socket.destroy();
    wake();
  };
  const wire = wireOf(socket, request.frameBytes, end);
  const client = new Client({
    webSocketFactory: () => wire.face,
    connectHeaders: {
      host: request.host,
      ...(request.login === undefined ? {} : { login: request.login }),
      ...(request.passcode === undefined ? {} : { passcode: request.passcode }),
    },
    // who asked opens a new one, when it is time
    reconnectDelay: 0,
    heartbeatIncoming: request.heartBeatMs,
    heartbeatOutgoing: request.heartBeatMs,
    onConnect: () => {
      client.subscribe(
        request.destination,
        (message) => {
          wire.framed();
          waiting.push(message);
          waitingBytes += message.binaryBody.byteLength;
          // brokers that know no prefetch are held back by TCP
          if (waiting.length >= request.unacknowledged || waitingBytes >= waitingAtMost) socket.pause();
          wake();
        },
        { ack: "client", "prefetch-count": String(request.unacknowledged) },
      );
    },
    onStompError: ({ headers, body }) =>
      end(new WaglanError("WGL_STREAM_REFUSED", { why: spoken(headers["message"] ?? body) })),
    onHeartbeatLost: () => end(new WaglanError("WGL_STREAM_ENDED", { why: "no sign of life" })),
  });
  client.activate();
  return {
    gather: async (atMost, waitMs) => {
      if (waiting.length === 0 && broken === undefined)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, waitMs);
          woken = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      const taken = waiting.splice(0, atMost);
      gathered = taken.at(-1) ?? gathered;
      if (taken.length === 0 && broken !== undefined) throw broken;
      const bodies = taken.map(({ binaryBody }) => binaryBody);
      for (const { byteLength } of bodies) waitingBytes -= byteLength;
      if (!socket.destroyed) socket.resume();
      return bodies;
    },
    acknowledge: () => {
      // a broker that is gone gives what it was not told of again
      if (broken === undefined && !socket.destroyed) gathered?.ack();
      gathered = undefined;
    },
    close: () => {
      void client.deactivate({ force: true });
      socket.destroy();
      wake();
    },
  };
};

/** A broker's words, short and in letters that harm no log. */
const spoken = (words: string): string =>
  words
    .replaceAll(/[^\x20-\x7e]+/g, " ")
    .trim()
    .slice(0, 200);

/** A socket as the client wants it (its transport in browsers), with a bound on what makes no frame. */
const wireOf = (
  socket: Socket,
  frameBytes: number,
  end: (why: WaglanError) => void,
): { readonly face: IStompSocket; readonly framed: () => void } => {
  let unframed = 0;
  let state = StompSocketState.OPEN;
  const face: IStompSocket = {
    url: "",
    onopen: undefined,
    onclose: undefined,
    onerror: undefined,
    onmessage: undefined,
    get readyState() {
      return state;
    },
    send: (data) => {
      if (!socket.destroyed) socket.write(typeof data === "string" ? data : Buffer.from(data as ArrayBuffer));
    },
    close: () => socket.end(),
    terminate: () => socket.destroy(),
  };
  socket.on("data", (bytes: Buffer) => {
    unframed += bytes.byteLength;
    try {
      face.onmessage?.({ data: Uint8Array.from(bytes).buffer });
    } catch (error) {
      // whatever a frame does to its reader is the peer's doing
      end(new WaglanError("WGL_STREAM_ENDED", { why: "a frame that cannot be read" }, { cause: error }));
      return;
    }
    if (unframed > frameBytes) end(new WaglanError("WGL_STREAM_LARGE", { limit: frameBytes }));
  });
  socket.on("error", () => undefined);
  socket.once("close", () => {
    state = StompSocketState.CLOSED;
    end(new WaglanError("WGL_STREAM_ENDED", { why: "the far side closed" }));
    face.onclose?.({ code: 1006 });
  });
  return {
    face,
    framed: () => {
      unframed = 0;
    },
  };
};
