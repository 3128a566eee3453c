/**
 * waiting    nobody is at it            running    one page after another
 * done       all of the period          cancelled  by a person            failed   `problem` says why
 */
export const huntStates = ["waiting", "running", "done", "cancelled", "failed"] as const;
export type HuntState = (typeof huntStates)[number];

export const isOver = ({ state }: { readonly state: HuntState }): boolean => state !== "waiting" && state !== "running";

interface Looked {
  readonly read: number;
  readonly toRead?: number;
}

/** Records it looked at, and how many there are at most: of one that sensors were handed, those of all of them together. */
export const lookedAt = ({
  read,
  toRead,
  ruled,
  patterned,
}: Looked & { readonly ruled?: AtSensors; readonly patterned?: AtSensors }): Looked =>
  ruled?.looked ?? patterned?.looked ?? { read, ...(toRead === undefined ? {} : { toRead }) };

interface AtSensors {
  readonly looked?: Looked;
}

/** Of one hunt; what is found beyond is counted. Nobody reads more, and whoever must know all asks for less time. */
export const resultsAtMost = 10_000;
/** UTF-16 units of a record that are shown with a result. */
export const textAtMost = 4096;
