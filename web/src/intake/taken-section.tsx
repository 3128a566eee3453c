import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { IntakeReceipt } from "@api/intake.ts";
import { Identifier } from "@web/parts/identifier.tsx";
import { Mark } from "@web/signs/mark.tsx";
import { printNumber } from "@words/number.ts";
import { useReader } from "@web/words/reader.tsx";

/** Values linked one by one; the rest stands in the list they lead to. */
const linked = 12;

/** What became of it: counts, and the way to each value and to all of them. */
export const TakenSection = ({ receipt }: { readonly receipt: IntakeReceipt }): ReactNode => {
  const { language, say } = useReader();
  const counts = [
    ["intake.added", receipt.added],
    ["intake.changed", receipt.changed],
    ["intake.withdrawn", receipt.withdrawn],
    ["intake.reports", receipt.reports],
    ["intake.advisories", receipt.advisories],
  ] as const;
  const values = [...new Map(receipt.found.map((one) => [`${one.kind} ${one.value}`, one.value])).values()];
  return (
    <section role="status">
      <h2>
        <Mark sign="good">{say("intake.taken")}</Mark>
      </h2>
      <dl className="band">
        {counts.map(([key, count]) => (
          <div key={key}>
            <dt>{say(key)}</dt>
            <dd>{printNumber(language, count)}</dd>
          </div>
        ))}
      </dl>
      <ul className="tied">
        {values.slice(0, linked).map((value) => (
          <li key={value}>
            <Link to="/indicators" search={{ search: value }}>
              <Identifier text={value} />
            </Link>
          </li>
        ))}
      </ul>
      <p className="more">
        <Link to="/indicators" search={{ feed: "intake" }}>
          {say("intake.see-all")}
        </Link>
      </p>
    </section>
  );
};
