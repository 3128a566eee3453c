import type { Instant } from "#core/instant.ts";
import { no, ok, type Problem, type Result, WaglanError } from "#core/result.ts";
import type { CauseKind, HuntCause } from "./cause-port.ts";
import { isOver } from "./state.ts";
import type { State } from "#jobs/ports.ts";

/** What one turn of a hunt did; counts are those of this turn alone. */
export interface CausePage {
  readonly read: number;
  readonly found: number;
  readonly opened: number;
  /** Where the next turn begins; absent: it is done. */
  readonly place?: Readonly<Record<string, unknown>>;
}

/**
 * One turn of one kind of hunt. It does its work in transactions of its own, which doing again changes nothing: a process that
 * dies between the work and the note of its place does the turn again. Some hundred milliseconds at most, behind live work.
 */
export type CauseStep = (cause: HuntCause, now: Instant) => Promise<CausePage>;

/** Kinds that have no step here wait for a process that has. */
export type CauseSteps = Readonly<Partial<Record<CauseKind, CauseStep>>>;

/**
 * Takes a hunt that something set off and does its next turn, each in its turn, one process at a time.
 *
 * @returns undefined when none waits, or another process is at it
 */
export const huntCauses = (state: State, steps: CauseSteps, now: () => Instant): Promise<HuntCause | undefined> =>
  state.alone("hunt-causes", async () => {
    const kinds = Object.keys(steps) as CauseKind[];
    const begun = await state.act(async (tx) => {
      const next = await tx.hunts.nextCause(kinds);
      if (next?.state !== "waiting") return next;
      const running: HuntCause = { ...next, state: "running", begun: now() };
      await tx.hunts.saveCause(running);
      return running;
    });
    if (begun === undefined) return undefined;
    const page = await turnOf(steps[begun.kind], begun, now());
    return state.act(async (tx) => {
      const current = await tx.hunts.cause(begun.n);
      // cancelled meanwhile: what the turn found stands, and there is no next
      if (current === undefined || isOver(current)) return current;
      const { place: _, ...rest } = current;
      const after: HuntCause =
        "code" in page
          ? { ...rest, state: "failed", ended: now(), problem: page }
          : {
              ...rest,
              ...{
                read: current.read + page.read,
                found: current.found + page.found,
                opened: current.opened + page.opened,
              },
              ...(page.place === undefined ? { state: "done", ended: now() } : { place: page.place }),
            };
      await tx.hunts.saveCause(after);
      return after;
    });
  });

/** What does not pass by waiting ends the hunt with its reason; anything else is thrown, and the turn comes again. */
const turnOf = async (step: CauseStep | undefined, cause: HuntCause, now: Instant): Promise<CausePage | Problem> => {
  if (step === undefined) return { read: 0, found: 0, opened: 0 };
  try {
    return await step(cause, now);
  } catch (error) {
    if (!(error instanceof WaglanError) || !lasting.has(error.code)) throw error;
    return { code: error.code, message: error.message, with: error.with };
  }
};

const lasting: ReadonlySet<string> = new Set(["WGL_HISTORY_OFF", "WGL_HISTORY_QUERY"]);

/** Staff ends a hunt that something set off; what it found stands. @returns WGL_ABSENT, WGL_HUNT_OVER */
export const cancelCause = (
  state: State,
  n: number,
  who: string,
  reason: string,
  now: Instant,
): Promise<Result<HuntCause>> =>
  state.act(async (tx) => {
    const cause = await tx.hunts.cause(n);
    if (cause === undefined) return no("WGL_ABSENT");
    if (isOver(cause)) return no("WGL_HUNT_OVER", { state: cause.state });
    const cancelled: HuntCause = { ...cause, state: "cancelled", ended: now };
    await tx.hunts.saveCause(cancelled);
    const { kind, subject, read, found } = cause;
    await tx.evidence.leaf({
      ...{ kind: "privilege", subject: `hunt ${kind} ${subject}`, at: now },
      data: { act: "cancel hunt", who, reason, read, found },
    });
    return ok(cancelled);
  });
