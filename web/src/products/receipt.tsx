import type { ReactNode } from "react";
import type { InventoryReceipt } from "@api/inventory.ts";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";

/** What was taken, and every row that was not, with its place. */
export const Receipt = ({ receipt }: { readonly receipt: InventoryReceipt }): ReactNode => {
  const { say } = useReader();
  const { name, items, added, removed, repeated, problemCount, problems } = receipt;
  return (
    <section className="receipt" role="status">
      <p>
        <b>{visible(name)}</b> {say("inventories.taken", { count: items, added, removed })}
        {repeated === 0 ? null : ` ${say("inventories.repeated", { count: repeated })}`}
      </p>
      <Problems problems={problems} count={problemCount} />
    </section>
  );
};

export const Problems = ({
  problems,
  count,
}: {
  readonly problems: readonly InventoryReceipt["problems"][number][];
  readonly count: number;
}): ReactNode => {
  const { say } = useReader();
  if (count === 0) return null;
  return (
    <>
      <p className="field-problem">{say("inventories.problems", { count })}</p>
      <ul className="references">
        {problems.map((one, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes, and two rows may say the same
          <li key={place}>
            <span className="quiet">{visible(one.at)}</span> {visible(one.says)}
          </li>
        ))}
      </ul>
    </>
  );
};
