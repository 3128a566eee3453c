import type { ReactNode } from "react";
import type { InventoryRow } from "@api/inventory.ts";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";

/** Who says that a product runs: an inventory by its name, or the community's directory. */
export const SourceName = ({
  of,
}: {
  readonly of: { readonly source: InventoryRow["source"]; readonly inventory: string };
}): ReactNode => {
  const { say } = useReader();
  return of.source === "directory" ? say("inventories.directory") : visible(of.inventory);
};
