import type { ReactNode } from "react";
import type { IntakeReceipt } from "@api/intake.ts";
import { Identifier } from "@web/parts/identifier.tsx";
import { Mark } from "@web/signs/mark.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";

/** What the mended rows are, before they are taken and after: the values, and what is still refused with its reason. */
export const RepairOutcome = ({ receipt }: { readonly receipt: IntakeReceipt }): ReactNode => {
  const { say } = useReader();
  return (
    <section role="status">
      <h2>
        <Mark sign={receipt.accepted === 0 ? "bad" : receipt.taken ? "good" : "waiting"}>
          {receipt.taken
            ? say("rejected.taken", { count: receipt.accepted })
            : say("rejected.would", { count: receipt.accepted })}
        </Mark>
      </h2>
      <ul className="tied">
        {receipt.found.map((one) => (
          <li key={`${one.kind} ${one.value}`}>
            <Identifier text={one.value} />
          </li>
        ))}
      </ul>
      {receipt.notTaken.length === 0 ? null : (
        <>
          <p>{say("rejected.still", { count: receipt.notTaken.length })}</p>
          <ul className="references">
            {receipt.notTaken.map((one, at) => (
              <li key={`${at} ${one.row}`}>
                {one.text === undefined ? null : <Identifier text={one.text} />} {visible(one.says)}{" "}
                <span className="quiet identifier">{one.code}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
};
