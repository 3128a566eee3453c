import type { ReactNode } from "react";
import type { IndicatorRow } from "@api/indicator.ts";
import { SeverityShape } from "@web/signs/severity.tsx";
import { useReader } from "@web/words/reader.tsx";

/** Day shapes of what a value is worth: two cones block, one cone alerts, the diamond supports, the ball fades; what stands no more has none. */
const shape = { block: "critical", alert: "high", supports: "medium", faded: "low" } as const;

/** The word for what a value is worth now, with its sign. */
export const Standing = ({ standing }: { readonly standing: IndicatorRow["standing"] }): ReactNode => {
  const { say } = useReader();
  const sign = standing in shape ? shape[standing as keyof typeof shape] : undefined;
  return (
    <span className="standing" data-standing={standing}>
      {sign === undefined ? null : <SeverityShape level={sign} />}
      {say(`standing.${standing}`)}
    </span>
  );
};
