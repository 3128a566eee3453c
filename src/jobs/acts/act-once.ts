import type { Viewer } from "#community/viewer.ts";
import { ok, type Result } from "#core/result.ts";
import type { State } from "#jobs/ports.ts";
import type { Desk } from "./desk.ts";
import { keyOf } from "./who.ts";

/**
 * Does `work` once under the client's key: the key is kept in the transaction that does it, so that a process that dies
 * leaves both or neither. What was refused keeps no key and may be tried again under it.
 *
 * @param act  the act and what it is done to: "finding release 7c1f…"
 * @param work does all its writing in one act of the state it is given
 * @returns true when it was done now, false when it was done before
 */
export const actOnce = async (
  desk: Desk,
  viewer: Viewer,
  act: string,
  key: string | undefined,
  work: (state: State) => Promise<Result<unknown>>,
): Promise<Result<boolean>> => {
  if (key === undefined) return done(await work(desk.state));
  const once: State = {
    ...desk.state,
    act: (body) =>
      desk.state.act(async (tx) => {
        if (!(await tx.queue.once(keyOf(viewer), `${act} ${key}`, desk.now()))) throw new Ended(ok(false));
        const made = await body(tx);
        if (refused(made)) throw new Ended(made);
        return made;
      }),
  };
  try {
    return done(await work(once));
  } catch (error) {
    if (error instanceof Ended) return error.result;
    throw error;
  }
};

const done = (result: Result<unknown>): Result<boolean> => (result.ok ? ok(true) : result);

/** Takes the transaction back, and says what the act comes to. */
class Ended extends Error {
  readonly result: Result<boolean>;
  constructor(result: Result<boolean>) {
    super("the act ended without being done");
    this.result = result;
  }
}

const refused = (made: unknown): made is Result<never> & { readonly ok: false } =>
  typeof made === "object" && made !== null && "ok" in made && made.ok === false;
