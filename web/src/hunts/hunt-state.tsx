import type { ReactNode } from "react";
import type { Hunt } from "@api/hunt.ts";
import { useReader } from "@web/words/reader.tsx";

const signs = {
  waiting: "waiting",
  running: "waiting",
  done: "good",
  cancelled: "paused",
  failed: "bad",
} as const satisfies Record<Hunt["state"], string>;

/** Where a hunt is, in a word; and how much of the way, while that is known. */
export const HuntState = ({
  state,
  read = 0,
  toRead,
}: Pick<Hunt, "state"> & { readonly read?: number; readonly toRead?: number | undefined }): ReactNode => {
  const { say } = useReader();
  const share = state === "running" && toRead !== undefined && toRead > 0 ? Math.min(1, read / toRead) : undefined;
  return (
    <span className="mark" data-sign={signs[state]}>
      <span>{say(`hunt.state.${state}`)}</span>
      {share === undefined ? null : <span className="quiet"> {Math.floor(share * 100)} %</span>}
    </span>
  );
};
