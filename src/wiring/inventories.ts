import { userInfo } from "node:os";
import type { InventoryAbilities } from "#cli/abilities.ts";
import { no } from "#core/result.ts";
import { putInventory } from "#jobs/inventory/put.ts";
import type { Waglan } from "#wiring/waglan.ts";

/** Inventories that the command line brings, in the name of whoever runs it. */
export const inventoriesFor = (waglan: Waglan): InventoryAbilities => ({
  put: async ({ organisation: key, ...brought }) => {
    const organisation = waglan.directory.known.directory.organisations.find((one) => one.key === key);
    if (organisation === undefined) return no("WGL_NAME_UNKNOWN", { what: "organisation", value: key });
    const who = `${userInfo().username} on the command line`;
    return putInventory(waglan, { ...brought, organisation: organisation.id, who });
  },
});
