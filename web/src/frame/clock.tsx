import type { ReactNode } from "react";
import { useNow } from "@web/time/clock.ts";
import { printClock, printDay } from "@web/time/print.ts";
import { useReader } from "@web/words/reader.tsx";
import { useZone } from "./session.ts";

/** The present in the community's zone, and in UTC below it. */
export const Clock = (): ReactNode => {
  const { language, say } = useReader();
  const zone = useZone();
  const now = useNow();
  return (
    <p className="clock">
      <b>
        {printDay(language, now, zone, now)} {printClock(now, zone)}
      </b>
      <span>{say("time.utc", { time: printClock(now, "UTC") })}</span>
    </p>
  );
};
