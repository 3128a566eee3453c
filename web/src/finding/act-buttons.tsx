import type { ReactNode } from "react";
import type { FindingDetail } from "@api/finding.ts";
import { Key } from "@web/parts/key.tsx";
import { useReader } from "@web/words/reader.tsx";
import { type Act, actOrder, shapeOf } from "./acts.ts";

interface Props {
  readonly detail: FindingDetail;
  readonly begin: (act: Act) => void;
}

/** What this reader may do now: one filled button, the rest outlined, what hurts outlined in red. */
export const ActButtons = ({ detail, begin }: Props): ReactNode => {
  const { say } = useReader();
  const possible = actOrder.filter((act) => detail.acts.includes(act));
  if (possible.length === 0) return <p className="quiet">{say("finding.no-acts")}</p>;
  const first = possible[0];
  return (
    <div className="act-buttons" role="group" aria-label={say("finding.acts")}>
      {possible.map((act) => {
        const shape = shapeOf(act);
        const look = shape.destructive ? "destructive" : act === first ? "filled" : "";
        return (
          <button key={act} type="button" className={`button ${look}`} onClick={() => begin(act)}>
            {say(`act.${act}`)} <Key name={shape.key} />
          </button>
        );
      })}
    </div>
  );
};
