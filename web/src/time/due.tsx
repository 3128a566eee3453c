import type { ReactNode } from "react";
import type { FindingRow } from "@api/finding.ts";
import { useReader } from "@web/words/reader.tsx";
import { useNow } from "./clock.ts";
import { Moment } from "./moment.tsx";
import { printSpan } from "./print.ts";

const hourMs = 3_600_000;

/** Until when an answer is wanted: "42 min", bold under an hour, "18 min over"; nothing once there is nothing to answer. */
export const Due = ({ finding }: { readonly finding: FindingRow }): ReactNode => {
  const { say } = useReader();
  const now = useNow();
  if (finding.snoozedUntil !== undefined && Date.parse(finding.snoozedUntil) > now)
    return <Moment at={finding.snoozedUntil} />;
  if (finding.due === undefined || done.has(finding.state)) return null;
  const left = Date.parse(finding.due) - now;
  if (left < 0) return <strong className="due over">{say("time.over", { span: printSpan(say, left) })}</strong>;
  const span = printSpan(say, left);
  return left < hourMs ? <strong className="due soon">{span}</strong> : <span className="due">{span}</span>;
};

const done: ReadonlySet<FindingRow["state"]> = new Set([
  "gone",
  "not-ours",
  "false",
  "risk-accepted",
  "suppressed",
  "withdrawn",
  "merged",
]);
