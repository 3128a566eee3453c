import { hash } from "node:crypto";
import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import { no, ok, type Problem, type Result } from "#core/result.ts";
import { BadBody } from "#feeds/bad-body.ts";
import { gunzip, isGzip } from "#feeds/gunzip.ts";
import type { Inventory } from "#intel/inventory/item.ts";
import { readInventory } from "#intel/inventory/read-inventory.ts";
import { componentRows } from "./row.ts";
import type { Replaced } from "./port.ts";
import type { State } from "#jobs/ports.ts";

/** An inventory as somebody brings it. */
export interface InventoryBrought {
  readonly organisation: OrganisationId;
  /** `inventoryName`. */
  readonly name: string;
  /** The file's own name; "" when nobody says. */
  readonly file: string;
  /** Plain or gzip. */
  readonly body: Uint8Array;
  /** Who brings it, by name. */
  readonly who: string;
}

export interface InventoryTaken extends Replaced {
  readonly format: Inventory["format"];
  readonly repeated: number;
  readonly rejected: number;
  readonly problemCount: number;
  readonly problems: readonly Problem[];
}

/** Bytes of an inventory after unpacking: 250,000 components of an SBOM have 120 MB. */
export const inventoryBytesAtMost: number = 128 * 1024 * 1024;

/** "servers", "payroll-2.4": begins with a letter or digit, so that it can stand in an address. */
export const isInventoryName = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(text);

/**
 * Takes an inventory in place of what was called so before. Rows that cannot be read are told and the rest is taken; of
 * an inventory of which nothing can be read nothing changes.
 *
 * @returns WGL_INVENTORY_NAME, WGL_INVENTORY_… and WGL_BODY_… for what cannot be taken at all
 */
export const putInventory = async (
  {
    state,
    idOf,
    now,
  }: { readonly state: State; readonly idOf: (kind: string, key: string) => string; readonly now: () => Instant },
  { organisation, name, file, body, who }: InventoryBrought,
): Promise<Result<InventoryTaken>> => {
  if (!isInventoryName(name)) return no("WGL_INVENTORY_NAME", { value: name });
  const read = readBrought(body);
  if (!read.ok) return read;
  const { format, items, problems, problemCount, rejected } = read.value;
  // a file of which every row is wrong is another file than was meant: it takes nothing away
  if (items.length === 0 && rejected > 0) return no("WGL_INVENTORY_NOTHING");
  const { rows, repeated } = componentRows(items, name);
  const replaced = await state.act(async (tx) => {
    const at = now();
    const done = await tx.inventories.replace(
      { id: idOf("inventory", `${organisation} ${name}`), organisation, name, now: at },
      {
        ...{ format, problems, problemCount, rejected, repeated, who, file, bytes: body.byteLength },
        digest: hash("sha256", body, "buffer"),
      },
      rows,
    );
    await tx.evidence.leaf({
      ...{ kind: "policy", subject: `inventory ${organisation} ${name}`, at },
      data: { act: "replaced", who, ...done, digest: hash("sha256", body, "hex") },
    });
    return done;
  });
  return ok({ ...replaced, format, repeated, rejected, problemCount, problems });
};

const readBrought = (body: Uint8Array): Result<Inventory> => {
  try {
    const plain = isGzip(body) ? gunzip(body) : body;
    if (plain.byteLength > inventoryBytesAtMost) return no("WGL_BODY_LARGE", { limit: inventoryBytesAtMost });
    return readInventory(plain);
  } catch (error) {
    if (error instanceof BadBody) return { ok: false, problem: error.problem };
    throw error;
  }
};

/** Ends an inventory: nothing of it runs any more. @returns WGL_ABSENT */
export const endInventory = (
  { state, now }: { readonly state: State; readonly now: () => Instant },
  organisation: OrganisationId,
  name: string,
  who: string,
): Promise<Result<void>> =>
  state.act(async (tx) => {
    const at = now();
    if (!(await tx.inventories.end(organisation, name, at))) return no("WGL_ABSENT");
    await tx.evidence.leaf({
      ...{ kind: "policy", subject: `inventory ${organisation} ${name}`, at },
      data: { act: "ended", who },
    });
    return ok(undefined);
  });
