import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:tls";
import type { TestContext } from "node:test";
import { certificate, privateKey } from "./test-certificate.ts";

/** A frame as it came: command and headers (STOMP 1.2, "STOMP Frames"). */
export interface Frame {
  readonly command: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Broker {
  readonly url: string;
  /** Frames of all connections, in their order. */
  readonly frames: Frame[];
  /** Sent to whoever subscribes, and again to the next one until acknowledged. */
  readonly push: (...messages: readonly string[]) => void;
  /** What it sends on its own account. */
  readonly say: (bytes: string | Buffer) => void;
  /** Drops its connections as a crash does. */
  readonly drop: () => void;
  /** Messages that nobody acknowledged. */
  readonly left: () => readonly string[];
}

/** A broker on loopback as small as the protocol allows: TLS, one login, one queue, cumulative acknowledgement. */
export const stompBroker = async (t: TestContext): Promise<Broker> => {
  const frames: Frame[] = [];
  const sockets = new Set<Socket>();
  const queue: { readonly id: number; readonly body: string }[] = [];
  let next = 1;
  let subscriber: Socket | undefined;
  const deliver = (socket: Socket, { id, body }: { id: number; body: string }): void =>
    void socket.write(
      `MESSAGE\nsubscription:sub-0\nmessage-id:m${id}\nack:m${id}\ndestination:/exchange/x\ncontent-length:${Buffer.byteLength(body)}\n\n${body}\0`,
    );
  const act: Record<string, (socket: Socket, headers: Frame["headers"]) => void> = {
    CONNECT: (socket, headers) =>
      headers["login"] === "harbour" && headers["passcode"] === "the-key"
        ? socket.write("CONNECTED\nversion:1.2\nheart-beat:0,0\nserver:test\n\n\0")
        : socket.end("ERROR\nmessage:Bad CONNECT\ncontent-type:text/plain\n\nAccess refused\n\0"),
    SUBSCRIBE: (socket) => {
      subscriber = socket;
      for (const one of queue) deliver(socket, one);
    },
    ACK: (_socket, headers) => {
      const until = Number((headers["id"] ?? "m0").slice(1));
      while ((queue[0]?.id ?? Number.POSITIVE_INFINITY) <= until) queue.shift();
    },
  };
  const server = createServer({ cert: certificate, key: privateKey }, (socket) => {
    sockets.add(socket);
    let text = "";
    socket.on("data", (bytes) => {
      text += bytes.toString("latin1");
      for (let end = text.indexOf("\0"); end >= 0; end = text.indexOf("\0")) {
        const [command = "", ...lines] = text.slice(0, end).trimStart().split("\n");
        text = text.slice(end + 1);
        const pairs = lines.slice(0, lines.indexOf("")).map((line) => line.split(":") as [string, ...string[]]);
        const headers = Object.fromEntries(pairs.map(([name, ...value]) => [name, value.join(":")]));
        frames.push({ command, headers });
        act[command]?.(socket, headers);
      }
    });
    socket.on("error", () => undefined);
    socket.once("close", () => {
      sockets.delete(socket);
      if (subscriber === socket) subscriber = undefined;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  t.after(() => {
    drop();
    server.close();
  });
  return {
    url: `stomps://127.0.0.1:${(server.address() as AddressInfo).port}/exchange/harbour.example/inside.*.*`,
    frames,
    push: (...messages) => {
      for (const body of messages) {
        const one = { id: next++, body };
        queue.push(one);
        if (subscriber) deliver(subscriber, one);
      }
    },
    say: (bytes) => void subscriber?.write(bytes),
    drop,
    left: () => queue.map(({ body }) => body),
  };
};
