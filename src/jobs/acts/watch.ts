import { may } from "#community/may.ts";
import type { Permission } from "#community/roles.ts";
import type { Viewer } from "#community/viewer.ts";
import { scopeOf } from "#community/visibility.ts";
import type { ChangeTopic } from "#api/stream.ts";
import type { Doors, Session } from "./port.ts";
import type { OpenSession } from "#jobs/community/accounts.ts";
import type { Changed, Desk } from "./desk.ts";

interface Watcher {
  session: Session;
  readonly told: (topic: ChangeTopic, changed: number) => void;
  readonly ended: () => void;
}

/** Sessions are looked at this often: whoever lost a role, or signed out elsewhere, hears no more after it. */
const lookMs = 1000;

/**
 * Tells watchers of changes to rows that they may see, as the directory says they may at that moment. One look at the
 * store a second for all watchers together, and none without any.
 */
export const watching = (desk: Desk, sessionOf: (open: OpenSession) => Session | undefined): Doors["watch"] => {
  const watchers = new Set<Watcher>();
  let timer: NodeJS.Timeout | undefined;
  let unsubscribe: (() => void) | undefined;
  let looking = false;

  const stop = (watcher: Watcher): void => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    clearInterval(timer);
    unsubscribe?.();
    timer = unsubscribe = undefined;
  };

  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    try {
      const asked = [...watchers];
      const open = await desk.accounts.sessions([...new Set(asked.map(({ session }) => session.id))], desk.now());
      for (const watcher of asked) {
        const found = open.get(watcher.session.id);
        const session = found && sessionOf(found);
        if (session) watcher.session = session;
        else if (watchers.has(watcher)) {
          stop(watcher);
          watcher.ended();
        }
      }
    } catch {
      // the store is away: nobody's rows change then, and the next look decides
    } finally {
      looking = false;
    }
  };

  const hear = (change: Changed): void => {
    for (const { session, told } of watchers) if (concerns(change, session.viewer)) told(change.topic, change.rows);
  };

  return (session, told, ended) => {
    const watcher: Watcher = { session, told, ended };
    watchers.add(watcher);
    timer ??= setInterval(() => void look(), lookMs).unref();
    unsubscribe ??= desk.changes.subscribe(hear);
    return () => stop(watcher);
  };
};

/** Staff hear of what they may read; others of their own organisation's rows, and never of what is in shadow. */
export const concerns = ({ topic, organisation, shadow }: Changed, viewer: Viewer): boolean => {
  if (viewer.kind === "staff") return topic === "status" || reads[topic].some((permission) => may(viewer, permission));
  if (organisation === undefined || shadow === true) return false;
  return reads[topic].some((permission) =>
    (scopeOf(viewer, permission).own as readonly string[]).includes(organisation),
  );
};

const reads = {
  community: ["community.read", "own.read"],
  findings: ["findings.read"],
  sources: ["sources.read"],
  status: ["own.read"],
} as const satisfies Record<ChangeTopic, readonly Permission[]>;
