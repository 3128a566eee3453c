import type { ReactNode } from "react";
import { useReader } from "@web/words/reader.tsx";
import { useZone } from "@web/frame/session.ts";
import { useNow } from "./clock.ts";
import { printClock, printMoment, printUtc } from "./print.ts";

interface Props {
  /** ISO 8601 */
  readonly at: string;
  /** Also print UTC beside it; otherwise it stands in the title, for pointer and for copying. */
  readonly utc?: boolean;
  readonly clockOnly?: boolean;
}

/** A moment in the community's zone; UTC is never further than a hover, or stands beside it. */
export const Moment = ({ at, utc, clockOnly }: Props): ReactNode => {
  const { language } = useReader();
  const zone = useZone();
  const now = useNow();
  const time = Date.parse(at);
  if (!Number.isFinite(time)) return null;
  return (
    <time dateTime={at} title={printUtc(time)} className="moment">
      {clockOnly ? printClock(time, zone) : printMoment(language, time, zone, now)}
      {utc ? <span className="utc"> · {printUtc(time)}</span> : null}
    </time>
  );
};
