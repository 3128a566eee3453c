import { mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { openFront } from "./front.ts";

/** What the parent says: first `open`, once, later perhaps `close`. */
export type Order =
  | {
      readonly kind: "open";
      readonly folder: string;
      readonly socket: string;
      readonly password: string;
      readonly readLanes: number;
      readonly limits: Readonly<Record<string, string>>;
      readonly engineArguments: readonly string[];
    }
  | { readonly kind: "close" };

/** What the child answers to `open`. */
export type Report = { readonly kind: "open" } | { readonly kind: "failed"; readonly reason: string };

/**
 * The process of the history engine: chDB is a library of 566 MB that aborts its process when it fails, so it has one of
 * its own. It lives exactly as long as its parent: no orphan keeps the lock on the files.
 */
const obey = async (order: Order): Promise<void> => {
  if (order.kind === "close") {
    await front?.close();
    process.exit(0);
  }
  socketFolder = dirname(order.socket);
  try {
    const { Session, drainPending } = await import("chdb");
    mkdirSync(order.folder, { recursive: true, mode: 0o700 });
    const openSession = (): InstanceType<typeof Session> =>
      new Session(order.folder, { connectionArgs: order.engineArguments });
    const opened = await openFront({ ...order, folder: socketFolder, openSession });
    front = {
      close: async () => {
        await opened.close();
        await drainPending();
      },
    };
    opened.server.listen(order.socket, () => say({ kind: "open" }));
  } catch (error) {
    say({ kind: "failed", reason: error instanceof Error ? error.message : String(error) });
  }
};

let socketFolder: string | undefined;
let front: { readonly close: () => Promise<void> } | undefined;

const say = (report: Report): void => void process.send?.(report);

if (process.send !== undefined) {
  process.on("message", (order) => void obey(order as Order));
  // what was acknowledged is on disk; waiting for a running hunt would keep the files from the next waglan
  process.on("disconnect", () => {
    if (socketFolder !== undefined) rmSync(socketFolder, { recursive: true, force: true });
    process.kill(process.pid, "SIGKILL");
  });
  // Ctrl-C reaches the whole terminal: the parent decides when we go
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => {});
}
